"""Orders that a person asks for: by number, or all of a period."""
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import orders as api_orders
from odoo.addons.lazada_connector.models.flow_run import FlowRun

from .fresh_shop import FreshShopCase


class FetchCase(FreshShopCase):

    def ask(self, kind, user=None, **values):
        """Fill the dialogue and press its button, as a person does; return the requests."""
        with self.committing() as env:
            wizards = env['lazada.shop.fetch'].with_user(user or env.user).sudo(not user)
            wizard = wizards.create({'kind': kind, 'shop_ids': [self.shop.id], **values})
            action = wizard.action_start()
        self.env.invalidate_all()
        domain = [('id', '=', action['res_id'])] if action.get('res_id') else action['domain']
        return self.env['lazada.fetch'].search(domain)

    def ask_period(self, days, kind='range', **values):
        now = self.env.cr.now()
        return self.ask(
            kind, date_from=now - timedelta(days=days), date_to=now + timedelta(hours=1), **values)

    def work_off(self):
        self.run_flow('backfill')
        self.run_flow('import_orders')
        self.env.invalidate_all()


class TestRecover(FetchCase):

    def test_an_order_is_recovered_by_its_number(self):
        [order_id] = self.sell_for(days=1)
        self.assertFalse(self.get_order(order_id))
        request = self.ask('numbers', numbers=f' {order_id} ')
        order = self.get_order(order_id)
        self.assertEqual(order.sale_order_id.state, 'sale')
        self.assertRecordValues(request, [{
            'state': 'done', 'progress': 100, 'order_ids': order.ids,
            'display_name': "Recover Orders Fresh",
            'result': f"{order_id}: sales order {order.sale_order_id.name}"}])
        self.assertFalse(self.get_flow('backfill').error_message)

    def test_the_reason_is_told_when_it_is_not_imported(self):
        [order_id] = self.sell_for(days=1, status='delivered')
        request = self.ask('numbers', numbers=order_id)
        self.assertIn("the order is Delivered", request.result)
        self.assertFalse(self.get_order(order_id).sale_order_id)

    def test_a_number_lazada_does_not_know_is_named(self):
        [order_id] = self.sell_for(days=1)
        request = self.ask('numbers', numbers=f'4711, {order_id}\n4711')
        self.assertEqual(request.unknown_numbers, '4711')
        self.assertIn("Not known to Lazada in this shop: 4711", request.result)
        self.assertEqual(self.get_order(order_id).sync_state, 'done')

    def test_a_deleted_sales_order_comes_back(self):
        [order_id] = self.sell_for(days=1)
        self.ask('numbers', numbers=order_id)
        sale = self.get_order(order_id).sale_order_id
        sale._action_cancel()
        sale.unlink()
        self.ask('numbers', numbers=order_id)
        self.assertEqual(self.get_order(order_id).sale_order_id.state, 'sale')

    def test_recovered_twice_is_one_sales_order(self):
        [order_id] = self.sell_for(days=1)
        for _twice in range(2):
            self.ask('numbers', numbers=order_id)
        self.assertEqual(self.env['sale.order'].search_count([
            ('lazada_shop_id', '=', self.shop.id)]), 1)

    def test_an_old_order_is_found_by_its_other_number(self):
        [order_id] = self.sell_for(days=1)
        self.ask('numbers', numbers=order_id)
        self.get_order(order_id).order_number = '346928836'
        self.env.flush_all()
        request = self.ask('numbers', numbers='346928836')
        self.assertEqual(request.order_ids.external_id, order_id)

    def test_units_of_many_orders_are_read_together(self):
        orders = self.sell_for(days=1, per_day=7)
        mark = self.mark()
        self.ask('numbers', numbers=' '.join(orders))
        self.assertEqual(self.paths_since(mark), ['/order/get'] * 7 + ['/orders/items/get'])

    def test_slow_answers_take_several_turns_and_lose_nothing(self):
        orders = self.sell_for(days=1, per_day=5)
        read, get = [], api_orders.Orders.get

        def slow(client, order_id):
            read.append(order_id)
            return get(client, order_id)

        with patch.object(api_orders.Orders, 'get', slow):
            for turn in (1, 2, 3):
                limit = 2 * turn
                with patch.object(
                        FlowRun, 'out_of_time', property(
                            lambda run, limit=limit: len(read) >= limit)):
                    if turn == 1:
                        request = self.ask('numbers', numbers=' '.join(orders))
                    else:
                        self.run_flow('backfill', turns=1)
                    self.env.invalidate_all()
                self.assertEqual(request.position, min(limit, 5))
                self.assertEqual(len(self.get_all()), min(limit, 5))
        self.assertEqual(read, orders, "each once")
        self.assertEqual(request.state, 'done')
        self.assertFalse(request.unknown_numbers)

    def test_what_is_no_number_is_refused(self):
        for numbers in ('', ' , ', 'abc', "1' OR 1=1", '9' * 21):
            with self.subTest(numbers), self.assertRaisesRegex(UserError, "digits"):
                self.ask('numbers', numbers=numbers)

    def test_a_user_may_recover_and_look_but_not_write(self):
        user = new_test_user(self.env, 'recoverer', groups='lazada_connector.group_user')
        [order_id] = self.sell_for(days=1)
        request = self.ask('numbers', user=user, numbers=order_id)
        self.assertEqual(request.create_uid, user)
        self.assertEqual(self.get_order(order_id).sync_state, 'done')
        self.assertFalse(request.with_user(user).has_access('write'))
        self.assertTrue(request.with_user(user).result)

    def test_a_paused_shop_is_not_asked(self):
        self.shop.paused = True
        with self.assertRaisesRegex(UserError, "paused"):
            self.ask('numbers', numbers='1')


