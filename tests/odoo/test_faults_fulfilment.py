"""F54 and F74 to F80: packing, handing over and labels while Lazada, or this machine, fails."""
import json
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.lazada_connector import const

from lazada_sandbox.world.behaviour import DEFAULTS
from tests.harness.waiting import wait_until

from .faults_case import FaultsCase
from .test_label import LabelCase

PACK, RTS, REPACK = '/order/fulfill/pack', '/order/package/rts', '/order/package/repack'
DOCUMENT = '/order/package/document/get'


class FulfilmentFaultsCase(FaultsCase, LabelCase):

    def age(self):
        """Let the last try of every write and label be some time ago."""
        for command in self.get_commands():
            if command.sent_at:
                command.sent_at -= timedelta(seconds=const.WRITE_SETTLES_SECONDS + 1)
            command.due_at = self.env.cr.now()
        self.env['lazada.package'].search([
            ('shop_id', '=', self.shop.id), ('label_state', '=', 'waiting'),
        ]).label_due_at = self.env.cr.now()
        self.env.flush_all()

    def run_again(self):
        self.age()
        self.run_flow('fulfilment')
        self.env.invalidate_all()

    def settle(self):
        """Two runs after the fault nothing waits any more: neither a write nor a label."""
        self.sandbox.post('behaviour', DEFAULTS)
        for _run in range(2):
            self.run_again()
        super().settle()
        self.run_flow('fulfilment')
        left = self.get_commands().filtered(
            lambda command: command.state in const.OPEN_COMMAND_STATES)
        self.assertFalse(left.read(['kind', 'state', 'tries', 'error_message']))
        waiting = self.env['lazada.package'].search([
            ('shop_id', '=', self.shop.id), ('label_state', '=', 'waiting')])
        self.assertFalse(waiting.read(['external_id', 'label_tries', 'label_message']))

    def get_commands(self, kind=None):
        domain = [('shop_id', '=', self.shop.id)]
        return self.env['lazada.command'].search(
            domain + ([('kind', '=', kind)] if kind else []), order='id')

    def sell(self, count, *items):
        """Return the deliveries of that many new orders."""
        order_ids = [self.buy(*(items or ['LZT-TEE'])) for _order in range(count)]
        self.sync()
        return self.env['stock.picking'].concat(*(
            self.get_sale(order_id).picking_ids for order_id in order_ids))

    def get_batches(self, mark, path, member):
        """Return how many rows each call of `path` had."""
        sizes = []
        for call in self.calls_since(mark):
            if call['path'] == path:
                [request] = [json.loads(value) for name, value in call['params'].items()
                             if name.endswith('Req')]
                sizes.append(len(request[member]))
        return sizes

    def assert_applied(self, kind, packages, count=1):
        truth = {package['package_id']: package['applied'][kind]
                 for package in self.get_packages()}
        self.assertEqual([truth[package.external_id] for package in packages],
                         [count] * len(packages))


