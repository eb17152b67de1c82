"""What can be sold here is what Lazada offers."""
from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common import LazadaCase


class StockCase(LazadaCase):

    def setUp(self):
        super().setUp()
        self.tee = self.make_product('LZT-TEE', stock=10)
        self.make_listing('LZT-TEE', sellable=0)
        self.run_flow('catalogue')
        self.pull()
        self.listing = self.get_listing('LZT-TEE')
        self.shop.action_mapping_report()
        self.shop.stock_sync = True

    def pull(self, shop=None):
        self.run_flow('fetch_orders', shop)

    def is_due(self, name):
        flow = self.shop._get_flow(name)
        flow.invalidate_recordset()
        return flow.due_at <= fields.Datetime.add(fields.Datetime.now(), seconds=1)

    def commit(self):
        """What a commit would run: the test's own cursor never does."""
        self.env.flush_all()
        self.env.cr.postcommit.run()

    def get_listing(self, sku, shop=None):
        return self.env['lazada.listing'].search([
            ('shop_id', '=', (shop or self.shop).id), ('seller_sku', '=', sku)])

    def push(self, shop=None):
        """Run the stock flow; return the quantities that were sent."""
        mark = self.mark()
        self.run_flow('stock', shop)
        self.env.invalidate_all()
        return [call for call in self.calls_since(mark)
                if call['path'] == '/product/stock/sellable/update']

    def sellable(self, sku='LZT-TEE', shop=None):
        shop = shop or self.shop
        listings = self.sandbox.get(
            'listings', site=shop.site, seller_id=shop.external_id)['listings']
        return next(each['sellable'] for each in listings if each['seller_sku'] == sku)

    def sell_here(self, product, quantity, confirm=True):
        sale = self.env['sale.order'].create({
            'partner_id': self.env['res.partner'].create({'name': "Walk-in"}).id,
            'warehouse_id': self.shop.warehouse_id.id,
            'order_line': [(0, 0, {'product_id': product.id, 'product_uom_qty': quantity})]})
        if confirm:
            sale.action_confirm()
        return sale

    def deliver(self, sale):
        """Do what is ready of a sales order."""
        pickings = sale.picking_ids.filtered(lambda picking: picking.state == 'assigned')
        pickings.move_ids.picked = True
        pickings._action_done()

    def receive(self, product, quantity):
        self.env['stock.quant']._update_available_quantity(
            product, self.shop.warehouse_id.lot_stock_id, quantity)

    def available(self, product=None, shop=None):
        shop = shop or self.shop
        product = product or self.tee
        [stocks] = shop._read_stocks(product).values()
        return stocks[product.id].sellable()


