"""A market for the stateful test: one shop, a clock that jumps, a power cut at any commit."""
import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests.test_cursor import TestCursor

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.models import flow_run

from tests.harness.invariants import Invariants, env_query

from .common import SEED
from .faults_case import FaultsCase

FLOWS = ('fetch_orders', 'import_orders', 'fulfilment', 'reconcile')
PIECES = {'LZT-PACK': 3}
# What may come after each status of a unit, cancellation aside.
NEXT = {
    'unpaid': ('pending',),
    'pending': ('packed', 'not_known_yet'),
    'not_known_yet': ('pending', 'ready_to_ship', 'shipped'),
    'packed': ('ready_to_ship', 'repacked'),
    'repacked': ('packed',),
    'ready_to_ship': ('shipped',),
    'shipped': ('delivered', 'failed_delivery', 'lost_by_3pl'),
    'failed_delivery': ('shipped_back', 'delivered'),
    'shipped_back': ('shipped_back_success',),
    'delivered': ('confirmed', 'returned'),
}
OPEN = ('unpaid', 'pending', 'packed', 'repacked', 'ready_to_ship')
LONG_AGO = datetime(2000, 1, 1)
CANCELLABLE = (*OPEN, 'not_known_yet', 'shipped', 'failed_delivery')


def no_wait(_seconds):
    """Instead of sleeping."""


class PowerCut(BaseException):
    """Nobody catches it: what was not committed is gone, and no lease is given back."""


