"""Paid and shipped between two synchronisations: sold all the same, and never picked."""
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .offline import OfflineCase
from .payloads import ORDER_DAY, make_order


@tagged('post_install', '-at_install')
class TestPaidLate(OfflineCase):

    def import_statuses(self, *statuses):
        self.header, self.units = make_order(
            [{'sku': 'A', 'status': status, 'voucher_seller': '1.00'} for status in statuses])
        order = self.import_order(self.header, self.units)
        self.sale = order.sale_order_id
        return order

    def move_on(self, *statuses):
        for unit, status in zip(self.units, statuses, strict=True):
            unit['status'] = status
        self.header['updated_at'] = f'{ORDER_DAY} 11:00:00 +0700'
        self.import_order(self.header, self.units)

    def assert_delivered(self, sent, to_pick):
        """So many units count as delivered, so many are picked; the total is that of all."""
        self.assertEqual(self.sale.state, 'sale')
        lines = self.sale.order_line.filtered(lambda line: line.lazada_kind == 'product')
        self.assertEqual(sum(lines.mapped('qty_delivered')), sent)
        self.assertEqual(sum(lines.mapped('product_uom_qty')), sent + to_pick)
        self.assertEqual(
            sum(self.sale.picking_ids.move_ids.mapped('product_uom_qty')), to_pick)
        self.assertEqual(self.sale.amount_total, 9 * (sent + to_pick))
        self.assertEqual(self.sale.lazada_order_id.sync_state, 'done')

    def test_a_quotation_whose_units_were_shipped_is_confirmed(self):
        self.shop.unpaid_as_quotation = True
        self.import_statuses('unpaid', 'unpaid')
        self.assertEqual(self.sale.state, 'draft')
        self.move_on('shipped', 'delivered')
        self.assert_delivered(2, 0)
        self.assertFalse(self.sale.picking_ids)

    def test_a_mandatory_analytic_plan_is_asked_for_as_by_the_button(self):
        self.shop.unpaid_as_quotation = True
        self.import_statuses('unpaid')
        plan = self.env['account.analytic.plan'].create({
            'name': "Projects", 'default_applicability': 'mandatory'})
        self.env['account.analytic.account'].create({
            'name': "Marketplaces", 'plan_id': plan.id})  # without one the plan asks for nothing
        with self.assertRaisesRegex(ValidationError, "analytic distribution"):
            self.move_on('pending')
        self.assertEqual(self.sale.state, 'draft')

    def test_of_a_quotation_only_what_waits_is_picked(self):
        self.shop.unpaid_as_quotation = True
        self.import_statuses('unpaid', 'unpaid', 'unpaid')
        self.move_on('pending', 'shipped', 'pending')
        self.assert_delivered(1, 2)
        sent = self.sale.order_line.filtered('lazada_no_delivery')
        self.assertEqual(sent.lazada_item_ids.status, 'shipped')
        self.move_on('packed', 'delivered', 'packed')
        self.assert_delivered(1, 2)

    def test_a_quotation_that_is_still_unpaid_stays_one(self):
        self.shop.unpaid_as_quotation = True
        self.import_statuses('unpaid', 'unpaid')
        self.move_on('unpaid', 'canceled')
        self.assertEqual((self.sale.state, self.sale.amount_total), ('draft', 9))

    def test_an_unpaid_unit_that_was_shipped_at_once_is_sold(self):
        self.import_statuses('pending', 'unpaid')
        self.assertEqual(self.sale.amount_total, 9)
        self.move_on('pending', 'shipped')
        self.assert_delivered(1, 1)
        self.move_on('packed', 'delivered')
        self.assert_delivered(1, 1)

    def test_what_was_shipped_does_not_ask_for_a_canceled_order(self):
        order = self.import_statuses('pending', 'unpaid')
        self.sale._action_cancel()
        self.move_on('pending', 'shipped')
        self.assertEqual((self.sale.state, order.sync_state), ('cancel', 'done'))
