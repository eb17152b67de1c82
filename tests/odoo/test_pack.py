"""Packing from Odoo: by sales order, by delivery and in bulk, each unit exactly once."""
from odoo.tests import tagged

from .orders_case import OrdersCase


class PackCase(OrdersCase):
    """Orders of the two products, imported, and what the platform counted."""

    def get_packages(self, order_id=None, shop=None):
        """The truth at the platform."""
        shop = shop or self.shop
        query = {'order_id': order_id} if order_id else {}
        return self.sandbox.get(
            'packages', site=shop.site, seller_id=shop.external_id, **query)['packages']

    def count_calls(self, mark, path):
        return len([call for call in self.calls_since(mark) if call['path'] == path])

    def import_order(self, *items, **values):
        """Return (order id, its sales order, its delivery)."""
        order_id = self.buy(*items, **values)
        self.sync()
        sale = self.get_order(order_id).sale_order_id
        return order_id, sale, sale.picking_ids

    def pack(self, records):
        """Press the button and let the flow do the work."""
        action = records.action_lazada_pack()
        self.run_flow('fulfilment')
        return action

    def validate(self, picking):
        """Validate without dialogue; return what the button returned."""
        picking.move_ids.picked = True
        return picking.with_context(skip_backorder=True).button_validate()


@tagged('post_install', '-at_install')
class TestPack(PackCase):

    def assertPacked(self, order_id, picking, packages=1, packed_here=1):
        order = self.get_order(order_id)
        truth = self.get_packages(order_id)
        self.assertEqual(len(truth), packages)
        self.assertEqual({package['applied']['pack'] for package in truth}, {packed_here})
        self.assertEqual(
            {(package.external_id, package.tracking_number, package.provider)
             for package in order.package_ids},
            {(package['package_id'], package['tracking_number'], package['provider'])
             for package in truth})
        self.assertEqual(set(order.package_ids.mapped('status')), {'shipment_arranged'})
        self.assertEqual(order.package_ids.picking_ids, picking)
        self.assertEqual(order.package_ids.picking_id, picking)
        self.assertEqual(
            set(picking.carrier_tracking_ref.split(',')),
            {package['tracking_number'] for package in truth})
        self.assertEqual(picking.lazada_package_status, 'shipment_arranged')
        self.assertEqual(order.sale_order_id.lazada_package_status, 'shipment_arranged')
        self.assertEqual(set(order.item_ids.mapped('raw_status')), {'packed'})
        self.assertEqual(order.status, 'to_ship')

    def test_the_sales_order_packs(self):
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-TEE', 'LZT-MUG')
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.assertEqual(sale.lazada_package_status, 'pending')
        self.pack(sale)
        self.assertPacked(order_id, picking)
        self.assertRecordValues(picking.lazada_command_ids, [{
            'kind': 'pack', 'state': 'done', 'error_message': False, 'order_id':
            sale.lazada_order_id.id, 'shop_id': self.shop.id}])
        self.assertEqual(picking.lazada_push_state, 'done')

    def test_the_delivery_packs(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        self.pack(picking)
        self.assertPacked(order_id, picking)

    def test_packing_in_seller_center_gives_the_same_records(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        self.move(order_id, 'packed')
        self.sync()
        self.assertPacked(order_id, picking, packed_here=0)

    def test_an_order_packed_before_its_import_gets_its_package_at_once(self):
        order_id = self.buy('LZT-TEE', status='packed')
        self.sync()
        self.assertEqual(
            self.get_order(order_id).package_ids.picking_ids,
            self.get_order(order_id).sale_order_id.picking_ids)

    def test_a_second_click_finds_the_first(self):
        order_id, sale, picking = self.import_order('LZT-TEE')
        picking.action_lazada_pack()
        picking.action_lazada_pack()
        sale.action_lazada_pack()
        self.assertEqual(len(picking.lazada_command_ids), 1)
        self.assertEqual(picking.lazada_push_state, 'todo')
        self.run_flow('fulfilment')
        self.assertPacked(order_id, picking)
        self.pack(picking)
        self.assertEqual(len(picking.lazada_command_ids), 1)
        self.assertPacked(order_id, picking)
