"""Push messages are hints: what they named is pulled, at the price of a few calls."""
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import orders as api_orders
from odoo.addons.lazada_connector.models.flow_run import FlowRun

from .orders_case import OrdersCase


class EventsCase(OrdersCase):

    def setUp(self):
        super().setUp()
        self.run_flow('catalogue')
        self.numbers = iter(range(1_600_000_000, 1_700_000_000))

    def push(self, order_id=None, message_type=0, shop=None, **data):
        """Let a message about an order arrive, as the webhook keeps it."""
        shop = shop or self.shop
        if order_id:
            data['trade_order_id'] = order_id
        body = json.dumps({
            'seller_id': shop.external_id, 'message_type': message_type, 'data': data,
            'timestamp': next(self.numbers), 'site': f'lazada_{shop.site}'}).encode()
        events = self.env['lazada.event']
        events._receive(shop.account_id, body)
        return events.search([], limit=1)

    def forget_reading(self, order_id):
        """Put the last reading of the units into the past: one transaction has one time."""
        order = self.get_order(order_id)
        order.items_read_at -= timedelta(hours=1)
        order.flush_recordset()
        return order

    def run_cron(self, name):
        with patch.object(const, 'PUSH_SETTLE_SECONDS', 0), self.committing() as env:
            env['lazada.flow']._cron_run(name)
        self.env.invalidate_all()


