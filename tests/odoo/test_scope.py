"""Which orders become documents, and how: every raw status, every channel, every option."""
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.lazada_connector.mappers.status import ITEM_STATUS

from .offline import OfflineCase
from .payloads import ORDER_DAY, make_order

IMPORTED = {
    'pending', 'repacked', 'packed', 'ready_to_ship_pending', 'ready_to_ship',
    # sub-statuses of a parcel that no courier has collected yet
    'transit_to_ship', 'info_st_requesting_driver', 'info_st_driver_assigned',
    'info_st_domestic_pickup_sign_in_failure'}


@tagged('post_install', '-at_install')
class TestScope(OfflineCase):

    def import_units(self, *units, **header):
        return self.import_order(*make_order(
            [{'sku': 'A', **unit} for unit in units], **header))

    def test_every_raw_status(self):
        for raw in [*ITEM_STATUS, 'INFO_ST_DOMESTIC_X', 'something new', '']:
            with self.subTest(status=raw):
                order = self.import_units({'status': raw})
                self.assertEqual(bool(order.sale_order_id), raw in IMPORTED)
                self.assertEqual(
                    order.sync_state, 'done' if raw in IMPORTED else 'ignored')
                if not order.sale_order_id:
                    self.assertTrue(order.issue_message)

    def test_a_mixed_order_sells_what_left_without_picking_it(self):
        order = self.import_units(
            {'status': 'pending'}, {'status': 'shipped'}, {'status': 'canceled'},
            {'status': 'delivered', 'item_price': '7.00'})
        sale = order.sale_order_id
        self.assertEqual(sale.amount_total, 27)
        self.assertEqual(sum(sale.picking_ids.move_ids.mapped('product_uom_qty')), 1)
        sent = sale.order_line.filtered('lazada_no_delivery')
        self.assertEqual(sum(sent.mapped('product_uom_qty')), 2)
        self.assertEqual(sent.mapped('qty_delivered'), sent.mapped('product_uom_qty'))
        self.assertIn("Not part of this order", ''.join(sale.message_ids.mapped('body')))

    def test_who_ships_decides(self):
        for values, imported in (
                ({'is_fbl': 1}, False),
                ({'shipping_type': 'Own Warehouse'}, False),
                ({'is_fbl': 1, 'shipping_type': 'Own Warehouse', 'biz_group': 70100}, True),
                ({'is_digital': 1}, False),
                ({'shipping_provider_type': 'pickup_in_store'}, False),
                ({'delivery_option_sof': 1}, True)):
            with self.subTest(**values):
                order = self.import_units(values)
                self.assertEqual(bool(order.sale_order_id), imported)
                if not imported:
                    self.assertEqual(order.issue_code, 'not_in_scope')

    def test_zero_items_and_fewer_items_than_announced_wait(self):
        header, _units = make_order()
        self.assertEqual(self.import_order(header, []).issue_code, 'no_items')
        order = self.import_units({}, items_count=2)
        self.assertEqual(order.issue_code, 'items_incomplete')

    def test_a_price_that_is_no_number_waits_with_the_value(self):
        for price in ('NaN', 'abc', '1e999999'):
            with self.subTest(price=price):
                order = self.import_units({'item_price': price})
                self.assertEqual(order.issue_code, 'bad_value')
                self.assertIn(price[:3], order.issue_message)

    def test_a_negative_price_is_never_imported(self):
        order = self.import_units({'item_price': '-5.00'})
        self.assertEqual(order.issue_code, 'negative_price')
        self.assertFalse(order.sale_order_id)

    def test_unpaid_orders_become_quotations_that_payment_confirms(self):
        self.shop.unpaid_as_quotation = True
        header, units = make_order([{'sku': 'A', 'status': 'unpaid'}])
        order = self.import_order(header, units)
        self.assertEqual(order.sale_order_id.state, 'draft')
        self.assertFalse(order.sale_order_id.picking_ids)
        units[0]['status'] = 'pending'
        header['updated_at'] = f'{ORDER_DAY} 11:00:00 +0700'
        self.import_order(header, units)
        self.assertEqual(order.sale_order_id.state, 'sale')
        self.assertEqual(len(order.sale_order_id.picking_ids), 1)

    def test_unpaid_orders_that_are_cancelled_cancel_their_quotation(self):
        self.shop.unpaid_as_quotation = True
        header, units = make_order([{'sku': 'A', 'status': 'unpaid'}])
        order = self.import_order(header, units)
        units[0]['status'] = 'canceled'
        header['updated_at'] = f'{ORDER_DAY} 11:00:00 +0700'
        self.import_order(header, units)
        self.assertEqual(order.sale_order_id.state, 'cancel')

    def test_completed_fbl_orders_take_stock_from_lazadas_location(self):
        fbl = {'is_fbl': 1, 'shipping_type': 'Own Warehouse'}
        self.shop.fbl_import = True
        self.assertFalse(self.import_units({**fbl, 'status': 'pending'}).sale_order_id)
        order = self.import_units(
            {**fbl, 'status': 'confirmed'}, {**fbl, 'status': 'confirmed'})
        sale = order.sale_order_id
        self.assertEqual(sale.state, 'sale')
        self.assertFalse(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        location = self.shop.fbl_location_id
        quant = self.env['stock.quant'].search([
            ('product_id', '=', self.products['A'].id), ('location_id', '=', location.id)])
        self.assertEqual(quant.quantity, -2)

    def get_fbl_quantity(self, product):
        return sum(self.env['stock.quant'].search([
            ('product_id', '=', product.id),
            ('location_id', '=', self.shop.fbl_location_id.id)]).mapped('quantity'))

    def test_completed_fbl_units_are_imported_whatever_became_of_the_others(self):
        fbl = {'is_fbl': 1, 'shipping_type': 'Own Warehouse'}
        self.shop.fbl_import = True
        for status in ('returned', 'canceled', 'lost', 'failed', 'shipped', 'teleported'):
            with self.subTest(status=status):
                before = self.get_fbl_quantity(self.products['A'])
                order = self.import_units(
                    {**fbl, 'status': 'confirmed'}, {**fbl, 'status': status})
                self.assertEqual(order.sale_order_id.order_line.product_uom_qty, 1)
                self.assertEqual(self.get_fbl_quantity(self.products['A']), before - 1)

    def test_fbl_units_of_a_mixed_order_are_sold_once_completed_and_never_picked(self):
        fbl = {'is_fbl': 1, 'shipping_type': 'Own Warehouse'}
        for wanted in (True, False):
            with self.subTest(fbl_import=wanted):
                self.shop.fbl_import = wanted
                product = self.products['A']
                before = self.get_fbl_quantity(product)
                header, units = make_order([
                    {'sku': 'A'}, {'sku': 'A', 'status': 'delivered'},
                    {'sku': 'A', **fbl, 'status': 'confirmed'},
                    {'sku': 'A', **fbl, 'status': 'shipped'}])
                order = self.import_order(header, units)
                sale = order.sale_order_id
                self.assertEqual(sum(sale.order_line.mapped('product_uom_qty')), 2 + wanted)
                self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 1)
                self.assertEqual(self.get_fbl_quantity(product), before - wanted)
                units[3]['status'] = 'confirmed'
                header['updated_at'] = f'{ORDER_DAY} 11:00:00 +0700'
                for _again in range(2):
                    self.import_order(header, units)
                self.assertEqual(order.sync_state, 'done')
                self.assertEqual(sum(sale.order_line.mapped('product_uom_qty')), 2 + 2 * wanted)
                self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 1)
                self.assertEqual(self.get_fbl_quantity(product), before - 2 * wanted)

    def test_orders_before_going_live_are_left_out_when_shipped_elsewhere(self):
        self.shop.skip_ordered_before = f'{ORDER_DAY} 12:00:00'
        self.assertEqual(self.import_units({}).issue_code, 'before_go_live')

    def test_nothing_is_mailed_to_a_buyer_of_lazada(self):
        sale = self.import_units({}).sale_order_id
        with self.assertRaisesRegex(UserError, "Seller Center"):
            sale.action_quotation_send()
        mails = self.env['mail.mail'].search_count([])
        sale._send_order_confirmation_mail()
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)

    def test_a_deleted_sales_order_comes_back_only_by_retry(self):
        header, units = make_order([{'sku': 'A'}])
        order = self.import_order(header, units)
        order.sale_order_id.action_cancel()
        order.sale_order_id.unlink()
        header['updated_at'] = f'{ORDER_DAY} 11:00:00 +0700'
        self.import_order(header, units)
        self.assertEqual(order.issue_code, 'sale_deleted')
        self.assertFalse(order.sale_order_id)