@tagged('post_install', '-at_install')
class TestCrash(FulfilmentFaultsCase):

    def test_f54_a_crash_between_answer_and_commit_packs_once(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        picking.action_lazada_pack()
        with (patch.object(type(self.env['lazada.flow']), '_receive', side_effect=SystemExit),
              suppress(SystemExit)):  # like a kill: nothing after the answer is done
            self.run_flow('fulfilment')
        self.env.invalidate_all()
        command = picking.lazada_command_ids
        self.assertEqual(command.state, 'sent')
        flow = self.shop._get_flow('fulfilment')
        flow.running_until = self.env.cr.now() - timedelta(seconds=1)  # the lease has expired
        self.env.flush_all()
        mark = self.mark()
        self.run_again()
        self.assertEqual(self.count_calls(mark, PACK), 0)
        self.assertTrue(self.count_calls(mark, '/orders/items/get'), "Lazada was not asked")
        [truth] = self.get_packages(order_id)
        self.assertEqual(truth['applied'], {'pack': 1, 'rts': 0, 'repack': 0})
        self.assertEqual(command.state, 'done')
        self.assertEqual(picking.carrier_tracking_ref, truth['tracking_number'])
        self.assertEqual(picking.lazada_package_ids.label_state, 'ready')


@tagged('post_install', '-at_install')
class TestTimeOut(FulfilmentFaultsCase):
    """The deadline passes while the platform is at it: it does the write, and nobody hears."""

    def setUp(self):
        super().setUp()
        self.picking = self.sell(1, 'LZT-TEE', 'LZT-MUG')
        self.order_id = self.picking.lazada_order_id.external_id

    def time_out(self, path, after, press):
        """Press a button whose call takes longer than the client waits for it.

        after: whether the write happens at once, or only when nobody waits any more
        """
        kind = {PACK: 'pack', RTS: 'rts', REPACK: 'repack'}[path]
        self.break_calls(path, 'delay', seconds=3, after=after)
        mark = self.mark()
        press()
        with patch.object(const, 'CALL_SECONDS', 1):
            self.run_flow('fulfilment')
        self.assertIn('deadline', self.env['lazada.call'].search(
            [('path', '=', path)], order='id desc', limit=1).code)
        command = self.get_commands(kind)[-1]
        self.assertEqual(command.state, 'done' if after else 'unknown')
        wait_until(lambda: self.paths_since(mark).count(path))     # the platform is through
        self.run_again()
        self.assertEqual(command.state, 'done')
        self.assertEqual(self.count_calls(mark, path), 1)
        [truth] = self.get_packages(self.order_id)
        self.assertEqual(truth['applied'][kind], 1)

    def test_a_pack_in_time_whose_answer_is_late(self):
        self.time_out(PACK, True, self.picking.action_lazada_pack)

    def test_a_pack_that_happens_after_the_deadline(self):
        self.time_out(PACK, False, self.picking.action_lazada_pack)

    def test_ready_to_ship_in_time_whose_answer_is_late(self):
        self.pack(self.picking)
        self.time_out(RTS, True, self.picking.lazada_package_ids.action_ready_to_ship)

    def test_ready_to_ship_that_happens_after_the_deadline(self):
        self.pack(self.picking)
        self.time_out(RTS, False, self.picking.lazada_package_ids.action_ready_to_ship)

    def test_an_undoing_in_time_whose_answer_is_late(self):
        self.pack(self.picking)
        self.time_out(REPACK, True, self.picking.lazada_package_ids.action_repack)

    def test_an_undoing_that_happens_after_the_deadline(self):
        self.pack(self.picking)
        self.time_out(REPACK, False, self.picking.lazada_package_ids.action_repack)


@tagged('post_install', '-at_install')
class TestRows(FulfilmentFaultsCase):
    """F74: the call succeeds, a row in it does not; `retry` says whether to ask again. The flag
    counts, whatever the code alone would mean."""

    def test_f74_a_unit_that_may_be_retried_is_packed_later_the_others_at_once(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-TEE', 'LZT-MUG')
        refused = self.truth(order_id)['items'][1]['order_item_id']
        self.break_calls(PACK, 'rows', rows={refused: {'code': '700033', 'retry': True}})
        mark = self.mark()
        self.pack(picking)
        command = picking.lazada_command_ids
        self.assertEqual(
            {line.item_id.external_id: line.state for line in command.line_ids},
            {unit['order_item_id']: 'todo' if unit['order_item_id'] == refused else 'done'
             for unit in self.truth(order_id)['items']})
        self.assertGreater(command.due_at, self.env.cr.now())
        self.assertEqual(picking.lazada_push_state, 'todo')
        self.assertEqual(len(picking.lazada_package_ids), 1)
        self.assertEqual(self.count_calls(mark, PACK), 1)
        self.run_flow('fulfilment')     # not before its time
        self.assertEqual(self.count_calls(mark, PACK), 1)
        self.run_again()
        self.assertEqual(self.count_calls(mark, PACK), 2)
        self.assertEqual(command.state, 'done')
        self.assertEqual(len(picking.lazada_package_ids), 2)
        self.assert_applied('pack', picking.lazada_package_ids)
        self.assertEqual(set(picking.carrier_tracking_ref.split(',')),
                         {each['tracking_number'] for each in self.get_packages(order_id)})

    def test_f74_a_unit_that_may_not_be_retried_stops_and_says_why(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        refused = self.truth(order_id)['items'][0]['order_item_id']
        self.break_calls(PACK, 'rows', rows={refused: {'code': '700024', 'retry': False}})
        mark = self.mark()
        self.pack(picking)
        self.run_again()
        self.assertEqual(self.count_calls(mark, PACK), 1)
        command = picking.lazada_command_ids
        self.assertEqual(sorted(command.line_ids.mapped('state')), ['done', 'failed'])
        self.assertEqual(picking.lazada_push_state, 'failed')
        self.assertIn('700024', picking.lazada_push_message)
        self.assertEqual(picking.lazada_package_status, 'pending', "a unit is still owed")
        picking.action_lazada_retry()   # a person may
        self.run_flow('fulfilment')
        self.assertEqual(command.state, 'done')
        self.assert_applied('pack', picking.lazada_package_ids)

    def test_f74_a_row_that_asks_for_ever_is_given_up(self):
        _order_id, _sale, picking = self.import_order('LZT-TEE')
        self.break_calls(
            PACK, 'rows', times=0, rows={'*': {'code': '700033', 'retry': True}})
        mark = self.mark()
        self.pack(picking)
        for _try in range(const.COMMAND_TRIES + 2):
            self.run_again()
        self.assertEqual(self.count_calls(mark, PACK), const.COMMAND_TRIES)
        self.assertEqual(picking.lazada_push_state, 'failed')

    def test_f74_each_package_of_a_batch_goes_its_own_way(self):
        for path, kind, button in ((RTS, 'rts', 'action_ready_to_ship'),
                                   (REPACK, 'repack', 'action_repack')):
            with self.subTest(kind=kind):
                pickings = self.sell(3)
                self.pack(pickings)
                packages = pickings.lazada_package_ids.sorted('id')
                good, later, never = packages
                self.break_calls(path, 'rows', rows={
                    later.external_id: {'code': '700033', 'retry': True},
                    never.external_id: {'code': '700024', 'retry': False}})
                mark = self.mark()
                getattr(packages, button)()
                self.run_flow('fulfilment')
                self.assertEqual(
                    [self.get_commands(kind).filtered(
                        lambda command, package=package: command.package_id == package).state
                     for package in packages], ['done', 'todo', 'failed'])
                self.run_again()
                self.assertEqual(self.get_batches(mark, path, 'packages'), [3, 1])
                self.assert_applied(kind, good | later)
                self.assert_applied(kind, never, 0)


@tagged('post_install', '-at_install')
class TestBatches(FulfilmentFaultsCase):

    def test_f79_twenty_five_packages_go_as_twenty_and_five(self):
        pickings = self.sell(25)
        mark = self.mark()
        self.pack(pickings)
        self.assertEqual(self.get_batches(mark, PACK, 'pack_order_list'), [20, 5])
        self.assertEqual(set(pickings.mapped('lazada_push_state')), {'done'})
        self.assert_applied('pack', pickings.lazada_package_ids)
        mark = self.mark()
        self.validate(pickings)
        self.run_flow('fulfilment')
        self.assertEqual(self.get_batches(mark, RTS, 'packages'), [20, 5])
        self.assert_applied('rts', pickings.lazada_package_ids)

    def test_f80_ready_to_ship_refused_because_cancelled_meanwhile_is_a_cancellation(self):
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        self.pack(sale)
        self.move(order_id, 'canceled')
        self.validate(picking)  # nobody knows yet
        self.run_flow('fulfilment')
        command = picking.lazada_command_ids.filtered(lambda each: each.kind == 'rts')
        self.assertEqual(command.state, 'failed')
        self.assertIn('600002', command.error_message)
        self.run_flow('import_orders')
        order = sale.lazada_order_id
        self.assertTrue(order.cancelled_after_dispatch)
        self.assertEqual(set(order.item_ids.mapped('status')), {'cancelled'})
        self.assertEqual(picking.lazada_package_ids.label_state, 'void')
        self.assert_applied('rts', picking.lazada_package_ids, 0)
