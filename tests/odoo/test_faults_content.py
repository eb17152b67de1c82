"""F30 to F47: what may stand in an order."""
import io
import random
import time
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.lazada_connector.models import flow_run
from odoo.addons.web.controllers import export

from .faults_case import FaultsCase

# Each stands for a way to do harm with a text.
HOSTILE = {
    'markup': '<script>alert(1)</script>',
    'template': '{{7*7}} ${7*7} <t t-esc="7*7"/> %s %(name)s %d',
    'formula': '=HYPERLINK("http://evil.example","click")',
    'array formula': '{=SUM(1+1)}',
    'plus': '+1+cmd|"/c calc"!A0',
    'minus': '-2+3',
    'at': '@SUM(1+1)',
    'tab': '\t=1+1',
    'sql': "Robert'); DROP TABLE sale_order;--",
    'path': '../../../../etc/passwd',
}
STRANGE = {
    'emoji': 'ร้าน 🛍️👨‍👩‍👧 family',
    'CJK extension': '𠀀𠮷野家',
    'right to left': 'متجر الهدايا',
    'bidi override': 'invoice\u202egpj.exe\u202c \u2066x\u2069',
    'zero width': 'a\u200bb\u200dc\ufeffd',
    'NUL': 'nu\x00l',
    'surrogate': 'surro\ud800gate',
    'controls': 'bell\x07\x1b[31mred\x7f',
}
HEADER_TEXTS = (
    'order_number', 'payment_method', 'buyer_note', 'gift_message', 'remarks', 'delivery_info',
    'customer_first_name', 'customer_last_name', 'tax_code', 'branch_number',
    'national_registration_number', 'warehouse_code', 'extra_attributes', 'voucher_code')
ADDRESS_TEXTS = (
    'first_name', 'last_name', 'phone', 'phone2', 'address1', 'address2', 'address3', 'address4',
    'address5', 'city', 'post_code', 'country', 'addressDistrict')
UNIT_TEXTS = (
    'sku', 'shop_sku', 'name', 'variation', 'shipment_provider', 'warehouse_code', 'tracking_code',
    'package_id', 'reason', 'sku_id', 'product_id', 'cancel_return_initiator', 'return_status',
    'order_type', 'shipping_type', 'buyer_id', 'product_main_image', 'product_detail_url')
FORBIDDEN = [chr(code) for code in (
    0, 7, 27, 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))]


