"""Lines as they are written: which money is whose, and what stays when documents go on."""
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.lazada_connector.models.import_lookups import OrderIssue

from .offline import OfflineCase
from .payloads import make_order


@tagged('post_install', '-at_install')
class TestMoney(OfflineCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = cls.env['account.tax.group'].create({'name': "Test"})
        cls.seven, cls.nine = (cls.env['account.tax'].create({
            'name': f"{amount} % on top", 'amount': amount, 'tax_group_id': group.id,
            'price_include_override': 'tax_excluded'}) for amount in (7, 9))

    def sell(self, *items, **header):
        order = self.import_order(*make_order(items, **header))
        self.assertEqual(order.sync_state, 'done', order.issue_message)
        return order.sale_order_id

    def lines(self, sale, kind):
        return sale.order_line.filtered(lambda line: line.lazada_kind == kind)

    def invoice(self, sale):
        move = sale._create_invoices(final=True)
        move.action_post()
        return move

    def test_units_of_one_product_and_price_are_one_line(self):
        sale = self.sell(
            {'sku': 'A', 'price': '5.00'}, {'sku': 'A', 'price': '5.00'},
            {'sku': 'A', 'price': '4.00'}, {'sku': 'B', 'price': '5.00'})
        self.assertEqual(
            sorted(sale.order_line.mapped(
                lambda line: (line.product_id.default_code, line.price_unit,
                              line.product_uom_qty))),
            [('A', 4.0, 1.0), ('A', 5.0, 2.0), ('B', 5.0, 1.0)])
        self.assertEqual(set(sale.order_line.mapped('lazada_kind')), {'product'})

    def test_the_sellers_voucher_is_one_line_for_each_set_of_taxes(self):
        self.products['A'].taxes_id = self.seven
        self.products['B'].taxes_id = self.nine
        sale = self.sell(
            {'sku': 'A', 'price': '50.00', 'voucher_seller': '3.33'},
            {'sku': 'A', 'price': '50.00', 'voucher_seller': '3.33'},
            {'sku': 'B', 'price': '20.00', 'voucher_seller': '1.11'})
        self.assertEqual(
            {line.tax_ids: line.price_unit for line in self.lines(sale, 'voucher')},
            {self.seven: -6.66, self.nine: -1.11})
        self.assertEqual(sale.amount_total, 112.23)
        self.assertEqual(self.invoice(sale).amount_total, 112.23)

    def test_what_lazada_pays_never_lowers_the_order(self):
        sale = self.sell(
            {'sku': 'A', 'price': '50.00', 'paid_price': '31.00', 'voucher_platform': '9.00',
             'wallet_credits': '10.00', 'voucher_amount': '9.00'}, voucher_platform=9)
        self.assertEqual(sale.amount_total, 50)
        self.assertFalse(self.lines(sale, 'voucher'))
        self.assertEqual(sale.lazada_order_id.item_ids.voucher_platform, 9)

    def test_an_old_voucher_that_nobody_split_is_told_by_its_code(self):
        def old(**values):
            return {'sku': 'A', 'price': '50.00', 'voucher_seller': '', 'voucher_platform': '',
                    'voucher_amount': '5.00', **values}
        self.assertEqual(self.sell(old(voucher_code_platform='LAZ')).amount_total, 50)
        self.assertEqual(self.sell(old(voucher_code_seller='MINE')).amount_total, 45)
        self.assertEqual(self.sell(old()).amount_total, 45)

    def test_shipping_is_left_out_unless_the_shop_says_so(self):
        item = {'sku': 'A', 'price': '50.00', 'shipping_amount': '4.20'}
        self.assertEqual(self.sell(item).amount_total, 50)
        self.shop.include_shipping = True
        sale = self.sell(item)
        self.assertEqual(sale.amount_total, 54.2)
        self.assertEqual(self.lines(sale, 'shipping').price_unit, 4.2)
        self.assertEqual(self.invoice(sale).amount_total, 54.2)

    def test_a_change_of_the_setting_does_not_judge_old_orders_anew(self):
        sale = self.sell(*[{'sku': 'A', 'price': '50.00', 'shipping_amount': '4.20'}] * 2)
        self.shop.include_shipping = True
        order = sale.lazada_order_id
        order.item_ids[0].status = 'cancelled'
        order._follow()
        self.assertEqual(order.sync_state, 'done')
        self.assertEqual(sale.amount_total, 50)

    def test_the_header_is_only_shown(self):
        sale = self.sell({'sku': 'A', 'price': '50.00'}, price='49.00', shipping_fee='7.00')
        self.assertEqual(sale.amount_total, 50)
        order = sale.lazada_order_id
        self.assertEqual((order.header_total, order.buyer_total), (49, 56))
        self.assertEqual(order.amount_total, 50)

    def test_the_taxes_of_the_product_are_carved_out_of_the_price(self):
        self.products['A'].taxes_id = self.seven
        sale = self.sell({'sku': 'A', 'price': '107.00'})
        self.assertEqual(
            (sale.amount_untaxed, sale.amount_tax, sale.amount_total), (100, 7, 107))
        move = self.invoice(sale)
        self.assertEqual(
            (move.amount_untaxed, move.amount_tax, move.amount_total), (100, 7, 107))

    def test_a_pricelist_with_discounts_changes_nothing(self):
        self.env['product.pricelist.item'].create({
            'pricelist_id': self.shop.pricelist_id.id, 'compute_price': 'percentage',
            'percent_price': 10, 'applied_on': '3_global'})
        self.products['A'].list_price = 77.7
        sale = self.sell({'sku': 'A', 'price': '8.93'}, {'sku': 'B', 'price': '0.00'})
        for line in sale.order_line:
            line.product_uom_qty = 5
            line.product_uom_qty = 1
        self.assertEqual(sorted(sale.order_line.mapped('price_unit')), [0, 8.93])
        self.assertEqual(set(sale.order_line.mapped('discount')), {0})
        self.assertEqual(sale.amount_total, 8.93)

    def test_delivered_in_parts_and_invoiced_in_parts_comes_to_the_same(self):
        self.products['A'].write({
            'taxes_id': [Command.set(self.nine.ids)], 'invoice_policy': 'delivery'})
        self.env['stock.quant']._update_available_quantity(
            self.products['A'], self.shop.warehouse_id.lot_stock_id, 10)
        sale = self.sell(*[{'sku': 'A', 'price': '33.33'}] * 3)
        for quantity in (1, 2):
            move = sale.picking_ids.move_ids.filtered(lambda move: move.state != 'done')
            move.write({'quantity': quantity, 'picked': True})
            move.picking_id.with_context(
                lazada_without_tracking=True, skip_backorder=True).button_validate()
            self.invoice(sale)
        self.assertAlmostEqual(sum(sale.invoice_ids.mapped('amount_total')), 99.99)

    def test_an_order_beside_a_plain_one_on_the_same_invoice_stays_exact(self):
        self.env.company.tax_calculation_rounding_method = 'round_globally'
        self.products['A'].taxes_id = self.nine
        sales = self.sell(*[{'sku': 'A', 'price': '33.33', 'voucher_seller': '3.33'}] * 3)
        sales += self.sell({'sku': 'A', 'price': '0.08'})
        plain = sales[0].copy({'order_line': False, 'lazada_order_id': False})
        plain.order_line = [Command.create({
            'product_id': self.products['B'].id, 'price_unit': 9.99,
            'tax_ids': [Command.set(self.seven.ids)]})]
        plain.action_confirm()
        total = sum(sales.mapped('amount_total')) + plain.amount_total
        self.assertAlmostEqual(sum(sales.mapped('amount_total')), 90.08)
        move = (sales + plain)._create_invoices(grouped=False)
        move.action_post()
        self.assertAlmostEqual(sum(move.mapped('amount_total')), total)

    def test_a_duplicate_is_an_ordinary_order_of_the_same_amount(self):
        self.products['A'].taxes_id = self.seven
        sale = self.sell({'sku': 'A', 'price': '19.99', 'voucher_seller': '0.71'})
        copy = sale.copy()
        self.assertFalse(copy.lazada_order_id or copy.lazada_shop_id)
        self.assertEqual(copy.amount_total, sale.amount_total)

    def test_a_total_that_cannot_be_met_is_shown_and_not_corrected(self):
        sale = self.sell({'sku': 'A', 'price': '10.00'})
        order = sale.lazada_order_id
        order.item_ids.item_price = 12
        with self.assertRaisesRegex(OrderIssue, "10.0, but Lazada's units come to 12.0"):
            order._check_total()
