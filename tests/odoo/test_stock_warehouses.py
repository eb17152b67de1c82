"""Several warehouses: of Odoo to one shop, and of Lazada told apart."""
from odoo.exceptions import ValidationError

from .common import LazadaCase

SECOND = 'MY10-WH-2'


class WarehousesCase(LazadaCase):

    def add_warehouse(self, name):
        return self.env['stock.warehouse'].create({'name': name, 'code': name[:5]})

    def put(self, product, warehouse, quantity):
        self.env['stock.quant']._update_available_quantity(
            product, warehouse.lot_stock_id, quantity)

    def get_sale(self, order_id):
        order = self.get_order(order_id)
        self.assertEqual((order.sync_state, order.issue_message), ('done', False))
        return order.sale_order_id

    def deliver(self, sale):
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids._action_done()

    def get_listing(self, sku):
        return self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=', sku)])

    def start_stock(self):
        self.run_flow('catalogue')
        self.run_flow('fetch_orders')
        self.shop.action_mapping_report()
        self.shop.stock_sync = True

    def push(self):
        mark = self.mark()
        self.run_flow('fetch_orders')
        self.run_flow('stock')
        self.env.invalidate_all()
        return [call for call in self.calls_since(mark)
                if call['path'] == '/product/stock/sellable/update']

    def on_lazada(self, sku):
        listings = self.sandbox.get(
            'listings', site=self.shop.site, seller_id=self.shop.external_id)['listings']
        return next(each for each in listings if each['seller_sku'] == sku)


class TestOfOdoo(WarehousesCase):

    def test_the_stock_of_several_warehouses_is_added_up(self):
        other, third = self.add_warehouse("North"), self.add_warehouse("South")
        cup = self.make_product('LZW-CUP', stock=3)
        self.put(cup, other, 4)
        self.put(cup, third, 50)
        self.make_listing('LZW-CUP', sellable=0)
        self.shop.source_ids = [
            (0, 0, {'warehouse_id': warehouse.id})
            for warehouse in (self.shop.warehouse_id, other)]
        self.start_stock()
        self.push()
        self.assertEqual(self.on_lazada('LZW-CUP')['sellable'], 7)

    def test_orders_are_delivered_from_a_warehouse_the_shop_sells_from(self):
        """Sells From names the North only, the FBM warehouse stays what it was."""
        north = self.add_warehouse("North")
        cup = self.make_product('LZW-CUP')
        self.put(cup, north, 4)
        self.make_listing('LZW-CUP', sellable=0)
        self.shop.source_ids = [(0, 0, {'warehouse_id': north.id})]
        self.start_stock()
        self.push()
        order_id = self.buy('LZW-CUP')
        self.sync()
        self.push()
        self.assertEqual(self.get_sale(order_id).warehouse_id, north)
        self.assertEqual(self.on_lazada('LZW-CUP')['sellable'], 3)
        self.deliver(self.get_sale(order_id))
        self.push()
        self.assertEqual((cup.qty_available, self.on_lazada('LZW-CUP')['sellable']), (3, 3))

    def test_a_delivery_from_elsewhere_does_not_give_the_unit_back(self):
        """A person lets another warehouse deliver: until it has, the unit is still sold here."""
        north = self.add_warehouse("North")
        self.make_product('LZW-CUP', stock=4)
        self.make_listing('LZW-CUP', sellable=0)
        self.start_stock()
        self.push()
        order_id = self.buy('LZW-CUP')
        self.sync()
        sale = self.get_sale(order_id)
        sale.picking_ids.action_cancel()
        sale.warehouse_id = north
        sale.order_line._action_launch_stock_rule()
        self.assertEqual(sale.picking_ids.filtered(
            lambda picking: picking.state != 'cancel').location_id, north.lot_stock_id)
        self.push()
        self.assertEqual(self.on_lazada('LZW-CUP')['sellable'], 3)

    def test_all_lines_name_a_lazada_warehouse_or_none(self):
        other = self.add_warehouse("North")
        with self.assertRaises(ValidationError):
            self.shop.source_ids = [
                (0, 0, {'warehouse_id': self.shop.warehouse_id.id, 'code': 'dropshipping'}),
                (0, 0, {'warehouse_id': other.id})]


