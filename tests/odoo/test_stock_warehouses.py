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

    def test_a_sale_is_owed_by_the_warehouse_it_was_sold_from(self):
        self.push()
        self.buy({'seller_sku': 'LZW-CUP'})
        self.push()
        self.assertEqual(self.get_warehouses(), {'dropshipping': 2, SECOND: 4})
