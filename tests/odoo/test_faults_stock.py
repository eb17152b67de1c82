"""F70 to F73: stock that changes faster than it is sent, is sold twice, is taken in part, or is
sent without an answer. Each test ends with Lazada showing what Odoo can deliver.
"""
import re

from .faults_case import FaultsCase
from .test_stock import StockCase

UPDATE = '/product/stock/sellable/update'


def no_wait(_seconds):
    """Instead of sleeping."""


class TestStockFaults(FaultsCase):
    """`skus`: listings of which Lazada shows the same as Odoo when the fault is over."""

    push, pull, sellable = StockCase.push, StockCase.pull, StockCase.sellable
    sell_here, deliver, receive = StockCase.sell_here, StockCase.deliver, StockCase.receive
    get_listing, available, commit = StockCase.get_listing, StockCase.available, StockCase.commit

    def setUp(self):
        super().setUp()
        self.skus = ['LZT-TEE', 'LZT-MUG']
        self.run_flow('catalogue')
        self.pull()
        self.shop.action_mapping_report()
        self.shop.stock_sync = True
        self.push()

    def settle(self):
        super().settle()
        self.push()

    def check_invariants(self, settled=True):
        super().check_invariants(settled)
        for sku in self.skus:
            listing = self.get_listing(sku)
            left = self.available(listing.product_id)
            self.assertEqual(self.sellable(sku), max(left, 0), sku)
            self.assertEqual((listing.push_state, listing.qty_difference), ('done', 0), sku)

    def make_many(self, count):
        skus = [f'LZT-M{number:02}' for number in range(count)]
        for sku in skus:
            self.make_product(sku, stock=5)
            self.make_listing(sku, sellable=0)
        self.run_flow('catalogue')
        self.skus += skus

    def count_rows(self, calls):
        return [call['params']['payload'].count('<SkuId>') for call in calls]

    def quantities(self, calls):
        """Every quantity that was sent."""
        return [int(number) for call in calls for number in re.findall(
            r'<SellableQuantity>(.*?)</SellableQuantity>', call['params']['payload'])]

    # === F70 === #

    def test_f70_a_thousand_changes_in_a_minute_are_sent_once(self):
        self.make_many(40)
        self.push()
        products = [self.get_listing(sku).product_id for sku in self.skus]
        self.end_runs()
        moves = self.env['stock.move'].create([{
            'product_id': products[number % len(products)].id, 'product_uom_qty': 1,
            'quantity': 1, 'picked': True,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.shop.warehouse_id.lot_stock_id.id}
            for number in range(1000)])
        with self.enter_registry_test_mode():
            for start in range(0, len(moves), 20):      # 50 people, 20 lines each
                moves[start:start + 20]._action_done()
                self.commit()
        self.assert_woken('stock')
        mark = self.mark()
        with self.committing() as env:
            env['lazada.flow']._cron_run('stock')
        self.env.invalidate_all()
        calls = [call for call in self.calls_since(mark) if call['path'] == UPDATE]
        self.assertEqual(self.count_rows(calls), [20, 20, 2])
        self.assertEqual(self.sellable('LZT-M00'), 5 + 24)
        self.assertEqual(self.sellable(), 1000 + 24)
        self.assertEqual(self.push(), [])

    # === F71 === #

    def sell_the_last_twice(self, *sales):
        """Two sales of the last piece, in that order; return the order of Lazada."""
        self.receive(self.tee, -999)
        self.push()
        self.assertEqual(self.sellable(), 1)
        mark = self.mark()
        bought = self.buy('LZT-TEE')        # Lazada takes it: nobody has read the order yet
        for sale in sales:
            sale()
        self.push()
        self.sync()
        self.push()
        calls = [call for call in self.calls_since(mark) if call['path'] == UPDATE]
        self.assertTrue(calls)
        self.assertGreaterEqual(min(self.quantities(calls)), 0)
        self.assertEqual((self.sellable(), self.get_listing('LZT-TEE').available_qty), (0, -1))
        self.assertTrue(self.get_listing('LZT-TEE').below_safety)
        return self.get_order(bought)

    def test_f71_the_last_piece_sold_here_and_on_lazada_at_once_is_told(self):
        order = self.sell_the_last_twice(lambda: self.sell_here(self.tee, 1))
        self.assertEqual((order.oversold_qty, self.shop.oversold_count), (1, 1))
        self.assertTrue(order.sale_order_id.activity_ids)
        self.receive(self.tee, 1)
        self.push()
        self.assertEqual((order.oversold_qty, self.shop.oversold_count), (0, 0))
        self.assertFalse(order.sale_order_id.activity_ids)

    def test_f71_lazada_was_first(self):
        """Its order has the piece; who is short is the customer here."""
        order = self.sell_the_last_twice(
            lambda: self.sync(), lambda: self.sell_here(self.tee, 1))
        self.assertEqual((order.oversold_qty, self.shop.oversold_count), (0, 0))
        self.assertEqual(order.sale_order_id.picking_ids.state, 'assigned')

    # === F72 === #

    def test_f72_two_of_twenty_are_locked_by_a_campaign_and_only_they_are_sent_again(self):
        self.make_many(20)
        self.push()
        now = self.sandbox.get('state')['clock']['epoch']
        campaign = {'name': '11.11', 'from': now - 60, 'to': now + 3600}
        for sku in ('LZT-M01', 'LZT-M02'):
            self.make_listing(sku, sellable=5, campaign=campaign)
        for sku in self.skus[2:]:
            self.sell_here(self.get_listing(sku).product_id, 1)
        self.assertEqual(self.count_rows(self.push()), [20])
        locked = self.get_listing('LZT-M01') + self.get_listing('LZT-M02')
        self.assertEqual(set(locked.mapped('push_state')), {'parked'})
        self.assertEqual((self.sellable('LZT-M01'), self.sellable('LZT-M03')), (5, 4))
        for listing in locked:
            self.assertIn('campaign', listing.push_message)
            self.assertAlmostEqual(listing.push_retry_at.timestamp(), now + 3600, delta=2)
        self.assertEqual(self.push(), [])
        locked.push_retry_at = self.env.cr.now()
        self.sandbox.post('clock', {'advance': 3700})
        self.assertEqual(self.count_rows(self.push()), [2])
        self.assertEqual(self.sellable('LZT-M01'), 4)
        self.assertEqual(set(locked.mapped('push_state')), {'done'})

    # === F73 === #

    def test_f73_a_quantity_without_an_answer_is_sent_again_with_the_same_result(self):
        self.hurry(timeout=(1, 0.3), sleep=no_wait)
        for fault in ({'kind': 'delay', 'seconds': 0.6, 'after': True},
                      {'kind': 'reset', 'after': True}):
            self.sell_here(self.tee, 3)
            left = self.available()
            self.break_calls(UPDATE, times=3, **fault)
            self.push()
            listing = self.get_listing('LZT-TEE')
            self.assertEqual((self.sellable(), listing.push_state), (left, 'retry'), fault)
            self.heal()
            self.assertEqual(self.count_rows(self.push()), [1])
            self.assertEqual((self.sellable(), listing.push_state), (left, 'done'), fault)
            self.assertEqual(self.push(), [])
