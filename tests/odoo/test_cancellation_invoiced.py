"""Cancelled on Lazada after invoicing: credit notes come to what the cancelled units cost."""
from .common import LazadaCase


class InvoicedCase(LazadaCase):

    def setUp(self):
        super().setUp()
        self.env['res.currency.rate'].create({
            'currency_id': self.shop.currency_id.id, 'rate': 25, 'name': '2020-01-01'})
        self.taxes = self.env['account.tax'].create([
            {'name': f"{rate} % on top", 'amount': rate, 'price_include_override': 'tax_excluded'}
            for rate in (7, 12)])
        self.tee, self.mug = (
            self.make_product(sku, stock=100, taxes_id=[(6, 0, tax.ids)])
            for sku, tax in zip(('LZC-TEE', 'LZC-MUG'), self.taxes, strict=True))
        for product in self.tee + self.mug:
            self.make_listing(product.default_code, price='33.33')
        self.run_flow('catalogue')

    def order(self, *units, **values):
        """Return the sales order of units given as (SKU, price, voucher)."""
        order_id = self.buy(*(
            {'seller_sku': sku, 'item_price': price, 'voucher_seller': voucher}
            for sku, price, voucher in units), **values)
        self.sync()
        return self.get_order(order_id).sale_order_id

    def order_tees(self):
        return self.order(*(('LZC-TEE', '33.33', voucher) for voucher in ('3.33', '3.33', '3.34')))

    def invoice(self, sales):
        invoice = sales._create_invoices()
        invoice.action_post()
        return invoice

    def cancel(self, sale, *positions):
        order = sale.lazada_order_id
        units = order.item_ids.sorted('external_id').mapped('external_id')
        self.sandbox.post('clock', {'advance': 1})
        self.move(order.external_id, 'canceled', [units[each] for each in positions])
        self.sync()

    def get_notes(self, sale):
        return sale.invoice_ids.filtered(lambda move: move.move_type == 'out_refund').sorted('id')

    def assert_notes(self, sale, *totals, state='draft'):
        notes = self.get_notes(sale)
        self.assertEqual([round(note.amount_total, 6) for note in notes], list(totals))
        self.assertEqual(set(notes.mapped('state')), {state})
        return notes


class TestOneAfterTheOther(InvoicedCase):

    def test_notes_left_in_draft_stay_and_none_is_made_twice(self):
        sale = self.order_tees()
        self.invoice(sale)
        self.cancel(sale, 2)
        first = self.assert_notes(sale, 29.99)
        self.cancel(sale, 1)
        self.assertIn(first, self.assert_notes(sale, 29.99, 30.0))
        self.assertAlmostEqual(sale.amount_total, 30.0)
        self.cancel(sale, 0)
        self.assertEqual(sale.state, 'cancel')
        self.assertIn(first, self.assert_notes(sale, 29.99, 30.0, 30.0))

    def test_posted_notes_are_not_credited_again(self):
        sale = self.order_tees()
        invoice = self.invoice(sale)
        for position in (2, 1, 0):
            self.cancel(sale, position)
            self.get_notes(sale).filtered(lambda note: note.state == 'draft').action_post()
        notes = self.assert_notes(sale, 29.99, 30.0, 30.0, state='posted')
        self.assertAlmostEqual(sum(notes.mapped('amount_total')), invoice.amount_total)
        self.assertAlmostEqual(sum(notes.mapped('amount_tax')), invoice.amount_tax, 1)

    def test_the_rest_is_credited_when_all_go(self):
        sale = self.order_tees()
        self.invoice(sale)
        self.cancel(sale, 2)
        self.cancel(sale, 0, 1)
        self.assert_notes(sale, 29.99, 60.0)
        self.assertEqual(sale.state, 'cancel')

    def test_nothing_is_left_to_be_invoiced(self):
        sale = self.order_tees()
        self.invoice(sale)
        self.cancel(sale, 2)
        self.assertEqual(sale.invoice_status, 'invoiced')
        self.assertEqual(sale.order_line.mapped('qty_to_invoice'), [0, 0])

    def test_what_a_person_credited_in_full_is_left_alone(self):
        sale = self.order_tees()
        invoice = self.invoice(sale)
        note = invoice._reverse_moves()
        self.cancel(sale, 2)
        self.cancel(sale, 0, 1)
        self.assertEqual(self.get_notes(sale), note)

    def test_a_unit_that_a_person_credited_is_not_credited_again(self):
        sale = self.order_tees()
        invoice = self.invoice(sale)
        note = invoice._reverse_moves()
        voucher = note.invoice_line_ids.filtered(lambda line: line.price_unit < 0)
        voucher.unlink()
        note.invoice_line_ids.quantity = 1
        self.cancel(sale, 2)
        self.assertEqual(self.get_notes(sale), note)
        self.assertIn("3.34", ' '.join(sale.message_ids.mapped('body')))


