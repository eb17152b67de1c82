"""F51, F52, F58 and F60 to F62: what Odoo, its database and its users can do to a synchronisation.

What needs real processes or a real commit is in tests/faults.
"""
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psycopg2
import psycopg2.errors

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.models import flow_run
from odoo.addons.lazada_connector.models.customer_finder import CustomerFinder

from tests.harness.profile import PROFILE

from .faults_case import FETCH, FaultsCase

FLOW_LOG = 'odoo.addons.lazada_connector.models.lazada_flow'
IMPORT_LOG = 'odoo.addons.lazada_connector.models.lazada_order_import'
OLD_ORDERS = 1_000_000 if PROFILE.name == 'long' else 20_000
OLD_ATTENTION = 100_000 if PROFILE.name == 'long' else 2_000


class TestCollisions(FaultsCase):

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(flow_run.time, 'sleep', lambda _seconds: None))

    def fail_import(self, error, times, only=None):
        """Let importing raise `error` so many times (for the order `only`: whenever it is in)."""
        order_class = self.registry['lazada.order']
        attempts, import_orders = [], order_class._import

        def fail(orders):
            if only and only not in orders.mapped('external_id'):
                return import_orders(orders)
            attempts.append(orders)
            if len(attempts) <= times:
                raise error
            return import_orders(orders)

        self.startPatcher(patch.object(order_class, '_import', fail))
        return attempts

    def test_f51_a_collision_is_repeated_and_blames_no_order(self):
        for error in (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable, psycopg2.errors.UniqueViolation):
            with self.subTest(error=error.__name__):
                ids = [self.buy('LZT-TEE') for _each in range(3)]
                attempts = self.fail_import(error(), times=4)
                self.sync()
                self.assertEqual(len(attempts), 5)
                self.assert_imported(*ids)
                self.assertEqual(
                    {self.get_order(order_id).failure_count for order_id in ids}, {0})

    def test_f51_a_new_buyer_whom_two_workers_meet_at_once_is_one_contact(self):
        """The second worker began before the first committed, and does not see its contact."""
        buyer = {'buyer_id': '4711'}
        first = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        prefetch, begun = CustomerFinder._prefetch, []

        def see_what_was_there(finder, orders):
            prefetch(finder, orders)
            begun.append(finder)
            if len(begun) == 1:
                finder._buyers, finder._contacts, finder._residents = {}, {}, {}

        self.startPatcher(patch.object(CustomerFinder, '_prefetch', see_what_was_there))
        second = self.buy('LZT-TEE', buyer=buyer)
        with mute_logger('odoo.sql_db'):
            self.sync()
        self.assertEqual(len(begun), 2, "collided, and done again")
        self.assert_imported(first, second)
        self.assertEqual(self.get_sale(first).partner_id, self.get_sale(second).partner_id)
        self.assertEqual(self.get_order(second).failure_count, 0)

    def test_f51_after_five_collisions_the_orders_stay_to_do(self):
        ids = [self.buy('LZT-TEE') for _each in range(3)]
        attempts = self.fail_import(psycopg2.errors.SerializationFailure(), times=5)
        self.run_flow('fetch_orders')
        flow = self.run_flow('import_orders', turns=1)
        self.assertEqual(len(attempts), 5)
        for order_id in ids:
            self.assertRecordValues(self.get_order(order_id), [
                {'sync_state': 'todo', 'failure_count': 0, 'issue_code': False}])
        self.assertLessEqual(flow.due_at, self.env.cr.now() + timedelta(minutes=2))
        self.check_invariants(settled=False)
        self.sync()
        self.assert_imported(*ids)

    def test_f51_a_full_disk_or_a_cancelled_statement_blames_no_order(self):
        ids = [self.buy('LZT-TEE') for _each in range(3)]
        attempts = self.fail_import(psycopg2.errors.DiskFull(), times=100)
        for _run in range(4):
            self.sync()
        self.assertGreaterEqual(len(attempts), 4)
        for order_id in ids:
            self.assertRecordValues(self.get_order(order_id), [
                {'sync_state': 'todo', 'failure_count': 0}])
        attempts.extend([None] * 100)     # the disk has room again
        self.sync()
        self.assert_imported(*ids)

    def test_f52_one_bad_order_of_twenty_keeps_back_itself_only(self):
        for error, code, said in (
                (UserError("Odoo's own words."), 'odoo_refused', "Odoo's own words."),
                (ValidationError("A rule says no."), 'odoo_refused', "A rule says no.")):
            with self.subTest(error=error):
                ids = [self.buy('LZT-TEE') for _each in range(20)]
                bad = ids[7]
                attempts = self.fail_import(error, times=2, only=bad)
                self.sync()
                self.assertEqual([len(orders) for orders in attempts], [20, 1])
                self.assert_imported(*(each for each in ids if each != bad))
                order = self.get_order(bad)
                self.assertRecordValues(order, [{
                    'sync_state': 'attention', 'issue_code': code, 'sale_order_id': False}])
                self.assertIn(said, order.issue_message)
                self.assertIn("press Retry", order.issue_message)
                self.retry(order)
                self.assert_imported(bad)

    def retry(self, order):
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        order.invalidate_recordset()


