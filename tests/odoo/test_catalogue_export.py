"""The sample export of Seller Center, as it is, by both ways into Odoo, and our template."""
import base64
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user
from odoo.tools.misc import file_open

from odoo.addons.lazada_connector.models.seller_center_export import parse_amount

from .common import LazadaCase

SAMPLES = Path(__file__).parents[1] / 'fixtures' / 'seller_center'
XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
SOLD = {  # SKU: (name, price)
    'SHIRT-RED-S': ("Linen Shirt, Relaxed Fit", 1299.0),
    'SHIRT-RED-M': ("Linen Shirt, Relaxed Fit", 1299.0),
    'SHIRT-BLUE-M': ("Linen Shirt, Relaxed Fit", 1349.0),
    'MUG-350': ('แก้วเคลือบ 350 ml "Camp"', 189.5),
    '0042': ("Nồi gang Ø 24 cm – 4.2 L", 2490.0),
}
# What the browser sends where nobody touched an option (base_import/static/src/import_model.js).
UNTOUCHED = {
    'quoting': '"', 'separator': '', 'encoding': '', 'has_headers': True, 'advanced': True,
    'keep_matches': False, 'limit': 2000, 'sheets': [], 'sheet': '', 'skip': 0,
    'date_format': '', 'datetime_format': '', 'float_thousand_separator': ',',
    'float_decimal_separator': '.', 'import_skip_records': [], 'import_set_empty_fields': [],
    'fallback_values': {}, 'name_create_enabled_fields': {}, 'tracking_disable': True,
}


class ExportCase(LazadaCase):

    def import_in_inventory(self, name, content, model='product.template'):
        """Inventory ▸ Products ▸ Import records: upload, leave all as proposed, import."""
        wizard = self.env['base_import.import'].create({
            'res_model': model, 'file': content, 'file_name': name,
            'file_type': 'text/csv' if name.endswith('csv') else XLSX})
        preview = wizard.parse_preview(dict(UNTOUCHED))
        columns = preview['headers']
        fields = ['/'.join(preview['matches'].get(number, [])) or False
                  for number in range(len(columns))]
        result = wizard.execute_import(fields, columns, preview['options'])
        self.assertFalse(result['messages'])
        return dict(zip(columns, fields, strict=True))

    def import_with_wizard(self, name, content, **values):
        return self.env['lazada.catalogue.import'].create({
            'file': base64.b64encode(content), 'file_name': name, **values}).action_import()

    def snapshot(self):
        return self.env['product.product'].search([])


class TestSample(ExportCase):

    def check(self, products):
        """These products, and no others, are the SKUs of the sample; their listings are linked."""
        self.assertEqual(sorted(products.mapped('default_code')), sorted(SOLD))
        for product in products:
            self.assertEqual(product.name, SOLD[product.default_code][0])
        shirt = products.filtered(lambda product: product.default_code == 'SHIRT-RED-S')
        self.assertEqual(shirt.barcode, '8850999320014')
        for sku in SOLD:
            self.make_listing(sku)
        self.run_flow('catalogue')
        listings = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', 'in', list(SOLD))])
        self.assertEqual(len(listings), len(SOLD))
        self.assertEqual(listings.product_id, products, "100 % of the rows are linked")

    def import_by_odoo(self, name):
        before = self.snapshot()
        proposed = self.import_in_inventory(name, (SAMPLES / name).read_bytes())
        self.assertEqual(
            {title: field for title, field in proposed.items() if field},
            {'Product Name': 'name', 'SellerSKU': 'default_code', 'Barcode EAN': 'barcode',
             'Price': 'list_price'})
        products = self.snapshot() - before
        self.assertEqual(
            {product.default_code: product.list_price for product in products},
            {sku: price for sku, (_name, price) in SOLD.items()})
        self.check(products)

    def test_inventorys_own_import_takes_the_xlsx_as_it_is(self):
        self.import_by_odoo('export.xlsx')

    def test_inventorys_own_import_takes_the_csv_as_it_is(self):
        self.import_by_odoo('export.csv')

    def import_by_us(self, name):
        before = self.snapshot()
        action = self.import_with_wizard(name, (SAMPLES / name).read_bytes())
        self.assertIn("2 rows", action['params']['message'], "of explanations")
        products = self.snapshot() - before
        self.check(products)
        self.assertEqual(len(products.product_tmpl_id), 3, "three shirts are one product")
        self.assertEqual(
            sorted(products.product_tmpl_id.mapped('list_price')), [189.5, 1299.0, 2490.0])
        self.assertTrue(all(product.is_storable for product in products))

    def test_the_wizard_takes_the_xlsx_as_it_is(self):
        self.import_by_us('export.xlsx')

    def test_the_wizard_takes_the_csv_as_it_is(self):
        self.import_by_us('export.csv')


