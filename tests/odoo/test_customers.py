"""Who bought: known by Lazada's id, never by masked text, never twice."""
import psycopg2.errors

from odoo.tests import tagged
from odoo.tools import mute_logger

from .offline import OfflineCase
from .payloads import make_order

MASKED = {
    'first_name': 'S***********i', 'phone': '66********78', 'address1': '9**************d',
}


@tagged('post_install', '-at_install')
class TestCustomers(OfflineCase):

    def sell(self, buyer='5000001', address=None, shop=None, **header):
        order = self.import_order(
            *make_order([{'sku': 'A', 'buyer_id': buyer}], address, **header), shop=shop)
        self.assertEqual(order.sync_state, 'done', order.issue_message)
        return order.sale_order_id

    def count_partners(self):
        return self.env['res.partner'].with_context(active_test=False).search_count([])

    # === THE SAME BUYER === #

    def test_two_orders_of_a_buyer_are_one_contact(self):
        first = self.sell()
        before = self.count_partners()
        second = self.sell()
        self.assertEqual(first.partner_id, second.partner_id)
        self.assertEqual(self.count_partners(), before)

    def test_two_orders_of_a_new_buyer_in_one_batch_are_one_contact(self):
        orders = self.mirror(*make_order([{'sku': 'A'}])) + self.mirror(*make_order([{'sku': 'A'}]))
        orders._import()
        self.assertEqual(len(orders.sale_order_id), 2)
        self.assertEqual(len(orders.sale_order_id.partner_id), 1)

    def test_a_buyer_is_the_same_in_every_shop_of_the_country(self):
        other = self.make_shop('th', external_id='another-seller')
        self.assertEqual(
            self.sell(address=MASKED).partner_id, self.sell(address=MASKED, shop=other).partner_id)

    def make_other_company(self):
        """Return a shop of the same country in another company, with the same product."""
        company = self.env['res.company'].create({'name': "Other"})
        self.account.company_id = False
        return self.make_shop('th', external_id='other-company', company_id=company.id)

    def test_a_buyer_is_the_same_in_every_company(self):
        other = self.make_other_company()
        for address in ({}, MASKED):
            with self.subTest(address=address):
                first = self.sell('7', address)
                second = self.sell('7', address, shop=other)
                self.assertEqual(second.company_id, other.company_id)
                self.assertEqual(first.partner_id, second.partner_id)
                self.assertFalse(first.partner_id.company_id)

    def test_a_buyer_who_is_a_contact_of_one_company_is_another_contact_in_the_other(self):
        other = self.make_other_company()
        own = self.env['res.partner'].create({
            'name': 'Somchai Jaidee', 'phone': '66812345678', 'street': '99/1 Sukhumvit Road',
            'company_id': self.env.company.id})
        first, second = self.sell(), self.sell(shop=other)
        self.assertEqual(first.partner_id, own)
        self.assertNotEqual(second.partner_id, own)
        self.assertEqual(first.partner_id.lazada_buyer_key, second.partner_id.lazada_buyer_key)
        self.assertEqual(self.sell(shop=other).partner_id, second.partner_id)

    # === NEVER TWICE === #

    def test_a_buyer_is_one_contact_by_the_database(self):
        self.env['res.partner'].create({'name': "One", 'lazada_buyer_key': 'th:1'})
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'):
            self.env['res.partner'].create({'name': "Two", 'lazada_buyer_key': 'th:1'})
        company = self.env.company
        self.env['res.partner'].create({
            'name': "Three", 'lazada_buyer_key': 'th:1', 'company_id': company.id})
        self.assertFalse(
            self.env['res.partner'].search([('name', '=', "Three")]).copy().lazada_buyer_key)

    def test_contacts_of_buyers_can_be_merged(self):
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        for keys in (('th:1', 'th:2'), ('th:3', False), (False, 'th:4'), (False, False)):
            with self.subTest(keys=keys):
                gone, kept = self.env['res.partner'].create([
                    {'name': "Somchai", 'email': 'same@example.com', 'lazada_buyer_key': key}
                    for key in keys])
                wizard._merge((gone + kept).ids, kept)
                self.assertFalse(gone.exists())
                self.assertEqual(kept.lazada_buyer_key, keys[1] or keys[0])

    def test_ids_of_different_countries_are_different_people(self):
        other = self.make_shop('my')
        masked = {**MASKED, 'country': 'Malaysia'}
        self.assertNotEqual(
            self.sell(address=MASKED).partner_id, self.sell(address=masked, shop=other).partner_id)

    def test_a_masked_buyer_is_known_again_by_the_id_alone(self):
        first = self.sell(address=MASKED)
        second = self.sell(address={**MASKED, 'first_name': 'S**i', 'address1': '1***2'})
        self.assertEqual(first.partner_id, second.partner_id)

    def test_masked_names_that_look_alike_are_different_people(self):
        self.assertNotEqual(
            self.sell('1', MASKED).partner_id, self.sell('2', MASKED).partner_id)

    # === CONTACTS OF THE HOUSE === #

    def test_a_contact_with_the_same_name_phone_and_street_is_used(self):
        known = self.env['res.partner'].create({
            'name': 'Somchai Jaidee', 'phone': '66812345678', 'street': '99/1 Sukhumvit Road'})
        sale = self.sell()
        self.assertEqual(sale.partner_id, known)
        self.assertEqual(self.sell(address=MASKED).partner_id, known, "known by id from then on")

    def test_a_name_alone_is_nobody(self):
        known = self.env['res.partner'].create({'name': 'Somchai Jaidee'})
        for address in ({}, {'phone': '', 'address1': ''}, {'phone': ''}, {'address1': ''}):
            with self.subTest(address=address):
                self.assertNotEqual(self.sell(f'id{address}', address).partner_id, known)

    def test_contacts_of_another_company_are_not_used(self):
        other = self.env['res.company'].create({'name': "Other"})
        known = self.env['res.partner'].create({
            'name': 'Somchai Jaidee', 'phone': '66812345678', 'street': '99/1 Sukhumvit Road',
            'company_id': other.id})
        self.assertNotEqual(self.sell().partner_id, known)

    # === MASKED TEXT === #

    def test_masked_text_is_never_a_phone_a_street_or_an_e_mail(self):
        sale = self.sell(address=MASKED)
        for partner in sale.partner_id | sale.partner_shipping_id | sale.partner_invoice_id:
            for field in ('phone', 'street', 'street2', 'email', 'city', 'zip', 'vat'):
                self.assertNotIn('*', partner[field] or '', field)
        self.assertEqual(sale.partner_id.country_id.code, 'TH')
        self.assertIn('9**************d', sale.lazada_order_id.ship_to, "a person can read it")

    def test_what_lazada_no_longer_hides_completes_the_same_contact(self):
        masked = self.sell(address=MASKED).partner_id
        self.assertFalse(masked.phone)
        clear = self.sell().partner_id
        self.assertEqual(clear, masked)
        self.assertRecordValues(clear, [{
            'name': 'Somchai Jaidee', 'phone': '66812345678', 'street': '99/1 Sukhumvit Road'}])

    def test_what_is_hidden_again_overwrites_nothing(self):
        customer = self.sell().partner_id
        self.sell(address=MASKED)
        self.assertRecordValues(customer, [{
            'name': 'Somchai Jaidee', 'phone': '66812345678', 'street': '99/1 Sukhumvit Road'}])

    # === WITHOUT AN ID === #

    def test_masked_and_without_an_id_is_the_generic_customer_with_a_delivery_contact(self):
        first = self.sell('', MASKED)
        second = self.sell('', {**MASKED, 'first_name': 'X**Y'})
        self.assertEqual(first.partner_id, self.shop.generic_partner_id)
        self.assertEqual(first.partner_id, second.partner_id)
        self.assertNotEqual(first.partner_shipping_id, second.partner_shipping_id)
        self.assertEqual(first.partner_shipping_id.type, 'delivery')
        self.assertEqual(first.partner_shipping_id.parent_id, first.partner_id)

    def test_clear_and_without_an_id_is_known_by_the_address(self):
        before = self.sell('').partner_id
        self.assertEqual(self.sell('').partner_id, before)
        self.assertNotEqual(
            self.sell('', {'phone': '66800000000'}).partner_id, before)

    def test_one_generic_customer_when_the_shop_says_so(self):
        self.shop.generic_customer = True
        first, second = self.sell('1'), self.sell('2', {'first_name': 'Other Person'})
        self.assertEqual(first.partner_id, second.partner_id)
        self.assertEqual(
            (first.partner_shipping_id.name, second.partner_shipping_id.name),
            ('Somchai Jaidee', 'Other Person'))

    # === TAX INVOICES === #

    def sell_taxed(self, tax_code='0105536112014', branch='00001', **values):
        return self.sell(
            tax_code=tax_code, branch_number=branch,
            extra_attributes='{"TaxInvoiceRequested":true}', **values)

    def print_invoice(self, sale):
        move = sale._create_invoices()
        move.action_post()
        html, _kind = self.env['ir.actions.report']._render_qweb_html(
            'account.account_invoices', move.ids)
        return move, html.decode()

    def test_tax_number_and_branch_are_the_customers_and_on_the_invoice(self):
        sale = self.sell_taxed()
        self.assertRecordValues(sale.partner_id, [{
            'vat': '0105536112014', 'company_registry': '00001'}])
        self.assertEqual(sale.partner_invoice_id, sale.partner_id)
        self.assertIn('0105536112014', self.print_invoice(sale)[1])

    def test_a_tax_number_nobody_asked_an_invoice_for_is_not_used(self):
        sale = self.sell(tax_code='0105536112014', branch_number='00001')
        self.assertFalse(sale.partner_invoice_id.vat or sale.partner_invoice_id.company_registry)
        sale = self.sell_taxed(tax_code='01*****014', buyer='5000002')
        self.assertFalse(sale.partner_invoice_id.vat)

    def test_a_known_customer_gets_the_tax_number_that_was_missing(self):
        customer = self.sell().partner_id
        sale = self.sell_taxed()
        self.assertEqual((sale.partner_id, sale.partner_invoice_id), (customer, customer))
        self.assertRecordValues(customer, [{
            'vat': '0105536112014', 'company_registry': '00001'}])

    def test_another_tax_number_of_the_same_customer_has_an_invoice_contact_of_its_own(self):
        first = self.sell_taxed()
        second, third = (self.sell_taxed('0994000158378', '00000') for _time in range(2))
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertEqual(first.partner_id.vat, '0105536112014')
        self.assertEqual(second.partner_invoice_id, third.partner_invoice_id)
        self.assertRecordValues(second.partner_invoice_id, [{
            'vat': '0994000158378', 'company_registry': '00000', 'type': 'invoice',
            'parent_id': first.partner_id.id, 'street': '99/1 Sukhumvit Road'}])

    def test_with_one_generic_customer_the_invoice_contact_carries_the_tax_number(self):
        self.shop.generic_customer = True
        taxed, again = self.sell_taxed(), self.sell_taxed()
        other, plain = self.sell_taxed('0994000158378', '00000'), self.sell()
        generic = self.shop.generic_partner_id
        self.assertEqual((taxed + again + other + plain).partner_id, generic)
        self.assertFalse(generic.vat or generic.company_registry)
        self.assertEqual(taxed.partner_invoice_id, again.partner_invoice_id)
        self.assertRecordValues(taxed.partner_invoice_id + other.partner_invoice_id, [
            {'vat': '0105536112014', 'company_registry': '00001', 'parent_id': generic.id},
            {'vat': '0994000158378', 'company_registry': '00000', 'parent_id': generic.id}])
        self.assertFalse(plain.partner_invoice_id.vat)
        self.assertEqual(taxed.partner_shipping_id, plain.partner_shipping_id)
        move, html = self.print_invoice(taxed)
        self.assertEqual(move.partner_id, taxed.partner_invoice_id)
        self.assertIn('0105536112014', html)

    # === ADDRESSES === #

    def test_delivery_and_invoice_addresses_of_their_own(self):
        header, units = make_order([{'sku': 'A'}])
        header['address_shipping'] = {
            **header['address_shipping'], 'first_name': 'Neighbour', 'address1': '7 Other Road'}
        sale = self.import_order(header, units).sale_order_id
        self.assertEqual(sale.partner_id.name, 'Somchai Jaidee')
        self.assertRecordValues(sale.partner_shipping_id, [{
            'name': 'Neighbour', 'street': '7 Other Road', 'type': 'delivery',
            'parent_id': sale.partner_id.id}])
        self.assertEqual(sale.partner_invoice_id, sale.partner_id)
        before = self.count_partners()
        header, units = make_order([{'sku': 'A'}])
        header['address_shipping'] = {
            **header['address_shipping'], 'first_name': 'Neighbour', 'address1': '7 Other Road'}
        self.assertEqual(
            self.import_order(header, units).sale_order_id.partner_shipping_id,
            sale.partner_shipping_id)
        self.assertEqual(self.count_partners(), before)

    def test_an_address_that_cannot_be_understood_never_blocks(self):
        for address in (
                {'country': 'Atlantis'}, {'address3': 'Nowhere'}, {'first_name': ''},
                {'first_name': '', 'last_name': '', 'phone': '', 'address1': ''},
                {'first_name': 'A' * 5000}, {'post_code': '???'}, {'phone': 'call me'}):
            with self.subTest(address=address):
                sale = self.sell(f'id{address}', address)
                self.assertTrue(sale.partner_id.name)
                self.assertEqual(sale.partner_id.country_id.code, 'TH')

    def test_text_of_the_marketplace_is_never_a_formula_nor_markup(self):
        customer = self.sell('9', {
            'first_name': '=HYPERLINK("http://example.com")', 'address1': '<b>bold\x00</b>'}
        ).partner_id
        self.assertFalse(customer.name.startswith('='))
        self.assertNotIn('\x00', customer.street)

    def test_no_message_is_ever_sent_to_a_buyer(self):
        before = self.env['mail.mail'].search([])
        sale = self.sell()
        sale.partner_id.email = 'somchai@example.com'
        sale.picking_ids.move_ids.write({'quantity': 1, 'picked': True})
        sale.picking_ids.with_context(lazada_without_tracking=True).button_validate()
        self.assertEqual(sale.picking_ids.state, 'done')
        # The shop's responsible may be written to, and is: an activity asks for the number.
        colleagues = self.shop._get_responsible().partner_id
        for mail in self.env['mail.mail'].search([]) - before:
            self.assertEqual(mail.recipient_ids, colleagues)
            self.assertFalse(mail.email_to)
        self.assertNotIn(sale.partner_id, sale.message_partner_ids)
