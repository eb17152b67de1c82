"""What becomes of the quantities that are sent, and what a person is told of it."""
from odoo import fields
from odoo.exceptions import UserError

from .test_stock import StockCase


class TestOutcomes(StockCase):

    def make_many(self, count):
        for number in range(count):
            self.make_product(f'LZT-M{number:02}', stock=5)
            self.make_listing(f'LZT-M{number:02}', sellable=0)
        self.run_flow('catalogue')

    def test_twenty_skus_a_call(self):
        self.make_many(44)
        self.assertEqual(len(self.push()), 3)

    def test_channel_stock_of_a_campaign_is_parked(self):
        self.push()
        now = self.sandbox.get('state')['clock']['epoch']
        self.make_listing('LZT-TEE', sellable=10, campaign={
            'name': 'Flash', 'from': now - 60, 'to': now + 3600, 'locked': 8})
        self.sell_here(self.tee, 5)
        self.push()
        self.assertRecordValues(self.listing, [{'push_state': 'parked', 'refused_qty': 5}])
        self.assertEqual(self.push(), [])

    def test_a_platform_failure_is_tried_again_soon(self):
        for code in ('901', '513'):
            self.sandbox.post('faults', [{
                'path': '/product/stock/sellable/update', 'times': 3, 'kind': 'error',
                'code': code, 'message': 'busy'}])
            self.sell_here(self.tee, 1)
            self.push()
            self.assertEqual(self.listing.push_state, 'retry')
            flow = self.shop._get_flow('stock')
            self.assertGreater(flow.failure_count, 0)
            self.assertLess((flow.due_at - self.env.cr.now()).total_seconds(), 121)
            self.sandbox.delete('faults')
            self.push()
            self.assertEqual(self.listing.push_state, 'done')
            self.assertEqual(self.shop._get_flow('stock').failure_count, 0)

    def test_an_answer_lost_after_the_write_is_not_taken_for_the_quantity_before(self):
        self.push()
        self.receive(self.tee, 2)
        self.sandbox.post('faults', [{
            'path': '/product/stock/sellable/update', 'times': 3, 'kind': 'reset',
            'after': True}])
        self.push()
        self.assertEqual((self.sellable(), self.listing.lazada_qty), (12, 10))
        self.sell_here(self.tee, 2)
        self.push()
        self.assertEqual((self.sellable(), self.listing.lazada_qty), (10, 10))
        self.assertEqual(self.push(), [])

    def test_a_refusal_is_kept_with_its_reason_and_not_repeated(self):
        self.sandbox.post('faults', [{
            'path': '/product/stock/sellable/update', 'times': 1, 'kind': 'error',
            'code': '4225', 'message': 'Global Plus stock is read only'}])
        self.push()
        self.assertEqual(self.listing.push_state, 'refused')
        self.assertIn('Global Plus', self.listing.push_message)
        self.assertEqual(self.push(), [])
        with self.committing() as env:
            env['lazada.listing'].browse(self.listing.id).action_push_again()
        self.env.invalidate_all()
        self.assertEqual((self.sellable(), self.listing.push_state), (10, 'done'))

    def refuse(self, code='4225', message='Global Plus stock is read only'):
        self.sandbox.post('faults', [{
            'path': '/product/stock/sellable/update', 'times': 1, 'kind': 'error',
            'code': code, 'message': message}])

    def test_a_refusal_does_not_keep_other_quantities_back(self):
        """Lazada still shows 10; less than that has to reach it, whatever it said to 15."""
        self.push()
        self.receive(self.tee, 5)
        self.refuse()
        self.push()
        self.assertEqual((self.listing.push_state, self.listing.refused_qty), ('refused', 15))
        self.assertEqual(self.push(), [])
        self.sell_here(self.tee, 9)
        self.push()
        self.assertEqual((self.sellable(), self.listing.push_state), (6, 'done'))

    def lock(self, end_in=3600):
        """A campaign keeps the quantity from falling; 10 are shown, 8 are left."""
        self.push()
        self.now = self.sandbox.get('state')['clock']['epoch']
        self.make_listing('LZT-TEE', sellable=10, campaign={
            'name': '11.11', 'from': self.now - 60, 'to': self.now + end_in})
        self.sell_here(self.tee, 2)
        self.push()
        self.assertRecordValues(self.listing, [{
            'push_state': 'parked', 'refused_qty': 8, 'campaign_lock': True}])

    def test_a_lock_is_forgotten_when_lazada_shows_the_right_quantity(self):
        self.lock()
        self.receive(self.tee, 2)
        self.assertEqual(self.push(), [])
        self.assertRecordValues(self.listing, [{
            'push_state': 'done', 'push_message': False, 'push_retry_at': False,
            'campaign_lock': False}])
        self.assertEqual(self.shop.push_problem_count, 0)

    def test_a_lock_also_keeps_lower_quantities_back(self):
        self.lock()
        self.sell_here(self.tee, 2)
        self.assertEqual(self.push(), [])

    def test_the_flow_comes_back_when_the_lock_ends(self):
        self.lock(end_in=600)
        due_at = self.shop._get_flow('stock').due_at
        self.assertAlmostEqual(due_at.timestamp(), self.now + 600, delta=3)

    def test_listings_of_lazadas_warehouse_are_never_written(self):
        self.make_listing('LZT-TEE', fbl=True, sellable=0)
        self.run_flow('catalogue')
        self.assertTrue(self.listing.fbl)
        self.assertEqual(self.push(), [])
        self.assertFalse(self.listing.pushed_at)