class TestLinks(FaultsCase):

    def make_alien(self, sku='LZT-NEW'):
        """A listing without a product."""
        self.make_listing(sku, price='10.00')
        return sku

    def test_f30_an_unknown_sku_keeps_back_its_own_order_only(self):
        alien, good = self.buy(self.make_alien()), self.buy('LZT-TEE')
        self.sync()
        self.assert_imported(good)
        order = self.get_order(alien)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'sku_not_linked',
            'issue_key': 'sku:LZT-NEW', 'sale_order_id': False}])
        self.assertIn("LZT-NEW", order.issue_message)
        self.assertIn("Link it under", order.issue_message)
        order.item_ids.listing_id.product_id = self.tee
        self.run_flow('import_orders')
        self.assert_imported(alien)
        self.assertFalse(order.issue_message)

    def test_f30_a_product_made_later_with_that_reference_is_found_by_itself(self):
        alien = self.buy(self.make_alien())
        self.sync()
        self.make_product('LZT-NEW', stock=5)
        self.sync()
        self.assert_imported(alien)

    def test_f31_a_sku_of_two_products_is_ambiguous(self):
        twin = self.make_product('LZT-TEE')
        order_id = self.buy('LZT-TEE')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'sku_not_linked', 'sale_order_id': False}])
        self.assertIn("2 products have the Internal Reference LZT-TEE", order.issue_message)
        self.assertEqual(order.item_ids.listing_id.link_state, 'ambiguous')
        twin.default_code = 'LZT-TWIN'
        self.sync()
        self.assert_imported(order_id)

    def test_f31_another_companys_product_is_never_sold(self):
        other = self.env['res.company'].create({'name': "Other"})
        self.make_listing('LZT-CUP', price='5.00')
        cup = self.make_product('LZT-CUP', company_id=other.id)
        order_id = self.buy('LZT-CUP')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{'sync_state': 'attention', 'sale_order_id': False}])
        self.assertIn("No product has the Internal Reference LZT-CUP", order.issue_message)
        cup.company_id = False
        self.sync()
        self.assert_imported(order_id)

    def test_f31_a_linked_product_that_moves_to_another_company_is_never_sold(self):
        self.run_flow('catalogue')
        other = self.env['res.company'].create({'name': "Other"})
        self.env.cr.execute(
            "UPDATE product_template SET company_id = %s WHERE id = %s",
            [other.id, self.mug.product_tmpl_id.id])
        self.env.invalidate_all()
        order_id = self.buy('LZT-MUG')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'product_company'}])
        self.mug.product_tmpl_id.company_id = False
        self.sync()
        self.assert_imported(order_id)

    def test_f32_an_archived_product_keeps_its_orders_back_until_it_returns(self):
        self.run_flow('catalogue')
        self.mug.active = False
        alone, mixed = self.buy('LZT-MUG'), self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        for order_id in (alone, mixed):
            order = self.get_order(order_id)
            self.assertRecordValues(order, [{
                'sync_state': 'attention', 'issue_code': 'product_archived',
                'issue_key': 'sku:LZT-MUG', 'sale_order_id': False}])
            self.assertIn("Unarchive it", order.issue_message)
        self.mug.active = True
        self.sync()
        self.assert_imported(alone, mixed)

    def test_f32_a_shop_that_sells_archived_products_imports_them_also_those_that_waited(self):
        self.run_flow('catalogue')
        self.mug.active = False
        waiting = self.buy('LZT-MUG')
        self.sync()
        self.assertEqual(self.get_order(waiting).issue_code, 'product_archived')
        self.shop.sell_archived = True
        self.sync()
        mixed = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.assert_imported(waiting, mixed)
        sale = self.get_sale(mixed)
        self.assertEqual(sale.order_line.product_id, self.tee + self.mug)
        self.assertEqual(sale.picking_ids.move_ids.product_id, self.tee + self.mug)
        self.assertFalse(self.mug.active)

    def test_f32_an_archived_product_of_an_imported_order_changes_nothing(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.mug.active = False
        unit = self.truth(order_id)['items'][0]['order_item_id']
        self.move(order_id, 'canceled', [unit])
        self.sync()
        self.assert_imported(order_id)


class TestCurrencies(FaultsCase):

    def test_f33_an_inactive_currency_is_activated_and_without_rate_nothing_is_invoiced(self):
        currency = self.env.ref('base.VND')
        currency.active = False
        currency.rate_ids.unlink()
        order_id = self.buy('LZT-TEE')
        self.forge_units(order_id, currency='VND', item_price=25000.0, paid_price=25000.0)
        self.sync()
        self.assert_imported(order_id)
        sale = self.get_sale(order_id)
        self.assertTrue(currency.active)
        self.assertRecordValues(sale, [{'currency_id': currency.id, 'amount_total': 25000}])
        with self.assertRaisesRegex(UserError, "has no rate for it"):
            sale._create_invoices()

    def test_f33_a_currency_nobody_knows_is_said(self):
        order_id = self.buy('LZT-TEE')
        self.forge_units(order_id, currency='XQQ')
        self.sync()
        order = self.get_order(order_id)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'unknown_currency'}])
        self.forge_units(order_id, currency='THB')
        self.sync()
        self.assert_imported(order_id)