class TestScheduler(FaultsCase):

    def run_action(self, name='fetch_orders'):
        """Run the scheduled action as the scheduler does, ten seconds long if it wants to."""
        with self.enter_registry_test_mode():
            self.env.ref(f'lazada_connector.cron_{name}').method_direct_trigger()

    def make_due(self, *shops):
        for shop in shops:
            self.get_flow(shop=shop).due_at = self.env.cr.now() - timedelta(seconds=1)
        self.env.flush_all()

    @mute_logger(FLOW_LOG, 'odoo.addons.base.models.ir_cron')
    def test_f58_a_failure_after_progress_is_no_hot_loop(self):
        """Wherever it breaks, Lazada is not asked again at once."""
        flow_class = self.registry['lazada.flow']
        other = self.connect_shop('sg')
        for method in ('_run_fetch_orders', '_fetch_page', '_release', '_record_failure',
                       '_alert', '_judge', '_schedule', '_end_run'):
            with self.subTest(method=method):
                self.make_due(self.shop, other)
                self.get_flow().failure_count = 5
                mark = self.mark()
                def fail(*args, **kwargs):
                    raise ZeroDivisionError

                fails = [method] if method not in ('_record_failure', '_alert', '_judge') else [
                    method, '_fetch_page']
                with patch.multiple(flow_class, **dict.fromkeys(fails, fail)):
                    self.run_action()
                self.assertLessEqual(self.count_calls(mark, FETCH), 2, "once a shop")
                self.check_invariants(settled=False)
                self.env['lazada.flow'].search([]).write(
                    {'running_until': False, 'token': False})   # the lease runs out

    @mute_logger(FLOW_LOG, 'odoo.addons.base.models.ir_cron')
    def test_f58_a_shop_whose_failure_cannot_even_be_recorded_stops_nobody(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        order_id = self.buy('LZT-TEE', shop=other)
        self.make_due(self.shop, other)
        flow_class = self.registry['lazada.flow']
        fetch, shop_id = flow_class._run_fetch_orders, self.shop.id

        def fail_for_one(flow, run):
            if flow.shop_id.id == shop_id:
                raise ZeroDivisionError
            return fetch(flow, run)

        def fail(*args):
            raise ZeroDivisionError

        with patch.multiple(flow_class, _run_fetch_orders=fail_for_one, _record_failure=fail):
            self.run_action()
        self.run_action('import_orders')
        self.assert_imported(order_id, shop=other)
        flow = self.get_flow()
        wait = flow.due_at - datetime.now(UTC).replace(tzinfo=None)
        self.assertLessEqual(
            wait, timedelta(seconds=const.LEASE_SECONDS), "due again when its lease runs out")
        flow.running_until = False
        flow.flush_recordset()

    def test_f58_the_responsible_has_left_and_the_failure_is_said_all_the_same(self):
        person = self.env['res.users'].create({'name': "Gone", 'login': 'gone', 'active': False})
        self.shop.user_id = person
        self.break_calls(FETCH, kind='error', times=0, code='998', message="disabled")
        for _run in range(4):
            self.make_due(self.shop)
            self.run_action()
        flow = self.get_flow()
        self.assertEqual(flow.failure_count, 4)
        self.assertIn("switched this function off", flow.error_message)
        self.assertEqual(len(self.get_activities()), 1)
        self.assertTrue(self.get_activities().user_id.active)

    def test_f58_an_alert_is_one_whatever_the_language(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.break_calls(FETCH, kind='error', times=0, code='998', message="disabled")
        for lang in ('en_US', 'fr_FR') * 3:
            with self.committing() as env:
                env['lazada.shop'].with_context(lang=lang).browse(
                    self.shop.id)._get_flow('fetch_orders')._run_flow()
        self.assertEqual(len(self.get_activities()), 1)


class TestRules(FaultsCase):

    def test_f60_odoos_refusal_is_kept_in_odoos_words(self):
        """The warehouse was closed: Odoo finds no way to deliver."""
        warehouse = self.env['stock.warehouse'].create({'name': "Closing", 'code': 'CLOSE'})
        self.shop.warehouse_id = warehouse
        warehouse.active = False
        good_shop = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=good_shop, price='4.50')
        order_id, other = self.buy('LZT-TEE'), self.buy('LZT-TEE', shop=good_shop)
        self.sync()
        self.sync(good_shop)
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{'sync_state': 'attention', 'sale_order_id': False}])
        self.assertTrue(order.issue_message)
        self.assert_imported(other, shop=good_shop)
        warehouse.active = True
        self.retry(order)
        self.assert_imported(order_id)

    retry = TestCollisions.retry

    def test_f60_a_mandatory_analytic_plan_keeps_the_order_back_in_odoos_words(self):
        plan = self.env['account.analytic.plan'].create({'name': "Projects"})
        account = self.env['account.analytic.account'].create({
            'name': "Marketplaces", 'plan_id': plan.id})
        for rule in (
                lambda: self.env['account.analytic.applicability'].create({
                    'business_domain': 'sale_order', 'applicability': 'mandatory',
                    'analytic_plan_id': plan.id}),
                lambda: plan.write({'default_applicability': 'mandatory'})):
            plan.applicability_ids.unlink()
            rule()
            order_id = self.buy('LZT-TEE')
            self.sync()
            order = self.get_order(order_id)
            self.assertRecordValues(order, [{
                'sync_state': 'attention', 'issue_code': 'odoo_refused', 'sale_order_id': False}])
            self.assertIn("require a 100% analytic distribution", order.issue_message)
            distribution = self.env['account.analytic.distribution.model'].create({
                'analytic_distribution': {str(account.id): 100}})
            self.retry(order)
            self.assert_imported(order_id)
            line = self.get_sale(order_id).order_line
            self.assertEqual(line.analytic_distribution, {str(account.id): 100})
            distribution.unlink()

    def test_f60_a_tax_that_was_archived_or_deleted_does_not_lose_the_order(self):
        tax = self.env['account.tax'].create({'name': "Old 7 %", 'amount': 7})
        self.tee.taxes_id = tax
        self.run_flow('catalogue')
        tax.active = False
        first = self.buy('LZT-TEE')
        self.sync()
        self.assert_imported(first)
        self.tee.taxes_id = False
        second = self.buy('LZT-TEE')
        self.sync()
        self.assert_imported(second)

    def test_f60_a_cancellation_in_a_locked_period_follows_or_says_why_not(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        self.env.ref('base.THB').write({'rate_ids': [(0, 0, {'rate': 2, 'name': '2020-01-01'})]})
        self.tee.invoice_policy = 'order'
        invoice = sale._create_invoices()
        invoice.action_post()
        self.env.company.hard_lock_date = self.env.cr.now().date()
        unit = self.truth(order_id)['items'][0]['order_item_id']
        self.move(order_id, 'canceled', [unit])
        self.sync()
        order = self.get_order(order_id)
        self.assertEqual(order.sync_state, 'done', order.issue_message)
        self.assertEqual(sale.amount_total, 19.99)
        refund = sale.invoice_ids - invoice
        self.assertRecordValues(refund, [
            {'move_type': 'out_refund', 'state': 'draft', 'amount_total': 19.99}])


class TestUsers(FaultsCase):

    def during(self, name, action):
        """Let `action()` happen once, in the middle of a run: after a page, before a batch."""
        flow_class = self.registry['lazada.flow']
        method = getattr(flow_class, name)
        todo = [action]

        def and_act(flow, *args):
            if todo:
                with self.registry.cursor() as cr:     # somebody else's transaction
                    todo.pop()(flow.env(cr=cr))
            return method(flow, *args)

        self.startPatcher(patch.object(flow_class, name, and_act))

    def test_f61_a_shop_that_is_archived_stops_and_goes_on_when_it_returns(self):
        for name in ('_fetch_page', '_import_batch'):
            with self.subTest(moment=name):
                order_id = self.buy('LZT-TEE')
                self.during(name, lambda env: env['lazada.shop'].browse(
                    self.shop.id).write({'active': False}))
                self.sync()
                self.env.invalidate_all()
                self.assertFalse(self.shop.active)
                mark = self.mark()
                with self.committing() as env:
                    for flow in ('fetch_orders', 'import_orders', 'catalogue'):
                        env['lazada.flow']._cron_run(flow)
                self.assertEqual(self.calls_since(mark), [])
                self.shop.active = True
                self.sync()
                self.assert_imported(order_id)

    def test_f61_a_shop_that_is_deleted_in_mid_run_is_gone(self):
        shop = self.connect_shop('sg')
        shop_id = shop.id
        self.make_listing('LZT-TEE', shop=shop, price='4.50')
        self.buy('LZT-TEE', shop=shop)
        self.during('_fetch_page', lambda env: env['lazada.shop'].browse(shop_id).unlink())
        with self.committing() as env:
            env['lazada.flow'].search([
                ('shop_id', '=', shop_id), ('name', '=', 'fetch_orders')])._serve(10)
        self.env.invalidate_all()
        self.assertFalse(shop.exists())
        self.assertFalse(self.env['lazada.order'].search([('shop_id', '=', shop_id)]))

    def test_f61_a_deleted_sales_order_is_not_made_again_against_the_users_will(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        sale._action_cancel()
        sale.unlink()
        for status in ('packed', 'ready_to_ship', 'pending'):
            self.sandbox.post('clock', {'advance': 1})
            self.move(order_id, status)
            self.sync()
            order = self.get_order(order_id)
            self.assertRecordValues(order, [{
                'sync_state': 'ignored', 'issue_code': 'sale_deleted', 'sale_order_id': False}])
            self.assertIn("Press Retry", order.issue_message)
        self.retry(order)
        self.assert_imported(order_id)

    retry = TestCollisions.retry

    def test_f61_a_sales_order_deleted_between_two_batches(self):
        ids = [self.buy('LZT-TEE') for _each in range(2)]
        self.sync()
        for order_id in ids:
            self.move(order_id, 'canceled')
        sale_id = self.get_sale(ids[0]).id

        def delete(env):
            sale = env['sale.order'].browse(sale_id)
            sale._action_cancel()
            sale.unlink()

        self.during('_import_batch', delete)
        self.sync()
        self.assertEqual(self.get_sale(ids[1]).state, 'cancel')
        self.assertFalse(self.get_sale(ids[0]))

    def test_f61_a_sales_order_cancelled_by_hand_stays_cancelled(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_sale(order_id)
        sale._action_cancel()
        for status in ('packed', 'canceled'):
            self.sandbox.post('clock', {'advance': 1})
            self.move(order_id, status)
            self.sync()
            self.assertEqual(sale.state, 'cancel')

    def test_f61_an_archived_customer_is_used_as_he_is(self):
        buyer = {'buyer_id': '4712', 'name': "Archie"}
        first = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        partner = self.get_sale(first).partner_id
        partner.action_archive()
        second = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        self.assert_imported(second)
        self.assertEqual(self.get_sale(second).partner_id, partner)
        self.assertFalse(partner.active)

    def test_f61_a_deleted_customer_is_made_anew_for_the_next_order(self):
        buyer = {'buyer_id': '4713', 'name': "Dell"}
        first = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        sale = self.get_sale(first)
        partner = sale.partner_id
        sale._action_cancel()
        sale.unlink()
        self.env['stock.picking'].search([('partner_id', 'child_of', partner.ids)]).unlink()
        (partner.child_ids + partner).unlink()
        second = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        self.assert_imported(second)

    def test_f61_team_pricelist_and_currency_taken_away(self):
        self.shop.team_id.active = False
        self.shop.pricelist_id.active = False
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.assert_imported(order_id)

    def test_f61_a_product_taken_away_after_the_import(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.get_order(order_id).item_ids.listing_id.unlink()
        unit = self.truth(order_id)['items'][0]['order_item_id']
        self.move(order_id, 'canceled', [unit])
        self.sync()
        self.assert_imported(order_id)
        self.assertEqual(self.get_sale(order_id).amount_total, 1152)


class TestVolume(FaultsCase):
    """What was done, and what waits for a person, costs a synchronisation nothing."""

    def fill(self, count, **changes):
        """Copy the one order there is, with its units, `count` times; straight in SQL."""
        for table in ('lazada_order', 'lazada_order_item'):
            self.env.cr.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
                "AND column_name NOT IN ('id', 'external_id', 'order_id', 'sale_order_id', "
                "'sale_line_id')", [table])
            columns = {name: name for [name] in self.env.cr.fetchall()}
            if table == 'lazada_order':
                columns.update(changes)
                columns['external_id'] = f"'{changes['prefix']}' || n"
                del columns['prefix']
                source = "FROM lazada_order"
            else:
                columns = {name: f'i.{name}' for name in columns}
                columns['external_id'] = "o.external_id || '-1'"
                columns['order_id'] = 'o.id'
                source = ("FROM lazada_order_item i, lazada_order o WHERE o.external_id LIKE "
                          f"'{changes['prefix']}%%' AND i.id = %(item)s")
            names, values = ', '.join(columns), ', '.join(columns.values())
            if table == 'lazada_order':
                source += ", generate_series(1, %(count)s) n WHERE id = %(order)s"
            self.env.cr.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} {source}",
                {'count': count, 'order': self.old.id, 'item': self.old.item_ids.id})
            self.env.cr.execute(f"ANALYZE {table}")    # or foreign keys are checked row by row

    def count_rows_read(self):
        """Rows of the mirror that this transaction read without an index."""
        self.env.cr.execute(
            "SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables WHERE relname IN "
            "('lazada_order', 'lazada_order_item', 'lazada_payload')")
        return dict(self.env.cr.fetchall())

    def test_f62_a_million_old_orders_and_100_000_waiting_ones_cost_nothing(self):
        self.make_listing('LZT-OLD')
        old = self.buy('LZT-OLD', status='delivered')
        self.sync()
        self.old = self.get_order(old)
        before = self.measure()
        past = self.env.cr.savepoint()
        self.fill(OLD_ORDERS, prefix='OLD')
        self.fill(OLD_ATTENTION, prefix='WAIT', sync_state="'attention'",
                  issue_code="'sku_not_linked'", issue_key="'sku:LZT-OLD-' || n %% 50",
                  issue_message="'x'", status="'to_pack'")
        read = self.count_rows_read()
        after = self.measure()
        now_read = self.count_rows_read()
        grown = {name: now_read[name] - read.get(name, 0) for name in now_read}
        self.assertLess(sum(grown.values()), 1000, grown)
        # Telling the responsible of the 50 new causes, each by an activity and a mail.
        self.assertLessEqual(after, before + 500)
        past.rollback()
        self.env.invalidate_all()

    def measure(self):
        """Queries of a run with twenty new orders."""
        ids = [self.buy('LZT-TEE') for _each in range(20)]
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.sync()
        queries = self.env.cr.sql_log_count - before
        self.assert_imported(*ids)
        return queries
