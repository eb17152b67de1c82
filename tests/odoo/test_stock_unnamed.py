"""Refusals that name no SKU: of twenty, the eighteen that were taken are not sent again."""
from .common import LazadaCase

UPDATE = '/product/stock/sellable/update'


class TestUnnamedRefusals(LazadaCase):

    def setUp(self):
        super().setUp()
        self.products = [self.make_product(f'LZU-{number:02}', stock=5) for number in range(20)]
        for product in self.products:
            self.make_listing(product.default_code, sellable=0)
        self.run_flow('catalogue')
        self.run_flow('fetch_orders')
        self.shop.action_mapping_report()
        self.shop.stock_sync = True
        self.push()

    def push(self):
        """Run the stock flow; return its calls."""
        mark = self.mark()
        self.run_flow('stock')
        self.env.invalidate_all()
        return self.calls_since(mark)

    def check_two_of_twenty(self):
        now = self.sandbox.get('state')['clock']['epoch']
        campaign = {'name': '11.11', 'from': now - 60, 'to': now + 3600}
        for sku in ('LZU-01', 'LZU-17'):
            self.make_listing(sku, sellable=5, campaign=campaign)
        for product in self.products:
            self.env['stock.quant']._update_available_quantity(
                product, self.shop.warehouse_id.lot_stock_id, -1)
        calls = self.push()
        sent = [call['params']['payload'].count('<SkuId>') for call in calls
                if call['path'] == UPDATE]
        self.assertEqual(sent, [20, 1, 1], "eighteen are not sent again")
        self.assertEqual(
            [call['path'] for call in calls].count('/products/get'), 1, "read back once")
        listings = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZU-%')])
        locked = listings.filtered(lambda listing: listing.push_state == 'parked')
        self.assertEqual(sorted(locked.mapped('seller_sku')), ['LZU-01', 'LZU-17'])
        self.assertEqual(set((listings - locked).mapped('push_state')), {'done'})
        self.assertEqual(set((listings - locked).mapped('lazada_qty')), {4})

    def test_in_an_error_answer(self):
        self.sandbox.post('behaviour', {'stock_detail': 'bare'})
        self.check_two_of_twenty()

    def test_in_a_success(self):
        self.sandbox.post('behaviour', {'stock_detail': 'bare', 'partial_stock_code': '0'})
        self.check_two_of_twenty()
