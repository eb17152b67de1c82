"""Faults against the whole flow: each test ends with the fault over, two runs, and everything in
its place."""
import functools
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.addons.lazada_connector.lazada_api import LazadaClient
from odoo.addons.lazada_connector.lazada_api import orders as api_orders
from odoo.addons.lazada_connector.models import lazada_account

from tests.harness.invariants import Invariants, env_query

from .orders_case import OrdersCase

FETCH, ITEMS, REFRESH = '/orders/get', '/orders/items/get', '/auth/token/refresh'


class FaultsCase(OrdersCase):
    """`attention`: orders whose own data keeps them back; `forged`: orders whose answers were
    forced and differ from the platform's own truth."""

    def setUp(self):
        super().setUp()
        self.since = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        self.attention, self.forged, self.secrets = set(), set(), set()
        self.lag = 0

    def tearDown(self):
        """The fault ends; two runs later every invariant holds."""
        self.sandbox.delete('faults')
        self.settle()
        self.check_invariants()
        super().tearDown()

    def settle(self):
        for _run in range(2):
            for shop in self.get_running_shops():
                self.sync(shop)

    def get_running_shops(self):
        return self.env['lazada.shop'].search([
            ('endpoint', '=', self.sandbox.url), ('paused', '=', False),
            ('account_id.state', '=', 'connected'), ('account_id.active', '=', True)])

    def check_invariants(self, settled=True):
        Invariants(
            env_query(self.env), self.sandbox, since=self.since, attention=self.attention,
            forged=self.forged, lag=self.lag, secrets=self.secrets).check(settled)

    # === THE PLATFORM === #

    def set_cursor(self, shop=None, **ago):
        cursor = super().set_cursor(shop, **ago)
        self.since = min(self.since, cursor)
        return cursor

    def override(self, order_id, shop=None, **body):
        self.forged.add(str(order_id))
        if body.get('touch', True):
            self.sandbox.post('clock', {'advance': 1})   # no two changes in one second
        return super().override(order_id, shop, **body)

    def forge_units(self, order_id, **members):
        """Force members of every unit of the order."""
        return self.override(order_id, items={'*': members})

    def behave(self, **switches):
        self.sandbox.post('behaviour', switches)

    def heal(self):
        self.sandbox.delete('faults')

    def buy_one_a_second(self, count, sku='LZT-TEE', shop=None, **values):
        """Buy orders, each changed a second after the one before; the last half a minute ago."""
        now = int(time.time())
        return [
            self.buy(sku, created_at=now - 30 - count + number, shop=shop, **values)
            for number in range(count)]

    def count_calls(self, mark, path):
        return self.paths_since(mark).count(path)

    # === THE CONNECTOR === #

    def small_pages(self, rows=3):
        """Let pages have that many rows, so that a few orders fill several pages."""
        init = api_orders._Window.__init__

        def with_few_rows(window, client, field, bounds, status, limit, **options):
            init(window, client, field, bounds, status, rows, **options)

        self.startPatcher(patch.object(api_orders._Window, '__init__', with_few_rows))

    def hurry(self, **options):
        """Let the client lose patience early (see `LazadaClient`)."""
        self.startPatcher(patch.object(
            lazada_account, 'LazadaClient', functools.partial(LazadaClient, **options)))

    def mirrored(self, shop=None):
        """The orders known here, by id."""
        orders = self.env['lazada.order'].search([('shop_id', '=', (shop or self.shop).id)])
        return dict(zip(orders.mapped('external_id'), orders, strict=True))

    def changed_at(self, order_id, shop=None):
        return datetime.fromisoformat(
            self.truth(order_id, shop)['updated_at']).astimezone(UTC).replace(tzinfo=None)

    def assert_imported(self, *order_ids, shop=None):
        for order_id in order_ids:
            order = self.get_order(order_id, shop)
            self.assertEqual(order.sync_state, 'done', order.issue_message)
            self.assertEqual(order.sale_order_id.state, 'sale')

    def assert_waits(self, flow, seconds, within=90):
        """The flow failed and is due again after that time, not before."""
        wait = flow.due_at - datetime.now(UTC).replace(tzinfo=None)
        self.assertTrue(flow.error_message)
        self.assertLess(abs(wait - timedelta(seconds=seconds)), timedelta(seconds=within), wait)

    def get_activities(self, record=None):
        """The open activities of the shop and its account."""
        shop = record or self.shop
        return shop.activity_ids + shop.account_id.activity_ids
