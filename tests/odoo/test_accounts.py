"""Accounts: consent, tokens that renew themselves, and shops that exist once."""
import logging
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import psycopg2
import requests

from odoo import fields
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.lazada_connector.models import lazada_account

from .common import LazadaCase
from .orders_case import OrdersCase

REFRESH = '/auth/token/refresh'


class Accounts:
    """What the cases below share."""

    def state(self):
        return self.sandbox.get('state')

    def get_login(self, country):
        return next(each for each in self.state()['accounts'] if each['country'] == country)

    def make_account(self, **values):
        app = self.state()['apps'][0]
        return self.env['lazada.account'].create({
            'name': "New", 'environment': 'sandbox', 'sandbox_url': self.sandbox.url,
            'app_key': app['app_key'], 'app_secret': app['app_secret'], **values})

    def revoke(self, token):
        """The seller withdraws the authorisation on Lazada."""
        self.sandbox._send('DELETE', 'tokens', {'token': token})

    def count_refreshes(self, mark):
        return self.paths_since(mark).count(REFRESH)


class TestConsent(Accounts, LazadaCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the seller is free to be connected by the consent page
        account = cls.shop.account_id
        cls.shop.unlink()
        account.unlink()

    def setUp(self):
        super().setUp()
        self.authenticate('admin', 'admin')
        self.admin = self.env.ref('base.user_admin')

    def ask(self, account, user=None):
        """Press the button; return where Lazada would send the browser back to, with a code."""
        action = account.with_user(user or self.admin).action_authorize()
        return action['url']

    def consent(self, url, login, country=''):
        page, _, query = url.partition('?')
        answer = requests.post(page, timeout=10, allow_redirects=False, data={
            **dict(parse_qsl(query)), 'account': login['login'], 'country': country})
        self.assertEqual(answer.status_code, 302, answer.text)
        return answer.headers['Location']

    def come_back(self, location):
        parts = urlsplit(location)
        self.env.flush_all()
        answer = self.url_open(f'{parts.path}?{parts.query}', allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def connect(self, account, country, choice=''):
        return self.come_back(
            self.consent(self.ask(account), self.get_login(country), choice))

    # === THE WAY THERE AND BACK === #

    def test_the_consent_page_leads_back_to_the_shop(self):
        account = self.make_account(site='th')
        answer = self.connect(account, 'th')
        shop = account.shop_ids
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers['Location'].endswith(f'/odoo/lazada-shops/{shop.id}'))
        self.assertRecordValues(account, [{'state': 'connected', 'error_message': False}])
        self.assertRecordValues(shop, [{
            'site': 'th', 'external_id': self.get_login('th')['seller_ids'][0],
            'company_id': self.env.company.id}])
        self.assertEqual(shop.currency_id.name, 'THB')
        self.assertTrue(shop.team_id and shop.warehouse_id and shop.last_order_sync)
        self.assertGreater(account.access_expires_at, self.env.cr.now() + timedelta(days=6))
        self.assertGreater(account.refresh_expires_at, self.env.cr.now() + timedelta(days=29))
        self.run_flow('fetch_orders', shop)
        self.assertTrue(shop.order_count, "the seeded orders were read")

    def test_all_forms_of_the_country_list_make_the_same_shops(self):
        for form in ('list', 'dict', 'list_name'):
            with self.subTest(form=form):
                self.sandbox.post('behaviour', {'country_user_info': form})
                account = self.make_account(name=form, site='cb')
                self.connect(account, 'cb')
                self.assertEqual(
                    set(account.shop_ids.mapped('external_id')),
                    set(self.get_login('cb')['seller_ids']))
                self.assertEqual(set(account.shop_ids.mapped('site')), {'sg', 'my', 'ph'})
                self.assertTrue(all(account.shop_ids.mapped('short_code')))
                account.shop_ids.unlink()

    def test_a_consent_that_was_refused_says_so(self):
        account = self.make_account()
        query = dict(parse_qsl(urlsplit(self.ask(account)).query))
        answer = self.come_back('/lazada/oauth/callback?' + urlencode({'state': query['state']}))
        self.assertTrue(answer.headers['Location'].endswith(f'/odoo/lazada-accounts/{account.id}'))
        self.assertIn("did not grant", account.error_message)
        self.assertEqual(account.state, 'draft')

    def test_a_code_that_lazada_does_not_accept_changes_nothing(self):
        account = self.make_account()
        query = dict(parse_qsl(urlsplit(self.ask(account)).query))
        self.come_back('/lazada/oauth/callback?' + urlencode(
            {'state': query['state'], 'code': 'made-up'}))
        self.assertEqual(account.state, 'draft')
        self.assertTrue(account.error_message)
        self.assertFalse(account.access_token)

    def test_a_collision_in_the_database_does_not_use_the_code_twice(self):
        account = self.make_account(site='th')
        shops = type(self.env['lazada.shop'])
        connect, collisions = shops._connect_granted, [ConcurrencyError("busy")]

        def collide_once(shop, *args):
            if collisions:
                raise collisions.pop()
            return connect(shop, *args)

        with patch.object(shops, '_connect_granted', collide_once):
            self.connect(account, 'th')
        self.assertFalse(collisions)
        self.assertRecordValues(account, [{'state': 'connected', 'error_message': False}])
        self.assertEqual(len(account.shop_ids), 1)

    # === THE STATE === #

    def refuse(self, location):
        answer = self.come_back(location)
        self.assertEqual(answer.status_code, 403)

    def test_a_state_works_once(self):
        account = self.make_account()
        location = self.consent(self.ask(account), self.get_login('th'))
        self.come_back(location)
        token = account.access_token
        again = dict(parse_qsl(urlsplit(location).query))
        self.refuse('/lazada/oauth/callback?' + urlencode({**again, 'code': 'other'}))
        self.assertEqual(account.access_token, token)

    def test_a_newer_state_ends_an_older_one(self):
        account = self.make_account()
        older = self.consent(self.ask(account), self.get_login('th'))
        self.ask(account)
        self.refuse(older)
        self.assertEqual(account.state, 'draft')

    def test_a_state_of_somebody_else_is_refused(self):
        account = self.make_account()
        other = new_test_user(
            self.env, 'manager', groups='base.group_user,lazada_connector.group_manager')
        location = self.consent(self.ask(account, other), self.get_login('th'))
        self.refuse(location)
        self.assertEqual(account.state, 'draft')

    def test_a_state_ends_after_some_minutes(self):
        account = self.make_account()
        with patch.object(lazada_account, 'OAUTH_MINUTES', -1):
            url = self.ask(account)
        self.refuse(self.consent(url, self.get_login('th')))
        self.assertEqual(account.state, 'draft')

    def test_a_forged_state_is_refused(self):
        account, victim = self.make_account(), self.make_account(name="Victim")
        state = parse_qs(urlsplit(self.ask(account)).query)['state'][0]
        for forged in ('', 'x', state[:-4] + 'AAAA', state + 'A', f'{victim.id}', 'é'):
            with self.subTest(state=forged):
                self.refuse('/lazada/oauth/callback?' + urlencode(
                    {'state': forged, 'code': 'c'}))

    def test_only_a_person_who_is_logged_in_comes_back(self):
        account = self.make_account()
        location = self.consent(self.ask(account), self.get_login('th'))
        self.authenticate(None, None)
        answer = self.come_back(location)
        self.assertIn('/web/login', answer.headers['Location'])
        self.assertEqual(account.state, 'draft')

    def test_a_manager_who_may_not_read_secrets_may_connect(self):
        manager = new_test_user(
            self.env, 'manager', groups='base.group_user,lazada_connector.group_manager')
        self.authenticate('manager', 'manager')
        account = self.make_account()
        location = self.consent(self.ask(account, manager), self.get_login('th'))
        self.come_back(location)
        self.assertEqual(account.state, 'connected')

    # === ONE SELLER, ONE SHOP === #

    def test_another_seller_than_the_shops_is_refused(self):
        account = self.make_account()
        self.connect(account, 'th')
        token = account.access_token
        other = self.sandbox.post('shops', {'site': 'th', 'name': "Another seller"})
        self.come_back(self.consent(self.ask(account), {'login': other['account']}))
        self.assertIn(other['seller_id'], account.error_message)
        self.assertEqual(account.access_token, token)
        self.assertEqual(len(account.shop_ids), 1)

    def test_the_same_seller_cannot_be_connected_by_a_second_account(self):
        first = self.make_account()
        self.connect(first, 'th')
        company = self.env['res.company'].create({'name': "Other"})
        self.admin.company_ids += company
        for spoil, values in (
                (lambda: None, {}),
                (lambda: first.shop_ids.write({'active': False}), {}),
                (lambda: None, {'company_id': company.id})):
            spoil()
            second = self.make_account(name="Second", **values)
            self.connect(second, 'th')
            self.assertIn("already connected by the account New", second.error_message)
            self.assertEqual(second.state, 'draft')
            self.assertFalse(second.access_token or second.shop_ids)

    def test_authorising_again_keeps_everything(self):
        account = self.make_account()
        self.connect(account, 'th')
        shop = account.shop_ids
        self.run_flow('fetch_orders', shop)
        shop.write({'name': "My name", 'include_shipping': True})
        account._mark_expired("The end")
        self.env.flush_all()
        before = self.env['lazada.order'].search([('shop_id', '=', shop.id)])
        cursor = shop.last_order_sync
        self.connect(account, 'th')
        self.assertEqual(account.shop_ids, shop)
        self.assertRecordValues(shop, [{
            'name': "My name", 'include_shipping': True, 'last_order_sync': cursor}])
        self.assertEqual(self.env['lazada.order'].search([('shop_id', '=', shop.id)]), before)
        self.assertRecordValues(account, [{'state': 'connected', 'activity_ids': []}])
        self.assert_due(shop)

    def assert_due(self, shop):
        for flow in shop.flow_ids:
            self.assertLessEqual(flow.due_at, fields.Datetime.now() + timedelta(seconds=1))

    def test_going_live_may_leave_out_what_was_shipped_elsewhere(self):
        account = self.make_account(open_orders='skip')
        self.connect(account, 'th')
        shop = account.shop_ids
        self.run_flow('fetch_orders', shop)
        self.assertFalse(self.env['lazada.order'].search_count([
            ('shop_id', '=', shop.id), ('sync_state', '=', 'todo')]))
        self.make_listing('LZT-TEE', shop=shop)
        order_id = self.buy('LZT-TEE', shop=shop)
        self.run_flow('fetch_orders', shop)
        self.assertEqual(self.get_order(order_id, shop).sync_state, 'todo')

    # === SECRETS === #

    def test_no_secret_is_logged_told_or_shown(self):
        account = self.make_account()
        with self.assertLogs('', logging.DEBUG) as logs:
            self.connect(account, 'th')
            shop = account.shop_ids
            self.run_flow('fetch_orders', shop)
            self.sandbox.post('faults', {
                'path': '/orders/get', 'kind': 'error', 'times': 0, 'code': 'IllegalAccessToken',
                'message': "The specified access token is invalid or expired"})
            self.run_flow('fetch_orders', shop, turns=1)
        self.assertEqual(account.state, 'expired')
        secrets = [account.app_secret, account.access_token, account.refresh_token]
        texts = ['\n'.join(line for line in logs.output if 'bad query' not in line)]
        for model in ('mail.message', 'lazada.call', 'mail.activity', 'lazada.flow'):
            names = [name for name, field in self.env[model]._fields.items()
                     if field.store and field.type in ('char', 'text', 'html')]
            texts += [str(row) for row in self.env[model].search([]).read(names)]
        texts += [account.error_message, repr(account)]
        for secret in secrets:
            for text in texts:
                self.assertNotIn(secret, text)


class TestTokens(Accounts, OrdersCase):

    def setUp(self):
        """A fresh pair: what a test renews is forgotten by Odoo, but not by the platform."""
        super().setUp()
        token = self.sandbox.post('tokens', {'account': self.get_login('th')['login']})
        self.account.write({
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        self.env.flush_all()

    @property
    def account(self):
        return self.shop.account_id

    def test_a_token_that_is_refused_is_renewed_once_and_the_call_repeated(self):
        order_id = self.buy('LZT-TEE')
        old = self.account.refresh_token
        self.account.access_token = 'no longer good'
        mark = self.mark()
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
        self.assertEqual(self.count_refreshes(mark), 1)
        self.assertTrue(self.get_order(order_id))
        self.account.invalidate_recordset()
        self.assertNotIn(self.account.refresh_token, (old, False))
        self.assertEqual(self.account.state, 'connected')
        mark = self.mark()
        self.run_flow('fetch_orders')
        self.assertEqual(self.count_refreshes(mark), 0)

    def test_a_token_that_ends_soon_is_renewed_before_it_is_used(self):
        self.account.access_expires_at = self.env.cr.now() + timedelta(minutes=20)
        mark = self.mark()
        self.run_flow('fetch_orders')
        self.assertEqual(self.paths_since(mark)[0], REFRESH)
        self.account.invalidate_recordset()
        self.assertGreater(
            self.account.access_expires_at, self.env.cr.now() + timedelta(days=6))

    def test_who_comes_second_finds_the_new_token_and_does_not_renew(self):
        self.account.access_token = 'no longer good'
        self.env.flush_all()
        mark = self.mark()
        with self.committing() as env:
            account = env['lazada.account'].browse(self.account.id)
            first = account._renew_token('no longer good')
            second = account._renew_token('no longer good')
        self.assertEqual(first, second)
        self.assertEqual(self.count_refreshes(mark), 1)

    def test_an_authorisation_that_was_revoked_stops_only_its_own_account(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other)
        order_id = self.buy('LZT-TEE', shop=other)
        self.revoke(self.account.refresh_token)
        flow = self.run_flow('fetch_orders', turns=1)
        self.assertEqual(self.account.state, 'expired')
        self.assertIn("Re-authorise", flow.error_message)
        self.assertIn("Re-authorise", self.shop.error_message)
        self.run_flow('import_orders', turns=1)
        self.run_flow('fetch_orders', turns=1)
        self.assertEqual(len(self.account.activity_ids), 1)
        self.sync(other)
        self.assertTrue(self.get_sale(order_id, other))
        with self.assertRaisesRegex(UserError, "not connected"):
            self.shop.action_sync_orders()

    def test_a_failure_of_the_platform_while_renewing_is_no_end_of_the_authorisation(self):
        self.account.access_token = 'no longer good'
        self.break_calls(REFRESH, times=0, status=500)
        flow = self.run_flow('fetch_orders', turns=1)
        self.assertEqual(self.account.state, 'connected')
        self.assertTrue(flow.error_message)
        self.sandbox.delete('faults')
        self.assertFalse(self.run_flow('fetch_orders').error_message)

    def test_tokens_may_be_written_and_connect(self):
        self.account._mark_expired("The end")
        token = self.sandbox.post('tokens', {'account': self.get_login('th')['login']})
        self.account.write({
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        self.assertRecordValues(self.account, [{
            'state': 'connected', 'error_message': False, 'activity_ids': []}])
        self.assertFalse(self.run_flow('fetch_orders').error_message)

    def test_health_warns_before_the_authorisation_ends_once(self):
        self.account.refresh_expires_at = self.env.cr.now() + timedelta(days=13)
        for _day in range(2):
            self.run_flow('health')
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertIn("never extends", self.account.activity_ids.note)

    def test_health_renews_in_time(self):
        self.account.access_expires_at = self.env.cr.now() + timedelta(days=2)
        mark = self.mark()
        self.run_flow('health')
        self.assertEqual(self.count_refreshes(mark), 1)

    def test_test_connection_says_who_answered(self):
        action = self.account.action_test_connection()
        self.assertIn(self.shop.name, action['params']['message'])
        self.shop.external_id = '1'
        with self.assertRaisesRegex(UserError, "Lazada answers as"):
            self.account.action_test_connection()


class TestShopsMadeByScripts(Accounts, OrdersCase):

    def make_shop(self, **values):
        seller = self.sandbox.post('shops', {'site': 'vn', 'name': "Script"})
        token = self.sandbox.post('tokens', {'account': seller['account']})
        account = self.make_account(
            access_token=token['access_token'], refresh_token=token['refresh_token'])
        return self.env['lazada.shop'].create({
            'name': "Script", 'account_id': account.id, 'site': 'vn',
            'external_id': seller['seller_id'], **values})

    def test_name_account_site_and_seller_id_are_enough(self):
        shop = self.make_shop()
        self.assertRecordValues(shop, [{
            'company_id': self.env.company.id, 'include_shipping': False, 'active': True,
            'first_sync_days': 30, 'last_order_sync': False, 'skip_ordered_before': False}])
        self.assertEqual(shop.account_id.state, 'connected')
        self.assertEqual(shop.currency_id.name, 'VND')
        self.assertTrue(shop.currency_id.active)
        self.assertEqual(shop.pricelist_id.currency_id, shop.currency_id)
        self.assertEqual(shop.warehouse_id.company_id, self.env.company)
        self.assertEqual(shop.team_id.name, "Script")
        self.assertEqual(set(shop.flow_ids.mapped('name')) & {
            'fetch_orders', 'import_orders', 'catalogue', 'health'}, {
            'fetch_orders', 'import_orders', 'catalogue', 'health'})

    def test_the_values_may_be_used_again_when_the_transaction_collides(self):
        account = self.make_account(name="Replay", sandbox_url='http://127.0.0.1:9')
        vals = {'name': "Replay", 'account_id': account.id, 'site': 'th', 'external_id': '1',
                'last_order_sync': '2026-01-01 00:00:00'}
        before = dict(vals)
        self.env['lazada.shop'].create([vals])
        self.assertEqual(vals, before)

    def test_it_pulls_at_once(self):
        self.end_runs()
        shop = self.make_shop()
        self.assert_woken(shop=shop)
        self.make_listing('LZT-TEE', shop=shop, price='25000')
        order_id = self.buy('LZT-TEE', shop=shop)
        self.sync(shop)
        sale = self.get_sale(order_id, shop)
        self.assertEqual((sale.amount_total, sale.currency_id.name), (25000, 'VND'))

    def test_it_may_say_since_when(self):
        since = self.env.cr.now().replace(microsecond=0) - timedelta(days=400)
        self.assertEqual(self.make_shop(last_order_sync=since).last_order_sync, since)
        with self.assertRaises(UserError):
            self.make_shop(last_order_sync=self.env.cr.now() + timedelta(days=1))

    def test_in_a_company_without_a_warehouse(self):
        company = self.env['res.company'].create({'name': "Without warehouse"})
        self.env['stock.warehouse'].search([('company_id', '=', company.id)]).write({
            'active': False, 'name': "Closed", 'code': 'CLOSE'})
        self.env.user.company_ids += company
        self.env.flush_all()
        here = self.env(context={**self.env.context, 'allowed_company_ids': company.ids})
        seller = self.sandbox.post('shops', {'site': 'id', 'name': "There"})
        token = self.sandbox.post('tokens', {'account': seller['account']})
        account = self.make_account(access_token=token['access_token']).with_env(here)
        account.company_id = company
        shop = here['lazada.shop'].create({
            'name': "There", 'account_id': account.id, 'site': 'id',
            'external_id': seller['seller_id']})
        self.assertEqual(shop.company_id, company)
        self.assertEqual(shop.warehouse_id.company_id, company)
        self.assertTrue(shop.warehouse_id.active)
        self.make_listing('LZT-TEE', shop=shop, price='9000')
        order_id = self.buy('LZT-TEE', shop=shop)
        self.sync(shop)
        self.assertEqual(self.get_sale(order_id, shop).warehouse_id, shop.warehouse_id)

    def test_the_same_seller_twice_is_refused_by_the_database(self):
        company = self.env['res.company'].create({'name': "Other"})
        for archived, values in ((False, {}), (True, {}), (False, {'company_id': company.id})):
            self.shop.active = not archived
            account = self.make_account(name="Second", company_id=False)
            with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), \
                    self.env.cr.savepoint():
                self.env['lazada.shop'].create({
                    'name': "Again", 'account_id': account.id, 'site': 'th',
                    'external_id': self.shop.external_id, **values})

    def test_the_same_seller_at_another_address_is_another_shop(self):
        account = self.make_account(name="Replay", sandbox_url='http://127.0.0.1:9')
        shop = self.env['lazada.shop'].create({
            'name': "Replay", 'account_id': account.id, 'site': 'th',
            'external_id': self.shop.external_id})
        self.assertNotEqual(shop.endpoint, self.shop.endpoint)
