"""F90 to F96 (F94 needs real processes): push messages that are forged, repeated, late, foreign or
hostile, or that stop.

Each goes to the real address over HTTP; afterwards the orders are what Lazada says they are.
"""
import json
import time
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import sign_push

from .faults_case import FETCH, ITEMS, FaultsCase


class TestPushFaults(FaultsCase, HttpCase):

    def setUp(self):
        super().setUp()
        self.sync()
        self.end_runs()
        self.account = self.shop.account_id
        self.env.flush_all()

    def write_message(self, order_id='1', **members):
        """The body of a message about an order, as Lazada writes it."""
        return json.dumps({
            'seller_id': self.shop.external_id, 'message_type': 0, 'site': 'lazada_th',
            'timestamp': int(time.time()), 'data': {'trade_order_id': order_id}, **members,
        }).encode()

    def send(self, body, signature=None, **headers):
        """Return the status of the answer."""
        signature = signature or sign_push(self.account.app_key, self.account.app_secret, body)
        with mute_logger('odoo.http'):
            answer = self.url_open(
                f'/lazada/webhook/{self.account.webhook_token}', data=body,
                headers={'Content-Type': 'application/json', 'Authorization': signature, **headers})
        return answer.status_code

    def count_messages(self):
        return self.env['lazada.event'].search_count([])

    def pull(self):
        """Run the scheduled action, as the message asked for; return the paths it called."""
        mark = self.mark()
        with patch.object(const, 'PUSH_SETTLE_SECONDS', 0), self.committing() as env:
            env['lazada.flow']._cron_run('fetch_orders')
            env['lazada.flow']._cron_run('import_orders')
        self.env.invalidate_all()
        return self.paths_since(mark)

    def test_f90_what_is_not_signed_by_lazada_is_refused_and_nothing_kept(self):
        body = self.write_message(self.buy('LZT-TEE'))
        key, secret = self.account.app_key, self.account.app_secret
        right = sign_push(key, secret, body)
        for signature in ('-', right[:32], '0' * 64, sign_push('999', secret, body),
                          sign_push(key, 'guess', body)):
            self.assertEqual(self.send(body, signature), 403)
        anew = json.dumps(json.loads(body), separators=(',', ':')).encode()
        self.assertEqual(self.send(anew, right), 403)
        self.assertEqual(self.count_messages(), 0)
        self.assertEqual(self.pull(), [])

    def test_f91_a_thousand_replays_are_one_fetch(self):
        order_id = self.buy('LZT-TEE')
        body = self.write_message(order_id)
        self.assertEqual({self.send(body) for _times in range(20)}, {200})
        for _times in range(1000):
            self.env['lazada.event']._receive(self.account, body)
        self.assertEqual(self.pull(), [FETCH, ITEMS])
        self.assertEqual(self.send(body), 200)
        self.assertEqual(self.pull(), [])
        self.assertEqual(self.get_sale(order_id).state, 'sale')

    def test_f92_late_and_out_of_order_what_the_platform_says_counts(self):
        order_id = self.buy('LZT-TEE')
        self.move(order_id, 'canceled')
        hours_ago = int(time.time()) - 6 * 3600
        for timestamp, status in (
                (hours_ago * 1000, 'canceled'), (hours_ago, 'pending'), (hours_ago + 60, 'unpaid')):
            self.assertEqual(200, self.send(self.write_message(timestamp=timestamp, data={
                'trade_order_id': order_id, 'order_status': status})))
        self.assertIn(FETCH, self.pull())
        self.assertEqual(self.get_order(order_id).status, 'cancelled')
        self.assertFalse(self.get_sale(order_id))

    def test_f93_messages_for_others_of_other_kinds_and_probes_are_answered(self):
        for body in (
                self.write_message(seller_id='9999'), self.write_message(message_type=99),
                self.write_message(message_type='tea'), b'{}', b'[]', b'verify'):
            self.assertEqual(self.send(body), 200)
        self.assertEqual(self.pull(), [])

    def test_f95_hostile_bodies_do_no_harm(self):
        with patch.object(type(self.env['lazada.event']), '_receive') as receive:
            self.assertEqual(self.send(b'x' * 10 * 1024 * 1024), 413)
        receive.assert_not_called()
        self.assertEqual(self.send(b'[' * 60_000), 200)
        body = self.write_message(self.buy('LZT-TEE'))
        self.assertEqual(
            self.send(body, **{'Content-Type': 'application/x-www-form-urlencoded'}), 403)
        self.assertEqual(self.send(body[:-1] + b', "message_type": 0}'), 200)
        self.assertEqual(self.pull(), [FETCH, ITEMS])

    def test_f96_messages_that_stop_are_noticed_and_pulls_become_frequent(self):
        orders = [self.buy('LZT-TEE') for _number in range(3)]
        self.sync()
        flow = self.get_flow()
        for order_id in orders:
            self.get_order(order_id).ordered_at = self.env.cr.now() - timedelta(minutes=30)
        flow.last_push_at = self.env.cr.now() - timedelta(hours=3)
        self.env.flush_all()
        self.run_flow('fetch_orders')
        self.env.invalidate_all()
        self.assertTrue(self.shop.push_missing)
        self.assertLess(flow.due_at - self.env.cr.now(), timedelta(minutes=16))
        self.assertTrue(self.shop.activity_ids.filtered(
            lambda activity: 'push' in activity.summary))
