"""Past orders for reporting: confirmed, dated, complete in amount, and of no effect on anything."""
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .test_recover import FetchCase


class TestHistory(FetchCase):

    def setUp(self):
        super().setUp()
        self.tee.invoice_policy = 'delivery'

    def import_history(self, days=10, **values):
        request = self.ask_period(days, 'history', **values)
        self.work_off()
        return request

    def stock(self):
        return self.tee.with_context(warehouse_id=self.shop.warehouse_id.id).free_qty

    def test_delivered_orders_become_sales_orders_that_move_nothing(self):
        before = self.stock()
        [order_id] = self.sell_for(days=5, status='delivered')[:1]
        request = self.import_history()
        order, sale = self.get_order(order_id), self.get_sale(order_id)
        self.assertRecordValues(sale, [{
            'state': 'sale', 'lazada_history': True, 'date_order': order.ordered_at,
            'amount_total': order.amount_total, 'invoice_status': 'no', 'picking_ids': []}])
        self.assertTrue(sale.amount_total)
        self.assertRecordValues(sale.order_line, [{
            'product_id': self.tee.id, 'lazada_no_delivery': True, 'qty_delivered': 1,
            'qty_to_invoice': 0}])
        self.assertEqual(self.stock(), before)
        self.assertEqual(request.sale_count, 5)

    def test_every_status_of_the_past_comes_in(self):
        placed = {
            status: self.sell_for(days=1, status=status)[0]
            for status in ('shipped', 'delivered', 'confirmed', 'failed', 'canceled')}
        self.import_history()
        states = {
            status: self.get_sale(order_id).state for status, order_id in placed.items()}
        self.assertEqual(states, {
            'shipped': 'sale', 'delivered': 'sale', 'confirmed': 'sale', 'failed': False,
            'canceled': False})

    def test_canceled_orders_come_in_as_canceled_when_asked_for(self):
        [order_id] = self.sell_for(days=1, status='canceled')
        self.import_history(include_cancelled=True)
        self.assertRecordValues(self.get_sale(order_id), [{
            'state': 'cancel', 'lazada_history': True}])
        self.assertEqual(self.get_order(order_id).sync_state, 'done')

    def test_open_orders_are_imported_as_usual(self):
        [order_id] = self.sell_for(days=1)
        self.import_history()
        sale = self.get_sale(order_id)
        self.assertFalse(sale.lazada_history)
        self.assertEqual(len(sale.picking_ids), 1)

    def test_open_orders_that_another_system_ships_are_history(self):
        [order_id] = self.sell_for(days=2)[:1]
        self.shop.skip_ordered_before = self.env.cr.now()
        self.import_history()
        sale = self.get_sale(order_id)
        self.assertTrue(sale.lazada_history)
        self.assertFalse(sale.picking_ids)

    def test_what_is_a_sales_order_already_stays_as_it_is(self):
        [order_id] = self.sell_for(days=1)
        self.ask('numbers', numbers=order_id)
        self.move(order_id, 'delivered')
        self.import_history()
        sale = self.get_sale(order_id)
        self.assertFalse(sale.lazada_history)
        self.assertEqual(len(sale.picking_ids), 1)

    def test_twice_is_once(self):
        self.sell_for(days=3, status='delivered')
        for _twice in range(2):
            self.import_history()
        self.assertEqual(self.env['sale.order'].search_count([
            ('lazada_shop_id', '=', self.shop.id)]), 3)

    def test_later_changes_ask_for_nothing(self):
        [order_id] = self.sell_for(days=1, status='delivered')
        self.import_history()
        order, sale = self.get_order(order_id), self.get_sale(order_id)
        order.item_ids.status = 'cancelled'
        order.sync_state = 'todo'
        self.env.flush_all()
        self.run_flow('import_orders')
        self.assertEqual((order.sync_state, sale.state), ('done', 'sale'))
        self.assertFalse(order.cancelled_after_dispatch)
        self.assertFalse(sale.activity_ids)

    def test_nobody_is_mailed(self):
        mails = self.env['mail.mail'].search_count([])
        [order_id] = self.sell_for(days=1, status='delivered')
        self.import_history()
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        self.assertFalse(self.get_sale(order_id).message_partner_ids & (
            self.get_sale(order_id).partner_id))

    def test_new_orders_do_not_wait_behind_history(self):
        old = self.sell_for(days=3, status='delivered')
        self.ask_period(5, 'history')
        self.run_flow('backfill')
        self.get_all().invalidate_recordset()
        self.assertEqual(set(self.get_all().mapped('sync_state')), {'todo'})
        new = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        with self.committing() as env:
            flow = env['lazada.flow'].browse(self.get_flow('import_orders').id)
            first = flow._get_orders_to_import(env['lazada.order'])
            self.assertEqual(first.mapped('external_id'), [new])
        self.run_flow('import_orders')
        self.assertTrue(all(self.get_sale(order_id) for order_id in old))

    def test_only_managers_import_history(self):
        user = new_test_user(self.env, 'historian', groups='lazada_connector.group_user')
        with self.assertRaises(AccessError):
            self.ask_period(3, 'history', user=user)