class TestQuantities(StockCase):

    def test_the_first_run_sends_what_can_be_sold(self):
        self.push()
        self.assertEqual(self.sellable(), 10)
        self.assertRecordValues(self.listing, [{
            'last_pushed_qty': 10, 'lazada_qty': 10, 'offer_qty': 10, 'push_state': 'done',
            'push_message': False, 'qty_difference': 0}])

    def test_nothing_changed_no_call(self):
        self.push()
        self.assertEqual(self.push(), [])

    def test_a_sale_here_lowers_the_quantity_before_anything_is_shipped(self):
        self.push()
        self.sell_here(self.tee, 3)
        self.assertEqual(len(self.push()), 1)
        self.assertEqual(self.sellable(), 7)

    def test_the_action_that_reads_orders_sends_what_they_leave_at_once(self):
        """Not when a worker is free for the next action: importing may keep them all busy."""
        self.push()
        flow = self.shop._get_flow('fetch_orders')
        flow.due_at = fields.Datetime.now()
        self.sell_here(self.tee, 3)
        with self.committing() as env:
            env['lazada.flow']._cron_run('fetch_orders')
        self.assertEqual(self.sellable(), 7)

    def test_unreserved_demand_counts_once_whether_reserved_or_not(self):
        sale = self.sell_here(self.tee, 4)
        self.assertEqual(self.available(), 6)
        sale.picking_ids.do_unreserve()
        self.assertEqual(self.available(), 6)
        sale.picking_ids.action_assign()
        self.assertEqual(self.available(), 6)
        self.deliver(sale)
        self.assertEqual((self.tee.qty_available, self.available()), (6, 6))

    def test_more_promised_than_there_is_never_sends_below_zero(self):
        self.push()
        self.sell_here(self.tee, 12)
        self.push()
        self.assertEqual(self.sellable(), 0)
        self.assertRecordValues(self.listing, [{'available_qty': -2, 'offer_qty': 0}])

    def test_delivering_in_three_steps_counts_one_demand(self):
        self.shop.warehouse_id.delivery_steps = 'pick_pack_ship'
        sale = self.sell_here(self.tee, 4)
        for _step in range(3):
            self.assertEqual(self.available(), 6)
            self.deliver(sale)
        self.assertEqual(self.available(), 6)
        self.assertEqual(set(sale.picking_ids.mapped('state')), {'done'})

    def test_a_chain_of_moves_is_one_demand(self):
        warehouse = self.shop.warehouse_id
        customers = self.env.ref('stock.stock_location_customers')
        ship = self.env['stock.move'].create({
            'product_id': self.tee.id, 'product_uom_qty': 4, 'procure_method': 'make_to_order',
            'location_id': warehouse.wh_output_stock_loc_id.id,
            'location_dest_id': customers.id})
        pick = self.env['stock.move'].create({
            'product_id': self.tee.id, 'product_uom_qty': 4,
            'location_id': warehouse.lot_stock_id.id,
            'location_dest_id': warehouse.wh_output_stock_loc_id.id,
            'move_dest_ids': ship.ids})
        (pick + ship)._action_confirm(merge=False)
        self.assertEqual(self.available(), 6)
        pick._action_assign()
        self.assertEqual((self.available(), ship.state), (6, 'waiting'))

    def test_it_equals_free_quantity_where_nothing_waits(self):
        products = self.tee + self.make_product('LZT-A', 3) + self.make_product('LZT-B')
        self.sell_here(self.tee, 2)
        [stocks] = self.shop._read_stocks(products).values()
        for product in products.with_context(warehouse_id=self.shop.warehouse_id.id):
            self.assertEqual(stocks[product.id].sellable(), product.free_qty)

    def test_a_place_that_is_being_counted_holds_nothing_yet(self):
        """The count of a new place, not applied yet, has no quantity in the database."""
        cup = self.make_product('LZT-CUP')
        self.make_listing('LZT-CUP', sellable=4)
        self.run_flow('catalogue')
        self.env['stock.quant'].with_context(inventory_mode=True).create({
            'product_id': cup.id, 'location_id': self.shop.warehouse_id.lot_stock_id.id,
            'inventory_quantity': 7})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_quant SET quantity = NULL WHERE product_id = %s", [cup.id])
        self.push()
        self.assertEqual((self.sellable('LZT-CUP'), self.sellable()), (0, 10))

    def test_reservations_are_those_of_the_moves(self):
        """The sum on the quants drifts when two people reserve and release at the same time."""
        self.sell_here(self.tee, 3)
        self.env['stock.quant']._gather(
            self.tee, self.shop.warehouse_id.lot_stock_id).reserved_quantity += 2
        self.assertEqual(self.available(), 7)

    def test_other_warehouses_do_not_count(self):
        other = self.env['stock.warehouse'].create({'name': "Other", 'code': 'OTHER'})
        self.env['stock.quant']._update_available_quantity(self.tee, other.lot_stock_id, 50)
        self.assertEqual(self.available(), 10)
        self.shop.source_ids = [
            (0, 0, {'warehouse_id': self.shop.warehouse_id.id}),
            (0, 0, {'warehouse_id': other.id})]
        self.assertEqual(self.available(), 60)

    def test_a_shop_may_sell_from_one_location_only(self):
        shelf = self.env['stock.location'].create({
            'name': "Lazada", 'location_id': self.shop.warehouse_id.lot_stock_id.id})
        self.env['stock.quant']._update_available_quantity(self.tee, shelf, 4)
        self.assertEqual(self.available(), 14)
        self.shop.source_ids = [(0, 0, {
            'warehouse_id': self.shop.warehouse_id.id, 'location_id': shelf.id})]
        self.assertEqual(self.available(), 4)


