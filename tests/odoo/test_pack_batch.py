"""The warehouse works Lazada deliveries through batch transfers."""
from lxml import etree

from odoo.tests import new_test_user, tagged

from .test_label import LabelCase


@tagged('post_install', '-at_install')
class TestPackBatch(LabelCase):

    def setUp(self):
        super().setUp()
        self.orders = [self.buy('LZT-TEE'), self.buy('LZT-TEE', 'LZT-MUG')]
        self.sync()
        self.pickings = self.get_order(self.orders[0]).sale_order_id.picking_ids
        self.pickings += self.get_order(self.orders[1]).sale_order_id.picking_ids
        worker = new_test_user(
            self.env, 'batch_worker', groups='stock.group_stock_user')
        self.batch = self.env['stock.picking.batch'].with_user(worker).create({
            'picking_ids': [(6, 0, self.pickings.ids)],
            'picking_type_id': self.pickings.picking_type_id.id})
        self.batch.action_confirm()

    def work(self):
        self.run_flow('fulfilment')
        self.env.invalidate_all()

    def test_a_batch_is_packed_printed_and_validated(self):
        self.assertEqual(self.batch.lazada_to_pack_count, 2)
        mark = self.mark()
        self.batch.action_lazada_pack()
        self.assertEqual(self.batch.lazada_to_pack_count, 0)
        self.work()
        self.assertEqual(self.count_calls(mark, '/order/fulfill/pack'), 1)
        self.assertEqual(self.batch.lazada_label_count, 2)
        action = self.batch.action_lazada_print_labels()
        self.assertEqual(action['res_model'], 'lazada.package.print')
        wizard = self.env['lazada.package.print'].browse(action['res_id'])
        self.assertEqual(wizard.picking_ids, self.pickings)
        before = self.tee.with_context(
            location=self.shop.warehouse_id.lot_stock_id.id).qty_available
        self.batch.move_ids.picked = True
        self.assertIs(self.batch.action_done(), True)
        self.work()
        self.assertEqual(set(self.pickings.mapped('state')), {'done'})
        self.assertEqual(self.tee.with_context(
            location=self.shop.warehouse_id.lot_stock_id.id).qty_available, before - 2)
        self.assertEqual(
            set(self.pickings.lazada_package_ids.mapped('raw_status')), {'ready_to_ship'})

    def test_a_batch_with_a_parcel_without_tracking_number_asks_first(self):
        self.pickings[0].with_user(self.batch.env.user).action_lazada_pack()
        self.work()
        self.batch.move_ids.picked = True
        action = self.batch.action_done()
        self.assertEqual(action['res_model'], 'lazada.picking.untracked')
        self.assertEqual(set(self.pickings.mapped('state')), {'assigned'})
        self.env['lazada.picking.untracked'].with_user(self.batch.env.user).with_context(
            action['context']).create({}).action_validate()
        self.assertEqual(set(self.pickings.mapped('state')), {'done'})

    def test_a_refusal_is_on_its_row_and_can_be_tried_again(self):
        self.move(self.orders[1], 'canceled')
        self.batch.action_lazada_pack()
        self.work()
        refused = self.pickings.filtered(lambda picking: picking.lazada_push_message)
        self.assertEqual(len(refused), 1)
        self.assertEqual(self.batch.lazada_failed_count, 1)
        arch = etree.fromstring(self.env['stock.picking'].get_view(self.env.ref(
            'stock_picking_batch.stock_picking_view_batch_tree_ref').id, 'list')['arch'])
        self.assertTrue(arch.xpath("//field[@name='lazada_push_message'][@optional='show']"))

    def test_a_batch_without_lazada_deliveries_shows_nothing_of_it(self):
        plain = self.batch.copy({'picking_ids': False})
        self.assertFalse(
            plain.lazada_to_pack_count or plain.lazada_label_count or plain.lazada_failed_count)