class TestFetchRange(FetchCase):

    def test_all_orders_of_the_period_are_fetched_and_imported(self):
        self.sell_for(days=4, per_day=2)
        request = self.ask_period(3)
        self.assertEqual(request.state, 'todo')
        self.assertFalse(self.get_all())
        self.work_off()
        self.assertRecordValues(request, [{
            'state': 'done', 'progress': 100, 'order_count': 6, 'missing_count': 6,
            'sale_count': 6, 'todo_count': 0, 'attention_count': 0}])
        self.assertEqual(set(self.get_all().mapped('sync_state')), {'done'})

    def test_the_dialogue_calls_nobody(self):
        self.sell_for(days=2)
        mark = self.mark()
        self.ask_period(3)
        self.assertEqual(self.paths_since(mark), [])
        self.assert_woken('backfill')

    def test_again_imports_nothing_twice(self):
        self.sell_for(days=3)
        for _twice in range(2):
            request = self.ask_period(4)
            self.work_off()
        self.assertRecordValues(request, [{'missing_count': 0, 'order_count': 3}])
        self.assertEqual(self.env['sale.order'].search_count([
            ('lazada_shop_id', '=', self.shop.id)]), 3)

    def test_a_changed_policy_is_applied_to_what_is_known(self):
        order_id = self.buy('LZT-TEE', status='unpaid')
        self.ask_period(2)
        self.work_off()
        self.assertEqual(self.get_order(order_id).sync_state, 'ignored')
        self.shop.unpaid_as_quotation = True
        self.ask_period(2)
        self.work_off()
        self.assertEqual(self.get_order(order_id).sale_order_id.state, 'draft')

    def test_it_goes_on_from_turn_to_turn_with_its_progress(self):
        self.sell_for(days=4)
        request = self.ask_period(5)
        with patch.object(const, 'ORDERS_PER_PAGE', 2), patch.object(FlowRun, 'out_of_time', True):
            self.run_flow('backfill', turns=1)
            request.invalidate_recordset()
            self.assertEqual(request.state, 'running')
            self.assertTrue(0 < request.progress < 100)
            self.run_flow('backfill')
        request.invalidate_recordset()
        self.assertRecordValues(request, [{'state': 'done', 'order_count': 4}])

    def test_a_person_may_stop_it(self):
        self.sell_for(days=4)
        request = self.ask_period(5)
        with patch.object(const, 'ORDERS_PER_PAGE', 2), patch.object(FlowRun, 'out_of_time', True):
            self.run_flow('backfill', turns=1)
            request.invalidate_recordset()
            request.action_stop()
            self.env.flush_all()
            self.run_flow('backfill')
        self.assertEqual(request.state, 'cancelled')
        self.assertLess(len(self.get_all()), 4)

    def test_an_outage_is_waited_for_and_nothing_is_lost(self):
        self.sell_for(days=2)
        request = self.ask_period(3)
        self.break_calls('/orders/get', times=50, status=503)
        self.run_flow('backfill', turns=1)
        request.invalidate_recordset()
        self.assertEqual(request.state, 'running')
        self.assertTrue(self.get_flow('backfill').error_message)
        self.sandbox.delete('faults')
        self.work_off()
        self.assertRecordValues(request, [{'state': 'done', 'order_count': 2}])

    def test_what_lazada_refuses_ends_with_the_reason(self):
        request = self.ask_period(3)
        self.break_calls('/orders/get', kind='error', code='17', message='Invalid Date Format')
        later = self.ask_period(2)
        self.work_off()
        self.assertEqual(request.state, 'failed')
        self.assertIn("Invalid Date Format", request.result)
        self.assertEqual(later.state, 'done')

    def test_a_period_must_have_two_ends_in_order(self):
        now = self.env.cr.now()
        with self.assertRaises(UserError):
            self.ask('range', date_from=now, date_to=now - timedelta(days=1))
        with self.assertRaises(UserError):
            self.ask('range', date_from=False, date_to=now)

    def test_the_usual_pull_goes_on_meanwhile(self):
        self.sell_for(days=2)
        self.ask_period(3)
        new = self.buy('LZT-TEE')
        self.sync()
        self.assertEqual(self.get_order(new).sync_state, 'done')

    def test_finished_requests_are_removed_after_months(self):
        request = self.ask_period(1)
        self.work_off()
        self.env['lazada.fetch']._gc_requests()
        self.assertTrue(request.exists())
        request.finished_at -= timedelta(days=91)
        self.env['lazada.fetch']._gc_requests()
        self.assertFalse(request.exists())