class TestOfLazada(WarehousesCase):
    """`dropshipping` is Odoo's main warehouse, the second one is the North."""

    def setUp(self):
        super().setUp()
        self.shop.paused = True
        self.shop = self.connect_seller()
        self.north = self.add_warehouse("North")
        self.cup = self.make_product('LZW-CUP', stock=3)
        self.put(self.cup, self.north, 4)
        self.make_listing('LZW-CUP', sellable=1)
        self.shop.source_ids = [
            (0, 0, {'warehouse_id': self.shop.warehouse_id.id, 'code': 'dropshipping'}),
            (0, 0, {'warehouse_id': self.north.id, 'code': SECOND})]
        self.start_stock()
        self.listing = self.get_listing('LZW-CUP')

    def connect_seller(self):
        seller = self.sandbox.post('shops', {
            'site': 'my', 'name': "Two Houses", 'warehouses': [SECOND]})
        app = self.sandbox.get('state')['apps'][0]
        token = self.sandbox.post(
            'tokens', {'app_key': app['app_key'], 'account': seller['account']})
        account = self.env['lazada.account'].create({
            'name': "Two Houses", 'environment': 'sandbox', 'sandbox_url': self.sandbox.url,
            'app_key': app['app_key'], 'app_secret': app['app_secret'],
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        return self.env['lazada.shop'].create({
            'name': "Two Houses", 'account_id': account.id, 'site': 'my',
            'external_id': seller['seller_id'], 'last_order_sync': self.env.cr.now()})

    def get_warehouses(self):
        return self.on_lazada('LZW-CUP')['warehouses']

    def test_each_warehouse_shows_its_own_stock(self):
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 3, SECOND: 4})
        self.assertEqual((self.listing.lazada_qty, self.listing.push_state), (7, 'done'))
        self.assertTrue(self.shop.warehouse_tag_proven)
        self.assertEqual(self.push(), [])

    def test_the_name_of_the_quantity_is_found_by_reading_it_back(self):
        self.sandbox.post('behaviour', {'multi_warehouse_tag': 'Quantity'})
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 3, SECOND: 4})
        self.assertEqual(self.shop.warehouse_tag, 'Quantity')
        self.put(self.cup, self.north, 1)
        self.assertEqual(len(self.push()), 1)
        self.assertEqual(self.get_warehouses()[SECOND], 5)

    def test_stock_that_moves_between_warehouses_is_sent(self):
        self.push()
        self.put(self.cup, self.north, -2)
        self.put(self.cup, self.shop.warehouse_id, 2)
        self.assertEqual(len(self.push()), 1)
        self.assertEqual(self.get_warehouses(), {'dropshipping': 5, SECOND: 2})

    def test_the_daily_comparison_reads_every_warehouse_back(self):
        """The sum is right on Lazada, its parts are not."""
        self.push()
        self.listing.write({'lazada_codes': {'dropshipping': 6, SECOND: 1}})
        self.put(self.cup, self.north, -1)
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 3, SECOND: 3})
        self.make_listing('LZW-CUP', sellable=2)
        self.run_flow('catalogue')
        self.env.invalidate_all()
        self.assertEqual(self.listing.lazada_codes, {'dropshipping': 2, SECOND: 3})
        self.assertEqual((self.listing.qty_difference, self.shop.differing_count), (-1, 1))
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 3, SECOND: 3})

    def test_the_rules_count_once_for_a_listing(self):
        for rules, expected in (
                ({'max_qty': 4}, {'dropshipping': 2, SECOND: 2}),
                ({'buffer_qty': 2}, {'dropshipping': 2, SECOND: 3}),
                ({'last_units_qty': 6}, {'dropshipping': 3, SECOND: 4}),
                ({'last_units_qty': 7}, {'dropshipping': 0, SECOND: 0})):
            self.shop.write({'max_qty': 0, 'buffer_qty': 0, 'last_units_qty': 0, **rules})
            self.push()
            shown = self.get_warehouses()
            self.assertEqual({code: shown.get(code, 0) for code in expected}, expected, rules)

    def test_the_same_goods_are_not_sold_under_two_codes(self):
        shelf = self.env['stock.location'].create({
            'name': "Shelf", 'location_id': self.north.lot_stock_id.id})
        for location in (shelf, self.env['stock.location']):
            with self.assertRaisesRegex(ValidationError, "two Lazada warehouses"), (
                    self.env.cr.savepoint()):
                self.shop.source_ids = [(0, 0, {
                    'warehouse_id': self.north.id, 'location_id': location.id, 'code': 'other'})]
        self.shop.source_ids = [(0, 0, {
            'warehouse_id': self.add_warehouse("South").id, 'code': SECOND})]

    def test_a_sale_is_owed_by_the_warehouse_it_was_sold_from(self):
        self.push()
        self.buy({'seller_sku': 'LZW-CUP'})
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 2, SECOND: 4})

    def test_units_are_delivered_from_the_warehouse_they_were_sold_from(self):
        """Main has 0, the North 4: a sale from the North is never given back."""
        self.put(self.cup, self.shop.warehouse_id, -3)
        self.push()
        for left in (3, 2):
            order_id = self.buy({'seller_sku': 'LZW-CUP', 'warehouse': SECOND})
            self.push()
            self.assertEqual(self.get_warehouses(), {'dropshipping': 0, SECOND: left})
            self.run_flow('import_orders')
            self.push()
            self.assertEqual(self.get_warehouses(), {'dropshipping': 0, SECOND: left})
            self.assertEqual(self.get_sale(order_id).warehouse_id, self.north)
            self.deliver(self.get_sale(order_id))
            self.push()
            self.assertEqual(self.get_warehouses(), {'dropshipping': 0, SECOND: left})
        self.assertEqual(self.cup.qty_available, 2)

    def test_an_order_from_two_warehouses_is_delivered_from_both(self):
        self.push()
        order_id = self.buy('LZW-CUP', {'seller_sku': 'LZW-CUP', 'warehouse': SECOND})
        self.sync()
        sale = self.get_sale(order_id)
        self.assertEqual(
            {move.location_id: move.product_uom_qty for move in sale.picking_ids.move_ids},
            {self.shop.warehouse_id.lot_stock_id: 1, self.north.lot_stock_id: 1})
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 2, SECOND: 3})

    def test_units_without_a_warehouse_belong_to_the_main_one(self):
        self.push()
        order_id = self.buy('LZW-CUP')
        self.run_flow('fetch_orders')
        for code in ('', 'unheard_of'):
            self.get_order(order_id).item_ids.warehouse_code = code
            self.push()
            self.assertEqual(self.get_warehouses(), {'dropshipping': 2, SECOND: 4})
        self.run_flow('import_orders')
        self.assertEqual(self.get_sale(order_id).warehouse_id, self.shop.warehouse_id)