class TestOwed(StockCase):

    def setUp(self):
        super().setUp()
        self.push()

    def test_a_unit_counts_from_the_pull_on_and_only_once(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.pull()
        self.assertEqual(self.available(), 8)
        self.run_flow('import_orders')
        self.assertEqual(self.get_order(order_id).sync_state, 'done')
        self.assertEqual(self.available(), 8)

    def test_an_order_in_attention_is_owed(self):
        self.make_listing('LZT-NEW', sellable=5)
        order_id = self.buy('LZT-TEE', 'LZT-NEW')
        self.sync()
        self.assertEqual(self.get_order(order_id).sync_state, 'attention')
        self.assertEqual(self.available(), 9)

    def test_an_unpaid_order_is_owed_until_lazada_gives_it_back(self):
        order_id = self.buy('LZT-TEE', status='unpaid')
        self.pull()
        self.assertEqual(self.available(), 9)
        self.move(order_id, 'canceled')
        self.pull()
        self.assertEqual(self.available(), 10)

    def test_a_sale_cancelled_here_is_still_owed_until_lazada_cancels_it(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.get_order(order_id).sale_order_id._action_cancel()
        self.assertEqual(self.available(), 9)
        self.move(order_id, 'canceled')
        self.pull()
        self.assertEqual(self.available(), 10)

    def test_a_backorder_that_was_dropped_is_still_owed(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        picking = self.get_order(order_id).sale_order_id.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(cancel_backorder=True)._action_done()
        self.assertEqual(self.tee.qty_available, 9)
        self.assertEqual(self.available(), 8)

    def test_a_delivery_changes_nothing(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.push()
        self.deliver(self.get_order(order_id).sale_order_id)
        self.assertEqual((self.tee.qty_available, self.available()), (9, 9))
        self.assertEqual(self.push(), [])
        self.assertEqual(self.sellable(), 9)

    def test_units_of_lazadas_own_warehouse_are_not_owed(self):
        self.buy('LZT-TEE', channel='fbl')
        self.pull()
        self.assertEqual(self.available(), 10)

    def test_units_of_every_shop_that_sells_from_there_are_owed(self):
        sister = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=sister, sellable=10)
        self.run_flow('catalogue', sister)
        self.buy('LZT-TEE', shop=sister)
        self.pull(sister)
        self.assertEqual(self.available(), 9)


class TestRises(StockCase):
    """Quantities rise only when nothing was sold that is unknown here."""

    def setUp(self):
        super().setUp()
        self.push()

    def forget_pull(self, shop=None):
        flow = (shop or self.shop)._get_flow('fetch_orders')
        flow.last_success_at = fields.Datetime.subtract(self.env.cr.now(), minutes=11)
        flow.due_at = fields.Datetime.add(self.env.cr.now(), hours=1)
        self.env.flush_all()

    def test_a_rise_waits_for_the_pull_and_wakes_it(self):
        self.forget_pull()
        self.receive(self.tee, 5)
        self.assertEqual(self.push(), [])
        self.assertEqual(self.listing.push_state, 'held')
        self.assertIn(self.shop.name, self.listing.push_message)
        self.assertTrue(self.is_due('fetch_orders'))
        self.pull()
        self.assertTrue(self.is_due('stock'))
        self.push()
        self.assertEqual(self.sellable(), 15)
        self.assertEqual(self.listing.push_state, 'done')

    def test_a_decrease_goes_out_at_once(self):
        self.forget_pull()
        self.sell_here(self.tee, 2)
        self.push()
        self.assertEqual(self.sellable(), 8)

    def test_a_shop_sharing_the_warehouse_holds_rises_back(self):
        sister = self.connect_shop('sg')
        self.receive(self.tee, 5)
        self.push()
        self.assertEqual((self.sellable(), self.listing.push_state), (10, 'held'))
        sister.paused = True
        self.push()
        self.assertEqual(self.sellable(), 15)

    def test_an_order_whose_units_are_unknown_holds_rises_back(self):
        self.sandbox.post('faults', [{'path': '/order*/items/get', 'times': 0, 'kind': 'error',
                                      'code': '16', 'message': 'Invalid order id'}])
        self.buy('LZT-TEE')
        self.pull()
        self.receive(self.tee, 5)
        self.push()
        self.assertEqual(self.listing.push_state, 'held')


class TestRules(StockCase):

    def setUp(self):
        super().setUp()
        self.push()

    def assert_offers(self, quantity):
        self.push()
        self.assertEqual(self.sellable(), quantity)

    def test_safety_stock_of_the_shop_fixed_or_in_percent(self):
        self.shop.buffer_qty = 2
        self.assert_offers(8)
        self.shop.buffer_percent = 35
        self.assert_offers(6)

    def test_a_listing_may_have_rules_of_its_own(self):
        self.shop.buffer_qty = 2
        self.listing.write({'own_rules': True, 'buffer_qty': 0, 'max_qty': 9})
        self.assert_offers(9)

    def test_a_limit_hides_how_much_there_is(self):
        self.shop.max_qty = 4
        self.assert_offers(4)

    def test_shops_may_divide_the_stock(self):
        self.shop.share_percent = 35
        self.assert_offers(3)

    def test_the_last_units_may_be_left_to_another_shop(self):
        self.shop.last_units_qty = 10
        self.assert_offers(0)
        self.receive(self.tee, 1)
        self.assert_offers(11)

    def test_a_bundle_offers_what_its_pieces_make_up(self):
        self.listing.bundle_qty = 3
        self.assert_offers(3)

    def test_set_to_zero_and_back(self):
        with self.committing() as env:
            env['lazada.listing'].browse(self.listing.id).action_set_zero()
        self.assertEqual(self.sellable(), 0)
        self.receive(self.tee, 5)
        self.assertEqual(self.push(), [])
        with self.committing() as env:
            env['lazada.listing'].browse(self.listing.id).action_offer_again()
        self.assertEqual(self.sellable(), 15)

    def test_a_listing_or_a_shop_switched_off_is_left_alone(self):
        self.receive(self.tee, 5)
        self.listing.stock_sync = False
        self.assertEqual(self.push(), [])
        self.listing.stock_sync = True
        self.shop.stock_sync = False
        self.assertEqual(self.push(), [])
        with self.assertRaisesRegex(UserError, "Synchronise Stock"):
            self.shop.action_sync_inventory()

    def test_on_hand_never_counts_twice_what_lazada_sold(self):
        self.sell_here(self.tee, 4)
        self.buy('LZT-TEE')
        self.sync()
        self.shop.stock_basis = 'on_hand'
        self.assert_offers(9)

    def test_forecast_counts_what_is_on_its_way(self):
        warehouse = self.shop.warehouse_id
        self.env['stock.move'].create({
            'product_id': self.tee.id, 'product_uom_qty': 7,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': warehouse.lot_stock_id.id})._action_confirm()
        self.assert_offers(10)
        self.shop.stock_basis = 'forecast'
        self.assert_offers(17)

    def test_rules_that_make_no_sense_are_refused(self):
        for values in ({'share_percent': 101}, {'buffer_percent': -1}, {'buffer_qty': -1}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.shop.write(values)
        with self.assertRaises(ValidationError):
            self.listing.bundle_qty = 0


class TestLazadaMoves(StockCase):
    """Lazada changes its quantity itself when it sells and when it cancels."""

    def setUp(self):
        super().setUp()
        self.push()

    def test_what_was_sold_there_and_came_in_here_is_still_sent(self):
        self.buy('LZT-TEE')
        self.receive(self.tee, 1)
        self.pull()
        self.assertEqual((self.available(), self.sellable()), (10, 9))
        self.push()
        self.assertEqual(self.sellable(), 10)
        self.assertEqual(self.push(), [])

    def test_what_was_cancelled_there_and_sold_here_is_still_sent(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        self.push()
        self.move(order_id, 'canceled')
        self.sell_here(self.tee, 2)
        self.assertEqual(self.sellable(), 10)
        self.sync()
        self.push()
        self.assertEqual((self.available(), self.sellable()), (8, 8))
        self.assertEqual(self.push(), [])

    def test_what_was_sold_and_cancelled_there_unseen_is_given_back_by_nobody(self):
        order_id = self.buy('LZT-TEE')
        self.sell_here(self.tee, 1)
        self.push()                         # 9, of which one is sold already
        self.move(order_id, 'canceled')     # and given back: 10
        self.assertEqual((self.available(), self.sellable()), (9, 10))
        self.pull()
        self.push()
        self.assertEqual(self.sellable(), 9)
        self.assertEqual(self.push(), [])

    def test_units_cancelled_long_before_the_last_quantity_was_sent_change_nothing(self):
        order_id = self.buy('LZT-TEE', status='canceled')
        self.listing.pushed_at = fields.Datetime.add(fields.Datetime.now(), hours=1)
        self.pull()
        self.assertTrue(self.get_order(order_id))
        self.assertEqual(self.push(), [])

    def test_units_that_are_shipped_move_nothing(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.push()
        self.deliver(self.get_order(order_id).sale_order_id)
        self.move(order_id, 'shipped')
        self.sync()
        self.assertEqual(self.get_order(order_id).status, 'shipped')
        self.assertEqual(self.push(), [])
        self.assertEqual(self.sellable(), 9)