class TestProblems(ExportCase):
    """What the file says twice, or not clearly, is told; everything else is imported."""

    TITLES = 'Product ID,Product Name,SellerSKU,Barcode EAN,Price,Quantity\n'

    def import_rows(self, *rows, **values):
        """Import csv rows; return ({SKU: product}, problems)."""
        before = self.snapshot()
        wizard = self.env['lazada.catalogue.import'].create({
            'file': base64.b64encode((self.TITLES + '\n'.join(rows)).encode()),
            'file_name': 'export.csv', **values})
        action = wizard.action_import()
        if wizard.problems:
            self.assertEqual((action['res_model'], action['res_id']), (wizard._name, wizard.id))
            self.assertIn("products were created", wizard.summary)
        else:
            self.assertEqual(action['tag'], 'display_notification')
            self.assertIn("0 rows", action['params']['message'])
        return ({product.default_code: product for product in self.snapshot() - before},
                (wizard.problems or '').splitlines())

    def test_a_barcode_in_use_costs_the_barcode_and_not_the_file(self):
        self.make_product('MINE', barcode='4006381333931')
        products, problems = self.import_rows(
            '1,Cup,P-A,4006381333931,1,1', '2,Mug,P-B,4006381333948,1,1',
            '3,Bowl,P-C,4006381333948,1,1')
        self.assertEqual(
            {sku: product.barcode for sku, product in products.items()},
            {'P-A': False, 'P-B': '4006381333948', 'P-C': False})
        self.assertEqual(len(problems), 2)
        for problem, sku in zip(problems, ('P-A', 'P-C'), strict=True):
            self.assertIn(sku, problem)

    def test_a_barcode_of_a_packaging_is_in_use_too(self):
        self.env['product.uom'].create({
            'product_id': self.make_product('BOX').id, 'barcode': '4006381333955',
            'uom_id': self.env.ref('uom.product_uom_dozen').id})
        products, problems = self.import_rows('1,Cup,P-A,4006381333955,1,1')
        self.assertFalse(products['P-A'].barcode)
        self.assertEqual(len(problems), 1)

    def test_an_sku_that_stands_twice_and_one_that_is_missing_are_told(self):
        products, problems = self.import_rows(
            '1,Cup,P-A,,5,1', '2,Other Cup,P-A,,6,1', '3,Nameless Bowl,,,7,1')
        self.assertEqual(list(products), ['P-A'])
        self.assertEqual(products['P-A'].name, "Cup")
        self.assertEqual(len(problems), 2)
        self.assertIn('P-A', problems[0])
        self.assertIn('Nameless Bowl', problems[1])

    def test_prices_that_are_none_are_told(self):
        bad = ('nan', '1e400', '-5', 'inf', '1.2.3', '12,34,56')
        products, problems = self.import_rows(*(
            f'{number},Cup,P-{number},,"{text}",1' for number, text in enumerate(bad, 1)))
        self.assertEqual(set(product.list_price for product in products.values()), {0.0})
        self.assertEqual(len(products), len(bad))
        self.assertEqual(len(problems), len(bad))
        for problem, text in zip(problems, bad, strict=True):
            self.assertIn(text, problem)

    def test_prices_are_converted_from_the_currency_of_the_shop(self):
        self.env['res.currency.rate'].create({
            'currency_id': self.shop.currency_id.id, 'company_id': self.env.company.id,
            'name': '2020-01-01', 'company_rate': 10})
        products, problems = self.import_rows('1,Cup,P-A,,"1,299.00",1', shop_id=self.shop.id)
        self.assertEqual(products['P-A'].list_price, 129.9)
        self.assertFalse(problems)

    def test_without_a_rate_there_is_no_price_and_it_is_told(self):
        self.shop.currency_id.rate_ids.unlink()
        products, problems = self.import_rows('1,Cup,P-A,,"1,299.00",1', shop_id=self.shop.id)
        self.assertEqual(products['P-A'].list_price, 0)
        self.assertIn(self.shop.currency_id.name, problems[0])

    def test_amounts(self):
        for text, amount in (
                ('19,99', 19.99), ('1.299.000', 1299000), ('1,299.00', 1299), ('1.299,50', 1299.5),
                ('1,299', 1299), ('1.299', 1.299), ('0,125', 0.125), ('1 299,00', 1299),
                ('฿1,299', 1299), ('1299', 1299), ('.5', 0.5), ('1.5E+3', 1500), ('0', 0),
                ('1,299,000.00', 1299000), ('nan', None), ('inf', None), ('1e400', None),
                ('-1', None), ('', None), ('1.2.3', None), ('1,2,3', None), ('12 pcs', None),
                ('1,29.00', None), ('1.299.00', None)):
            self.assertEqual(parse_amount(text), amount, text)
        self.assertEqual(parse_amount('1.299', whole=True), 1299)

    def test_of_one_shop_there_is_nothing_to_choose(self):
        Wizard = self.env['lazada.catalogue.import']
        self.assertEqual(Form(Wizard).shop_id, self.shop)
        self.connect_shop('sg')
        form = Form(Wizard)
        self.assertFalse(form.shop_id)
        form.file = base64.b64encode(b'x')
        with self.assertRaisesRegex(AssertionError, 'shop_id is a required field'):
            form.save()


