"""F20 to F29: lists of orders that repeat, shift, lie, overflow or come late."""
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api import orders as api_orders

from lazada_sandbox.api import orders as sandbox_orders
from tests.harness.profile import PROFILE

from .faults_case import FETCH, ITEMS, FaultsCase

# Lazada gives no row beyond this offset; the fast profile meets the same with fewer orders.
DEEPEST = 5000 if PROFILE.name == 'long' else 150


class TestPages(FaultsCase):

    def between_pages(self, action):
        """Let `action(number of the page)` happen after each page that was mirrored."""
        numbers = iter(range(1, 10_000))
        flow_class = self.registry['lazada.flow']
        fetch_page = flow_class._fetch_page

        def and_act(flow, *args):
            result = fetch_page(flow, *args)
            action(next(numbers))
            return result

        self.startPatcher(patch.object(flow_class, '_fetch_page', and_act))

    def test_f20_the_same_page_twice_is_one_set_of_orders(self):
        self.small_pages()
        ids = self.buy_one_a_second(9)
        self.set_cursor(hours=1)
        self.break_calls(FETCH, kind='repeat', skip=1)
        self.sync()
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assert_imported(*ids)

    def test_f20_a_page_that_repeats_for_ever_loses_nothing_and_ends(self):
        self.small_pages()
        ids = self.buy_one_a_second(9)
        self.set_cursor(hours=1)
        self.break_calls(FETCH, kind='repeat', skip=1, times=0)
        mark = self.mark()
        flow = self.run_flow('fetch_orders')
        self.assertTrue(flow.error_message)
        self.assertLess(self.count_calls(mark, FETCH), 100)
        self.check_invariants(settled=False)
        self.heal()
        self.sync()
        self.assert_imported(*ids)

    def test_f20_the_same_order_on_two_pages_is_one_order(self):
        self.small_pages()
        ids = self.buy_one_a_second(7)
        self.set_cursor(hours=1)
        self.between_pages(
            lambda number: number == 1 and self.touch(ids[0]))   # read already; comes again
        self.sync()
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assert_imported(*ids)

    def touch(self, order_id, shop=None):
        """The order changes in nothing but its time."""
        return super(FaultsCase, self).override(order_id, shop)

    def test_f21_orders_that_change_while_they_are_read_are_not_skipped(self):
        self.small_pages()
        ids = self.buy_one_a_second(12)
        self.set_cursor(hours=1)
        # each change moves an order to the end, and all behind it one place to the front
        self.between_pages(lambda number: number < 8 and self.move(
            ids[number - 1], 'ready_to_ship' if number % 2 else 'canceled'))
        self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids))
        self.check_invariants(settled=False)
        self.sync()
        for order_id in ids:
            self.assertEqual(
                self.get_order(order_id).item_ids.raw_status,
                self.truth(order_id)['items'][0]['status'])

    def test_f21_orders_that_arrive_while_others_are_read_are_not_skipped(self):
        self.small_pages()
        ids = self.buy_one_a_second(6)
        self.set_cursor(hours=1)
        self.between_pages(lambda number: number < 5 and ids.append(self.buy('LZT-TEE')))
        self.sync()
        self.sync()
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assert_imported(*ids)


