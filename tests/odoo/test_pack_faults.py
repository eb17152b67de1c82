"""Each write reaches the platform exactly once, whatever happens to the answer."""
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.lazada_connector import const

from .test_pack import PackCase

PACK = '/order/fulfill/pack'
PROVIDERS = '/order/shipment/providers/get'
RTS = '/order/package/rts'


class PackFaultsCase(PackCase):

    def setUp(self):
        super().setUp()
        self.order_id, self.sale, self.picking = self.import_order('LZT-TEE', 'LZT-MUG')

    def age(self, seconds=const.WRITE_SETTLES_SECONDS + 1):
        """Let the last try be some time ago."""
        commands = self.picking.lazada_command_ids
        for command in commands.filtered('sent_at'):
            command.sent_at -= timedelta(seconds=seconds)
        commands.due_at = self.env.cr.now()
        self.env.flush_all()

    def run_again(self):
        self.age()
        self.run_flow('fulfilment')
        self.picking.invalidate_recordset()

    def assertPackedOnce(self):
        [package] = self.get_packages(self.order_id)
        self.assertEqual(package['applied'], {'pack': 1, 'rts': 0, 'repack': 0})
        self.assertEqual(self.picking.carrier_tracking_ref, package['tracking_number'])
        self.assertEqual(self.picking.lazada_command_ids.mapped('state'), ['done'])
        self.assertEqual(self.picking.lazada_package_ids.label_state, 'ready')
        self.assertEqual(self.picking.lazada_package_ids.picking_ids, self.picking)