class TestOfLocations(WarehousesCase):
    """The shop sells what is on one shelf; deliveries leave from the stock above it."""

    def setUp(self):
        super().setUp()
        warehouse = self.shop.warehouse_id
        self.shelf = self.env['stock.location'].create({
            'name': "Lazada", 'location_id': warehouse.lot_stock_id.id})
        self.cup = self.make_product('LZW-CUP')
        self.make_listing('LZW-CUP', sellable=0)
        self.env['stock.quant']._update_available_quantity(self.cup, self.shelf, 4)
        self.shop.source_ids = [(0, 0, {
            'warehouse_id': warehouse.id, 'location_id': self.shelf.id})]
        self.start_stock()
        self.push()

    def assert_sellable(self, quantity):
        self.push()
        self.assertEqual(self.on_lazada('LZW-CUP')['sellable'], quantity)

    def follow_a_unit(self):
        order_id = self.buy('LZW-CUP')
        self.sync()
        sale = self.get_sale(order_id)
        self.assert_sellable(3)
        sale.picking_ids.do_unreserve()
        self.assert_sellable(3)
        sale.picking_ids.action_assign()
        self.assert_sellable(3)
        while pickings := sale.picking_ids.filtered(
                lambda picking: picking.state == 'assigned'):
            pickings.move_ids.picked = True
            pickings._action_done()
            self.assert_sellable(3)
        self.assertEqual(self.cup.qty_available, 3)

    def test_a_unit_is_counted_once_whether_reserved_or_not(self):
        self.shop.warehouse_id.out_type_id.reservation_method = 'manual'
        self.follow_a_unit()

    def test_a_unit_is_counted_once_in_three_steps(self):
        self.shop.warehouse_id.delivery_steps = 'pick_pack_ship'
        self.follow_a_unit()

    def test_a_unit_is_counted_once_on_hand_too(self):
        self.shop.stock_basis = 'on_hand'
        self.follow_a_unit()
