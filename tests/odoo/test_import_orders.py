"""From orders on Lazada to sales orders, customers and deliveries."""
from .common import LazadaCase


class TestImportOrders(LazadaCase):

    def setUp(self):
        super().setUp()
        self.tee = self.make_product('LZT-TEE', stock=100)
        self.mug = self.make_product('LZT-MUG', stock=100)
        self.make_listing('LZT-TEE', price='19.99')
        self.make_listing('LZT-MUG', price='1152.00')
        self.run_flow('catalogue')

    def test_an_order_becomes_a_confirmed_sales_order_with_customer_and_delivery(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE', 'LZT-MUG')
        self.sync()
        order = self.get_order(order_id)
        sale = order.sale_order_id
        self.assertRecordValues(order, [{
            'sync_state': 'done', 'status': 'to_pack', 'items_state': 'read',
            'issue_code': False}])
        self.assertRecordValues(sale, [{
            'state': 'sale', 'client_order_ref': order.order_number,
            'lazada_shop_id': self.shop.id, 'lazada_status': 'to_pack',
            'team_id': self.shop.team_id.id, 'warehouse_id': self.shop.warehouse_id.id,
            'date_order': order.ordered_at, 'amount_total': 19.99 * 2 + 1152}])
        self.assertRecordValues(sale.order_line.sorted('price_unit'), [
            {'product_id': self.tee.id, 'product_uom_qty': 2, 'price_unit': 19.99},
            {'product_id': self.mug.id, 'product_uom_qty': 1, 'price_unit': 1152},
        ])
        self.assertEqual(len(sale.picking_ids), 1)
        self.assertEqual(sale.picking_ids.lazada_shop_id, self.shop)
        self.assertEqual(
            {move.product_id: move.quantity for move in sale.picking_ids.move_ids},
            {self.tee: 2, self.mug: 1})
        self.assertEqual(sale.partner_id.country_id.code, 'TH')
        self.assertEqual(order.item_ids.sale_line_id, sale.order_line)

    def test_the_same_sync_twice_changes_nothing(self):
        self.buy('LZT-TEE')
        self.sync()
        before = self.env['sale.order'].search([('lazada_shop_id', '=', self.shop.id)])
        self.env.flush_all()
        mark = self.mark()
        self.sync()
        after = self.env['sale.order'].search([('lazada_shop_id', '=', self.shop.id)])
        self.assertEqual(before, after)
        self.assertEqual(
            [call['path'] for call in self.calls_since(mark)], ['/orders/get'])

    def test_an_unlinked_sku_waits_and_is_imported_by_itself_once_linked(self):
        self.make_listing('LZT-NEW', price='10.00')
        order_id = self.buy('LZT-NEW')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'sku_not_linked',
            'issue_key': 'sku:LZT-NEW', 'sale_order_id': False}])
        order.item_ids.listing_id.product_id = self.tee
        self.assertEqual(order.sync_state, 'todo')
        self.run_flow('import_orders')
        self.assertEqual(order.sync_state, 'done')
        self.assertEqual(order.sale_order_id.order_line.product_id, self.tee)

    def test_cancelled_on_lazada_is_cancelled_here(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_order(order_id).sale_order_id
        self.move(order_id, 'canceled')
        self.sync()
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(set(sale.picking_ids.mapped('state')), {'cancel'})
        self.assertEqual(self.tee.with_context(
            warehouse_id=self.shop.warehouse_id.id).free_qty, 100)

    def test_cancelling_here_sends_nothing_to_lazada(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        mark = self.mark()
        self.get_order(order_id).sale_order_id.action_cancel()
        self.assertEqual(self.calls_since(mark), [])

    def test_shipped_orders_are_not_imported_but_mirrored(self):
        order_id = self.buy('LZT-TEE', status='shipped')
        self.sync()
        self.assertRecordValues(self.get_order(order_id), [{
            'sync_state': 'ignored', 'issue_code': 'not_in_scope', 'status': 'shipped',
            'sale_order_id': False}])
