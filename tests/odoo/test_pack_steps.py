"""Warehouses that deliver in several steps: the last one is Lazada's."""
from odoo.tests import tagged

from .test_label import LabelCase


@tagged('post_install', '-at_install')
class TestPackSteps(LabelCase):

    def setUp(self):
        super().setUp()
        self.shop.warehouse_id.delivery_steps = 'pick_pack_ship'

    def finish(self, pickings):
        pickings.move_ids.picked = True
        pickings.with_context(skip_backorder=True).button_validate()

    def get_open(self, sale):
        return sale.picking_ids.filtered(lambda picking: picking.state == 'assigned')

    def test_goods_are_picked_packed_and_shipped_with_one_label(self):
        order_id, sale, pick = self.import_order('LZT-TEE', 'LZT-MUG')
        self.assertEqual(pick.picking_type_id, self.shop.warehouse_id.pick_type_id)
        self.assertEqual(sale.lazada_package_status, 'pending')
        self.assertFalse(pick.lazada_package_status, "no label belongs to this step")
        self.finish(pick)
        self.finish(self.get_open(sale))
        delivery = self.get_open(sale)
        self.assertEqual(delivery.picking_type_code, 'outgoing')
        self.assertEqual(delivery.lazada_shop_id, self.shop)
        self.assertEqual(delivery.lazada_package_status, 'pending')
        self.pack(delivery)
        self.assertTrue(delivery.carrier_tracking_ref)
        self.assertEqual(delivery.lazada_label_count, 1)
        self.assertIs(self.validate(delivery), True)
        self.run_flow('fulfilment')
        self.assertEqual(
            [package['applied'] for package in self.get_packages(order_id)],
            [{'pack': 1, 'rts': 1, 'repack': 0}])

    def test_the_sales_order_says_when_the_last_step_is_not_there_yet(self):
        _order_id, sale, pick = self.import_order('LZT-TEE')
        action = self.pack(sale)
        self.assertIn(pick.name, action['params']['message'])
        self.assertEqual(pick.lazada_command_ids.ids, [])

    def test_packed_in_seller_center_before_the_goods_are_picked(self):
        order_id, sale, pick = self.import_order('LZT-TEE')
        self.move(order_id, 'packed')
        self.sync()
        self.run_flow('fulfilment')
        self.finish(pick)
        self.finish(self.get_open(sale))
        delivery = self.get_open(sale)
        self.assertEqual(delivery.lazada_package_status, 'shipment_arranged')
        self.assertTrue(delivery.carrier_tracking_ref)
        self.assertEqual(delivery.lazada_package_ids.picking_ids, delivery)
        self.assertIs(self.validate(delivery), True)