class TestPushedOrders(EventsCase):

    def test_a_message_brings_its_order_within_one_run(self):
        self.sync()
        self.end_runs()
        order_id = self.buy('LZT-TEE')
        event = self.push(order_id)
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual(self.paths_since(mark), ['/orders/get', '/orders/items/get'])
        self.assertEqual(event.state, 'done')
        self.run_cron('import_orders')
        self.assertEqual(self.get_sale(order_id).state, 'sale')

    def test_a_thousand_replays_are_one_fetch(self):
        self.sync()
        self.end_runs()
        order_id = self.buy('LZT-TEE')
        body = json.dumps({
            'seller_id': self.shop.external_id, 'message_type': 0, 'site': 'lazada_th',
            'data': {'trade_order_id': order_id}, 'timestamp': 1}).encode()
        mark = self.mark()
        for _times in range(1000):
            self.env['lazada.event']._receive(self.shop.account_id, body)
        self.run_cron('fetch_orders')
        for _times in range(3):
            self.env['lazada.event']._receive(self.shop.account_id, body)
            self.run_cron('fetch_orders')
        self.assertEqual(self.paths_since(mark), ['/orders/get', '/orders/items/get'])

    def test_messages_about_many_orders_cost_a_few_calls(self):
        orders = [self.buy('LZT-TEE') for _number in range(60)]
        self.sync()
        self.end_runs()
        for order_id in orders:
            self.forget_reading(order_id)
            self.push(order_id)
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual(
            self.paths_since(mark), ['/orders/get', '/orders/items/get', '/orders/items/get'])
        self.assertEqual(set(self.env['lazada.event'].search([]).mapped('state')), {'done'})

    def test_an_order_outside_the_window_is_read_by_its_number(self):
        order_id = self.buy('LZT-TEE')
        self.set_cursor(hours=-1)
        self.end_runs()
        event = self.push(order_id)
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual(
            self.paths_since(mark), ['/orders/get', '/order/get', '/orders/items/get'])
        self.assertEqual(self.get_order(order_id).sync_state, 'todo')
        self.assertEqual(event.state, 'done')

    def test_slow_answers_take_several_turns_and_lose_nothing(self):
        orders = [self.buy('LZT-TEE') for _number in range(3)]
        self.set_cursor(hours=-1)
        self.end_runs()
        for order_id in orders:
            self.push(order_id)
        read, get = [], api_orders.Orders.get

        def slow(client, order_id):
            read.append(order_id)
            return get(client, order_id)

        events = self.env['lazada.event'].search([], order='id')
        with patch.object(api_orders.Orders, 'get', slow):
            with patch.object(FlowRun, 'out_of_time', property(lambda run: len(read) >= 2)):
                self.run_cron('fetch_orders')
            self.assertEqual(len(read), 2)
            self.assertEqual(sorted(events.mapped('state')), ['done', 'done', 'todo'])
            self.run_flow('fetch_orders')
            self.env.invalidate_all()
        self.assertEqual(sorted(read), sorted(orders), "each once")
        self.assertEqual(set(events.mapped('state')), {'done'})
        for order_id in orders:
            self.assertTrue(self.get_order(order_id))

    def test_units_that_changed_without_their_header_are_read(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.end_runs()
        order = self.forget_reading(order_id)
        item_id = order.item_ids.external_id
        self.sandbox.post(
            f'orders/{self.site}/{self.shop.external_id}/{order_id}/override',
            {'items': {item_id: {'status': 'shipped'}}})
        self.push(order_id, 14, status='shipped')
        self.run_cron('fetch_orders')
        self.assertEqual(order.status, 'shipped')

    def test_an_order_lazada_does_not_know_is_looked_for_once_more(self):
        self.sync()
        self.end_runs()
        event = self.push('123456789')
        self.run_cron('fetch_orders')
        self.assertEqual(event.state, 'done')
        self.assertFalse(self.get_order('123456789'))
        flow = self.get_flow()
        self.assertFalse(flow.error_message)
        self.assertLess(flow.due_at, fields.Datetime.now() + timedelta(minutes=2))
        self.run_flow('fetch_orders')
        self.assertGreater(flow.due_at, fields.Datetime.now() + timedelta(minutes=50))

    def test_what_does_not_fit_into_a_turn_waits_for_the_next(self):
        orders = [self.buy('LZT-TEE') for _number in range(3)]
        self.sync()
        self.end_runs()
        for order_id in orders:
            self.forget_reading(order_id)
            self.push(order_id)
        with patch.object(const, 'ITEMS_PER_CALL', 1), \
                patch.object(const, 'TURN_SECONDS', 0):
            self.run_cron('fetch_orders')
        events = self.env['lazada.event'].search([])
        self.assertEqual(set(events.mapped('state')), {'todo'})
        self.assertEqual(self._count_triggers('fetch_orders'), 1)
        self.run_cron('fetch_orders')
        self.assertEqual(set(events.mapped('state')), {'done'})

    def test_a_message_during_the_run_stays_for_the_next(self):
        self.sync()
        self.end_runs()
        order_id = self.buy('LZT-TEE')
        early = self.push(order_id)
        late = self.push(order_id)
        late.received_at += timedelta(seconds=30)
        late.flush_recordset()
        self.run_cron('fetch_orders')
        self.assertEqual((early.state, late.state), ('done', 'todo'))

    def test_a_failing_flow_keeps_its_own_pace(self):
        self.sync()
        self.end_runs()
        self.push(self.buy('LZT-TEE'))
        self.get_flow().failure_count = 1
        mark = self.mark()
        self.run_cron('fetch_orders')
        self.assertEqual(self.paths_since(mark), [])

    def test_a_flow_at_work_is_not_waited_for(self):
        """The row of a flow is locked by whoever runs it; messages and the action pass by."""
        self.end_runs()
        event = self.push(self.buy('LZT-TEE'))
        flow = self.get_flow()
        flow.running_until = self.env.cr.now() + timedelta(seconds=const.LEASE_SECONDS)
        flow.flush_recordset()
        self.run_cron('fetch_orders')
        self.assertEqual(event.state, 'todo')
        self.assertLess(flow.due_at, flow.running_until)

    def test_fresh_messages_are_given_a_moment_to_settle(self):
        event = self.push(self.buy('LZT-TEE'))
        event.received_at = fields.Datetime.now() + timedelta(seconds=5)
        event.flush_recordset()
        with patch('odoo.addons.lazada_connector.models.lazada_flow_push.time.sleep') as sleep, \
                self.committing() as env:
            env['lazada.flow']._let_messages_settle('fetch_orders')
            env['lazada.flow']._let_messages_settle('catalogue')
        sleep.assert_called_once_with(1.0)

    def test_messages_that_never_end_hold_nothing_up(self):
        oldest, youngest = self.push(self.buy('LZT-TEE')), self.push(self.buy('LZT-TEE'))
        oldest.received_at = fields.Datetime.now() - timedelta(seconds=2)
        youngest.received_at = fields.Datetime.now() + timedelta(seconds=5)
        self.env.flush_all()
        with patch('odoo.addons.lazada_connector.models.lazada_flow_push.time.sleep') as sleep, \
                self.committing() as env:
            env['lazada.flow']._let_messages_settle('fetch_orders')
        sleep.assert_not_called()

    def test_a_reverse_message_wakes_returns_too(self):
        self.sync()
        self.end_runs()
        self.push(self.buy('LZT-TEE'), 10, reverse_status='RTM_INIT')
        with patch.object(
                type(self.env['lazada.shop']), '_get_flow', autospec=True,
                side_effect=type(self.env['lazada.shop'])._get_flow) as get_flow:
            self.run_cron('fetch_orders')
        self.assertIn('returns', [call.args[1] for call in get_flow.call_args_list])


class TestOtherMessages(EventsCase):

    def setUp(self):
        super().setUp()
        state = self.sandbox.get('state')
        login = next(
            account['login'] for account in state['accounts']
            if self.shop.external_id in account['seller_ids'])
        token = self.sandbox.post(
            'tokens', {'app_key': self.shop.account_id.app_key, 'account': login})
        self.shop.account_id.write({
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})

    def test_a_product_message_pulls_the_catalogue(self):
        self.end_runs()
        self.make_listing('LZT-NEW')
        self.push(None, 3, action='PUBLISHED')
        self.run_cron('catalogue')
        self.assertTrue(self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=', 'LZT-NEW')]))
        self.assertEqual(self.env['lazada.event'].search([], limit=1).state, 'done')

    def test_an_ending_authorisation_is_renewed(self):
        account = self.shop.account_id
        before = account.access_token
        self.push(None, 8, auth_expiry_time=1)
        self.run_flow('health')
        account.invalidate_recordset()
        self.assertNotEqual(account.access_token, before)
        self.assertFalse(account.activity_ids)
        self.assertEqual(self.env['lazada.event'].search([], limit=1).state, 'done')

    def test_what_cannot_be_renewed_asks_a_person_once(self):
        account = self.shop.account_id
        account.refresh_token = 'refused'
        for _twice in range(2):
            self.push(None, 8, auth_expiry_time=1_900_000_000)
            self.run_flow('health')
        self.assertEqual(len(account.activity_ids), 1)
        self.assertIn('2030-03-17', account.activity_ids.note)

    def test_a_token_renewed_since_is_left_alone(self):
        account = self.shop.account_id
        account.access_expires_at = self.env.cr.now() + timedelta(days=20)
        before = account.access_token
        self.push(None, 8, auth_expiry_time=1_600_000_000)
        self.run_flow('health')
        self.assertEqual(account.access_token, before)

    def test_a_closed_shop_says_so_until_it_opens(self):
        self.push(None, 13, status='close')
        self.run_flow('health')
        self.shop.invalidate_recordset()
        self.assertRecordValues(
            self.shop, [{'remote_status': 'close', 'is_closed_on_lazada': True}])
        self.push(None, 13, status='normal')
        self.run_flow('health')
        self.shop.invalidate_recordset()
        self.assertRecordValues(
            self.shop, [{'remote_status': 'normal', 'is_closed_on_lazada': False}])

    def test_a_shop_without_such_a_message_is_not_asked_about(self):
        mark = self.mark()
        self.run_flow('health')
        self.assertEqual(self.paths_since(mark), [])


class TestMissingPushes(EventsCase):

    def setUp(self):
        super().setUp()
        self.flow = self.get_flow()

    def backdate(self, order_ids, **ago):
        """Pretend that these orders were placed some time ago."""
        for order_id in order_ids:
            self.get_order(order_id).ordered_at = self.env.cr.now() - timedelta(**ago)
        self.env.flush_all()

    def pull(self, last_push, count=3):
        """Let orders come in by pulls alone, the last message having come `last_push` ago."""
        orders = [self.buy('LZT-TEE') for _number in range(count)]
        self.sync()
        self.backdate(orders, minutes=30)
        self.flow.last_push_at = self.env.cr.now() - last_push
        self.flow.flush_recordset()
        self.run_flow('fetch_orders')
        self.shop.invalidate_recordset()

    def activities(self):
        return self.shop.activity_ids.filtered(
            lambda activity: 'push' in activity.summary)

    def test_pushes_that_stopped_are_noticed_once_and_pulls_become_frequent(self):
        self.pull(timedelta(hours=3))
        self.run_flow('fetch_orders')
        self.assertTrue(self.shop.push_missing)
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(self.activities().user_id, self.shop._get_responsible())
        minutes = (self.flow.due_at - self.env.cr.now()).total_seconds() / 60
        self.assertAlmostEqual(minutes, 15, delta=1)

    def test_the_note_goes_when_messages_come_again(self):
        self.pull(timedelta(hours=3))
        self.push(self.buy('LZT-TEE'))
        self.run_flow('fetch_orders')
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.push_missing)
        self.assertFalse(self.activities())
        minutes = (self.flow.due_at - self.env.cr.now()).total_seconds() / 60
        self.assertAlmostEqual(minutes, 60, delta=1)

    def test_one_order_without_a_message_is_no_alarm(self):
        self.pull(timedelta(hours=3), count=1)
        self.assertFalse(self.shop.push_missing)

    def test_a_quiet_night_is_no_alarm(self):
        self.pull(timedelta(hours=3), count=0)
        self.assertFalse(self.shop.push_missing)

    def test_a_shop_that_never_had_pushes_is_no_alarm(self):
        orders = [self.buy('LZT-TEE') for _number in range(3)]
        self.sync()
        self.backdate(orders, minutes=30)
        self.run_flow('fetch_orders')
        self.assertFalse(self.shop.push_missing)

    def test_pushes_switched_off_long_ago_are_forgotten(self):
        self.pull(timedelta(days=40))
        self.assertFalse(self.shop.push_missing)
        self.assertFalse(self.shop.last_push_at)
