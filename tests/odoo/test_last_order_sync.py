"""Last Order Sync: the one date a person moves to have orders read and decided again."""
from datetime import timedelta

import pytest

from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.lazada_connector.models.flow_run import LeaseLost

from .orders_case import OrdersCase


class TestLastOrderSync(OrdersCase):

    def rewind(self, **ago):
        wanted = self.env.cr.now().replace(microsecond=0) - timedelta(**ago)
        self.shop.last_order_sync = wanted
        return wanted

    def test_it_shows_how_far_orders_are_known(self):
        self.buy('LZT-TEE')
        before = self.env.cr.now() - timedelta(seconds=1)
        self.sync()
        self.assertEqual(self.shop.last_order_sync, self.get_flow().cursor_at)
        self.assertGreater(self.shop.last_order_sync, before)

    def test_it_advances_even_when_nothing_was_sold(self):
        self.set_cursor(days=20)
        self.run_flow('fetch_orders')
        self.assertGreater(
            self.shop.last_order_sync, self.env.cr.now() - timedelta(minutes=1))

    def test_an_earlier_date_decides_again_what_did_not_change(self):
        self.shop.skip_ordered_before = self.env.cr.now() + timedelta(days=1)
        order_id = self.buy('LZT-TEE')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'sync_state': 'ignored', 'issue_code': 'before_go_live'}])
        self.shop.skip_ordered_before = False
        self.sync()
        self.assertEqual(order.sync_state, 'ignored', "nothing changed on Lazada")
        self.rewind(days=1)
        self.sync()
        self.assertEqual(order.sync_state, 'done')
        self.assertTrue(order.sale_order_id)

    def test_saving_an_earlier_date_starts_a_run(self):
        self.end_runs()
        self.rewind(days=2)
        self.assert_woken()

    def test_the_run_reads_from_the_date_that_was_set(self):
        self.run_flow('fetch_orders')
        wanted = self.rewind(days=3)
        mark = self.mark()
        self.run_flow('fetch_orders')
        [call] = [c for c in self.calls_since(mark) if c['path'] == '/orders/get']
        start = wanted - timedelta(minutes=10, seconds=1) + timedelta(hours=7)
        self.assertEqual(call['params']['update_after'][:19], start.isoformat()[:19])

    def test_an_order_forced_once_is_not_forced_for_ever(self):
        self.buy('LZT-TEE')
        self.sync()
        self.rewind(days=1)
        self.sync()
        mark = self.mark()
        self.sync()
        self.assertEqual(self.paths_since(mark), ['/orders/get'])

    def test_the_same_date_does_nothing(self):
        self.run_flow('fetch_orders')
        self.end_runs()
        names = ['cursor_at', 'force_until', 'page_position', 'due_at', 'token']
        before = self.get_flow().read(names)
        [values] = self.shop.read(['last_order_sync'])
        self.shop.write({'last_order_sync': values['last_order_sync'], 'name': "Other"})
        self.get_flow().invalidate_recordset()
        self.assertEqual(self.get_flow().read(names), before)
        self.assert_asleep()

    def test_a_date_with_parts_of_a_second_is_the_same_when_written_back(self):
        self.get_flow().cursor_at = self.env.cr.now().replace(microsecond=999)
        self.end_runs()
        self.shop.last_order_sync = self.get_flow().cursor_at.replace(microsecond=0)
        self.assert_asleep()

    def test_a_later_date_is_refused_because_orders_would_be_skipped(self):
        cursor = self.set_cursor(days=2)
        with self.assertRaisesRegex(UserError, "would skip the orders since"):
            self.shop.last_order_sync = cursor + timedelta(seconds=1)
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.last_order_sync, cursor)

    def test_the_future_is_refused_even_from_an_empty_date(self):
        self.get_flow().cursor_at = False
        with self.assertRaisesRegex(UserError, "only be set to an earlier time"):
            self.shop.last_order_sync = self.env.cr.now() + timedelta(minutes=1)

    def test_from_empty_any_past_date_is_accepted(self):
        self.get_flow().cursor_at = False
        self.end_runs()
        wanted = self.rewind(days=400)
        self.assertEqual(self.get_flow().cursor_at, wanted)
        self.assert_woken()

    def test_cleared_means_the_days_of_the_first_sync(self):
        self.run_flow('fetch_orders')
        self.shop.first_sync_days = 7
        self.end_runs()
        self.shop.last_order_sync = False
        self.assertFalse(self.shop.last_order_sync)
        self.assert_woken()
        mark = self.mark()
        self.run_flow('fetch_orders')
        [call] = [c for c in self.calls_since(mark) if c['path'] == '/orders/get']
        start = self.env.cr.now() - timedelta(days=7) + timedelta(hours=7)
        self.assertEqual(call['params']['update_after'][:13], start.isoformat()[:13])
        self.assertTrue(self.shop.last_order_sync)

    def test_a_run_in_progress_is_fenced_off(self):
        self.buy('LZT-TEE')
        with self.committing() as env:
            flow = env['lazada.shop'].browse(self.shop.id)._get_flow('fetch_orders')
            run = flow._take(10)
            wanted = env.cr.now().replace(microsecond=0) - timedelta(days=5)
            flow.shop_id.last_order_sync = wanted
            env.cr.commit()
            with pytest.raises(LeaseLost):
                run.commit(cursor_at=env.cr.now())
            flow.invalidate_recordset()
            self.assertEqual(flow.cursor_at, wanted)
            self.assertTrue(flow._run_flow(), "the next run starts at once")

    def test_an_unfinished_read_does_not_hide_the_date(self):
        """A turn that ended half way remembers its place; a person's date comes first."""
        flow = self.get_flow()
        flow.page_position = {
            'after': self.env.cr.now().isoformat(), 'read': 0, 'anchor': None, 'last_seen': None}
        wanted = self.rewind(days=3)
        mark = self.mark()
        self.run_flow('fetch_orders')
        [call] = [c for c in self.calls_since(mark) if c['path'] == '/orders/get']
        self.assertLess(call['params']['update_after'][:19],
                        (wanted + timedelta(hours=7)).isoformat()[:19])

    def test_through_the_web_form(self):
        self.buy('LZT-TEE')
        self.sync()
        self.end_runs()
        with Form(self.shop) as form:
            form.name = "Renamed only"
        self.assert_asleep()
        with Form(self.shop) as form:
            form.last_order_sync = self.env.cr.now().replace(microsecond=0) - timedelta(days=1)
        self.assert_woken()
        with self.assertRaises(UserError), Form(self.shop) as form:
            form.last_order_sync = self.env.cr.now() + timedelta(days=1)

    def test_an_order_without_a_time_of_change_does_not_stop_a_forced_read(self):
        order_id = self.buy('LZT-TEE')
        self.override(order_id, header={'updated_at': ''})
        self.sync()
        self.rewind(days=1)
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