class TestAddresses(FaultsCase):

    def buy_at(self, **address):
        """Buy with every member of the address in clear."""
        order_id = self.buy('LZT-TEE', buyer={'buyer_id': str(random.randrange(10 ** 9))})
        self.override(order_id, header={
            f'address_{kind}': {'first_name': "Ann Clear", 'phone': '66812345678',
                                'address1': "1 Clear Road", **address}
            for kind in ('shipping', 'billing')})
        return order_id

    def test_f34_unknown_and_missing_places_never_block_and_are_kept_as_text(self):
        gone = '__missing__'
        for address, street2 in (
                ({'address3': "Atlantis", 'country': "Neverland", 'post_code': 'none'}, "Atlantis"),
                ({'address3': gone, 'country': gone, 'post_code': gone, 'city': gone,
                  'address4': gone, 'address5': gone}, False),
                ({name: '' for name in ('address3', 'country', 'post_code', 'city')}, False),
                ({name: None for name in ('address3', 'country', 'post_code', 'city')}, False)):
            with self.subTest(address=address):
                order_id = self.buy_at(**address)
                self.sync()
                self.assert_imported(order_id)
                partner = self.get_sale(order_id).partner_id
                self.assertRecordValues(partner, [{
                    'country_id': self.env.ref('base.th').id, 'state_id': False,
                    'street': "1 Clear Road"}])
                if street2:
                    self.assertIn(street2, partner.street2)
                self.assertIn(self.get_order(order_id), self.find_incomplete())

    def find_incomplete(self):
        """What the filter shows."""
        return self.env['lazada.order'].search([('address_incomplete', '=', True)])

    def test_f34_each_part_that_is_unknown_alone_is_flagged_and_a_whole_address_is_not(self):
        whole = {'address3': "กรุงเทพมหานคร/ Bangkok", 'country': "Thailand",
                 'post_code': '10110', 'address5': '10110', 'city': "คลองเตย/ Khlong Toei"}
        order_id = self.buy_at(**whole)
        self.sync()
        self.assert_imported(order_id)
        self.assertFalse(self.find_incomplete())
        for part in ({'address3': "Atlantis"}, {'country': "Neverland"}, {'address3': ''},
                     {'city': '', 'address4': ''}, {'post_code': 'none', 'address5': ''}):
            with self.subTest(part=part):
                order_id = self.buy_at(**{**whole, **part})
                self.sync()
                self.assert_imported(order_id)
                self.assertIn(self.get_order(order_id), self.find_incomplete())

    def test_f45_a_buyer_hidden_at_first_is_completed_once(self):
        buyer = {'buyer_id': '4711', 'name': "Jaidee Dee", 'phone': '66811112222',
                 'address1': "99 Sukhumvit"}
        first = self.buy('LZT-TEE', buyer=buyer)
        self.sync()
        partner = self.get_sale(first).partner_id
        self.assertIn('*', partner.name)
        self.assertRecordValues(partner, [
            {'phone': False, 'street': False, 'lazada_masked': True}])
        count = self.env['res.partner'].search_count([])
        second = self.buy('LZT-TEE', buyer=buyer, channel='sof')     # shown in clear
        self.sync()
        self.assertEqual(self.get_sale(second).partner_id, partner)
        self.assertRecordValues(partner, [{
            'name': "Jaidee Dee", 'phone': '66811112222', 'street': "99 Sukhumvit",
            'lazada_masked': False}])
        third = self.buy('LZT-TEE', buyer=buyer)                     # hidden again
        self.sync()
        self.assertEqual(self.get_sale(third).partner_id, partner)
        self.assertEqual(partner.name, "Jaidee Dee")
        self.assertLessEqual(self.env['res.partner'].search_count(
            [('parent_id', '=', False), ('lazada_buyer_key', '!=', False)]), count)
        self.assertEqual(self.env['res.partner'].search_count(
            [('lazada_buyer_key', '=', partner.lazada_buyer_key)]), 1)


