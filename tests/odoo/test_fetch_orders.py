"""Fetching: page by page into the mirror, the cursor in the same commit, nothing lost."""
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo.tools import mute_logger

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import orders as api_orders

from .orders_case import OrdersCase

SERVER_DOWN = {'kind': 'http', 'status': 500}


class TestFetchOrders(OrdersCase):

    def small_pages(self, rows=3):
        """Let pages have that many rows, so that a few orders fill several pages."""
        init = api_orders._Window.__init__

        def with_few_rows(window, client, field, bounds, status, limit, **options):
            init(window, client, field, bounds, status, rows, **options)

        self.startPatcher(patch.object(api_orders._Window, '__init__', with_few_rows))

    def buy_one_a_second(self, count, items=('LZT-TEE',), **values):
        """Buy orders, each changed a second after the one before; the last half a minute ago."""
        now = int(self.env.cr.now().replace(tzinfo=UTC).timestamp())
        return [
            self.buy(*items, created_at=now - 30 - count + number, **values)
            for number in range(count)]

    def mirrored(self, shop=None):
        orders = self.env['lazada.order'].search([('shop_id', '=', (shop or self.shop).id)])
        return dict(zip(orders.mapped('external_id'), orders, strict=True))

    def changed_at(self, order_id):
        return datetime.fromisoformat(
            self.truth(order_id)['updated_at']).astimezone(UTC).replace(tzinfo=None)

    # === PAGES AND THE CURSOR === #

    def test_a_page_is_a_commit_and_the_cursor_moves_in_it(self):
        self.small_pages()
        ids = self.buy_one_a_second(6)
        self.set_cursor(hours=1)
        seen = []

        def commit_and_look(run, **values):
            commit(run, **values)
            run.flow.invalidate_recordset()
            seen.append((
                run.flow.cursor_at, run.env['lazada.order'].search_count(
                    [('shop_id', '=', self.shop.id)])))

        from odoo.addons.lazada_connector.models.flow_run import FlowRun
        commit = FlowRun.commit
        with patch.object(FlowRun, 'commit', commit_and_look):
            self.run_flow('fetch_orders')
        # the second page repeats the last row of the first: 3 + 2 + 1
        for cursor, known in ((ids[2], 3), (ids[4], 5), (ids[5], 6)):
            self.assertIn((self.changed_at(cursor), known), seen)

    def test_a_crash_on_a_page_keeps_the_pages_before_and_goes_on_from_there(self):
        self.small_pages()
        ids = self.buy_one_a_second(9)
        start = self.set_cursor(hours=1)
        self.break_calls('/orders/get', skip=2, times=3, status=500)
        flow = self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids[:5]))
        self.assertTrue(flow.error_message)
        self.assertEqual(flow.failure_count, 1)
        self.assertGreater(flow.cursor_at, start)
        self.assertEqual(flow.cursor_at, self.changed_at(ids[4]))
        flow = self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assertRecordValues(flow, [{'error_message': False, 'failure_count': 0}])

    def test_a_crash_while_writing_a_page_writes_nothing_of_it(self):
        self.small_pages()
        ids = self.buy_one_a_second(6)
        self.set_cursor(hours=1)
        Order = self.registry['lazada.order']
        mirror, pages = Order._mirror, []

        def mirror_and_fail(orders, shop, headers, *args):
            pages.append(headers)
            result = mirror(orders, shop, headers, *args)
            if len(pages) == 2:
                raise psycopg2.OperationalError("the server closed the connection")
            return result

        with patch.object(Order, '_mirror', mirror_and_fail):
            flow = self.run_flow('fetch_orders')
            self.assertEqual(set(self.mirrored()), set(ids[:3]))
            self.assertEqual(flow.cursor_at, self.changed_at(ids[2]))
            self.assertIn("The database was busy", flow.error_message)
        self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids))

    def test_a_long_read_takes_several_turns_and_starts_each_where_the_last_ended(self):
        self.small_pages()
        ids = self.buy_one_a_second(9)
        self.set_cursor(hours=1)
        self.startPatcher(patch.object(const, 'PAGES_PER_TURN', 2))
        with self.committing() as env:
            flow = env['lazada.shop'].browse(self.shop.id)._get_flow('fetch_orders')
            flow._run_flow()
            flow.invalidate_recordset()
            self.assertLessEqual(flow.due_at, env.cr.now(), "the next turn is due at once")
            self.assertFalse(flow.last_success_at)
        self.assertEqual(len(self.mirrored()), 5)
        flow = self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assertRecordValues(flow, [{'page_position': False}])
        self.assertTrue(flow.last_success_at)

    def test_each_read_starts_ten_minutes_before_the_cursor(self):
        cursor = self.set_cursor(hours=5)
        mark = self.mark()
        self.run_flow('fetch_orders')
        [call] = self.calls_since(mark)
        # and a second more, because nobody knows whether Lazada's bounds are inclusive
        wanted = cursor - timedelta(minutes=10, seconds=1) + timedelta(hours=7)
        self.assertEqual(call['params']['update_after'], f'{wanted.isoformat()}+07:00')
        self.assertNotIn('update_before', call['params'])

    def test_reads_that_follow_closely_start_one_minute_before_the_cursor(self):
        self.run_flow('fetch_orders')
        flow = self.get_flow()
        starts = []
        for minutes_ago in (2, 4, -5):      # the clock may have been set back
            flow.overlap_read_at = self.env.cr.now() - timedelta(minutes=minutes_ago)
            flow.flush_recordset()
            mark, cursor = self.mark(), flow.cursor_at
            self.run_flow('fetch_orders')
            [call] = self.calls_since(mark)
            start = datetime.fromisoformat(call['params']['update_after'])
            starts.append(cursor.replace(microsecond=0, tzinfo=UTC) - start)
        self.assertEqual(starts, [
            timedelta(minutes=minutes, seconds=1) for minutes in (1, 10, 10)])
        self.assertLess(self.env.cr.now() - flow.overlap_read_at, timedelta(minutes=1))

    def test_an_order_that_shows_up_late_is_read_all_the_same(self):
        """Lazada's index lags behind: what changed before the cursor appears after it."""
        self.sandbox.post('behaviour', {'index_lag': 300})
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        self.assertFalse(self.mirrored())
        self.sandbox.post('behaviour', {'index_lag': 0})
        self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), {order_id})

    def test_an_order_from_the_future_does_not_hide_the_next_ones(self):
        first = self.buy('LZT-TEE')
        self.override(first, header={'updated_at': '2099-01-01 00:00:00 +0700'})
        self.sync()
        self.assertLess(self.shop.last_order_sync, self.env.cr.now() + timedelta(minutes=1))
        second = self.buy('LZT-TEE')
        self.sync()
        self.assertEqual(set(self.mirrored()), {first, second})

    def test_the_time_of_an_order_from_the_future_does_not_freeze_it(self):
        order_id = self.buy('LZT-TEE')
        self.override(order_id, header={'updated_at': '2099-01-01 00:00:00 +0700'})
        self.sync()
        self.override(order_id, header={'updated_at': self.truth(order_id)['updated_at']})
        self.move(order_id, 'canceled')
        self.sync()
        self.assertEqual(self.get_order(order_id).status, 'cancelled')

    # === COST === #

    def test_500_new_orders_cost_five_pages_and_ten_calls_for_units(self):
        self.set_cursor(hours=1)
        self.sandbox.post('orders', {
            'site': 'th', 'seller_id': self.shop.external_id, 'count': 500,
            'items': [{'seller_sku': 'LZT-TEE'}, {'seller_sku': 'LZT-MUG'}],
            'status': 'pending'})
        mark = self.mark()
        self.run_flow('fetch_orders')
        paths = self.paths_since(mark)
        self.assertEqual(len(self.mirrored()), 500)
        self.assertLessEqual(paths.count('/orders/get'), 7)
        self.assertEqual(paths.count('/orders/items/get'), 10)
        self.assertEqual(set(paths), {'/orders/get', '/orders/items/get'})

    def test_what_is_known_costs_one_call(self):
        self.buy_one_a_second(5)
        self.run_flow('fetch_orders')
        mark = self.mark()
        self.run_flow('fetch_orders')
        self.assertEqual(self.paths_since(mark), ['/orders/get'])

    # === UNITS === #

    def test_units_that_did_not_come_are_asked_for_again(self):
        order_id = self.buy('LZT-TEE')
        self.break_calls('/orders/items/get', times=0, status=500)
        flow = self.run_flow('fetch_orders')
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'items_state': 'missing', 'sync_state': 'attention',
            'issue_code': 'items_missing', 'item_ids': []}])
        self.assertGreaterEqual(flow.cursor_at, self.changed_at(order_id), "headers move it")
        self.sandbox.delete('faults')
        self.set_cursor()   # so that the header is not read again by the overlap
        flow.cursor_at += timedelta(hours=1)
        self.sync()
        self.assertRecordValues(order, [{
            'items_state': 'read', 'sync_state': 'done', 'issue_code': False}])

    def test_a_change_whose_units_did_not_come_is_not_forgotten(self):
        """The header is known already; only the units still say what they said before."""
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.move(order_id, 'canceled')
        self.break_calls('/orders/items/get', times=0, status=500)
        self.run_flow('fetch_orders')
        self.sandbox.delete('faults')
        self.sync()
        self.assertEqual(self.get_order(order_id).status, 'cancelled')
        self.assertEqual(self.get_sale(order_id).state, 'cancel')

    def test_one_bad_id_does_not_cost_the_others_their_units(self):
        ids = self.buy_one_a_second(5)
        known = self.truth(ids[2])
        answer = {'kind': 'error', 'code': '37',
                  'message': f"E037: One or more order id in the list are incorrect: {ids[2]}"}
        # the whole list, the half with the bad one, and the bad one alone are refused
        self.break_calls('/orders/items/get', times=1, **answer)
        self.run_flow('fetch_orders')
        self.assertEqual(known['order_id'], ids[2])
        orders = self.mirrored()
        self.assertEqual(set(orders), set(ids))
        self.assertEqual({order.items_state for order in orders.values()}, {'read'})

    def test_units_of_open_orders_are_read_again_though_the_header_is_unchanged(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        order = self.get_order(order_id)
        self.move_silently(order_id, 'shipped')
        self.get_flow().cursor_at += timedelta(hours=1)    # the header is not read again
        self.sync()
        self.assertEqual(order.status, 'to_pack')
        order.items_read_at -= timedelta(hours=const.ITEMS_REREAD_HOURS, minutes=1)
        order.flush_recordset()
        self.sync()
        self.assertEqual(order.status, 'shipped')

    def test_open_orders_that_do_not_fit_into_a_turn_are_read_soon(self):
        ids = [self.buy('LZT-TEE') for _each in range(3)]
        self.sync()
        self.get_flow().cursor_at += timedelta(hours=1)
        for order_id in ids:
            self.get_order(order_id).items_read_at -= timedelta(
                hours=const.ITEMS_REREAD_HOURS, minutes=1)
        self.env.flush_all()
        self.startPatcher(patch.object(const, 'REREAD_PER_TURN', 2))
        for read, minutes in ((1, (0, 2)), (1, (50, 70)), (0, (50, 70))):
            mark = self.mark()
            flow = self.run_flow('fetch_orders')
            self.assertEqual(self.paths_since(mark).count('/orders/items/get'), read)
            wait = (flow.due_at - self.env.cr.now()) / timedelta(minutes=1)
            self.assertTrue(minutes[0] < wait < minutes[1], wait)

    def move_silently(self, order_id, status):
        self.sandbox.post(
            f'orders/th/{self.shop.external_id}/{order_id}/status',
            {'status': status, 'touch': False})

    def test_two_changes_within_a_second_are_both_seen(self):
        """The header tells whole seconds: after the second change it reads as after the first."""
        order_id = self.buy('LZT-TEE', 'LZT-TEE', {'seller_sku': 'LZT-MUG', 'status': 'canceled'})
        self.sync()
        order = self.get_order(order_id)
        order.items_read_at = order.remote_updated_at
        order.flush_recordset()
        unit = self.truth(order_id)['items'][0]['order_item_id']
        self.sandbox.post(f'orders/th/{self.shop.external_id}/{order_id}/status', {
            'status': 'canceled', 'order_item_ids': [unit], 'touch': False})
        self.sync()
        self.assertEqual(self.get_sale(order_id).order_line.product_uom_qty, 1)

    def test_what_was_read_a_while_after_its_change_is_not_read_again(self):
        self.buy_one_a_second(3, items=('LZT-TEE', 'LZT-MUG'))
        self.sync()
        mark = self.mark()
        self.sync()
        self.assertEqual(self.paths_since(mark), ['/orders/get'])

    def test_no_units_and_too_few_units_wait_and_are_read_again(self):
        empty, short = self.buy('LZT-TEE'), self.buy('LZT-TEE', 'LZT-MUG')
        units = {order_id: [item['order_item_id'] for item in self.truth(order_id)['items']]
                 for order_id in (empty, short)}
        self.override(empty, hide_items=units[empty])
        self.override(short, hide_items=units[short][:1])
        self.sync()
        self.assertRecordValues(self.get_order(empty) + self.get_order(short), [
            {'sync_state': 'attention', 'issue_code': 'no_items', 'sale_order_id': False},
            {'sync_state': 'attention', 'issue_code': 'items_incomplete',
             'sale_order_id': False}])
        for order_id in (empty, short):
            self.override(order_id, hide_items=[], touch=False)
        self.get_flow().cursor_at += timedelta(hours=1)    # not by the overlap
        self.sync()
        self.assertEqual(
            (self.get_order(empty) + self.get_order(short)).mapped('sync_state'),
            ['done', 'done'])

    def test_300_units_are_300_records_and_one_line(self):
        order_id = self.buy(*['LZT-TEE'] * 300)
        self.sync()
        order = self.get_order(order_id)
        self.assertEqual(len(order.item_ids), 300)
        self.assertRecordValues(order.sale_order_id.order_line, [{
            'product_id': self.tee.id, 'product_uom_qty': 300, 'price_unit': 19.99}])
        self.assertEqual(order.sale_order_id.amount_total, 5997)

    def test_an_answer_that_took_long_does_not_overwrite_what_was_asked_for_later(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        order = self.get_order(order_id)
        items = api_orders.Orders.items

        def overtaken(orders, order_ids):
            """While this answer is on its way, another worker reads what happened since."""
            answer = items(orders, order_ids)
            self.env.cr.execute(
                "UPDATE lazada_order_item SET status = 'cancelled', raw_status = 'canceled'"
                " WHERE order_id = %s", [order.id])
            self.env.cr.execute(
                "UPDATE lazada_order SET items_read_at = clock_timestamp() AT TIME ZONE 'UTC',"
                " status = 'cancelled' WHERE id = %s", [order.id])
            return answer

        self.sandbox.post('clock', {'advance': 5})
        self.override(order_id, header={'remarks': 'changed'})
        with patch.object(api_orders.Orders, 'items', overtaken):
            self.run_flow('fetch_orders')
        order.invalidate_recordset()
        self.assertEqual(order.item_ids.mapped('status'), ['cancelled', 'cancelled'])
        self.assertEqual(order.status, 'cancelled')
        self.override(order_id, header={'remarks': 'changed again'})
        self.run_flow('fetch_orders')
        self.assertEqual(order.item_ids.mapped('status'), ['to_pack', 'to_pack'])

    def test_units_asked_for_earlier_than_the_known_ones_are_ignored(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        order = self.get_order(order_id)
        [unit] = self.truth(order_id)['items']
        row = {'order_item_id': unit['order_item_id'], 'sku': 'LZT-TEE', 'item_price': 19.99,
               'paid_price': 19.99, 'currency': 'THB'}
        read_at = order.items_read_at
        for status, seconds, expected in (
                ('canceled', 10, 'cancelled'), ('pending', 9, 'cancelled'),
                ('pending', 10, 'to_pack'), ('canceled', -1, 'to_pack')):
            asked_at = read_at + timedelta(seconds=seconds)
            order._mirror_reread({order_id: [{**row, 'status': status}]}, asked_at)
            self.assertEqual(order.status, expected)
            self.assertEqual(order.items_read_at, read_at + timedelta(seconds=10))
        order._mirror_reread({}, read_at)
        self.assertEqual(order.items_state, 'read', "no answer to an older question")

    def test_an_answer_that_was_read_before_writes_nothing(self):
        done = self.buy('LZT-TEE')
        self.sync()
        waiting = self.buy('LZT-TEE')
        self.break_calls('/orders/items/get', times=0, status=500)
        self.sync()
        orders = self.get_order(waiting) + self.get_order(done)
        self.assertEqual(orders.mapped('items_state'), ['missing', 'read'])
        self.env.flush_all()
        self.env.cr.execute("UPDATE lazada_order SET write_date = '2020-01-01'")
        orders.invalidate_recordset()
        self.sync()
        self.assertEqual({order.write_date.year for order in orders}, {2020})

    # === ODD ANSWERS === #

    def test_an_older_answer_is_ignored(self):
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        order = self.get_order(order_id)
        known = order.remote_updated_at
        self.override(order_id, header={
            'updated_at': '2020-01-01 00:00:00 +0700', 'payment_method': 'OLD'})
        self.run_flow('fetch_orders')
        self.assertEqual(order.remote_updated_at, known)
        self.assertNotEqual(order.payment_method, 'OLD')

    def test_the_same_order_twice_on_a_page_is_one_order(self):
        ids = self.buy_one_a_second(2)
        pages = api_orders.Orders.pages

        def doubled(orders, **bounds):
            for page in pages(orders, **bounds):
                page.orders.extend(list(page.orders))
                yield page

        with patch.object(api_orders.Orders, 'pages', doubled):
            self.sync()
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assertEqual(self.env['lazada.order'].search_count(
            [('shop_id', '=', self.shop.id)]), 2)
        self.assertEqual(self.env['sale.order'].search_count(
            [('lazada_shop_id', '=', self.shop.id)]), 2)

    def test_two_shops_may_have_the_same_order_id(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        first = self.buy('LZT-TEE', order_id='777001')
        second = self.buy('LZT-TEE', order_id='777001', shop=other)
        self.assertEqual(first, second)
        self.sync()
        self.sync(other)
        sales = self.get_sale(first) + self.get_sale(second, other)
        self.assertRecordValues(sales, [
            {'lazada_shop_id': self.shop.id, 'amount_total': 19.99},
            {'lazada_shop_id': other.id, 'amount_total': 4.5}])
        self.assertEqual(sales.currency_id.mapped('name'), ['THB', 'SGD'])

    def test_a_bad_amount_keeps_back_only_its_own_order(self):
        bad = self.buy('LZT-TEE')
        good = self.buy('LZT-TEE')
        [unit] = self.truth(bad)['items']
        self.override(bad, items={unit['order_item_id']: {'item_price': 'NaN'}})
        self.sync()
        self.assertEqual(self.get_order(good).sync_state, 'done')
        order = self.get_order(bad)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'sale_order_id': False}])
        self.assertIn("NaN", order.issue_message)
        self.override(bad, items={unit['order_item_id']: {'item_price': 19.99}})
        self.sync()
        self.assertEqual(order.sync_state, 'done')

    def test_header_values_that_cannot_be_read_never_stop_a_shop(self):
        for header in (
                {'price': 'twelve'}, {'shipping_fee': 'inf'}, {'voucher': 'NaN'},
                {'items_count': 'many'}, {'items_count': 99999999999},
                {'created_at': 'yesterday'}, {'updated_at': 'soon'},
                {'statuses': None}, {'address_shipping': None}, {'address_billing': 'street'},
                {'extra_attributes': '{'}, {'order_number': '__missing__'}):
            with self.subTest(header=header):
                order_id = self.buy('LZT-TEE')
                self.override(order_id, header=header)
                self.sync()
                flow = self.get_flow()
                self.assertFalse(flow.error_message)
                self.assertEqual(self.get_order(order_id).sync_state, 'done')
                self.assertEqual(self.get_sale(order_id).amount_total, 19.99)

    @contextmanager
    def refusing(self, order_id):
        """Have the database refuse a value of that order, as nobody foresaw."""
        Order = self.registry['lazada.order']
        prepare = Order._prepare_header_vals

        def prepare_too_much(orders, shop, header, digest):
            vals = prepare(orders, shop, header, digest)
            return vals | ({'items_count': 2 ** 40} if str(header['order_id']) == order_id else {})

        with patch.object(Order, '_prepare_header_vals', prepare_too_much), mute_logger(
                'odoo.sql_db', 'odoo.addons.lazada_connector.models.lazada_flow_mirror'):
            yield

    def test_an_order_that_cannot_be_mirrored_keeps_nobody_back(self):
        before, bad, after = self.buy_one_a_second(3)
        self.set_cursor(hours=1)
        with self.refusing(bad):
            self.sync()
        flow = self.get_flow()
        self.assertFalse(flow.error_message)
        self.assertGreaterEqual(flow.cursor_at, self.changed_at(after))
        for order_id in (before, after):
            self.assertEqual(self.get_order(order_id).sync_state, 'done')
        order = self.get_order(bad)
        self.assertRecordValues(order, [{
            'items_state': 'unreadable', 'sync_state': 'attention', 'issue_code': 'bad_value',
            'sale_order_id': False, 'remote_updated_at': self.changed_at(bad)}])
        self.assertIn("out of range", order.issue_message)
        self.get_flow().cursor_at += timedelta(hours=1)    # only Retry brings it back
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        self.sync()
        self.assertRecordValues(order, [{'items_state': 'read', 'sync_state': 'done'}])
        self.assertTrue(order.customer_name, "the header was read again too")

    def test_an_order_that_is_known_and_cannot_be_mirrored_any_more_says_so(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.move(order_id, 'canceled')
        good = self.buy('LZT-TEE')
        with self.refusing(order_id):
            self.sync()
        self.assertEqual(self.get_order(good).sync_state, 'done')
        self.assertEqual(self.get_order(order_id).issue_code, 'bad_value')
        self.sync()
        self.assertEqual(self.get_sale(order_id).state, 'cancel')

    def test_units_read_again_that_cannot_be_mirrored_keep_nobody_back(self):
        bad, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
        self.break_calls('/orders/items/get', times=0, status=500)
        self.run_flow('fetch_orders')
        self.sandbox.delete('faults')
        self.get_flow().cursor_at += timedelta(hours=1)    # the headers are not read again
        Order = self.registry['lazada.order']
        update = Order._update_items

        def fail(order, *args):
            if order.external_id == bad:
                raise ZeroDivisionError("nobody foresaw this")
            return update(order, *args)

        with patch.object(Order, '_update_items', fail), \
                mute_logger('odoo.addons.lazada_connector.models.lazada_flow_mirror'):
            self.sync()
        self.assertFalse(self.get_flow().error_message)
        self.assertEqual(self.get_order(good).sync_state, 'done')
        self.assertRecordValues(self.get_order(bad), [{
            'sync_state': 'attention', 'issue_code': 'bad_value'}])
        self.assertIn("nobody foresaw this", self.get_order(bad).issue_message)

    def test_unknown_statuses_are_shown_and_never_a_reason_to_import(self):
        alone = self.buy('LZT-TEE', status='teleported')
        mixed = self.buy({'seller_sku': 'LZT-TEE', 'status': 'teleported'}, 'LZT-MUG')
        self.sync()
        self.assertRecordValues(self.get_order(alone), [{
            'status': 'unknown', 'sync_state': 'ignored', 'sale_order_id': False}])
        self.assertEqual(self.get_order(alone).item_ids.raw_status, 'teleported')
        order = self.get_order(mixed)
        self.assertRecordValues(order, [{'status': 'to_pack', 'sync_state': 'done'}])
        self.assertEqual(order.sale_order_id.order_line.product_id, self.mug)
        self.assertEqual(order.sale_order_id.amount_total, 1152)

    def test_the_raw_answer_is_kept_word_for_word(self):
        order_id = self.buy('LZT-TEE')
        self.override(order_id, header={'remarks': 'a\x00b \ud800 ร้าน'})
        self.run_flow('fetch_orders')
        payload = self.env['lazada.payload'].search([
            ('res_model', '=', 'lazada.order'), ('res_id', '=', self.get_order(order_id).id)])
        self.assertIn('a\\u0000b \\ud800 \\u0e23', payload.body)