class MarketCase(FaultsCase):
    """What people, Lazada and the scheduler do. All of it happens inside `with self.market()`."""

    def setUp(self):
        super().setUp()
        self.passed, self.skew, self.fuse, self.meanwhile = 0, 0, None, []
        self.cuts = self.moved_pages = self.sold = 0
        self.shop.auto_catalogue = False
        self.make_product('LZT-PACK', stock=1000)
        self.hurry(sleep=no_wait, clock=self.machine_time)
        self.small_pages(4)
        self.startPatcher(patch.object(flow_run.time, 'sleep', no_wait))
        self.startPatcher(patch.object(const, 'PUSH_SETTLE_SECONDS', 0))
        self.startPatcher(patch.object(const, 'BUTTON_SECONDS', 2.0))   # nobody frees a dead run
        self.startPatcher(patch.object(
            TestCursor, 'now', lambda cursor: self.read_clock(cursor)))
        self.startPatcher(patch.object(
            fields.Datetime, 'now', lambda: self.machine_now().replace(microsecond=0)))
        self.let_commits_fail()
        self.let_pages_move()
        self.env.flush_all()

    def tearDown(self):
        super(FaultsCase, self).tearDown()      # each market settled and was checked by itself

    @contextmanager
    def market(self):
        """A fresh market, of which nothing is left afterwards."""
        savepoint = self.env.cr.savepoint(flush=True)
        self.passed, self.skew, self.fuse, self.meanwhile = 0, 0, None, []
        self.messages, self.gone_by_hand = [], set()
        self.sandbox.post('reset', {'seed': SEED})
        self.since, self.scheduled_at = self.machine_now().replace(microsecond=0), LONG_AGO
        try:
            self.open_market()
            yield
        finally:
            self.env.cr.clear()
            savepoint.rollback()
            self.env.invalidate_all()

    def open_market(self):
        self.authorise(self.env)
        for name in FLOWS:
            self.get_flow(name).due_at = self.since
        self.get_flow().cursor_at = self.since
        for sku, price in (('LZT-TEE', '19.99'), ('LZT-MUG', '1152.00'), ('LZT-LOOSE', '3.00'),
                           ('LZT-PACK', '7.35')):
            listing = self.make_listing(sku, price=price)
            self.env['lazada.listing'].create({
                'shop_id': self.shop.id, 'external_id': listing['sku_id'], 'seller_sku': sku,
                'bundle_qty': PIECES.get(sku, 1)})._match()
        self.env.flush_all()

    # === TIME === #

    def machine_time(self):
        """What the clock of the machine shows, in epoch seconds."""
        return time.time() + self.passed + self.skew

    def machine_now(self):
        return datetime.fromtimestamp(self.machine_time(), UTC).replace(tzinfo=None)

    def read_clock(self, cursor):
        if cursor._now is None:
            cursor._now = self.machine_now()
        return cursor._now

    def pass_time(self, seconds):
        """Time passes for everybody."""
        self.passed += seconds
        self.sandbox.post('clock', {'advance': seconds})

    def set_skew(self, seconds):
        """The clock of the machine is wrong by that much from now on."""
        self.skew = seconds

    # === THE PLATFORM === #

    def sell(self, items, **values):
        """Sell `items` (dicts) and return the id of the order."""
        self.pass_time(1)
        return self.buy(*items, **values)

    def change(self, order_id, targets, touch=True):
        """Give units other statuses: {status: units of the truth}."""
        self.pass_time(1)       # headers tell seconds: two changes within one look alike
        for status, units in targets.items():
            self.sandbox.post(
                f'orders/{self.site}/{self.shop.external_id}/{order_id}/status', {
                    'status': status, 'touch': touch,
                    'order_item_ids': [unit['order_item_id'] for unit in units]})

    def go_on(self, order_id, chosen, turn, quiet=False):
        """Let the chosen units (a number, bit by bit) of an order reach their next status.

        quiet: the header keeps its time, as Lazada does now and then; only while all is open
        """
        units = self.truth(order_id)['items']
        targets = {}
        for number, unit in enumerate(units):
            following = NEXT.get(unit['status'])
            if following and chosen >> number & 1:
                status = following[turn % len(following)]
                targets.setdefault(status, []).append(unit)
        if 'repacked' in targets:   # Lazada undoes whole packages
            packages = {unit['package_id'] for unit in targets.pop('repacked')}
            members = [unit for unit in units if unit['package_id'] in packages]
            if {unit['status'] for unit in members} == {'packed'}:
                targets['repacked'] = members
        quiet = quiet and {unit['status'] for unit in units} <= set(OPEN)
        self.change(order_id, targets, touch=not quiet)

    def cancel_units(self, order_id, chosen):
        units = [
            unit for number, unit in enumerate(self.truth(order_id)['items'])
            if unit['status'] in CANCELLABLE and chosen >> number & 1]
        if units:
            self.change(order_id, {'canceled': units})

    # === THE MACHINE === #

    def let_commits_fail(self):
        """Cut the power at a commit: before or after it, when the fuse has burnt down."""
        cron_class = self.registry['ir.cron']
        commit = cron_class._commit_progress

        def commit_or_fail(cron, *args, **kwargs):
            self.burn()
            result = commit(cron, *args, **kwargs)
            self.burn()
            return result

        self.startPatcher(patch.object(cron_class, '_commit_progress', commit_or_fail))

    def burn(self):
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise PowerCut

    def let_pages_move(self):
        """Let something happen at Lazada after each page that is read."""
        flow_class = self.registry['lazada.flow']
        fetch_page = flow_class._fetch_page

        def fetch_and_move(flow, *args):
            if self.meanwhile:
                self.meanwhile.pop(0)()
                self.moved_pages += 1
            return fetch_page(flow, *args)

        self.startPatcher(patch.object(flow_class, '_fetch_page', fetch_and_move))

    def work(self, job, *args):
        """Do `job(env, *args)` in transactions of its own; the power may fail."""
        self.scheduled_at = LONG_AGO
        try:
            with self.committing() as env:
                job(env, *args)
                env.cr.commit()
        except PowerCut:
            self.cuts += 1
        self.fuse, self.meanwhile = None, []

    def schedule(self, env):
        """Call the scheduled actions once; what was due was served then."""
        for name in FLOWS:
            env['lazada.flow']._cron_run(name)
        self.scheduled_at = self.machine_now()

    def authorise(self, env):
        """A person gives the account fresh tokens."""
        account = env['lazada.account'].browse(self.shop.account_id.id)
        login = next(
            each['login'] for each in self.sandbox.get('state')['accounts']
            if self.shop.external_id in each['seller_ids'])
        token = self.sandbox.post('tokens', {'app_key': account.app_key, 'account': login})
        account.write({
            'access_token': token['access_token'], 'refresh_token': token['refresh_token'],
            'state': 'connected'})
        env['lazada.flow'].search([     # a new authorisation wakes them all
            ('shop_id', '=', self.shop.id), ('name', 'not in', FLOWS),
        ]).due_at = self.since + timedelta(days=99)

    def press_sync(self, env):
        shop = env['lazada.shop'].browse(self.shop.id)
        if shop.account_id.state == 'connected':
            shop.action_sync_orders()

    def press_retry(self, env, order_id):
        env['lazada.order'].search([
            ('shop_id', '=', self.shop.id), ('external_id', '=', order_id)]).action_retry()

    def press_retry_all(self, env):
        env['lazada.order'].action_retry_all()

    def reconcile(self, env):
        shop = env['lazada.shop'].browse(self.shop.id)
        if shop.account_id.state == 'connected':
            shop._get_flow('reconcile')._run_flow()

    def receive(self, env, body):
        env['lazada.event']._receive(env['lazada.account'].browse(self.shop.account_id.id), body)

    def push(self, order_id, message_type):
        """A message about an order, as Lazada sends it; it stays in `messages`."""
        body = json.dumps({
            'seller_id': self.shop.external_id, 'message_type': message_type,
            'data': {'trade_order_id': order_id}, 'timestamp': len(self.messages),
            'site': f'lazada_{self.site}'}).encode()
        self.messages.append(body)
        self.work(self.receive, body)

    def link(self, env, sku, product):
        """A person chooses the product of a listing, or none."""
        env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=', sku)]).product_id = product.id

    def pick(self, records, number):
        """One of these records, or none if there are none."""
        return records[number % len(records)] if records else records

    def find_sales(self, env, *domain):
        return env['sale.order'].search([('lazada_shop_id', '=', self.shop.id), *domain])

    def cancel_sale(self, env, number):
        """A person cancels a sales order of which nothing has left; Lazada hears nothing."""
        sale = self.pick(self.find_sales(env, ('state', '=', 'sale')).filtered(
            lambda sale: 'done' not in sale.picking_ids.mapped('state')), number)
        self.gone_by_hand.update(sale.lazada_order_id.mapped('external_id'))
        sale._action_cancel()

    def delete_sale(self, env, number):
        sale = self.pick(self.find_sales(env, ('state', '=', 'cancel')), number)
        self.gone_by_hand.update(sale.lazada_order_id.mapped('external_id'))
        sale.unlink()

    def find_deliveries(self, env):
        return self.find_sales(env).picking_ids.filtered(
            lambda picking: picking.state == 'assigned')

    def deliver(self, env, number):
        """A person picks what is reserved and validates the delivery."""
        picking = self.pick(self.find_deliveries(env), number)
        picking.move_ids.picked = True
        if picking:
            picking.with_context(
                skip_backorder=True, lazada_without_tracking=True).button_validate()

    def pack(self, env, number):
        """A person packs a delivery; the writes to Lazada follow in the background."""
        self.pick(self.find_deliveries(env).filtered(
            lambda picking: picking._lazada_get_units_to_pack()), number).action_lazada_pack()

    # === THE END === #

    def check(self, settled=False):
        Invariants(
            env_query(self.env), self.sandbox, since=self.since,
            now=self.scheduled_at).check(settled, secrets=settled)

    def settle(self):
        """Faults end, persons repair the causes; two runs later all is well."""
        self.heal()
        self.set_skew(0)
        self.work(self.authorise)
        self.work(self.link, 'LZT-LOOSE', self.mug)
        for _run in range(2):
            self.pass_time(7 * 3600)    # longer than any wait; open orders are read again
            for _turn in range(20):
                self.work(self.schedule)
                if not self.has_work():
                    break
            self.work(self.sell_again)
        self.check(settled=True)
        for _try in range(const.COMMAND_TRIES):     # what Lazada keeps refusing ends after these
            if not self.find_open_commands():
                break
            self.pass_time(2 * const.WRITE_SETTLES_SECONDS)
            self.work(self.schedule)
        self.check_documents()
        self.sold += len(self.find_sales(self.env))

    def sell_again(self, env):
        """A person does what the connector asks for when Lazada goes on with a canceled sale."""
        orders = env['lazada.order'].search([
            ('shop_id', '=', self.shop.id), ('issue_code', '=', 'late_units')])
        if orders:
            orders.sale_order_id.unlink()
            orders.action_retry()
            self.gone_by_hand.difference_update(orders.mapped('external_id'))

    def has_work(self):
        return self.env['lazada.flow'].search_count([
            ('shop_id', '=', self.shop.id), ('name', 'in', FLOWS),
            ('due_at', '<=', self.machine_now())])

    def check_documents(self):
        """Units that wait to be shipped are sold, those that were canceled in time are not."""
        for truth in self.sandbox.get(
                'orders', site=self.site, seller_id=self.shop.external_id)['orders']:
            if datetime.fromisoformat(truth['updated_at']) < self.since.replace(tzinfo=UTC):
                continue
            order = self.get_order(truth['order_id'])
            self.check_header(order, truth)
            if order.sale_order_id and truth['order_id'] not in self.gone_by_hand:
                self.check_units(order, {unit['order_item_id']: unit for unit in truth['items']})
        self.assertFalse(self.find_open_commands().read(
            ['kind', 'state', 'tries', 'due_at', 'error_message']))

    def find_open_commands(self):
        return self.env['lazada.command'].search([
            ('shop_id', '=', self.shop.id), ('state', 'in', const.OPEN_COMMAND_STATES)])

    def check_header(self, order, truth):
        changed_at = datetime.fromisoformat(truth['updated_at']).replace(tzinfo=None)
        self.assertEqual(order.remote_updated_at, changed_at)
        self.assertEqual(
            {item.external_id: item.package_id.external_id or '' for item in order.item_ids},
            {unit['order_item_id']: unit['package_id'] for unit in truth['items']})

    def check_units(self, order, truth):
        for item in order.item_ids.filtered(lambda item: item._is_seller_shipped()):
            status, line = truth[item.external_id]['status'], item.sale_line_id
            said = f"unit {item.external_id} of {order.external_id}, {status}"
            if status in OPEN and status != 'unpaid':
                self.assertTrue(line, said)
                self.assertEqual(order.sale_order_id.state, 'sale', said)
            elif status == 'canceled' and order.sale_order_id.state != 'cancel':
                self.assertTrue(not line or line._lazada_is_dispatched(), said)