class TestTexts(FaultsCase):

    def buy_with(self, text, status='pending'):
        """Buy an order that carries `text` wherever there is text."""
        order_id = self.buy('LZT-TEE', status=status)
        address = dict.fromkeys(ADDRESS_TEXTS, text)
        self.override(
            order_id, items={'*': dict.fromkeys(UNIT_TEXTS, text)},
            header={**dict.fromkeys(HEADER_TEXTS, text), 'address_shipping': address,
                    'address_billing': address})
        return order_id

    def link(self, order):
        """The SKU is a text like the others: a person links it."""
        self.assertEqual(order.issue_code, 'sku_not_linked', order.issue_message)
        order.item_ids.listing_id.product_id = self.tee
        self.run_flow('import_orders')

    def import_with(self, text):
        order_id = self.buy_with(text)
        self.sync()
        order = self.get_order(order_id)
        self.link(order)
        self.assert_imported(order_id)
        return order

    def get_records(self, order):
        """Everything that came out of the order."""
        sale = order.sale_order_id
        partners = sale.partner_id | sale.partner_shipping_id | sale.partner_invoice_id
        return [
            order, order.item_ids, order.item_ids.listing_id, order.package_ids, sale,
            sale.order_line, partners, sale.picking_ids, sale.message_ids]

    def get_texts(self, order):
        """Yield (field, text) of every stored text."""
        for records in self.get_records(order):
            for name, field in records._fields.items():
                if field.store and field.type in ('char', 'text', 'html', 'json'):
                    for record in records:
                        value = record[name]
                        texts = value.values() if isinstance(value, dict) else [value]
                        for text in texts:
                            if isinstance(text, str):
                                yield field, text

    def import_strange(self, *names):
        """Import an order for each of these texts; nothing harmful of them is stored."""
        for name in names:
            with self.subTest(text=name):
                order = self.import_with(STRANGE[name])
                for field, value in self.get_texts(order):
                    self.assertFalse([char for char in FORBIDDEN if char in value], field)
                    value.encode()

    def test_f35_every_script_is_kept_and_nothing_reads_other_than_it_is(self):
        self.import_strange(
            'emoji', 'CJK extension', 'right to left', 'bidi override', 'zero width')
        for name in ('emoji', 'CJK extension', 'right to left'):
            order = self.env['lazada.order'].search([('buyer_note', '=', STRANGE[name])])
            self.assertEqual(order.item_ids.name, STRANGE[name])
            self.assertIn(STRANGE[name], order.sale_order_id.partner_id.name)

    def test_f36_what_cannot_be_stored_is_removed_at_the_boundary(self):
        self.import_strange('NUL', 'surrogate', 'controls')
        payload = self.env['lazada.payload'].search([
            ('res_model', '=', 'lazada.order'), ('body', 'like', r'nu\\u0000l')])
        self.assertTrue(payload, "the answer itself is kept word for word")

    def test_f37_long_texts_are_shortened_and_kept_in_full_beside(self):
        chance = random.Random(1)
        long_text = ''.join(chance.choice('กขคงจฉชซฌญ漢字かな') for _each in range(5000))
        order = self.import_with(long_text)
        for field, value in self.get_texts(order):
            if field.type == 'char':
                self.assertLessEqual(len(value), 600, field)
        self.assertTrue(order.sale_order_id.partner_id.name.endswith('…'))
        note = 'x' * 100_000
        order_id = self.buy('LZT-TEE')
        self.override(order_id, header={'buyer_note': note, 'remarks': note})
        self.sync()
        self.assert_imported(order_id)
        order = self.get_order(order_id)
        self.assertLessEqual(len(order.buyer_note), 5000)
        payload = self.env['lazada.payload'].search([
            ('res_model', '=', 'lazada.order'), ('res_id', '=', order.id)])
        self.assertIn(note, payload.body)

    def test_f38_hostile_texts_are_inert_in_every_field(self):
        for name, text in HOSTILE.items():
            with self.subTest(text=name):
                order = self.import_with(text)
                for field, value in self.get_texts(order):
                    self.assertFalse(value.startswith(('=', '{=', '@', '\t', '\r')), field)
                    if field.type == 'html':
                        self.assertNotIn('<script', value)
                partner = order.sale_order_id.partner_id
                self.assertFalse(partner.name.startswith(('+', '-')), partner.name)
                self.assertNotIn('49', order.buyer_note)

    def test_f38_no_cell_of_an_export_is_a_formula(self):
        order = self.import_with(HOSTILE['formula'])
        for records in self.get_records(order):
            names = [name for name, field in records._fields.items()
                     if field.store and field.type in ('char', 'text')]
            rows = [[record[name] or '' for name in names] for record in records]
            fields = [{'name': name, 'type': 'char'} for name in names]
            with patch.object(export, 'request', self):
                with export.ExportXlsxWriter(fields, names, len(rows)) as writer:
                    for number, row in enumerate(rows, 1):
                        for column, value in enumerate(row):
                            writer.write_cell(number, column, value)
            sheet = openpyxl.load_workbook(io.BytesIO(writer.value)).active
            formulas = [cell.value for row in sheet for cell in row if cell.data_type == 'f']
            self.assertEqual(formulas, [], records)

    def test_f38_a_cancellation_says_hostile_texts_in_the_chatter_as_text(self):
        order = self.import_with(HOSTILE['markup'])
        self.move(order.external_id, 'canceled')
        self.sync()
        sale = order.sale_order_id
        self.assertEqual(sale.state, 'cancel')
        self.assertNotIn('<script', ''.join(sale.message_ids.mapped('body')))