class TestByHand(StockCase):
    """The buttons say what became of the quantities, not what was wished."""

    def setUp(self):
        super().setUp()
        self.push()
        self.make_product('LZT-CUP', stock=5)
        self.make_listing('LZT-CUP', sellable=5)
        self.run_flow('catalogue')
        self.cup = self.get_listing('LZT-CUP')
        self.push()

    def press(self, listings, name='action_set_zero'):
        """Return what the button says, and how."""
        with self.committing() as env:
            params = getattr(env['lazada.listing'].browse(listings.ids), name)()['params']
        self.env.invalidate_all()
        return params['message'], params['type']

    def test_nothing_is_sent_for_shops_that_rest(self):
        for record, vals in ((self.shop, {'paused': True}),
                             (self.shop.account_id, {'state': 'expired'})):
            before = {name: record[name] for name in vals}
            record.write(vals)
            for name in ('action_set_zero', 'action_offer_again', 'action_push_again'):
                mark = self.mark()
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    self.press(self.listing, name)
                self.assertEqual(self.calls_since(mark), [])
            record.write(before)
        self.assertFalse(self.listing.set_to_zero)

    def test_listings_that_are_not_written_to_are_named(self):
        for vals, reason in (
                ({'stock_sync': False}, "off for this listing"), ({'fbl': True}, "own warehouse"),
                ({'product_id': False}, "Not linked")):
            before = {name: self.listing[name] for name in vals}
            self.listing.write(vals)
            with self.assertRaisesRegex(UserError, f"LZT-TEE: .*{reason}"), (
                    self.env.cr.savepoint()):
                self.press(self.listing)
            message, kind = self.press(self.listing + self.cup)
            self.assertEqual(kind, 'warning')
            self.assertIn("1 listings.", message)
            self.assertRegex(message, f"LZT-TEE: .*{reason}")
            self.assertEqual((self.sellable(), self.sellable('LZT-CUP')), (10, 0))
            self.listing.write(before)
        self.assertEqual(self.press(self.listing)[1], 'success')
        self.assertEqual(self.sellable(), 0)

    def test_a_busy_flow_sends_later(self):
        self.shop._get_flow('stock').running_until = fields.Datetime.add(
            self.env.cr.now(), minutes=1)
        self.env.flush_all()
        message, kind = self.press(self.listing)
        self.assertEqual((self.sellable(), kind), (10, 'info'))
        self.assertIn("not sent yet", message)

    def test_a_failure_is_told(self):
        self.sandbox.post('faults', [{
            'path': '/product/stock/sellable/update', 'times': 1, 'kind': 'error',
            'code': 'IllegalAccessToken', 'message': 'gone'}, {
            'path': '/auth/token/refresh', 'times': 0, 'kind': 'error',
            'code': 'IllegalRefreshToken', 'message': 'gone'}])
        message, kind = self.press(self.listing)
        self.assertEqual((self.sellable(), kind), (10, 'warning'))
        self.assertEqual(message, self.shop._get_flow('stock').error_message)

    def test_a_rise_that_waits_says_so(self):
        self.press(self.listing)
        self.shop._get_flow('fetch_orders').write({
            'last_success_at': fields.Datetime.subtract(self.env.cr.now(), minutes=11)})
        self.env.flush_all()
        message, kind = self.press(self.listing, 'action_offer_again')
        self.assertEqual((self.sellable(), kind), (0, 'info'))
        self.assertIn("Not raised yet", message)
