"""The demo's company: everything a person clicks next works."""
from odoo.tests import TransactionCase, tagged

from tools import demo_company


@tagged('post_install', '-at_install')
class TestDemoCompany(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        demo_company.build(cls.env)
        cls.company = cls.env.ref('base.main_company')
        cls.catalogue = demo_company.read_catalogue()
        cls.products = cls.env['product.product'].search(
            [('default_code', 'in', [entry['sku'] for entry in cls.catalogue])])

    def count(self):
        models = ('product.product', 'product.template', 'product.attribute', 'stock.quant',
                  'stock.move', 'stock.warehouse', 'res.currency.rate', 'account.tax',
                  'account.account', 'res.company')
        return {name: self.env[name].search_count([]) for name in models}

    def test_it_is_a_company_of_singapore_with_gst(self):
        self.assertEqual(self.company.country_code, 'SG')
        self.assertEqual(self.company.currency_id.name, 'SGD')
        tax = self.company.account_sale_tax_id
        self.assertEqual((tax.amount, tax.type_tax_use), (9.0, 'sale'))
        self.assertEqual(self.products.taxes_id, tax)

    def test_each_sku_is_one_product_and_an_ambiguous_one_two(self):
        found = self.products.grouped('default_code')
        self.assertEqual(
            {sku: len(products) for sku, products in found.items()},
            {entry['sku']: 2 if entry['ambiguous'] else 1 for entry in self.catalogue})
        self.assertTrue(all(self.products.mapped('is_storable')))

    def test_variants_of_one_product_share_a_template(self):
        for name, entries in demo_company.group_by_name(self.catalogue).items():
            if not any(entry['ambiguous'] for entry in entries):
                products = self.products.filtered(
                    lambda product, name=name: product.name == name)
                self.assertEqual(len(products), len(entries), name)
                self.assertEqual(len(products.product_tmpl_id), 1, name)

    def test_the_stock_covers_hundreds_of_orders(self):
        self.assertTrue(all(
            product.qty_available == demo_company.UNITS_ON_HAND for product in self.products))

    def test_every_marketplace_currency_has_a_rate(self):
        for code in demo_company.RATES:
            currency = self.env['res.currency'].search([('name', '=', code)])
            self.assertTrue(currency.active, code)
            self.assertEqual(len(currency.rate_ids), 1, code)
        amount = self.env.ref('base.PHP')._convert(43.5, self.company.currency_id, self.company)
        self.assertAlmostEqual(amount, 1.0)

    def test_repeating_it_changes_nothing(self):
        before = self.count()
        demo_company.build(self.env)
        self.assertEqual(self.count(), before)

    def test_the_administrator_manages_lazada(self):
        admin = self.env.ref('base.user_admin')
        self.assertEqual(admin.login, 'admin')
        self.assertTrue(admin.has_group('lazada_connector.group_manager'))
        self.assertTrue(admin.has_group('sales_team.group_sale_manager'))
        self.assertTrue(admin.has_group('stock.group_stock_manager'))
