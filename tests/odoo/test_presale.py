"""Pre-sales are paid in stages: shown as such, and imported once the last one is paid."""
from .orders_case import OrdersCase

OPEN_STAGES = ('unpaid', 'unpaid final payment')


class TestPresale(OrdersCase):

    def presell(self, *items, stage='unpaid final payment', **values):
        order_id = self.buy(*items, presale=True, stage_pay_status=stage, **values)
        self.sync()
        return order_id

    def pay(self, order_id):
        self.sandbox.post('clock', {'advance': 1})
        self.sandbox.post(f'orders/th/{self.shop.external_id}/{order_id}/pay', {})
        self.sync()

    def test_it_waits_visibly_and_is_imported_by_itself_once_paid(self):
        for stage in OPEN_STAGES:
            for status in ('pending', 'unpaid'):
                with self.subTest(stage=stage, status=status):
                    order_id = self.presell('LZT-TEE', stage=stage, status=status)
                    order = self.get_order(order_id)
                    self.assertRecordValues(order, [{
                        'is_presale': True, 'sync_state': 'attention',
                        'issue_code': 'presale_unpaid', 'sale_order_id': False}])
                    self.assertIn("final payment", order.issue_message)
                    self.assertRecordValues(order.item_ids, [{
                        'order_type': 'PreSale', 'is_presale': True, 'stage_pay_status': stage}])
                    self.pay(order_id)
                    self.assertRecordValues(order, [{
                        'is_presale': True, 'sync_state': 'done', 'issue_code': False}])
                    self.assertEqual(order.sale_order_id.state, 'sale')

    def test_a_paid_one_is_imported_at_once_and_others_are_none(self):
        paid, normal = self.presell('LZT-TEE', stage=''), self.buy('LZT-TEE')
        self.sync()
        for order_id, presale in ((paid, True), (normal, False)):
            self.assertRecordValues(self.get_order(order_id), [{
                'is_presale': presale, 'sync_state': 'done'}])
        found = self.env['lazada.order'].search([('is_presale', '=', True)])
        self.assertEqual(found, self.get_order(paid))

    def test_it_is_no_quotation_before_either(self):
        self.shop.unpaid_as_quotation = True
        order_id = self.presell('LZT-TEE', status='unpaid')
        self.assertFalse(self.get_sale(order_id))
        self.pay(order_id)
        self.assertEqual(self.get_sale(order_id).state, 'sale')

    def test_one_that_is_canceled_waits_for_nothing(self):
        order_id = self.presell('LZT-TEE')
        self.move(order_id, 'canceled')
        self.sync()
        self.assertRecordValues(self.get_order(order_id), [{
            'status': 'cancelled', 'sync_state': 'ignored'}])

    def test_units_of_one_order_wait_each_for_their_own_payment(self):
        stages = {'order_type': 'PreSale', 'stage_pay_status': 'unpaid final payment'}
        order_id = self.buy('LZT-TEE', {'seller_sku': 'LZT-MUG', 'override': stages})
        self.sync()
        sale = self.get_sale(order_id)
        self.assertEqual(sale.order_line.product_id, self.tee)
        self.sync()
        self.assertEqual(sale.order_line.product_id, self.tee)
        self.sandbox.post('clock', {'advance': 1})
        self.override(order_id, items={'*': {'stage_pay_status': ''}})
        self.sync()
        self.assertEqual(sale.order_line.product_id, self.tee + self.mug)
        self.assertEqual(sale.picking_ids.move_ids.mapped('state'), ['assigned', 'assigned'])

    def test_all_of_them_are_one_cause(self):
        for _each in range(3):
            self.presell('LZT-TEE')
        self.assertRecordValues(self.shop.issue_ids, [{
            'key': 'presale_unpaid', 'order_count': 3}])
