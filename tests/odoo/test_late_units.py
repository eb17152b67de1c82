"""Units that wait to be shipped only after their order was imported are sold too."""
from .orders_case import OrdersCase

UNKNOWN = 'not_known_yet'


class TestLateUnits(OrdersCase):
    """An order of two units, of which one is in a status that nobody knows."""

    def setUp(self):
        super().setUp()
        self.order_id = self.buy(
            'LZT-TEE', {'seller_sku': 'LZT-MUG', 'status': UNKNOWN, 'voucher_seller': '2.00'})
        self.sync()
        self.sale = self.get_sale(self.order_id)
        self.assertEqual(self.sale.order_line.product_id, self.tee)

    def move_on(self, position=1, status='pending'):
        unit = self.truth(self.order_id)['items'][position]['order_item_id']
        self.sandbox.post('clock', {'advance': 1})
        self.move(self.order_id, status, [unit])
        self.sync()
        self.sale.invalidate_recordset()

    def assert_sold(self):
        self.assertEqual(self.get_order(self.order_id).sync_state, 'done')
        self.assertAlmostEqual(self.sale.amount_total, 19.99 + 1152 - 2, places=6)
        moves = self.sale.picking_ids.move_ids
        self.assertEqual(
            dict(zip(moves.product_id, moves.mapped('product_uom_qty'), strict=True)),
            {self.tee: 1, self.mug: 1})
        self.assertEqual(set(moves.mapped('state')), {'assigned'})

    def test_a_unit_that_becomes_known_is_sold_and_delivered(self):
        self.move_on()
        self.assert_sold()
        self.assertIn("LZT-MUG", self.sale.message_ids[0].body)
        lines = self.sale.order_line
        self.move_on(0, 'packed')
        self.assert_sold()
        self.assertEqual(self.sale.order_line, lines, "added once")

    def test_a_locked_order_stays_locked(self):
        self.sale.action_lock()
        self.move_on()
        self.assert_sold()
        self.assertTrue(self.sale.locked)

    def test_its_voucher_joins_the_line_of_the_others(self):
        order_id = self.buy(
            {'seller_sku': 'LZT-TEE', 'voucher_seller': '1.00'},
            {'seller_sku': 'LZT-MUG', 'voucher_seller': '2.00', 'status': UNKNOWN})
        self.order_id = order_id
        self.sync()
        self.sale = self.get_sale(order_id)
        self.move_on()
        vouchers = self.sale.order_line.filtered(lambda line: line.lazada_kind == 'voucher')
        self.assertRecordValues(vouchers, [{'price_total': -3}])

    def test_a_canceled_unit_that_comes_back_is_sold_again(self):
        self.move_on()
        self.move_on(status='canceled')
        self.assertEqual(self.sale.amount_total, 19.99)
        self.move_on()
        self.assertAlmostEqual(self.sale.amount_total, 19.99 + 1152 - 2, places=6)

    def test_without_a_product_the_order_waits_for_the_link(self):
        self.mug.default_code = "Something else"
        self.move_on()
        order = self.get_order(self.order_id)
        self.assertRecordValues(order, [
            {'sync_state': 'attention', 'issue_code': 'sku_not_linked'}])
        order.item_ids.listing_id.filtered(
            lambda listing: listing.seller_sku == 'LZT-MUG').product_id = self.mug
        self.run_flow('import_orders')
        order.invalidate_recordset()
        self.sale.invalidate_recordset()
        self.assert_sold()

    def test_a_canceled_sales_order_is_not_opened_again_but_told(self):
        self.sale._action_cancel()
        self.move_on()
        order = self.get_order(self.order_id)
        self.assertRecordValues(order, [
            {'sync_state': 'attention', 'issue_code': 'late_units'}])
        self.assertIn("LZT-MUG", order.issue_message)
        self.sale.unlink()
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        order.invalidate_recordset()
        self.sale = order.sale_order_id
        self.assert_sold()
