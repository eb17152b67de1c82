"""The lease of a shop's flow, its failures, and the scheduled actions over all shops."""
import time
from datetime import timedelta
from unittest.mock import patch

import psycopg2.errors
import pytest

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tools import SQL, mute_logger

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import errors
from odoo.addons.lazada_connector.models import flow_run
from odoo.addons.lazada_connector.models.flow_run import FlowRun, LeaseLost

from .orders_case import OrdersCase

FLOW_LOG = 'odoo.addons.lazada_connector.models.lazada_flow'


class FlowsCase(OrdersCase):

    def setUp(self):
        super().setUp()
        self.Flow = self.registry['lazada.flow']

    def browse_flow(self, env, name='fetch_orders', shop=None):
        return env['lazada.shop'].browse((shop or self.shop).id)._get_flow(name)

    def fail_with(self, error, times=1):
        """Let the next runs of fetch_orders fail with `error`."""
        original, left = self.Flow._run_fetch_orders, [times]

        def fail(flow, run):
            if left[0]:
                left[0] -= 1
                raise error
            return original(flow, run)

        self.startPatcher(patch.object(self.Flow, '_run_fetch_orders', fail))

    def minutes_until_due(self, flow):
        return round((flow.due_at - self.env.cr.now()).total_seconds() / 60)


class TestLease(FlowsCase):

    def test_of_two_runs_at_once_one_works_and_the_other_leaves(self):
        with self.committing() as env:
            flow = self.browse_flow(env)
            run = flow._take(10)
            self.assertTrue(run)
            self.assertIsNone(flow._take(10))
            mark = self.mark()
            self.assertFalse(flow._run_flow())
            self.assertEqual(self.calls_since(mark), [])
            flow._release(run)
            self.assertTrue(flow._run_flow(), "free again")

    def test_a_stale_lease_expires_and_its_owner_commits_nothing_any_more(self):
        order_id = self.buy('LZT-TEE')
        with self.committing() as env:
            flow = self.browse_flow(env)
            dead = flow._take(10)
            env.execute_query(SQL(
                "UPDATE lazada_flow SET running_until = now() - interval '1 second' "
                "WHERE id = %s RETURNING id", flow.id))
            env.cr.commit()
            flow.invalidate_recordset()
            self.assertTrue(flow._run_flow(), "somebody else may take it")
            flow.shop_id.name = "Written by a run that lost its lease"
            with pytest.raises(LeaseLost):
                dead.commit()
            self.assertEqual(flow.shop_id.name, "Shop th")
        self.assertTrue(self.get_order(order_id))

    def test_a_lease_from_before_the_clock_was_set_back_keeps_nobody_waiting(self):
        order_id = self.buy('LZT-TEE')
        with self.committing() as env:
            flow = self.browse_flow(env)
            self.assertTrue(flow._take(10))
            env.execute_query(SQL(
                "UPDATE lazada_flow SET running_until = running_until + interval '1 hour', "
                "due_at = %s WHERE id = %s RETURNING id", env.cr.now(), flow.id))
            env.cr.commit()
            flow.invalidate_recordset()
            flow._cron_run('fetch_orders')
        self.assertTrue(self.get_order(order_id))
        self.assertFalse(self.get_flow().running_until)

    def test_the_lease_is_longer_than_a_turn_and_each_commit_prolongs_it(self):
        with self.committing() as env:
            flow = self.browse_flow(env)
            run = flow._take(10)
            self.assertGreater(flow.running_until, env.cr.now() + timedelta(seconds=20))
            env.execute_query(SQL(
                "UPDATE lazada_flow SET running_until = now() + interval '1 second', "
                "due_at = now() + interval '1 second' WHERE id = %s RETURNING id", flow.id))
            run.commit()
            flow.invalidate_recordset()
            self.assertGreater(flow.running_until, env.cr.now() + timedelta(seconds=20))

    def test_a_run_that_loses_its_lease_half_way_leaves_nothing_half_done(self):
        first, second = self.buy('LZT-TEE'), self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        Order = self.registry['lazada.order']
        original = Order._import

        def lose_the_lease(orders):
            result = original(orders)
            orders.env.execute_query(SQL(
                "UPDATE lazada_flow SET token = 'other' WHERE id = %s RETURNING id",
                orders.shop_id._get_flow('import_orders').id))
            return result

        with patch.object(Order, '_import', lose_the_lease):
            self.run_flow('import_orders', turns=1)
        self.assertFalse(self.get_sale(first) + self.get_sale(second))
        self.get_flow('import_orders').write({'running_until': False})
        self.run_flow('import_orders')
        self.assertEqual(len(self.get_sale(first) + self.get_sale(second)), 2)

    def test_waking_a_running_flow_makes_it_run_again(self):
        with self.committing() as env:
            flow = self.browse_flow(env)
            run = flow._take(10)
            flow._wake()
            run.commit()
            flow._release(run)
            self.assertLessEqual(flow.due_at, env.cr.now())