class TestAmounts(FaultsCase):

    def test_f39_a_price_of_zero_is_sold_and_a_negative_one_never(self):
        free = self.buy({'seller_sku': 'LZT-TEE', 'item_price': '0.00'}, 'LZT-MUG')
        negative, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
        self.forge_units(negative, item_price=-5.0, paid_price=-5.0)
        self.sync()
        self.assert_imported(free, good)
        self.assertEqual(self.get_sale(free).amount_total, 1152)
        order = self.get_order(negative)
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_code': 'negative_price', 'sale_order_id': False}])
        self.assertIn("-5", order.issue_message)
        self.forge_units(negative, item_price=5.0, paid_price=5.0)
        self.sync()
        self.assert_imported(negative)

    def test_f40_a_split_voucher_is_exact_and_a_voucher_beyond_the_price_is_never_a_debt(self):
        split = self.buy(*({'seller_sku': 'LZT-TEE', 'item_price': '33.33', 'voucher_seller': part}
                           for part in ('3.33', '3.33', '3.34')))
        beyond = self.buy({'seller_sku': 'LZT-TEE', 'item_price': '10.00',
                           'voucher_seller': '15.00'})
        exact = self.buy({'seller_sku': 'LZT-TEE', 'item_price': '10.00',
                          'voucher_seller': '10.00'})
        self.sync()
        self.assert_imported(split, exact)
        sale = self.get_sale(split)
        self.assertEqual(sale.amount_total, 89.99)
        vouchers = sale.order_line.filtered(lambda line: line.lazada_kind == 'voucher')
        self.assertRecordValues(vouchers, [{'price_unit': -10.0, 'product_uom_qty': 1}])
        self.assertEqual(self.get_sale(exact).amount_total, 0)
        order = self.get_order(beyond)
        self.assertFalse(order.sale_order_id)
        self.assertEqual(order.sync_state, 'attention')
        self.assertIn("voucher", order.issue_message)
        self.attention.add(beyond)

    def test_f41_300_units_are_one_line_and_300_products_are_300_lines(self):
        one = self.buy(*['LZT-TEE'] * 300)
        self.run_flow('fetch_orders')
        self.import_in_time()
        self.assert_imported(one)
        self.assertRecordValues(self.get_sale(one).order_line, [
            {'product_id': self.tee.id, 'product_uom_qty': 300}])
        skus = [f'LZT-{number:03}' for number in range(300)]
        self.env['product.product'].create([
            {'name': sku, 'default_code': sku, 'is_storable': True, 'taxes_id': False}
            for sku in skus])
        self.sandbox.post('listings', {
            'site': 'th', 'seller_id': self.shop.external_id, 'seller_sku': 'LZU',
            'count': 2, 'sellable': 1})
        for sku in skus:
            self.make_listing(sku)
        many = self.buy(*skus)
        self.run_flow('fetch_orders')
        self.import_in_time()
        self.assert_imported(many)
        self.assertEqual(len(self.get_sale(many).order_line), 300)

    def import_in_time(self):
        """Import, waiting for the database included: 5 s on a machine that does nothing else."""
        started = time.monotonic()
        self.run_flow('import_orders')
        self.assertLess(time.monotonic() - started, 15)

    def test_f42_prices_in_every_notation_are_exact_or_kept_back_with_the_value(self):
        for text, total in (
                ('1,152.00', 1152), ('1,234,567.89', 1234567.89), ('25000', 25000),
                ('19.90', 19.9), ('1.999e3', 1999), ('  7.50 ', 7.5), (25000.0, 25000),
                (7, 7), ('0.1', 0.1)):
            with self.subTest(price=text):
                order_id = self.buy('LZT-TEE')
                self.forge_units(order_id, item_price=text)
                self.sync()
                self.assert_imported(order_id)
                self.assertEqual(self.get_sale(order_id).amount_total, total)
        for text in ('NaN', 'inf', '-inf', '1,15,2', '12 THB', '1e400', 'twelve', [1], {'a': 1},
                     True):
            with self.subTest(price=text):
                order_id, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
                self.forge_units(order_id, item_price=text)
                self.sync()
                self.assert_imported(good)
                order = self.get_order(order_id)
                self.assertRecordValues(order, [{
                    'sync_state': 'attention', 'issue_code': 'bad_value',
                    'sale_order_id': False}])
                self.attention.add(order_id)
        self.assertIn("twelve", ''.join(self.env['lazada.order'].search(
            [('issue_code', '=', 'bad_value')]).mapped('issue_message')))

    def test_f42_a_price_too_large_for_anything_keeps_back_its_own_order_only(self):
        for text in (10 ** 13, '99999999999999999999', '1e15'):
            with self.subTest(price=text):
                order_id, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
                self.forge_units(order_id, item_price=text)
                flow = self.run_flow('fetch_orders')
                self.assertFalse(flow.error_message)
                self.run_flow('import_orders')
                self.assert_imported(good)
                order = self.get_order(order_id)
                self.assertEqual(order.sync_state, 'attention')
                self.attention.add(order_id)


