"""Each write reaches the platform exactly once, whatever happens to the answer."""
from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.lazada_connector import const

from .test_pack import PackCase

PACK = '/order/fulfill/pack'
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
