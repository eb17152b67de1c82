"""The address for push messages: what it accepts, keeps and answers."""
import json
from pathlib import Path
from unittest.mock import patch

import psycopg2.errors

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.lazada_connector.lazada_api import sign_push

FIXTURES = Path(__file__).resolve().parents[1] / 'fixtures' / 'lazada'
APP_KEY, APP_SECRET = '123456', 'secret_abc123'


@tagged('post_install', '-at_install')
class TestWebhook(HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account("App")
        cls.shop = cls._create_shop(cls.account, 'vn', '1234567')

    @classmethod
    def _create_account(cls, name, **values):
        return cls.env['lazada.account'].create({
            'name': name, 'app_key': APP_KEY, 'app_secret': APP_SECRET, 'state': 'connected',
            **values})

    @classmethod
    def _create_shop(cls, account, site, seller_id):
        return cls.env['lazada.shop'].create({
            'name': f"Shop {site}", 'account_id': account.id, 'site': site,
            'external_id': seller_id})

    def setUp(self):
        super().setUp()
        self.env['ir.cron.trigger'].search([]).unlink()

    def post(self, body, signature=None, token=None, **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if signature is None:
            signature = sign_push(APP_KEY, APP_SECRET, body)
        token = token or self.account.webhook_token
        return self.url_open(f'/lazada/webhook/{token}', data=body, headers={
            'Content-Type': 'application/json', 'Authorization': signature, **headers})

    def load(self, name='webhook.0.trade-order'):
        return json.loads((FIXTURES / f'{name}.json').read_text())

    def message(self, data=None, **members):
        message = self.load()
        message['data'].update(data or {})
        return {**message, **members}

    def events(self):
        return self.env['lazada.event'].search([])

    def triggers(self, name='fetch_orders'):
        cron = self.env.ref(f'lazada_connector.cron_{name}')
        return self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)])

    # === ACCEPTED === #

    def test_a_message_is_kept_and_wakes_the_pull(self):
        answer = self.post(self.message())
        self.assertEqual((answer.status_code, answer.text), (200, 'ok'))
        self.assertNotIn('Set-Cookie', answer.headers)
        self.assertRecordValues(self.events(), [{
            'shop_id': self.shop.id, 'company_id': self.shop.company_id.id, 'state': 'todo',
            'message_type': '0', 'subject': "Order", 'flow_name': 'fetch_orders',
            'order_external_id': '260422900198363', 'raw_status': 'unpaid',
            'account_id': self.account.id, 'seller_external_id': '1234567'}])
        self.assertEqual(self.triggers(), 1)

    def test_the_published_vector_is_accepted(self):
        body = (
            b'{"seller_id":"1234567","message_type":0,"data":{"order_status":"unpaid",'
            b'"trade_order_id":"260422900198363","trade_order_line_id":"260422900298363",'
            b'"status_update_time":1603698638},"timestamp":1603766859530,"site":"lazada_vn"}')
        answer = self.post(
            body, '0e2f30571cb29dff4caad62a798c995db8387433d78f18963e189eb00c7aa9ed')
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(len(self.events()), 1)

    def test_a_replay_is_kept_once_and_wakes_nobody(self):
        self.post(self.message())
        self.env['ir.cron.trigger'].search([]).unlink()
        for _again in range(3):
            self.assertEqual(self.post(self.message()).status_code, 200)
        self.assertEqual(len(self.events()), 1)
        self.assertEqual(self.triggers(), 0)

    def test_many_messages_make_one_trigger(self):
        for number in range(4):
            self.post(self.message({'trade_order_id': number + 1}))
        self.assertEqual(len(self.events()), 4)
        self.assertEqual(self.triggers(), 1)

    def test_late_and_reordered_messages_are_hints_like_others(self):
        for timestamp in (1603766859530, 1603745259, 1603766859):
            self.assertEqual(self.post(self.message(timestamp=timestamp)).status_code, 200)
        self.assertEqual(self.events().mapped('state'), ['todo'] * 3)

    def test_each_kind_asks_for_its_flow(self):
        flows = {
            'webhook.0.reverse': 'fetch_orders', 'webhook.10.reverse-order': 'fetch_orders',
            'webhook.14.package-status': 'fetch_orders', 'webhook.4.product-edited': 'catalogue',
            'webhook.13.seller-status': 'health'}
        for name, flow_name in flows.items():
            with self.subTest(name):
                body = {**self.load(name), 'seller_id': 1234567, 'site': 'LAZADA-VN'}
                self.assertEqual(self.post(body).status_code, 200)
                event = self.events()[:1]
                self.assertRecordValues(event, [{
                    'shop_id': self.shop.id, 'flow_name': flow_name, 'state': 'todo'}])
                self.assertGreaterEqual(self.triggers(flow_name), 1)

    def test_the_seller_inside_counts_when_the_envelope_names_nobody(self):
        self.post(self.message(
            {'seller_id': 1234567, 'auth_expiry_time': 1603698638}, seller_id='null',
            message_type=8))
        self.assertRecordValues(self.events(), [{
            'shop_id': self.shop.id, 'flow_name': 'health', 'state': 'todo'}])

    def test_one_address_serves_all_sellers_of_the_app(self):
        other = self._create_shop(self._create_account("Second Login"), 'sg', '77')
        self.post(self.message(seller_id=77, site='lazada_sg'))
        self.assertEqual(self.events().shop_id, other)

    def test_the_seller_of_another_site_or_app_is_not_ours(self):
        foreign = self._create_account("Foreign", app_key='999')
        self._create_shop(foreign, 'my', '88')
        self.post(self.message(site='lazada_my'))
        self.post(self.message(seller_id='88', site='lazada_my'))
        self.assertFalse(self.events().shop_id)

    # === OF NO USE, AND STILL 200 === #

    def test_unknown_seller_type_and_probe_are_answered_and_ask_for_nothing(self):
        for body in (
            self.message(seller_id='9999'), self.message(message_type=99),
            self.message(message_type='tea'), self.message(message_type=2), b'{}', b'[]', b'verify',
            b'[' * 60_000,
        ):
            with self.subTest(body=body[:40] if isinstance(body, bytes) else body):
                self.assertEqual(self.post(body).status_code, 200)
        self.assertEqual(set(self.events().mapped('state')), {'ignored'})
        self.assertEqual(self.triggers(), 0)

    def test_duplicate_keys_do_no_harm(self):
        body = json.dumps(self.message()).encode()
        self.assertEqual(self.post(body[:-1] + b', "seller_id": "1234567"}').status_code, 200)
        self.assertEqual(self.events().shop_id, self.shop)

    # === REFUSED === #

    def test_a_wrong_signature_is_refused_and_nothing_kept(self):
        body = json.dumps(self.message()).encode()
        right = sign_push(APP_KEY, APP_SECRET, body)
        signatures = {
            'missing': '', 'short': right[:32], 'upper': right.upper(), 'other': '0' * 64,
            'other app': sign_push('999', APP_SECRET, body),
            'other secret': sign_push(APP_KEY, 'guess', body),
            'body alone': sign_push('', APP_SECRET, body), 'not ascii': 'ü' * 64}
        with mute_logger('odoo.http'):
            for name, signature in signatures.items():
                with self.subTest(name):
                    self.assertEqual(
                        self.post(body, signature.encode()).status_code, 403)
        self.assertFalse(self.events())
        self.assertEqual(self.triggers(), 0)

    def test_a_body_written_anew_is_refused(self):
        body = json.dumps(self.message()).encode()
        signature = sign_push(APP_KEY, APP_SECRET, body)
        anew = json.dumps(self.message(), separators=(',', ':')).encode()
        self.assertEqual(self.post(anew, signature).status_code, 403)
        self.assertFalse(self.events())

    def test_an_unknown_address_is_refused(self):
        self.assertEqual(self.post(self.message(), token='guess').status_code, 403)
        self.account.active = False
        self.assertEqual(self.post(self.message()).status_code, 403)
        self.assertFalse(self.events())

    def test_a_huge_body_is_refused_unread(self):
        with patch.object(type(self.env['lazada.event']), '_receive') as receive:
            self.assertEqual(self.post(b'x' * (64 * 1024 + 1)).status_code, 413)
            self.assertEqual(self.post(b'x' * 64 * 1024).status_code, 200)
        receive.assert_called_once()

    def test_a_form_is_refused(self):
        answer = self.post(
            self.message(), **{'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self.events())

    def test_only_post(self):
        answer = self.url_open(f'/lazada/webhook/{self.account.webhook_token}')
        self.assertEqual(answer.status_code, 405)

    # === A BUSY DATABASE === #

    def test_a_collision_is_tried_again_at_once(self):
        flows = type(self.env['lazada.flow'])
        original, tries = flows._trigger, []

        def collide(records, name):
            tries.append(name)
            if len(tries) == 1:
                raise psycopg2.errors.SerializationFailure()
            return original(records, name)

        with patch.object(flows, '_trigger', collide):
            self.assertEqual(self.post(self.message()).status_code, 200)
        self.assertEqual(len(tries), 2)
        self.assertEqual(len(self.events()), 1)

    def test_a_lock_is_not_waited_for(self):
        with patch.object(
                type(self.env['lazada.event']), '_insert',
                side_effect=psycopg2.errors.LockNotAvailable):
            self.assertEqual(self.post(self.message()).status_code, 503)
        self.assertFalse(self.events())

    # === WHO SEES IT === #

    def test_the_address_is_shown_to_administrators_only(self):
        url = self.account.webhook_url
        self.assertTrue(url.endswith(f'/lazada/webhook/{self.account.webhook_token}'))
        manager = new_test_user(self.env, 'push', groups='lazada_connector.group_manager')
        self.assertNotIn('webhook_url', self.account.with_user(manager).fields_get())

    def test_messages_are_removed_after_some_days(self):
        self.post(self.message())
        event = self.events()
        self.env['lazada.event']._gc_events()
        self.assertTrue(event.exists())
        self.env['ir.config_parameter'].set_param('lazada_connector.event_days', '0')
        event.received_at = '2026-01-01 00:00:00'
        self.env['lazada.event']._gc_events()
        self.assertFalse(event.exists())