class TestVariants(ExportCase):

    def test_a_size_of_a_later_export_joins_the_product_of_its_item(self):
        rows = (SAMPLES / 'export.csv').read_bytes().splitlines(keepends=True)
        self.import_with_wizard('export.csv', b''.join(rows[:4]))
        [first] = self.env['product.product'].search([('default_code', 'in', list(SOLD))])
        self.import_with_wizard('export.csv', b''.join(rows))
        shirts = self.env['product.product'].search([('default_code', '=like', 'SHIRT-%')])
        self.assertEqual(len(shirts), 3)
        self.assertEqual(shirts.product_tmpl_id, first.product_tmpl_id)


class TestTemplate(ExportCase):

    def read_template(self, model):
        found = [each['template'] for each in self.env[model].get_import_templates()
                 if 'lazada' in each['template']]
        self.assertEqual(len(found), 1, f"Inventory offers our template for {model}")
        name = found[0].lstrip('/')
        with file_open(name, 'rb') as file:
            return name, file.read()

    def test_the_template_is_offered_where_products_are_imported(self):
        name, content = self.read_template('product.template')
        self.assertEqual(self.read_template('product.product'), (name, content))
        others = self.env['product.template'].get_import_templates()
        self.assertGreater(len(others), 1, "Odoo's own stays")
        before = self.snapshot()
        proposed = self.import_in_inventory(name, content)
        self.assertNotIn(False, proposed.values(), "no column has to be edited")
        made = self.snapshot() - before
        self.assertEqual(
            sorted(made.mapped('default_code')), ['MUG-350', 'SHIRT-RED-S'])
        self.assertTrue(all(product.is_storable for product in made))

    def test_the_wizard_takes_the_template_too(self):
        before = self.snapshot()
        self.import_with_wizard(*self.read_template('product.template'))
        self.assertEqual(
            sorted((self.snapshot() - before).mapped('default_code')),
            ['MUG-350', 'SHIRT-RED-S'])


class TestManager(ExportCase):
    """A Lazada Manager, who is nothing else, makes products; a Lazada User does not."""

    def use(self, group):
        return new_test_user(
            self.env, f'lazada_{group}', groups=f'base.group_user,lazada_connector.{group}')

    def test_a_manager_imports_the_export_in_both_ways(self):
        before = self.snapshot()
        self.env = self.env(user=self.use('group_manager'))
        self.import_with_wizard('export.xlsx', (SAMPLES / 'export.xlsx').read_bytes())
        self.assertEqual(len(self.snapshot() - before), len(SOLD))
        self.import_in_inventory('export.csv', b'SellerSKU,Product Name\nMANAGED,Cup\n')
        self.assertEqual(len(self.snapshot() - before), len(SOLD) + 1)

    def test_a_manager_creates_products_of_listings_variants_included(self):
        self.run_flow('catalogue')
        tees = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZ-TEE-%'),
            ('status', '=', 'active')])
        tees.with_user(self.use('group_manager'))[0].action_create_products()
        self.assertEqual(set(tees.mapped('link_state')), {'linked'})
        self.assertEqual(len(tees.product_id.product_tmpl_id), 1)

    def test_a_user_sees_no_button_and_may_not(self):
        self.make_listing('USER-CUP')
        self.run_flow('catalogue')
        cup = self.env['lazada.listing'].search([('seller_sku', '=', 'USER-CUP')])
        user = self.use('group_user')
        arch = cup.with_user(user).get_view(
            self.env.ref('lazada_connector.lazada_listing_view_list_mapping').id, 'list')['arch']
        self.assertNotIn('action_create_products', arch)
        with self.assertRaises(AccessError):
            cup.with_user(user).action_create_products()


class TestSellerCenter(ExportCase):

    def test_the_wizard_leads_to_the_seller_center_of_the_shops_own_country(self):
        account = self.env['lazada.account'].create({
            'name': "Production", 'environment': 'production', 'app_key': '1', 'app_secret': 's'})
        for site, url in (('ph', 'https://sellercenter.lazada.com.ph'),
                          ('vn', 'https://sellercenter.lazada.vn')):
            shop = self.env['lazada.shop'].create({
                'name': site, 'account_id': account.id, 'site': site, 'external_id': f'9{site}'})
            wizard = self.env['lazada.catalogue.import'].new({'shop_id': shop.id})
            self.assertEqual(wizard.seller_center_url, url)
        form = self.env['lazada.catalogue.import'].get_view(view_type='form')['arch']
        self.assertIn('seller_center_url', form)
