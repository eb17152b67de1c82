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

    def set_stock(self, product, quantity):
        quants = self.env['stock.quant']._gather(product, self.shop.warehouse_id.lot_stock_id)
        quants.with_context(inventory_mode=True).write({'inventory_quantity': quantity})
        quants.action_apply_inventory()

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
        self.assertTrue(sale.lazada_being_packed)
        self.run_flow('fulfilment')
        self.assertFalse(sale.lazada_being_packed)
        self.assertPacked(order_id, picking)
        self.pack(picking)
        self.assertEqual(len(picking.lazada_command_ids), 1)
        self.assertPacked(order_id, picking)

    def test_only_what_is_reserved_is_packed_lowest_units_first(self):
        self.set_stock(self.tee, 2)
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-TEE', 'LZT-TEE')
        self.pack(sale)
        order = self.get_order(order_id)
        units = order.item_ids.sorted(lambda item: int(item.external_id))
        [first] = self.get_packages(order_id)
        self.assertEqual(first['order_item_ids'], units[:2].mapped('external_id'))
        self.assertEqual(units[2].package_id, self.env['lazada.package'])
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.pack(picking)
        self.assertEqual(len(self.get_packages(order_id)), 1)

        self.validate(picking)
        backorder = sale.picking_ids - picking
        self.assertEqual(backorder.lazada_shop_id, self.shop)
        self.assertFalse(backorder.lazada_package_ids)
        self.assertFalse(backorder.carrier_tracking_ref)
        self.assertEqual(backorder.lazada_package_status, 'pending')
        self.assertNotEqual(picking.lazada_package_status, 'pending')
        self.set_stock(self.tee, 1)
        backorder.action_assign()
        self.pack(backorder)
        packages = self.get_packages(order_id)
        self.assertEqual(len(packages), 2)
        self.assertEqual(units[2].package_id.picking_ids, backorder)
        self.assertEqual(units[:2].package_id.picking_ids, picking)
        self.assertEqual({package['applied']['pack'] for package in packages}, {1})

    def test_a_parcel_left_behind_goes_with_the_backorder(self):
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-TEE')
        units = self.get_order(order_id).item_ids.sorted(lambda item: int(item.external_id))
        for unit in units:
            self.move(order_id, 'packed', [unit.external_id])
        self.sync()
        self.assertEqual(len(picking.lazada_package_ids), 2)
        picking.move_ids.quantity = 1
        self.validate(picking)
        backorder = sale.picking_ids - picking
        self.assertEqual(picking.lazada_package_ids, units[0].package_id)
        self.assertEqual(backorder.lazada_package_ids, units[1].package_id)

    def test_a_return_keeps_the_shop_but_not_the_parcel(self):
        _order_id, sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        self.validate(picking)
        wizard = self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_model='stock.picking').create({})
        wizard.product_return_moves.quantity = 1
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        self.assertEqual(back.lazada_shop_id, self.shop)
        self.assertRecordValues(back, [{
            'lazada_package_ids': [], 'lazada_package_status': False,
            'carrier_tracking_ref': False}])
        back.action_lazada_pack()
        self.assertFalse(back.lazada_command_ids)

    def test_units_of_different_warehouses_are_packed_apart(self):
        order_id, sale, picking = self.import_order(
            'LZT-TEE', {'seller_sku': 'LZT-MUG', 'override': {'warehouse_code': 'WH-2'}})
        mark = self.mark()
        self.pack(sale)
        self.assertPacked(order_id, picking, packages=2)
        self.assertEqual(self.count_calls(mark, '/order/fulfill/pack'), 2)
        self.assertEqual(len(picking.carrier_tracking_ref.split(',')), 2)

    def test_many_deliveries_are_packed_twenty_a_call_and_each_failure_is_on_its_row(self):
        order_ids = [self.buy('LZT-TEE') for _number in range(25)]
        self.sync()
        pickings = self.env['stock.picking'].browse(
            [self.get_sale(order_id).picking_ids.id for order_id in order_ids])
        self.move(order_ids[3], 'canceled')
        mark = self.mark()
        action = self.pack(pickings)
        self.assertIn('25', action['params']['message'])
        self.assertEqual(self.count_calls(mark, '/order/fulfill/pack'), 2)
        self.assertEqual(
            pickings.filtered(lambda picking: picking.lazada_push_state == 'failed'),
            pickings[3])
        self.assertIn('700026', pickings[3].lazada_push_message)
        self.assertEqual(
            set((pickings - pickings[3]).mapped('lazada_push_state')), {'done'})
        packed = {package['order_id'] for package in self.get_packages()} & set(order_ids)
        self.assertEqual(packed, set(order_ids) - {order_ids[3]})
        self.run_flow('import_orders')  # the refusal made the cancellation known
        self.assertEqual(pickings[3].state, 'cancel')

    def test_nothing_reserved_is_not_packed_and_says_why(self):
        self.set_stock(self.tee, 0)
        order_id, sale, picking = self.import_order('LZT-TEE')
        action = self.pack(sale)
        self.assertEqual(action['params']['type'], 'warning')
        self.assertIn(picking.name, action['params']['message'])
        self.assertFalse(self.get_packages(order_id))

    def test_undoing_a_package_makes_its_units_packable_anew(self):
        order_id, sale, picking = self.import_order('LZT-TEE')
        self.pack(sale)
        first = picking.lazada_package_ids
        first.action_repack()
        self.run_flow('fulfilment')
        self.assertRecordValues(first, [{
            'status': 'cancelled', 'label_state': 'void', 'unit_count': 0}])
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertEqual(sale.lazada_order_id.status, 'to_pack')
        self.sync()
        self.pack(picking)
        second = picking.lazada_package_ids - first
        self.assertNotEqual(second.tracking_number, first.tracking_number)
        self.assertEqual(picking.carrier_tracking_ref, second.tracking_number)
        [void, live] = self.get_packages(order_id)
        self.assertEqual(void['applied'], {'pack': 1, 'rts': 0, 'repack': 1})
        self.assertEqual(live['applied'], {'pack': 1, 'rts': 0, 'repack': 0})

    def test_a_package_undone_in_seller_center_is_void_here(self):
        order_id, sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'packed')
        self.sync()
        package = picking.lazada_package_ids
        self.move(order_id, 'repacked')
        self.sync()
        self.assertEqual(package.status, 'cancelled')
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.assertFalse(picking.carrier_tracking_ref)

    def test_two_packages_undone_at_once_leave_no_number_behind(self):
        order_id, _sale, picking = self.import_order(
            'LZT-TEE', {'seller_sku': 'LZT-MUG', 'override': {'warehouse_code': 'WH-2'}})
        self.pack(picking)
        self.assertEqual(len(picking.carrier_tracking_ref.split(',')), 2)
        self.move(order_id, 'repacked')
        self.sync()
        self.assertEqual(set(picking.lazada_package_ids.mapped('status')), {'cancelled'})
        self.assertFalse(picking.carrier_tracking_ref)

    def test_a_kit_is_packed_as_far_as_its_scarcest_component_reaches(self):
        """Three boxes of two mugs and one other part; Manufacturing would make these moves."""
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-TEE', 'LZT-TEE')
        part = self.make_product('LZT-PART', stock=2)
        self.set_stock(self.mug, 6)
        [move] = picking.move_ids
        for product, quantity in ((self.mug, 6), (part, 3)):
            move.copy({
                'product_id': product.id, 'product_uom': product.uom_id.id,
                'product_uom_qty': quantity, 'sale_line_id': move.sale_line_id.id})
        move._action_cancel()
        picking.action_confirm()
        picking.action_assign()
        self.pack(picking)
        [package] = self.get_packages(order_id)
        self.assertEqual(len(package['order_item_ids']), 2)
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.validate(picking)
        self.assertNotEqual(picking.lazada_package_status, 'pending')
        backorder = sale.picking_ids - picking
        self.assertEqual(backorder.lazada_package_status, 'pending')
        self.set_stock(part, 1)
        self.set_stock(self.mug, 2)
        backorder.action_assign()
        self.pack(backorder)
        self.assertEqual(
            sorted(len(package['order_item_ids']) for package in self.get_packages(order_id)),
            [1, 2])

    def test_parcels_of_the_own_fleet_are_packed_apart_and_without_courier(self):
        self.sandbox.post('behaviour', {'allocation': 'NTFS'})
        provider = self.env['lazada.provider']._learn(
            self.shop, {'Yiwu sorting centre': 'FM50'})['Yiwu sorting centre']
        self.shop.write({'provider_choice': True, 'provider_id': provider.id})
        order_ids = [self.buy('LZT-TEE'), self.buy('LZT-TEE', channel='sof')]
        self.sync()
        pickings = self.env['stock.picking'].concat(
            *(self.get_sale(order_id).picking_ids for order_id in order_ids))
        mark = self.mark()
        self.pack(pickings)
        self.assertEqual(pickings.mapped('lazada_push_state'), ['done', 'done'])
        self.assertEqual(self.count_calls(mark, '/order/fulfill/pack'), 2)
        self.shop.provider_id = False
        picking = self.get_sale(self.buy_and_sync('LZT-TEE', channel='sof')).picking_ids
        self.pack(picking)      # nothing to choose
        self.assertEqual(picking.lazada_push_state, 'done')

    def buy_and_sync(self, *items, **values):
        order_id = self.buy(*items, **values)
        self.sync()
        return order_id

    def test_an_answer_from_before_the_packing_undoes_nothing(self):
        self.sandbox.post('behaviour', {'pack_visible_after': 60})
        order_id, sale, picking = self.import_order('LZT-TEE')
        self.pack(sale)
        self.override(order_id)  # the header changes, so that the units are read again
        self.sync()
        self.assertEqual(picking.lazada_package_status, 'shipment_arranged')
        self.pack(sale)
        self.assertEqual(len(self.get_packages(order_id)), 1)

    def test_where_the_seller_chooses_the_courier_it_is_asked_for(self):
        self.sandbox.post('behaviour', {'allocation': 'NTFS'})
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        self.assertEqual(picking.lazada_push_state, 'failed')
        self.assertTrue(self.shop.provider_choice)
        self.assertEqual(
            set(self.shop.provider_ids.mapped('code')), {'FM49', 'FM50'})
        self.assertFalse(self.get_packages(order_id))
        action = picking.action_lazada_pack()
        self.assertEqual(action['res_model'], 'lazada.package.pack')
        wizard = self.env['lazada.package.pack'].with_context(action['context']).create({
            'provider_id': self.shop.provider_ids.filtered(lambda p: p.code == 'FM50').id,
            'remember': True})
        wizard.action_pack()
        self.run_flow('fulfilment')
        [package] = self.get_packages(order_id)
        self.assertEqual(package['provider'], 'Yiwu sorting centre')
        self.assertEqual(picking.lazada_push_state, 'done')
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        self.assertEqual(picking.lazada_push_state, 'done')

    def make_chooser(self, site):
        """Return a delivery of another shop, to which Lazada leaves the courier."""
        shop = self.connect_shop(site)
        self.make_listing('LZT-TEE', shop=shop, price='5.00')
        self.run_flow('catalogue', shop)
        order_id = self.buy('LZT-TEE', shop=shop)
        self.sync(shop)
        self.env['lazada.provider']._learn(shop, {'Yiwu sorting centre': 'FM50'})
        shop.provider_choice = True
        return self.get_sale(order_id, shop).picking_ids

    def test_each_shop_that_leaves_the_courier_open_is_asked_and_the_others_are_packed(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        first, second = self.make_chooser('sg'), self.make_chooser('my')
        action = (picking | first | second).action_lazada_pack()
        self.assertEqual(picking.lazada_push_state, 'todo')
        self.assertFalse((first | second).lazada_command_ids)
        action = action['params']['next']
        for asked in (first, second):
            self.assertEqual(action['res_model'], 'lazada.package.pack')
            wizard = self.env['lazada.package.pack'].with_context(action['context']).create({
                'provider_id': asked.lazada_shop_id.provider_ids.id})
            self.assertEqual(wizard.picking_ids, asked)
            action = wizard.action_pack()['params']['next']
            self.assertEqual(asked.lazada_command_ids.provider_code, 'FM50')
        self.assertEqual(action['tag'], 'soft_reload')

    def test_the_courier_becomes_the_delivery_method_it_stands_for(self):
        _order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        product = self.env['product.product'].create({'name': "Shipping", 'type': 'service'})
        carrier = self.env['delivery.carrier'].create({
            'name': "The courier", 'product_id': product.id,
            'tracking_url': 'https://courier.example/<shipmenttrackingnumber>'})
        self.shop.provider_ids.carrier_id = carrier
        _order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        package = picking.lazada_package_ids
        self.assertEqual(picking.carrier_id, carrier)
        url = f'https://courier.example/{package.tracking_number}'
        self.assertEqual(package.tracking_url, url)
        self.assertEqual(picking.carrier_tracking_url, url)