class TestFates(FaultsCase):

    def cancel(self, order_id, *numbers):
        units = [item['order_item_id'] for item in self.truth(order_id)['items']]
        self.move(order_id, 'canceled', [units[number] for number in numbers] or None)

    def test_f43_cancelled_before_the_import(self):
        whole, half = self.buy('LZT-TEE', 'LZT-MUG'), self.buy('LZT-TEE', 'LZT-MUG')
        self.cancel(whole)
        self.cancel(half, 0)
        self.sync()
        self.assertRecordValues(self.get_order(whole), [{
            'status': 'cancelled', 'sync_state': 'ignored', 'sale_order_id': False}])
        self.assert_imported(half)
        sale = self.get_sale(half)
        self.assertEqual(sale.order_line.product_id, self.mug)
        self.assertIn("LZT-TEE", ''.join(sale.message_ids.mapped('body')))

    def test_f44_cancelled_between_fetch_and_import(self):
        """What is imported is what was known; the next run takes it back."""
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        self.cancel(order_id)
        self.run_flow('import_orders')
        self.sync()
        sale = self.get_sale(order_id)
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(set(sale.picking_ids.mapped('state')), {'cancel'})

    def test_f44_cancelled_between_two_fetches_before_any_import(self):
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        self.cancel(order_id)
        self.run_flow('fetch_orders')
        self.run_flow('import_orders')
        self.assertRecordValues(self.get_order(order_id), [{
            'sync_state': 'ignored', 'sale_order_id': False}])

    def test_f44_cancelled_after_the_delivery_is_done(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        picking = sale.picking_ids
        picking.move_ids.write({'quantity': 1, 'picked': True})
        picking.with_context(skip_sms=True)._action_done()
        self.cancel(order_id)
        for _run in range(3):
            self.sync()
        order = self.get_order(order_id)
        self.assertTrue(order.cancelled_after_dispatch)
        self.assertEqual(sale.state, 'sale', "what has left is not undone")
        self.assertEqual(len(sale.activity_ids), 1, "said once")
        self.assertIn("Stop the parcel", sale.activity_ids.note)

    def test_f44_cancelled_after_picking_before_the_parcel_left(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        picking = self.get_sale(order_id).picking_ids
        picking.move_ids.write({'quantity': 2, 'picked': True})
        self.cancel(order_id, 1)
        for _run in range(3):
            self.sync()
        self.assertEqual(picking.move_ids.quantity, 1)
        self.assertFalse(picking.move_ids.picked)
        self.assertEqual(len(picking.activity_ids), 1)

    def test_f46_an_unknown_status_is_kept_and_never_fatal(self):
        alone, mixed = self.buy('LZT-TEE'), self.buy('LZT-TEE', 'LZT-MUG')
        self.move(alone, 'teleported')
        unit = self.truth(mixed)['items'][0]['order_item_id']
        self.move(mixed, 'teleported', [unit])
        for _run in range(3):
            self.sync()
        self.assertRecordValues(self.get_order(alone), [{
            'status': 'unknown', 'sync_state': 'ignored', 'sale_order_id': False}])
        self.assertEqual(self.get_order(alone).item_ids.raw_status, 'teleported')
        self.assert_imported(mixed)
        self.assertEqual(self.get_sale(mixed).amount_total, 1152)
        self.move(alone, 'pending')
        self.sync()
        self.assert_imported(alone)

    def test_f46_an_unknown_status_is_reported_once(self):
        first, second, other = [self.buy('LZT-TEE') for _each in range(3)]
        self.move(first, 'teleported')
        self.move(second, 'teleported')
        with self.assertLogs(
                'odoo.addons.lazada_connector.models.lazada_issue_status', 'WARNING') as logs:
            for _run in range(3):
                self.sync()
        self.assertEqual(len(logs.output), 1)
        issue = self.shop.issue_ids
        self.assertRecordValues(issue, [{
            'key': 'status:teleported', 'code': 'unknown_status', 'order_count': 2}])
        [activity] = self.get_activities()
        self.assertIn('"teleported"', activity.note)
        self.assertEqual(
            self.env['lazada.order'].search(issue.action_view_orders()['domain']),
            self.get_order(second) + self.get_order(first))
        activity.action_done()
        self.move(other, 'beamed up')
        for order_id in (first, second):
            self.move(order_id, 'pending')
        self.sync()
        self.assertEqual(issue.order_count, 0)
        self.move(first, 'teleported')
        self.sync()
        self.assertEqual(issue.order_count, 1)
        [activity] = self.get_activities()
        self.assertIn('"beamed up"', activity.note)

    def test_f46_an_imported_unit_that_becomes_unknown_stays_sold(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.move(order_id, 'teleported')
        self.sync()
        self.assert_imported(order_id)
        self.assertEqual(self.get_sale(order_id).amount_total, 1171.99)

    def test_f46_unknown_members_and_missing_ones_are_no_obstacle(self):
        gone = '__missing__'
        for header, items in (
                ({'wormhole': {'a': [1]}, 'x' * 500: 'y' * 500}, {'teleport_at': None}),
                (dict.fromkeys(('statuses', 'items_count', 'price', 'voucher', 'shipping_fee',
                                'payment_method', 'address_billing', 'extra_attributes',
                                'customer_first_name', 'order_number'), gone),
                 dict.fromkeys(('shop_sku', 'variation', 'name', 'paid_price', 'voucher_amount',
                                'voucher_seller', 'voucher_platform', 'shipping_amount',
                                'currency', 'buyer_id', 'sla_time_stamp', 'created_at'), gone)),
                (dict.fromkeys(('statuses', 'items_count', 'address_shipping'), None),
                 dict.fromkeys(('variation', 'shop_sku', 'voucher_amount', 'buyer_id'), None)),
                ({'address_shipping': [], 'items_count': {}, 'statuses': 'pending'},
                 {'name': ['a'], 'variation': {'b': 1}, 'reason': 5})):
            with self.subTest(header=header):
                order_id = self.buy('LZT-TEE')
                self.override(order_id, header=header, items={'*': items})
                self.sync()
                self.assert_imported(order_id)

    def test_f46_a_unit_without_what_it_needs_keeps_back_its_own_order_only(self):
        for members in ({'order_item_id': '__missing__'}, {'sku': '', 'shop_sku': '', 'sku_id': ''},
                        {'order_item_id': 'null'}):
            with self.subTest(members=members):
                bad, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
                self.forge_units(bad, **members)
                self.sync()
                self.assert_imported(good)
                order = self.get_order(bad)
                self.assertRecordValues(order, [{
                    'sync_state': 'attention', 'sale_order_id': False}])
                self.assertTrue(order.issue_message)
                self.attention.add(bad)

    def test_f46_a_header_without_id_or_time_keeps_nobody_back(self):
        bad, good = self.buy('LZT-TEE'), self.buy('LZT-TEE')
        self.override(bad, header={'order_id': '__missing__'})
        timeless = self.buy('LZT-TEE')
        self.override(timeless, header={'updated_at': '', 'created_at': ''})
        self.sync()
        self.assert_imported(good, timeless)
        self.override(bad, header={'order_id': int(bad)})
        self.sync()
        self.assert_imported(bad)

    def test_f47_each_channel_goes_its_own_way(self):
        gift = self.buy('LZT-MUG', {'seller_sku': 'LZT-TEE', 'item_price': '0'})
        own_fleet = self.buy('LZT-TEE', channel='sof')
        choice = self.buy('LZT-TEE', channel='choice')
        fbl = self.buy('LZT-TEE', channel='fbl')
        digital = self.buy('LZT-TEE', channel='digital')
        pickup = self.buy('LZT-TEE', channel='pickup')
        self.sync()
        self.assert_imported(gift, own_fleet, choice)
        self.assertEqual(self.get_sale(gift).amount_total, 1152)
        self.assertEqual(sum(self.get_sale(gift).picking_ids.move_ids.mapped('quantity')), 2)
        for order_id in (fbl, digital, pickup):
            order = self.get_order(order_id)
            self.assertRecordValues(order, [{'sync_state': 'ignored', 'sale_order_id': False}])
            self.assertIn("Nothing to ship from here", order.issue_message)
        free = self.tee.with_context(warehouse_id=self.shop.warehouse_id.id).free_qty
        self.assertEqual(free, 1000 - 3, "gift, own fleet and Choice")

    def test_f47_a_finished_fbl_order_moves_none_of_our_own_stock(self):
        self.shop.fbl_import = True
        fbl = self.buy('LZT-TEE', channel='fbl')
        self.move(fbl, 'delivered')
        self.move(fbl, 'confirmed')
        self.sync()
        self.assert_imported(fbl)
        self.assertFalse(self.get_sale(fbl).picking_ids)
        warehouse = self.shop.warehouse_id
        self.assertEqual(self.tee.with_context(warehouse_id=warehouse.id).qty_available, 1000)


class TestBugs(FaultsCase):

    def test_a_row_that_somebody_else_has_already_costs_only_its_own_order(self):
        """A unique violation that lasts is no collision: say a rule of another add-on."""
        bad, *good = [self.buy('LZT-TEE') for _each in range(3)]
        partner = self.env['res.partner'].create({'name': "Somebody"})
        self.env['sale.order'].create({'partner_id': partner.id, 'client_order_ref': bad})
        self.env.flush_all()
        self.env.cr.execute("CREATE UNIQUE INDEX one_per_ref ON sale_order (client_order_ref)")
        self.addCleanup(self.env.cr.execute, "DROP INDEX IF EXISTS one_per_ref")
        with mute_logger(
                'odoo.sql_db', 'odoo.addons.lazada_connector.models.lazada_order_import'), \
                patch.object(flow_run.time, 'sleep'):
            for _run in range(3):
                self.sync()
        self.assert_imported(*good)
        order = self.get_order(bad)
        self.assertRecordValues(order, [{'sync_state': 'attention', 'issue_code': 'bug'}])
        self.assertIn("one_per_ref", order.issue_message)
        self.env.cr.execute("DROP INDEX one_per_ref")
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        self.assert_imported(bad)

    def test_f46_an_order_nobody_foresaw_costs_only_itself(self):
        """An error of our own keeps back one order, after three tries, with its text."""
        bad, *good = [self.buy('LZT-TEE') for _each in range(5)]
        order_class = self.registry['lazada.order']
        prepare = order_class._prepare_sale_vals

        def fail(order, *args):
            if order.external_id == bad:
                raise ZeroDivisionError("nobody foresaw this")
            return prepare(order, *args)

        with patch.object(order_class, '_prepare_sale_vals', fail), \
                mute_logger('odoo.addons.lazada_connector.models.lazada_order_import'):
            for _run in range(3):
                self.sync()
        self.assert_imported(*good)
        order = self.get_order(bad)
        self.assertRecordValues(order, [{'sync_state': 'attention', 'issue_code': 'bug'}])
        self.assertIn("nobody foresaw this", order.issue_message)
        self.assertIn("Press Retry", order.issue_message)
        with self.committing() as env:
            env['lazada.order'].browse(order.id).action_retry()
        self.assert_imported(bad)
