"""Cancel on Lazada: an explicit act with the platform's reasons, done exactly once."""
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import LazadaCase


class TestCancelOnLazada(LazadaCase):

    def setUp(self):
        super().setUp()
        self.make_product('LZC-TEE', stock=10)
        self.make_listing('LZC-TEE', price='19.99')
        self.run_flow('catalogue')
        self.order_id = self.buy('LZC-TEE', 'LZC-TEE')
        self.sync()
        self.order = self.get_order(self.order_id)

    def open_dialogue(self):
        action = self.order.action_cancel_on_lazada()
        return self.env['lazada.order.cancel'].browse(action['res_id'])

    def applied(self):
        return [call for call in self.calls_since(0)
                if call['path'] == '/order/reverse/cancel/create']

    def test_one_unit_is_cancelled_there_and_taken_off_here(self):
        wizard = self.open_dialogue()
        self.assertTrue(wizard.reason_ids)
        wizard.reason_id = wizard.reason_ids[0]
        wizard.item_ids = wizard.item_ids[0]
        wizard.action_cancel()
        self.run_flow('fulfilment')
        self.sync()
        statuses = self.sandbox.get(
            'orders', site=self.shop.site, seller_id=self.shop.external_id)['orders']
        truth = next(order for order in statuses if str(order['order_id']) == self.order_id)
        self.assertEqual(
            sorted(item['status'] for item in truth['items']), ['canceled', 'pending'])
        self.assertEqual(self.order.sale_order_id.order_line.product_uom_qty, 1)
        command = self.env['lazada.command'].search([('order_id', '=', self.order.id)])
        self.assertRecordValues(command, [{'kind': 'cancel', 'state': 'done'}])

    def test_whoever_works_with_orders_may_cancel(self):
        user = new_test_user(
            self.env, 'lazada_canceller', groups='base.group_user,lazada_connector.group_user')
        self.order = self.order.with_user(user)
        wizard = self.open_dialogue().with_user(user)
        wizard.reason_id = wizard.reason_ids[0]
        wizard.action_cancel()
        self.run_flow('fulfilment')
        self.assertEqual(len(self.applied()), 1)

    def test_all_units_cancel_the_sales_order(self):
        wizard = self.open_dialogue()
        wizard.reason_id = wizard.reason_ids[0]
        wizard.action_cancel()
        wizard.action_cancel()
        self.run_flow('fulfilment')
        self.sync()
        self.assertEqual(self.order.sale_order_id.state, 'cancel')
        self.assertEqual(len(self.applied()), 1)

    def test_a_lost_answer_is_looked_up_and_never_repeated(self):
        self.sandbox.post('faults', [{
            'path': '/order/reverse/cancel/create', 'kind': 'reset', 'after': True, 'times': 1}])
        wizard = self.open_dialogue()
        wizard.reason_id = wizard.reason_ids[0]
        wizard.action_cancel()
        self.run_flow('fulfilment')
        self.run_flow('fulfilment')
        self.sync()
        self.assertEqual(len(self.applied()), 1)
        self.assertEqual(self.order.sale_order_id.state, 'cancel')

    def test_what_is_shipped_cannot_be_cancelled(self):
        self.move(self.order_id, 'shipped')
        self.sync()
        with self.assertRaisesRegex(UserError, "handed over"):
            self.order.action_cancel_on_lazada()

    def test_a_refusal_says_why(self):
        wizard = self.open_dialogue()
        wizard.reason_id = wizard.reason_ids[0]
        self.move(self.order_id, 'shipped')
        wizard.action_cancel()
        self.run_flow('fulfilment')
        command = self.env['lazada.command'].search([('order_id', '=', self.order.id)])
        self.assertEqual(command.state, 'failed')
        self.assertTrue(command.error_message)
        self.assertEqual(self.order.sale_order_id.state, 'sale')