class TestFailures(FlowsCase):

    def test_a_failure_is_told_and_tried_again_later_and_later(self):
        self.fail_with(errors.LazadaTransportError("no answer", reason='timeout'), times=8)
        waits = []
        for _try in range(8):
            flow = self.run_flow('fetch_orders', turns=1)
            waits.append(self.minutes_until_due(flow))
        self.assertEqual(waits, [0, 1, 2, 5, 15, 30, 60, 60])
        self.assertEqual(flow.failure_count, 8)
        self.assertIn("could not be reached", flow.error_message)
        self.assertIn("could not be reached", self.shop.error_message)
        flow = self.run_flow('fetch_orders', turns=1)
        self.assertRecordValues(flow, [{'failure_count': 0, 'error_message': False}])
        self.assertEqual(self.minutes_until_due(flow), 60)

    def test_somebody_is_asked_once_when_it_keeps_failing_and_not_any_more_afterwards(self):
        self.fail_with(errors.LazadaTransportError("no answer", reason='timeout'), times=6)
        for count in (0, 0, 0, 1, 1, 1, 0):
            self.run_flow('fetch_orders', turns=1)
            self.assertEqual(len(self.shop.activity_ids), count)

    def test_lazada_says_how_long_to_wait(self):
        self.break_calls('/orders/get', kind='error', times=0, code='ApiCallLimit',
                         message="Api access frequency exceeds the limit. "
                                 "this ban will last 90 seconds")
        flow = self.run_flow('fetch_orders', turns=1)
        wait = (flow.due_at - self.env.cr.now()).total_seconds()
        self.assertGreaterEqual(wait, 90)
        self.assertLess(wait, 300)     # the test itself takes its time, too

    def test_a_function_switched_off_during_a_campaign_is_asked_for_every_quarter(self):
        self.break_calls('/orders/get', kind='error', times=0, code='998',
                         message="this API service is disabled")
        flow = self.run_flow('fetch_orders', turns=1)
        self.assertEqual(self.minutes_until_due(flow), 15)
        self.assertIn("switched this function off", flow.error_message)
        self.assertEqual(self.shop.account_id.state, 'connected')

    def test_an_unexpected_error_is_logged_and_recorded(self):
        self.fail_with(KeyError('surprise'))
        with self.assertLogs(FLOW_LOG, 'ERROR'):
            flow = self.run_flow('fetch_orders', turns=1)
        self.assertIn("KeyError: 'surprise'", flow.error_message)
        self.assertFalse(flow.running_until)

    def test_a_collision_in_the_database_is_done_again_and_nobody_notices(self):
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        Order = self.registry['lazada.order']
        original, left = Order._import, [2]

        def collide(orders):
            result = original(orders)
            if left[0]:
                left[0] -= 1
                raise psycopg2.errors.SerializationFailure
            return result

        with patch.object(Order, '_import', collide), \
                patch.object(flow_run.time, 'sleep', lambda seconds: None):
            flow = self.run_flow('import_orders')
        self.assertFalse(flow.error_message)
        self.assertEqual(len(self.get_sale(order_id)), 1)
        self.assertEqual(self.get_order(order_id).failure_count, 0)

    def test_a_collision_that_lasts_leaves_the_orders_to_do_without_blame(self):
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        with patch.object(self.registry['lazada.order'], '_import',
                          side_effect=psycopg2.errors.DeadlockDetected), \
                patch.object(flow_run.time, 'sleep', lambda seconds: None):
            flow = self.run_flow('import_orders', turns=1)
        self.assertRecordValues(self.get_order(order_id), [{
            'sync_state': 'todo', 'failure_count': 0, 'issue_code': False}])
        self.assertEqual(self.minutes_until_due(flow), 1)
        self.run_flow('import_orders')
        self.assertTrue(self.get_sale(order_id))

    def test_an_order_that_fails_does_not_stop_the_others_of_its_batch(self):
        good, bad = self.buy('LZT-TEE'), self.buy('LZT-MUG')
        self.run_flow('fetch_orders')
        Order = self.registry['lazada.order']
        original = Order._import

        def fail_on_mugs(orders):
            if self.mug in orders.item_ids.product_id or any(
                    item.seller_sku == 'LZT-MUG' for item in orders.item_ids):
                raise ZeroDivisionError
            return original(orders)

        with patch.object(Order, '_import', fail_on_mugs), \
                mute_logger('odoo.addons.lazada_connector.models.lazada_order_import'):
            flow = self.run_flow('import_orders', turns=1)
            self.assertTrue(self.get_sale(good))
            order = self.get_order(bad)
            self.assertRecordValues(order, [{'sync_state': 'todo', 'failure_count': 1}])
            self.assertFalse(flow.error_message)
            self.run_flow('import_orders', turns=1)
            self.run_flow('import_orders', turns=1)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'bug', 'failure_count': 3}])
        self.assertIn("ZeroDivisionError", order.issue_message)
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        self.assertEqual(order.sync_state, 'done')