class TestOverflow(FaultsCase):

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(api_orders, 'MAX_OFFSET', DEEPEST))
        self.startPatcher(patch.object(sandbox_orders, 'DEEPEST', DEEPEST))
        if DEEPEST < 5000:
            self.small_pages(50)

    def buy_many(self, count, **values):
        """Orders that left already: mirrored, never imported."""
        answer = self.sandbox.post('orders', {
            'site': 'th', 'seller_id': self.shop.external_id, 'count': count,
            'items': [{'seller_sku': 'LZT-TEE'}], 'status': 'shipped', **values})
        return {order['order_id'] for order in answer['orders']}

    def check_all_known(self, ids):
        self.run_flow('fetch_orders', turns=1000)
        self.assertFalse(self.get_flow().error_message)
        self.assertEqual(set(self.mirrored()), ids)

    def test_f22_more_orders_than_the_deepest_offset_all_arrive(self):
        self.set_cursor(hours=1)
        now = int(time.time())
        ids = set()
        for number in range(12):        # a dozen seconds of many orders each
            ids |= self.buy_many(DEEPEST // 5, created_at=now - 2400 + number)
        self.assertGreater(len(ids), 2 * DEEPEST)
        for beyond in ('error', 'empty'):
            with self.subTest(beyond=beyond):
                self.behave(deep_offset=beyond)
                self.check_all_known(ids)

    def test_f23_more_orders_in_one_second_than_the_deepest_offset(self):
        """They differ in nothing but their status, so they are read status by status."""
        self.set_cursor(hours=1)
        now = int(time.time())
        ids = self.buy_many(DEEPEST, created_at=now - 2400)
        ids |= self.buy_many(DEEPEST, created_at=now - 2400, status='delivered')
        ids |= self.buy_many(5, created_at=now - 1800)
        self.check_all_known(ids)

    def test_f23_too_many_alike_in_one_second_are_said_and_the_cursor_stays(self):
        cursor = self.set_cursor(hours=1)
        now = int(time.time())
        ids = self.buy_many(2 * DEEPEST, created_at=now - 2400)
        flow = self.run_flow('fetch_orders', turns=1000)
        self.assertIn("Nothing was skipped", flow.error_message)
        crowded = datetime.fromtimestamp(now - 2400, UTC).replace(tzinfo=None)
        self.assertTrue(cursor <= flow.cursor_at <= crowded)
        self.assertTrue(set(self.mirrored()) <= ids)
        self.check_invariants(settled=False)
        # the platform thins them out, for example because they change
        for order_id in list(ids)[:DEEPEST]:
            self.move(order_id, 'delivered')
        self.check_all_known(ids)


class TestCounts(FaultsCase):

    def test_f24_a_count_that_is_too_low_or_too_high_loses_nothing(self):
        self.small_pages()
        for count in ('low', 'high', 'never', 'always'):
            with self.subTest(count=count):
                self.behave(count_total=count)
                known = set(self.mirrored())
                ids = self.buy_one_a_second(7)
                self.set_cursor(minutes=5)
                flow = self.run_flow('fetch_orders')
                self.assertFalse(flow.error_message)
                self.assertEqual(set(self.mirrored()) - known, set(ids))
                self.run_flow('import_orders')
                self.assert_imported(*ids)


class TestTimes(FaultsCase):

    def pass_time(self, seconds):
        """Time passes, on Lazada and for the memory of what was read when."""
        self.sandbox.post('clock', {'advance': seconds})
        flow = self.get_flow()
        if flow.overlap_read_at:
            flow.overlap_read_at -= timedelta(seconds=seconds)
            flow.flush_recordset()

    def test_f25_an_order_that_shows_up_five_minutes_late_is_caught_by_the_overlap(self):
        self.behave(index_lag=300)
        self.lag = 300
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        self.assertFalse(self.mirrored())
        self.check_invariants(settled=False)
        self.pass_time(301)
        self.sync()
        self.assert_imported(order_id)

    def test_f25_an_order_that_shows_up_late_is_caught_also_where_pulls_are_seconds_apart(self):
        """Only some of them read the whole overlap."""
        self.behave(index_lag=300)
        self.lag = 300
        order_id = self.buy('LZT-TEE')
        for _pull in range(8):
            self.run_flow('fetch_orders')
            self.assertFalse(self.mirrored())
            self.pass_time(37)
        for _pull in range(5):      # five minutes have passed, and soon the whole is read again
            self.pass_time(37)
            self.run_flow('fetch_orders')
        self.assertIn(order_id, self.mirrored())

    def test_f25_an_order_that_shows_up_hours_late_comes_when_a_person_goes_back(self):
        self.behave(index_lag=4 * 3600)
        self.lag = 4 * 3600
        order_id = self.buy('LZT-TEE')
        for seconds in (3600, 3 * 3600 + 1):
            self.run_flow('fetch_orders')
            self.sandbox.post('clock', {'advance': seconds})
        self.run_flow('fetch_orders')
        self.assertFalse(self.mirrored(), "the overlap is too short for this")
        self.shop.last_order_sync = self.env.cr.now() - timedelta(minutes=5)
        self.sync()
        self.assert_imported(order_id)

    def test_f25_an_order_that_shows_up_late_is_found_by_the_nightly_comparison(self):
        """The pull has passed it for good: it became visible after the overlap was over."""
        self.sync()
        placed = self.env.cr.now().replace(microsecond=0) - timedelta(hours=2)
        self.set_cursor(hours=3)
        pull = self.get_flow()
        pull.since_at = placed - timedelta(hours=1)
        late = self.buy('LZT-TEE', created_at=int(placed.replace(tzinfo=UTC).timestamp()))
        pull.cursor_at = self.env.cr.now()      # its index was late; this much was read meanwhile
        self.sync()
        self.assertFalse(self.mirrored().get(late), "no pull finds it any more")
        self.run_flow('reconcile')
        self.run_flow('import_orders')
        self.assert_imported(late)

    def test_f26_an_answer_older_than_what_is_known_is_ignored_and_only_debugged(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        order = self.get_order(order_id)
        known = order.remote_updated_at
        self.override(order_id, header={
            'updated_at': '2020-01-01 00:00:00 +0700', 'payment_method': 'OLD'})
        logger = 'odoo.addons.lazada_connector.models.lazada_order_fetch'
        with self.assertLogs(logger, 'DEBUG') as log:
            self.run_flow('fetch_orders')
        self.assertEqual({record.levelname for record in log.records}, {'DEBUG'})
        self.assertIn(order_id, log.output[0])
        self.assertEqual(order.remote_updated_at, known)
        self.assertNotEqual(order.payment_method, 'OLD')

    def test_f27_moments_of_any_offset_are_the_same_instant(self):
        moment = self.env.cr.now().replace(microsecond=0) - timedelta(minutes=30)
        self.set_cursor(hours=1)
        local = moment + timedelta(hours=7)
        forms = (
            f'{local:%Y-%m-%d %H:%M:%S} +0700',
            f'{local + timedelta(hours=1):%Y-%m-%d %H:%M:%S} +0800',
            f'{local:%Y-%m-%dT%H:%M:%S}+07:00',
            f'{moment:%Y-%m-%dT%H:%M:%SZ}',
            f'{local:%Y-%m-%d %H:%M:%S}',       # no offset: the shop's own
            int(moment.replace(tzinfo=UTC).timestamp() * 1000),
        )
        created_at = int(moment.replace(tzinfo=UTC).timestamp())
        ids = [self.buy('LZT-TEE', created_at=created_at) for _form in forms]
        for order_id, form in zip(ids, forms, strict=True):
            self.override(
                order_id, header={'created_at': form, 'updated_at': form}, touch=False)
        self.sync()
        for order_id in ids:
            self.assertRecordValues(self.get_order(order_id), [
                {'ordered_at': moment, 'remote_updated_at': moment, 'sync_state': 'done'}])
            self.assertEqual(self.get_sale(order_id).date_order, moment)


class TestIdentity(FaultsCase):

    def test_f28_two_shops_with_the_same_order_id_are_two_orders(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        first = self.buy('LZT-TEE', order_id='777001')
        second = self.buy('LZT-TEE', 'LZT-TEE', order_id='777001', shop=other)
        self.assertEqual(first, second)
        self.sync()
        self.sync(other)
        self.assert_imported(first)
        self.assert_imported(second, shop=other)
        self.assertRecordValues(self.get_sale(first) + self.get_sale(second, other), [
            {'lazada_shop_id': self.shop.id, 'amount_total': 19.99},
            {'lazada_shop_id': other.id, 'amount_total': 9}])
        self.move(first, 'canceled')
        self.sync()
        self.sync(other)
        self.assertEqual(self.get_sale(first).state, 'cancel')
        self.assertEqual(self.get_sale(second, other).state, 'sale')


class TestUnits(FaultsCase):

    def hide(self, order_id, *unit_ids):
        super(FaultsCase, self).override(order_id, hide_items=unit_ids)

    def units(self, order_id):
        return [item['order_item_id'] for item in self.truth(order_id)['items']]

    def test_f29_no_units_or_too_few_are_waited_for(self):
        empty, short = self.buy('LZT-TEE'), self.buy('LZT-TEE', 'LZT-MUG')
        self.hide(empty, *self.units(empty))
        self.hide(short, *self.units(short)[:1])
        for _run in range(3):
            self.sync()
        self.assertRecordValues(self.get_order(empty) + self.get_order(short), [
            {'sync_state': 'attention', 'issue_code': 'no_items', 'sale_order_id': False},
            {'sync_state': 'attention', 'issue_code': 'items_incomplete',
             'sale_order_id': False}])
        self.assertIn("1 of 2", self.get_order(short).issue_message)
        self.attention |= {empty, short}
        self.check_invariants(settled=False)
        self.attention.clear()
        for order_id in (empty, short):
            self.hide(order_id)
        self.sync()
        self.assert_imported(empty, short)

    def test_f29_a_unit_missing_from_a_later_answer_is_not_taken_off(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.hide(order_id, *self.units(order_id)[:1])
        self.sync()
        self.assert_imported(order_id)
        self.assertEqual(self.get_sale(order_id).amount_total, 1171.99)
        self.hide(order_id)

    def test_f29_units_that_never_come_cost_the_others_nothing(self):
        ids = self.buy_one_a_second(5)
        self.set_cursor(hours=1)
        bad = ids[2]
        self.sandbox.post('faults', {
            'path': ITEMS, 'kind': 'error', 'times': 1, 'code': '37',
            'message': f"E037: One or more order id in the list are incorrect: {bad}"})
        self.hide(bad, *self.units(bad))
        self.sync()
        self.assert_imported(*(each for each in ids if each != bad))
        self.assertEqual(self.get_order(bad).sync_state, 'attention')
        self.assertFalse(self.get_order(bad).sale_order_id)
        self.hide(bad)

    def test_f29_missing_units_are_read_before_new_ones_run_out_of_time(self):
        """A turn that is full still asks for what is owed in the next one."""
        self.small_pages(2)
        self.startPatcher(patch.object(const, 'PAGES_PER_TURN', 1))
        ids = self.buy_one_a_second(6)
        self.set_cursor(hours=1)
        self.break_calls(ITEMS, times=3, status=500)
        self.hurry(sleep=lambda _seconds: None)
        self.sync()
        self.assert_imported(*ids)