@tagged('post_install', '-at_install')
class TestPackFaults(PackFaultsCase):

    def test_an_answer_lost_after_the_packing_is_found_by_looking(self):
        for kind in ('reset', 'cut', 'http'):
            with self.subTest(kind=kind):
                self.order_id, self.sale, self.picking = self.import_order('LZT-TEE')
                self.break_calls(PACK, kind, after=True)
                mark = self.mark()
                self.pack(self.sale)
                self.assertEqual(self.count_calls(mark, PACK), 1)
                self.assertPackedOnce()

    def test_a_call_that_may_have_arrived_is_repeated_only_after_it_settled(self):
        self.break_calls(PACK, 'reset')
        mark = self.mark()
        self.pack(self.sale)
        self.assertEqual(self.picking.lazada_command_ids.state, 'unknown')
        self.assertEqual(self.picking.lazada_push_state, 'todo')
        self.pack(self.sale)
        self.assertEqual(self.count_calls(mark, PACK), 1)
        self.run_again()
        self.assertEqual(self.count_calls(mark, PACK), 2)
        self.assertPackedOnce()

    def test_what_was_refused_for_a_while_is_tried_again_later(self):
        for code, message in (('700024', 'lock'), ('700031', 'not ready'), ('1003', 'no courier'),
                              ('ApiCallLimit', 'this ban will last 600 seconds')):
            with self.subTest(code=code):
                self.order_id, self.sale, self.picking = self.import_order('LZT-TEE')
                self.break_calls(PACK, 'error', code=code, message=message)
                self.pack(self.sale)
                self.assertNotIn(self.picking.lazada_command_ids.state, ('done', 'failed'))
                self.assertFalse(self.get_packages(self.order_id))
                self.run_again()
                self.assertPackedOnce()

    def test_what_was_refused_for_good_is_said_in_plain_words_and_can_be_retried(self):
        self.break_calls(PACK, 'error', code='700027', message='fbl')
        self.pack(self.sale)
        command = self.picking.lazada_command_ids
        self.assertEqual(command.state, 'failed')
        self.assertIn("Lazada's own warehouse", command.error_message)
        self.assertEqual(self.picking.lazada_push_message, command.error_message)
        self.assertEqual(self.picking.lazada_push_state, 'failed')
        self.assertIs(command.action_retry(), True)
        self.run_flow('fulfilment')
        self.assertPackedOnce()

    def test_tries_end(self):
        self.break_calls(PACK, 'error', times=0, code='700024', message='lock')
        self.pack(self.sale)
        for _try in range(const.COMMAND_TRIES + 3):
            self.run_again()
        self.assertEqual(self.picking.lazada_command_ids.state, 'failed')
        self.assertLessEqual(self.picking.lazada_command_ids.tries, const.COMMAND_TRIES)

    def test_ready_to_ship_is_counted_once_when_its_answer_is_lost(self):
        self.pack(self.sale)
        package = self.picking.lazada_package_ids
        self.break_calls(RTS, 'reset', after=True)
        package.action_ready_to_ship()
        self.run_flow('fulfilment')
        [truth] = self.get_packages(self.order_id)
        self.assertEqual(truth['applied']['rts'], 1)
        self.assertEqual(package.raw_status, 'ready_to_ship')
        self.assertEqual(set(package.command_ids.mapped('state')), {'done'})

    def test_undoing_is_counted_once_when_its_answer_is_lost(self):
        self.pack(self.sale)
        package = self.picking.lazada_package_ids
        self.break_calls('/order/package/repack', 'reset', after=True)
        package.action_repack()
        self.run_flow('fulfilment')
        self.run_again()
        [truth] = self.get_packages(self.order_id)
        self.assertEqual(truth['applied'], {'pack': 1, 'rts': 0, 'repack': 1})
        self.assertEqual(package.status, 'cancelled')

    def test_one_shop_that_fails_does_not_stop_another(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='5.00')
        self.run_flow('catalogue', other)
        order_id = self.buy('LZT-TEE', shop=other)
        self.sync(other)
        sale = self.get_sale(order_id, other)
        self.break_calls(PACK, 'http', times=0, site='th', status=500)
        (self.picking | sale.picking_ids).action_lazada_pack()
        self.run_flow('fulfilment')
        self.run_flow('fulfilment', other)
        self.assertEqual(sale.picking_ids.lazada_push_state, 'done')
        self.assertEqual(self.picking.lazada_command_ids.state, 'unknown')

    def import_orders(self, count):
        order_ids = [self.buy('LZT-TEE') for _number in range(count)]
        self.sync()
        return order_ids, self.env['stock.picking'].concat(
            *(self.get_sale(order_id).picking_ids for order_id in order_ids))

    def test_an_order_that_lazada_does_not_know_spoils_the_call_of_no_other(self):
        """The look-up of the couriers refuses all twenty of a call because of one of them."""
        order_ids, pickings = self.import_orders(4)
        [shop] = [shop for shop in self.platform.world.shops.values()
                  if shop.seller_id == self.shop.external_id and shop.site == self.site]
        del shop.orders[int(order_ids[1])]
        mark = self.mark()
        self.pack(pickings)
        self.assertEqual(
            pickings.mapped('lazada_push_state'), ['done', 'failed', 'done', 'done'])
        self.assertIn('700021', pickings[1].lazada_push_message)
        self.assertFalse(self.shop._get_flow('fulfilment').error_message)
        self.assertEqual((pickings - pickings[1]).mapped('lazada_label_count'), [1, 1, 1])
        self.assertLessEqual(self.count_calls(mark, PROVIDERS), 1 + 4)

    def test_a_refusal_of_a_whole_call_is_blamed_on_the_guilty_one_only(self):
        order_ids, pickings = self.import_orders(3)
        self.break_calls(PACK, 'error', code='700031', message='not ready', times=2)
        mark = self.mark()
        self.pack(pickings)     # all three, then the first on its own
        self.assertEqual(
            pickings.mapped('lazada_command_ids.state'), ['todo', 'done', 'done'])
        self.assertEqual(pickings.lazada_command_ids.mapped('tries'), [1, 1, 1])
        self.assertEqual(self.count_calls(mark, PACK), 1 + 3)
        for order_id in order_ids[1:]:
            self.assertEqual(len(self.get_packages(order_id)), 1)

    def test_one_call_that_is_switched_off_leaves_the_others_going(self):
        self.pack(self.sale)
        self.validate(self.picking)
        _order_id, sale, picking = self.import_order('LZT-TEE')
        self.break_calls(PACK, 'error', times=0, code='998', message='disabled')
        self.move(self.import_order('LZT-TEE')[0], 'packed')
        self.sync()
        labels = self.mark()
        self.pack(sale)
        self.assertEqual(picking.lazada_command_ids.state, 'todo')
        self.assertEqual(self.picking.lazada_package_ids.raw_status, 'ready_to_ship')
        self.assertEqual(self.count_calls(labels, '/order/package/document/get'), 1)
        flow = self.shop._get_flow('fulfilment')
        self.assertIn('998', flow.error_message)
        self.assertGreater(flow.due_at, self.env.cr.now())
        self.assertIn("switched this off", picking.lazada_push_message)
        self.assert_waits(picking.lazada_command_ids.due_at)

    def assert_waits(self, due_at):
        self.assertGreater(due_at, self.env.cr.now() + timedelta(minutes=14))

    def test_what_waits_for_a_call_that_is_switched_off_holds_up_nothing_else(self):
        self.pack(self.sale)
        late = self.picking.lazada_package_ids
        late.write({'label_state': 'waiting',
                    'label_due_at': self.env.cr.now() + timedelta(minutes=1)})
        _order_id, sale, picking = self.import_order('LZT-TEE')
        self.break_calls(PACK, 'error', times=0, code='998', message='disabled')
        self.pack(sale)
        flow = self.shop._get_flow('fulfilment')
        self.assertLess(flow.due_at, self.env.cr.now() + timedelta(minutes=2))
        late.label_due_at = self.env.cr.now()
        mark = self.mark()
        self.run_flow('fulfilment')
        self.assertEqual(late.label_state, 'ready')
        self.assertEqual(self.count_calls(mark, PACK), 0)
        self.sandbox.delete('faults')
        picking.lazada_command_ids.due_at = self.env.cr.now()
        self.run_flow('fulfilment')
        self.assertEqual(picking.lazada_command_ids.state, 'done')
        self.assertFalse(picking.lazada_push_message)

    def test_labels_that_are_switched_off_wait_and_say_so(self):
        self.break_calls('/order/package/document/get', 'error', times=0, code='998',
                         message='disabled')
        mark = self.mark()
        self.pack(self.sale)
        package = self.picking.lazada_package_ids
        self.assertEqual(self.count_calls(mark, '/order/package/document/get'), 1)
        self.assert_waits(package.label_due_at)
        self.assertIn('998', package.label_message)

    def test_a_seller_without_courier_subscription_is_told_so(self):
        self.break_calls(PACK, 'error', code='700016', message='no subscription')
        self.pack(self.sale)
        self.assertEqual(self.picking.lazada_push_state, 'failed')
        self.assertIn("no courier subscription", self.picking.lazada_push_message)
        self.assertFalse(self.shop._get_flow('fulfilment').error_message)

    def test_a_failing_platform_may_have_packed_all_the_same(self):
        self.break_calls(PACK, 'http', status=503, after=True, body='{"code": "503"}')
        self.pack(self.sale)
        self.assertPackedOnce()

    def test_a_refusal_is_not_hidden_by_the_other_parcel_of_the_delivery(self):
        _order_id, sale, picking = self.import_order(
            'LZT-TEE', {'seller_sku': 'LZT-MUG', 'override': {'warehouse_code': 'WH-2'}})
        self.break_calls(PACK, 'error', code='700030', message='digital')
        self.pack(sale)
        self.assertEqual(
            picking.lazada_command_ids.sorted('id').mapped('state'), ['failed', 'done'])
        self.assertEqual(picking.lazada_push_state, 'failed')
        self.assertIn('700030', picking.lazada_push_message)
        self.pack(picking)      # asked anew: the newest answer of each unit counts
        self.assertEqual(picking.lazada_push_state, 'done')
        self.assertFalse(picking.lazada_push_message)
        mark = self.mark()
        picking.action_lazada_retry()
        self.assertEqual(
            set(picking.lazada_command_ids.mapped('state')), {'failed', 'done'})
        self.run_flow('fulfilment')
        self.assertEqual(self.count_calls(mark, PACK), 0)

    def test_a_refusal_about_a_package_that_is_gone_is_nobodys_work(self):
        self.pack(self.sale)
        package = self.picking.lazada_package_ids
        self.break_calls(RTS, 'error', code='700009', message='no')
        package.action_ready_to_ship()
        self.run_flow('fulfilment')
        self.assertEqual(self.picking.lazada_push_state, 'failed')
        package.action_repack()
        self.run_flow('fulfilment')
        self.assertEqual(self.picking.lazada_push_state, 'done')
        self.picking.action_lazada_retry()
        self.assertEqual(
            package.command_ids.filtered(lambda each: each.kind == 'rts').state, 'failed')

    def test_retry_finds_what_came_about_in_another_way(self):
        self.break_calls(PACK, 'error', code='700027', message='fbl')
        self.pack(self.sale)
        self.assertEqual(self.picking.lazada_push_state, 'failed')
        self.move(self.order_id, 'packed')
        self.sync()
        self.picking.action_lazada_retry()
        self.assertEqual(self.picking.lazada_push_state, 'done')

    def test_what_is_tried_again_says_so_and_only_then(self):
        self.break_calls(PACK, 'error', times=0, code='700031', message='not ready')
        self.pack(self.sale)
        for _try in range(const.COMMAND_TRIES + 1):     # an order under verification takes long
            self.run_again()
        self.assertEqual(self.picking.lazada_push_state, 'todo')
        self.assertIn("not released this order yet", self.picking.lazada_push_message)
        self.assertIn("again by itself", self.picking.lazada_push_message)
        self.assertEqual(self.sale.lazada_push_message, self.picking.lazada_push_message)
        with patch.dict(const.COMMAND_TRIES_BY_CODE, {'700031': 1}):
            self.run_again()
        self.assertEqual(self.picking.lazada_push_state, 'failed')
        self.assertNotIn("again by itself", self.picking.lazada_push_message)
        self.assertIn("tried several times", self.picking.lazada_push_message)
        self.sandbox.delete('faults')
        self.picking.action_lazada_retry()
        self.run_flow('fulfilment')
        self.assertPackedOnce()
        self.assertFalse(self.sale.lazada_push_message)

    def test_a_second_request_for_a_unit_makes_no_command(self):
        """The second line for a unit is refused by the database, not by a search.

        Two people in two transactions: tests/faults/test_fulfilment_kill.py
        """
        command = self.env['lazada.command']
        units = self.sale.lazada_order_id.item_ids
        request = {'kind': 'pack', 'order': self.sale.lazada_order_id, 'items': units,
                   'picking': self.picking}
        self.assertEqual(len(command._request([request])), 1)
        self.assertEqual(len(command._request([request])), 0)
        self.assertEqual(len(self.picking.lazada_command_ids), 1)


@tagged('post_install', '-at_install')
class TestPackAuthorisation(PackFaultsCase):
    """Apart from the others: the platform ends the tokens of the class."""

    def test_no_authorisation_sends_nothing_and_keeps_the_command(self):
        self.break_calls(PACK, 'error', times=0, code='IllegalAccessToken', message='no')
        self.pack(self.sale)
        command = self.picking.lazada_command_ids
        self.assertEqual(command.state, 'todo')
        self.assertEqual(command.tries, 0)
        self.assertEqual(self.shop.account_id.state, 'expired')
        self.sandbox.delete('faults')
        self.shop.account_id.state = 'connected'
        self.run_again()
        self.assertPackedOnce()