class TestInvoicesOfOtherShapes(InvoicedCase):

    def order_of_one_buyer(self):
        """Two orders that Odoo puts on one invoice."""
        first, second = self.order_tees(), self.order_tees()
        second.partner_invoice_id = second.partner_id = first.partner_id
        second.partner_invoice_id = first.partner_invoice_id
        return first, second

    def test_of_a_shared_invoice_only_our_lines_are_credited(self):
        first, second = self.order_of_one_buyer()
        invoice = self.invoice(first + second)
        self.assertEqual(len(invoice), 1)
        self.cancel(first, 2)
        self.assert_notes(first, 29.99)
        self.cancel(first, 0, 1)
        self.assert_notes(first, 29.99, 60.0)
        self.cancel(second, 0, 1, 2)
        self.assert_notes(second, 89.99)
        self.assertAlmostEqual(invoice.amount_total, 2 * 89.99)

    def test_a_shared_draft_keeps_the_lines_of_the_others(self):
        first, second = self.order_of_one_buyer()
        invoice = (first + second)._create_invoices()
        self.cancel(first, 2)
        self.assertEqual(invoice.state, 'draft')
        self.assertEqual(invoice.invoice_line_ids.sale_line_ids.order_id, second)
        self.assertAlmostEqual(invoice.amount_total, 89.99)
        self.assertAlmostEqual(first._create_invoices().amount_total, 60.0)

    def test_each_tax_has_its_own_share_of_the_vouchers(self):
        sale = self.order(
            ('LZC-TEE', '33.33', '3.33'), ('LZC-TEE', '33.33', '3.33'),
            ('LZC-MUG', '112.00', '12.00'), ('LZC-MUG', '112.00', '1.00'))
        invoice = self.invoice(sale)
        dear = sale.lazada_order_id.item_ids.sorted('external_id').filtered('voucher_seller')
        self.cancel(sale, dear.mapped('voucher_seller').index(12.0))
        note = self.assert_notes(sale, 100.0)
        self.assertEqual(note.invoice_line_ids.tax_ids, self.taxes[1])
        self.cancel(sale, *(
            index for index, voucher in enumerate(dear.mapped('voucher_seller'))
            if voucher == 3.33))
        note = self.assert_notes(sale, 100.0, 60.0)[-1]
        self.assertEqual(note.invoice_line_ids.tax_ids, self.taxes[0])
        self.cancel(sale, *range(4))
        notes = self.assert_notes(sale, 100.0, 60.0, 111.0)
        self.assertAlmostEqual(sum(notes.mapped('amount_total')), invoice.amount_total)

    def test_units_on_several_invoices(self):
        """The whole voucher is on the first; no note comes to less than nothing."""
        sale = self.order_tees()
        first = sale._create_invoices()
        first.invoice_line_ids.filtered(lambda line: line.price_unit > 0).quantity = 1
        first.action_post()
        second = self.invoice(sale)
        self.assertEqual([first.amount_total, second.amount_total], [23.33, 66.66])
        for position in (2, 1, 0):
            self.cancel(sale, position)
        notes = self.assert_notes(sale, 29.99, 30.0, 30.0)
        self.assertEqual(
            [note.reversed_entry_id for note in notes], [first, second, second])

    def test_a_unit_not_invoiced_yet_is_not_credited(self):
        self.tee.invoice_policy = 'delivery'
        sale = self.order_tees()
        line = sale.order_line.filtered(lambda line: line.product_id == self.tee)
        line.qty_delivered = 1
        self.invoice(sale)
        self.cancel(sale, 2)
        self.assertFalse(self.get_notes(sale))
        self.assertIn("3.34", ' '.join(sale.message_ids.mapped('body')))

    def test_lines_added_by_hand_are_credited_with_the_last_unit(self):
        sale = self.order_tees()
        extra = self.make_product('LZC-WRAP', list_price=5)
        sale.order_line = [(0, 0, {'product_id': extra.id, 'price_unit': 5, 'tax_ids': False})]
        self.invoice(sale)
        self.cancel(sale, 2)
        self.assert_notes(sale, 29.99)
        self.cancel(sale, 0, 1)
        self.assert_notes(sale, 29.99, 65.0)
