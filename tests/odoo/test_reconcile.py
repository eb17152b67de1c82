"""Nothing is missing, and here is the proof: orders compared with Lazada day by day."""
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import SITES
from odoo.addons.lazada_connector.models.flow_run import FlowRun

from .fresh_shop import FreshShopCase


class ReconcileCase(FreshShopCase):

    def reconcile(self, **kwargs):
        self.run_flow('reconcile', **kwargs)
        self.shop.invalidate_recordset()
        return self.env['lazada.reconciliation'].search([('shop_id', '=', self.shop.id)])


class TestReconcile(ReconcileCase):

    def test_a_complete_shop_says_so(self):
        self.live_through()
        rows = self.reconcile()
        self.assertEqual(self.shop.reconciled_result, "6 of 6")
        self.assertEqual(self.shop.reconciled_drift, 0)
        self.assertTrue(self.shop.reconciled_at)
        self.assertEqual(sum(rows.mapped('remote_count')), 6)
        self.assertEqual(set(rows.mapped('missing_count')), {0})

    def test_what_is_missing_is_fetched_and_imported(self):
        self.live_through()
        self.lose(self.orders[1:4])
        rows = self.reconcile()
        self.assertEqual(sum(rows.mapped('missing_count')), 3)
        self.assertEqual(sum(rows.mapped('drift')), 0)
        self.assertEqual(self.shop.reconciled_result, "6 of 6")
        self.run_flow('import_orders')
        self.assertEqual(set(self.get_all().mapped('sync_state')), {'done'})
        self.assertEqual(self.reconcile().mapped('missing_count'), [0] * len(rows))

    def test_a_change_that_was_missed_is_fetched(self):
        self.live_through()
        self.move(self.orders[0], 'canceled')
        rows = self.reconcile()
        self.assertEqual(sum(rows.mapped('changed_count')), 1)
        self.assertEqual(self.get_order(self.orders[0]).status, 'cancelled')

    def test_a_restored_backup_gets_its_day_back_and_sends_nothing(self):
        self.live_through()
        self.lose(self.orders)
        mark = self.mark()
        self.reconcile()
        self.run_flow('import_orders')
        self.assertEqual(len(self.get_all()), 6)
        self.assertEqual(set(self.paths_since(mark)), {'/orders/get', '/orders/items/get'})

    def test_what_lazada_withholds_is_drift(self):
        self.live_through(days=1)
        with patch.object(
                type(self.env['lazada.flow']), '_mirror_headers', return_value=(set(), set())):
            self.lose(self.orders[:1])
            rows = self.reconcile()
        self.assertEqual(sum(rows.mapped('drift')), 1)
        self.assertEqual(self.shop.reconciled_result, "1 of 2")

    # === WINDOW === #

    def test_orders_from_before_the_first_pull_are_nobody_s_loss(self):
        self.sandbox.post('clock', {'advance': -2 * 86400})
        self.buy('LZT-TEE')
        self.sandbox.post('clock', {'advance': 2 * 86400})
        self.sync()
        self.settle()
        self.reconcile()
        self.assertFalse(self.get_all())

    def test_an_older_cursor_widens_what_is_expected(self):
        self.sync()
        flow = self.get_flow()
        before = flow.since_at
        self.shop.last_order_sync = self.env.cr.now() - timedelta(days=5)
        self.run_flow('fetch_orders')
        flow.invalidate_recordset()
        self.assertLess(flow.since_at, before - timedelta(days=4))

    def test_without_a_finished_pull_there_is_nothing_to_compare(self):
        self.get_flow().cursor_at = False
        mark = self.mark()
        self.assertFalse(self.reconcile())
        self.assertEqual(self.paths_since(mark), [])

    def test_days_are_those_of_the_marketplace(self):
        flow = self.get_flow('reconcile')
        offset = SITES[self.shop.site].utc_offset
        since = datetime(2026, 3, 1, 20)
        parts = list(flow._split_days(since, datetime(2026, 3, 3, 12)))
        self.assertEqual([str(part.day) for part in parts], ['2026-03-02', '2026-03-03'])
        self.assertEqual(parts[0].start, since)
        self.assertEqual(parts[1].start, datetime(2026, 3, 3) - offset)
        self.assertEqual(parts[1].end, datetime(2026, 3, 3, 12))

    def test_the_next_check_is_at_night(self):
        flow = self.get_flow('reconcile')
        now = self.env.cr.now()
        due = now + timedelta(minutes=flow._get_interval_minutes())
        local = due + SITES[self.shop.site].utc_offset
        self.assertEqual((local.hour, local.minute), (2, self.shop.id % 60))
        self.assertTrue(timedelta() < due - now <= timedelta(hours=25))

    # === COST === #

    def live_through_long_days(self):
        """Eight days of more orders than a page holds; compared in full some days ago."""
        self.sandbox.post('behaviour', {'count_total': 'always'})
        self.live_through(days=8, per_day=3)
        rows = self.reconcile()
        self.look_back(rows, days=1)
        return rows

    def look_back(self, rows, **ago):
        rows.listed_at = self.env.cr.now() - timedelta(**ago)
        self.env.flush_all()

    def test_a_day_of_one_page_costs_one_call_and_is_compared_in_full(self):
        self.live_through(days=8, per_day=2)
        self.look_back(self.reconcile(), days=1)
        self.move(self.orders[0], 'canceled')
        mark = self.mark()
        rows = self.reconcile()
        self.assertEqual(self.paths_since(mark).count('/orders/get'), len(rows))
        self.assertEqual(sum(rows.mapped('changed_count')), 1)

    @patch.object(const, 'ORDERS_PER_PAGE', 2)
    def test_an_old_long_day_is_only_counted(self):
        rows = self.live_through_long_days()
        mark = self.mark()
        self.reconcile()
        offset = SITES[self.shop.site].utc_offset
        young = rows.filtered(lambda row: row.remote_count and datetime.combine(
            row.day, datetime.min.time()) - offset > self.env.cr.now() - timedelta(days=4))
        self.assertLess(len(young), 5)
        # Each further page repeats the last row of the page before.
        self.assertEqual(
            self.paths_since(mark).count('/orders/get'), len(rows) + 2 * len(young))
        self.assertEqual(self.shop.reconciled_result, "24 of 24")

    @patch.object(const, 'ORDERS_PER_PAGE', 2)
    def test_a_count_that_differs_is_looked_into(self):
        self.live_through_long_days()
        self.lose(self.orders[2:3])
        self.assertEqual(sum(self.reconcile().mapped('missing_count')), 1)

    @patch.object(const, 'ORDERS_PER_PAGE', 2)
    def test_old_long_days_are_compared_in_full_now_and_then(self):
        rows = self.live_through_long_days()
        self.move(self.orders[0], 'canceled')
        self.assertEqual(sum(self.reconcile().mapped('changed_count')), 0)
        self.look_back(rows, days=8)
        self.assertEqual(sum(self.reconcile().mapped('changed_count')), 1)

    # === TURNS === #

    def test_many_turns_count_like_one(self):
        self.live_through(days=3, per_day=4)
        self.lose(self.orders[:2])
        with patch.object(FlowRun, 'out_of_time', True), \
                patch.object(const, 'TURN_SECONDS', 0):
            rows = self.reconcile(turns=60)
        self.assertEqual(self.shop.reconciled_result, "12 of 12")
        self.assertEqual(sum(rows.mapped('missing_count')), 2)
        self.assertFalse(self.get_flow('reconcile').resume_at)

    def test_a_failure_goes_on_where_it_stopped(self):
        self.live_through(days=3)
        self.break_calls('/orders/get', times=50, status=500)
        self.run_flow('reconcile', turns=1)
        flow = self.get_flow('reconcile')
        flow.invalidate_recordset()
        self.assertTrue(flow.error_message)
        self.sandbox.delete('faults')
        self.reconcile()
        self.assertEqual(self.shop.reconciled_result, "6 of 6")
        self.assertFalse(flow.error_message)

    def test_old_rows_are_removed(self):
        row = self.env['lazada.reconciliation'].create({
            'shop_id': self.shop.id, 'day': self.env.cr.now().date() - timedelta(days=91)})
        self.env['lazada.reconciliation']._gc_days()
        self.assertFalse(row.exists())