class TestScheduledActions(FlowsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.connect_shop('sg')

    def run_cron(self, name):
        cron = self.env.ref(f'lazada_connector.cron_{name}')
        with self.enter_registry_test_mode():
            done = cron.method_direct_trigger()
        self.env.invalidate_all()
        return done

    def make_due(self, *shops, name='fetch_orders'):
        self.end_runs()
        for shop in shops:
            self.get_flow(name, shop).due_at = self.env.cr.now() - timedelta(minutes=1)
        self.env.flush_all()

    def test_the_failure_of_one_shop_does_not_stop_the_other(self):
        order_id = self.make_order_of_other()
        self.make_due(self.shop, self.other)
        self.break_calls('/orders/get', times=0, site='th', status=500)
        self.assertIs(self.run_cron('fetch_orders'), True)
        self.assertTrue(self.get_flow(shop=self.shop).error_message)
        self.assertFalse(self.get_flow(shop=self.other).error_message)
        self.assertTrue(self.get_order(order_id, self.other))

    def make_order_of_other(self):
        self.make_listing('LZT-TEE', shop=self.other, price='4.50')
        return self.buy('LZT-TEE', shop=self.other)

    def test_an_unexpected_error_never_leaves_the_action_and_is_not_repeated_at_once(self):
        """Odoo calls an action that raises after progress again at once, without a pause."""
        self.make_due(self.shop, self.other)
        calls = []

        def fail(flow, run):
            calls.append(flow)
            raise ZeroDivisionError

        with patch.object(self.Flow, '_run_fetch_orders', fail), mute_logger(FLOW_LOG):
            self.assertIs(self.run_cron('fetch_orders'), True)
        self.assertEqual(len(calls), 2)
        for shop in (self.shop, self.other):
            self.assertGreater(self.get_flow(shop=shop).due_at, self.env.cr.now())
        progress = self.env['ir.cron.progress'].search([
            ('cron_id', '=', self.env.ref('lazada_connector.cron_fetch_orders').id)],
            order='id desc', limit=1)
        self.assertFalse(progress.remaining)

    def test_only_what_is_due_and_runnable_is_served(self):
        self.make_due(self.shop, self.other)
        self.other.paused = True
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual({call['site'] for call in self.calls_since(mark)}, {'th'})
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual(self.calls_since(mark), [])

    def test_shops_of_accounts_that_are_not_connected_and_archived_ones_rest(self):
        for spoil in (
                lambda: self.shop.account_id.write({'state': 'expired'}),
                lambda: self.shop.write({'active': False}),
                lambda: self.shop.account_id.write({'active': False})):
            self.make_due(self.shop)
            self.shop.account_id.write({'state': 'connected', 'active': True})
            self.shop.active = True
            self.make_due(self.shop)
            spoil()
            mark = self.mark()
            self.run_cron('fetch_orders')
            self.assertEqual(self.calls_since(mark), [])

    def test_the_shop_that_waits_longest_comes_first(self):
        self.make_due(self.shop, self.other)
        self.get_flow(shop=self.other).due_at -= timedelta(hours=1)
        self.env.flush_all()
        mark = self.mark()
        self.run_cron('fetch_orders')
        sites = [call['site'] for call in self.calls_since(mark)
                 if call['path'] == '/orders/get']
        self.assertEqual(sites, ['sg', 'th'])

    def test_each_shop_reads_its_orders_at_its_own_pace(self):
        self.shop.order_sync_minutes = 15
        self.run_flow('fetch_orders')
        self.run_flow('fetch_orders', shop=self.other)
        for shop, minutes in ((self.shop, 15), (self.other, 60)):
            flow = self.get_flow(shop=shop)
            wait = flow.due_at - flow.last_success_at
            self.assertLessEqual(wait, timedelta(minutes=minutes))
            self.assertGreater(wait, timedelta(minutes=minutes - 5))
        self.other.order_sync_minutes = 5
        flow = self.get_flow(shop=self.other)
        self.assertLessEqual(flow.due_at - flow.last_success_at, timedelta(minutes=5))
        for minutes in (0, 4, 24 * 60 + 1):
            with self.assertRaises(ValidationError):
                self.shop.order_sync_minutes = minutes

    def test_a_new_shop_is_compared_with_lazada_at_night_not_at_once(self):
        """Comparing asks for each day of the last month."""
        flow = self.get_flow('reconcile')
        self.assertGreaterEqual(flow.due_at - flow.shop_id.create_date, timedelta(hours=1))
        for name in ('fetch_orders', 'catalogue'):
            self.assertLessEqual(
                self.get_flow(name).due_at - flow.shop_id.create_date, timedelta(minutes=1))

    def test_the_seconds_of_a_button_are_those_of_all_its_flows(self):
        served = []

        def serve(flow, seconds):
            served.append(seconds)
            time.sleep(0.2)
            return True

        with self.committing() as env, patch.object(self.Flow, '_serve', serve):
            flows = env['lazada.flow'].browse(
                (self.get_flow() + self.get_flow(shop=self.other)).ids)
            flows._run_in_place(10.0)
            self.assertLessEqual(served[0], 5)
            self.assertGreater(served[1], 5, "what the first one left")
            self.assertLess(served[1], 9.9)
            flows._run_in_place(0.1)
        self.assertLessEqual(len(served), 3, "there was no time for the second one")

    def test_fetching_wakes_the_import(self):
        self.end_runs()
        self.run_flow('fetch_orders')
        self.assert_woken('import_orders')

    def test_many_wake_ups_are_one_trigger(self):
        self.end_runs()
        for _each in range(5):
            (self.get_flow() + self.get_flow(shop=self.other))._wake()
        self.assert_woken()

    def test_a_trigger_deleted_meanwhile_does_not_break_the_transaction_that_wakes(self):
        cron = self.env.ref('lazada_connector.cron_fetch_orders')
        connection = db_connect(self.env.cr.dbname)
        with connection.cursor() as other, connection.cursor() as waking:
            other.execute(
                "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, '2000-01-01') "
                "RETURNING id", [cron.id])
            trigger_id = other.fetchone()[0]
            other.commit()
            waking.execute("SELECT 1")
            other.execute("DELETE FROM ir_cron_trigger WHERE id = %s", [trigger_id])
            other.commit()
            env = api.Environment(waking, SUPERUSER_ID, {})
            env['lazada.flow']._trigger('fetch_orders')
            # The deleted one is still seen by this transaction
            self.assertEqual(len(env['ir.cron.trigger'].search([
                ('cron_id', '=', cron.id), ('id', '!=', trigger_id)])), 1)
            waking.rollback()

    def test_a_wake_up_for_later_is_triggered_for_then_and_never_postpones(self):
        self.end_runs()
        flow, now = self.get_flow(), self.env.cr.now()
        flow._wake(now + timedelta(minutes=10))
        self.assertEqual(flow.due_at, now + timedelta(minutes=10))
        flow._wake(now + timedelta(minutes=30))
        self.assertEqual(flow.due_at, now + timedelta(minutes=10))
        trigger = self.env['ir.cron.trigger'].search([
            ('cron_id', '=', self.env.ref('lazada_connector.cron_fetch_orders').id)])
        self.assertEqual(len(trigger), 1)
        self.assertAlmostEqual(
            trigger.call_at, now + timedelta(minutes=10), delta=timedelta(seconds=2))

    def test_api_calls_are_logged_also_of_a_run_that_failed(self):
        self.break_calls('/orders/get', kind='error', times=0, code='998', message="disabled")
        before = self.env['lazada.call'].search_count([('shop_id', '=', self.shop.id)])
        self.run_flow('fetch_orders', turns=1)
        call = self.env['lazada.call'].search([('shop_id', '=', self.shop.id)], limit=1)
        self.assertGreater(
            self.env['lazada.call'].search_count([('shop_id', '=', self.shop.id)]), before)
        self.assertRecordValues(call, [{'path': '/orders/get', 'code': '998'}])

    def test_a_run_is_fenced_by_its_token(self):
        """The seam of all commits: without the token the update finds no row."""
        with self.committing() as env:
            flow = self.browse_flow(env)
            flow._take(10)
            with pytest.raises(LeaseLost):
                FlowRun(flow, 'forged', env.cr.now(), 10).commit()


class TestButtons(FlowsCase):

    def press(self, shops=None):
        with self.committing() as env:
            return env['lazada.shop'].browse((shops or self.shop).ids).action_sync_orders()

    def test_sync_orders_imports_at_once(self):
        order_id = self.buy('LZT-TEE')
        action = self.press()
        self.assertTrue(self.get_sale(order_id))
        self.assertEqual(action['tag'], 'display_notification')
        self.assertNotIn(None, action['params'].values())

    def test_a_busy_shop_is_no_error(self):
        with self.committing() as env, patch.object(const, 'BUTTON_SECONDS', 0.5):
            self.browse_flow(env)._take(10)
            action = env['lazada.shop'].browse(self.shop.id).action_sync_orders()
        self.assertIn("background", action['params']['message'])

    def test_what_a_scheduled_action_is_about_to_finish_is_waited_for(self):
        """Fetching wakes the import, and its action may take it before the button does."""
        order_id = self.buy('LZT-TEE')
        waited = []
        with self.committing() as env:
            flow = self.browse_flow(env, 'import_orders')
            run = flow._take(10)

            def sleep(seconds):
                waited.append(seconds)
                flow._release(run)

            with patch.object(time, 'sleep', sleep):
                env['lazada.shop'].browse(self.shop.id).action_sync_orders()
        self.assertTrue(waited)
        self.assertTrue(self.get_sale(order_id))

    def test_a_failure_is_told_in_the_notification(self):
        self.break_calls('/orders/get', times=0, status=500)
        action = self.press()
        self.assertEqual(action['params']['type'], 'warning')
        self.assertIn("could not be reached", action['params']['message'])
