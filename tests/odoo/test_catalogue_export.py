"""The sample export of Seller Center, as it is, by both ways into Odoo, and our template."""
import base64
from pathlib import Path

from odoo.tools.misc import file_open

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
        self.import_with_wizard(name, (SAMPLES / name).read_bytes())
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
