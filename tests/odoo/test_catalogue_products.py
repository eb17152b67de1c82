"""A new database gets its products from Lazada: from listings, or from Seller Center's export."""
import base64
import csv
import io
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError

from odoo.addons.lazada_connector.lazada_api import errors

from lazada_sandbox.images import draw

from .common import LazadaCase

TITLES = ['Product ID', 'Product Name', 'SellerSKU', 'Variations Combo', 'Price', 'Quantity']
ROWS = [
    ['', 'Mandatory', 'Do not change', '', '', ''],
    ['7001', 'Linen Shirt', 'EXP-RED-S', 'Color family:Red, Size:S', '1,299.00', '5'],
    ['7001', 'Linen Shirt', 'EXP-RED-M', 'Color family:Red, Size:M', '1,299.00', '5'],
    ['7002', 'Enamel Mug', 'EXP-MUG', '', '9.90', '3'],
]


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


class TestExport(LazadaCase):

    def import_file(self, name, content):
        return self.env['lazada.catalogue.import'].create({
            'file': base64.b64encode(content), 'file_name': name}).action_import()

    def find(self, sku):
        return self.env['product.product'].search([('default_code', '=', sku)])

    def test_the_export_is_imported_unchanged_as_xlsx_and_csv_and_only_once(self):
        rows = [TITLES, *ROWS]
        before = self.env['product.product'].search([])
        self.import_file('export.xlsx', as_xlsx(rows))
        red_s, red_m, mug = (self.find(row[2]) for row in ROWS[1:])
        self.assertEqual([len(found) for found in (red_s, red_m, mug)], [1, 1, 1])
        self.assertEqual(red_s.product_tmpl_id, red_m.product_tmpl_id)
        self.assertEqual(len(red_s.product_tmpl_id.product_variant_ids), 2)
        self.assertEqual((red_s.list_price, mug.list_price), (1299, 9.9))
        self.assertTrue(mug.is_storable)
        self.import_file('export.csv', as_csv(rows))
        self.assertEqual(
            self.env['product.product'].search([]) - before, red_s + red_m + mug,
            "the explanation is no product, and a second import makes none")

    def test_after_the_import_the_catalogue_links_every_row(self):
        for row in ROWS[1:]:
            self.make_listing(row[2])
        self.run_flow('catalogue')
        self.import_file('export.csv', as_csv([TITLES, *ROWS]))
        listings = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'EXP-%')])
        self.assertEqual(len(listings), 3)
        self.assertEqual(set(listings.mapped('link_state')), {'linked'})
        self.assertEqual(listings.mapped('product_id.default_code'),
                         listings.mapped('seller_sku'))

    def test_a_file_without_skus_is_refused_with_the_way_out(self):
        with self.assertRaisesRegex(UserError, "Bulk Manage"):
            self.import_file('export.csv', as_csv([['Product Name'], ['Mug']]))

    def test_the_help_of_an_empty_list_tells_the_way(self):
        self.assertIn("Bulk Manage", self.env.ref('lazada_connector.lazada_listing_action').help)

    def test_odoos_own_import_proposes_the_columns(self):
        for title, field in (('SellerSKU', 'default_code'), ('Lazada SKU', 'default_code'),
                             ('*Product Name', 'name'), ('Price', 'list_price')):
            preview = self.env['base_import.import'].create({
                'res_model': 'product.template', 'file_name': 'export.csv',
                'file_type': 'text/csv', 'file': as_csv([[title, 'Other'], ['1', 'x']]),
            }).parse_preview({'quoting': '"', 'separator': ',', 'has_headers': True})
            self.assertEqual(preview['matches'][0], [field], title)


class TestProductsFromListings(LazadaCase):

    def test_variants_of_an_item_become_variants_of_one_product(self):
        self.env['res.currency.rate'].create({
            'currency_id': self.shop.currency_id.id, 'company_id': self.env.company.id,
            'name': '2020-01-01', 'company_rate': 10})
        self.run_flow('catalogue')
        listings = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZ-TEE-%'),
            ('status', '=', 'active')])
        self.assertEqual(len(listings.mapped('item_external_id')), len(listings))
        self.assertEqual(len(set(listings.mapped('item_external_id'))), 1)
        listings.action_create_products()
        self.assertEqual(set(listings.mapped('link_state')), {'linked'})
        tees = listings.product_id
        self.assertEqual(len(tees), len(listings))
        self.assertEqual(len(tees.product_tmpl_id), 1)
        self.assertEqual(tees.product_tmpl_id.product_variant_ids, tees, "listed ones only")
        for listing in listings:
            values = listing.product_id.product_template_attribute_value_ids.mapped('name')
            for value in values:
                self.assertIn(value, listing.variation)
        self.assertAlmostEqual(
            tees.product_tmpl_id.list_price, min(listings.mapped('price')) / 10, places=2)

    def find_tees(self):
        """Pull and return the active listings of the shirt that the sandbox sells in variants."""
        self.run_flow('catalogue')
        return self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZ-TEE-%'),
            ('status', '=', 'active')])

    def test_create_in_one_row_makes_its_siblings_too(self):
        listings = self.find_tees()
        self.assertGreater(len(listings), 2)
        listings[0].action_create_products()
        self.assertEqual(set(listings.mapped('link_state')), {'linked'})
        self.assertEqual(len(listings.product_id.product_tmpl_id), 1)
        self.assertEqual(len(listings.product_id), len(listings))

    def test_a_sibling_that_waits_for_a_decision_is_left_alone(self):
        listings = self.find_tees()
        listings[1].action_ignore()
        self.make_product(listings[2].seller_sku.lower())
        listings[2].action_match()
        self.assertTrue(listings[2].suggested_product_id)
        (listings - listings[1:3])[:1].action_create_products()
        self.assertFalse(listings[1].product_id)
        self.assertFalse(listings[2].product_id)
        self.assertEqual(set((listings - listings[1:3]).mapped('link_state')), {'linked'})

    def test_a_new_size_joins_the_product_of_its_item(self):
        listings = self.find_tees()
        late = listings[-1]
        item = late.item_external_id
        late.write({'item_external_id': False})
        listings[0].action_create_products()
        tees = (listings - late).product_id
        self.assertFalse(late.product_id)
        late.item_external_id = item
        late.action_create_products()
        self.assertEqual(late.link_state, 'linked')
        self.assertEqual(late.product_id.product_tmpl_id, tees.product_tmpl_id)
        self.assertEqual(
            tees.product_tmpl_id.product_variant_ids, tees + late.product_id)
        self.assertEqual(set(late.product_id.product_template_attribute_value_ids.mapped('name')),
                         {part.split(': ')[1] for part in late.variation.split(', ')})

    def test_a_single_product_becomes_the_first_variant_when_a_second_size_comes(self):
        first, second = self.find_tees()[:2]
        self.make_product(first.seller_sku, stock=3)
        first.action_match()
        only, quantity = first.product_id, first.product_id.qty_available
        second.action_create_products()
        self.assertEqual(second.product_id.product_tmpl_id, only.product_tmpl_id)
        self.assertTrue(only.active)
        self.assertEqual(only.qty_available, quantity)
        self.assertEqual(only.default_code, first.seller_sku)
        self.assertEqual(only.product_template_attribute_value_ids.mapped('name'),
                         [part.split(': ')[1] for part in first.variation.split(', ')])

    def test_a_variant_that_a_person_made_keeps_its_reference(self):
        """Same item, same values, another reference: no variant is taken over."""
        listings = self.find_tees()
        first, second = listings[:2]
        (listings - first - second).item_external_id = False
        first.action_create_products()
        theirs = second.product_id
        theirs.default_code = 'MINE'
        second.product_id = False
        second.action_match()
        second.action_create_products()
        self.assertEqual(theirs.default_code, 'MINE')
        self.assertNotEqual(second.product_id, theirs)
        self.assertEqual(second.product_id.default_code, second.seller_sku)

    def test_orders_that_waited_are_imported_by_themselves(self):
        self.make_listing('NEW-CUP', name="Cup", price='5.00')
        self.run_flow('catalogue')
        order_id = self.buy('NEW-CUP')
        self.sync()
        order = self.get_order(order_id)
        self.assertEqual(order.issue_code, 'sku_not_linked')
        order.item_ids.listing_id.action_create_products()
        self.run_flow('import_orders')
        self.assertEqual(order.sync_state, 'done')

    def test_of_many_those_with_a_suggestion_are_left_to_a_person(self):
        """The product of the other case may be the same one."""
        self.make_product('NEAR-CUP')
        for sku in ('near-cup', 'far-cup'):
            self.make_listing(sku, name="Cup", new=True)
        self.run_flow('catalogue')
        listings = self.env['lazada.listing'].search([('seller_sku', '=like', '%ar-cup')])
        near = listings.filtered('suggested_product_id')
        self.assertEqual(near.mapped('seller_sku'), ['near-cup'])
        listings.action_create_products()
        self.assertEqual((listings - near).link_state, 'linked')
        self.assertEqual(near.link_reason, 'no_product')
        near.action_create_products()
        self.assertEqual(near.product_id.default_code, 'near-cup')

    def test_ignored_and_inactive_ones_get_no_product(self):
        self.make_listing('NEW-IGNORED', name="Cup", new=True)
        self.make_listing('NEW-IDLE', name="Cup", new=True, status='inactive')
        self.run_flow('catalogue')
        listings = self.env['lazada.listing'].search([('seller_sku', '=like', 'NEW-I%')])
        self.assertEqual(len(listings), 2)
        listings.filtered(lambda listing: listing.status == 'active').action_ignore()
        before = self.env['product.product'].search([])
        notice = listings.action_create_products()['params']['message']
        self.assertIn("0 products were created; 2 listings", notice)
        for listing in listings:
            listing.action_create_products()
        self.assertEqual(self.env['product.product'].search([]), before)
        self.assertEqual(sorted(listings.mapped('link_state')), ['ignored', 'missing'])

    def test_a_duplicate_stays_a_decision(self):
        self.make_listing('NEW-TWIN', name="Twin")
        self.make_listing('NEW-TWIN', name="Other Twin", new=True)
        self.run_flow('catalogue')
        listings = self.env['lazada.listing'].search([('seller_sku', '=', 'NEW-TWIN')])
        listings.action_create_products()
        self.assertFalse(self.env['product.product'].search([('default_code', '=', 'NEW-TWIN')]))
        self.assertEqual(set(listings.mapped('link_state')), {'ambiguous'})


class TestImages(LazadaCase):

    def setUp(self):
        super().setUp()
        self.make_listing('NEW-CUP', name="Cup", price='5.00')
        self.run_flow('catalogue')
        self.listing = self.env['lazada.listing'].search([('seller_sku', '=', 'NEW-CUP')])

    def fetch(self):
        self.listing.action_create_products()
        self.assertTrue(self.listing.image_wanted)
        self.run_flow('catalogue')
        self.env.invalidate_all()
        self.assertEqual(self.listing.link_state, 'linked')
        return self.listing.product_id.image_1920

    def test_a_product_made_from_a_listing_gets_its_image(self):
        self.assertTrue(self.fetch())
        self.assertFalse(self.listing.image_wanted)

    def test_every_variant_gets_its_own(self):
        tees = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZ-TEE-%'),
            ('status', '=', 'active')])
        tees.action_create_products()
        self.run_flow('catalogue')
        self.env.invalidate_all()
        self.assertEqual(len(tees.product_id.product_tmpl_id), 1)
        self.assertEqual(len(set(tees.product_id.mapped('image_1920'))), len(tees))

    def test_images_come_where_the_catalogue_is_not_read(self):
        self.shop.auto_catalogue = False
        self.listing.action_create_products()
        self.assertTrue(self.listing.image_wanted)
        self.env.flush_all()
        mark = self.mark()
        with self.committing() as env:
            env['lazada.shop'].browse(self.shop.id)._get_flow('catalogue')._wake()
            env['lazada.flow']._cron_run('catalogue')
        self.env.invalidate_all()
        self.assertFalse(self.listing.image_wanted)
        self.assertTrue(self.listing.product_id.image_1920)
        self.assertNotIn('/products/get', [call['path'] for call in self.calls_since(mark)])

    def test_the_image_a_person_chose_stays(self):
        self.listing.action_create_products()
        self.listing.product_id.image_1920 = base64.b64encode(draw(1))
        before = self.listing.product_id.image_1920
        self.run_flow('catalogue')
        self.env.invalidate_all()
        self.assertEqual(self.listing.product_id.image_1920, before)

    def test_an_address_elsewhere_is_not_asked(self):
        with patch('lazada_sandbox.images.path', return_value='@127.0.0.1:1/p/1.jpg'):
            self.assertFalse(self.fetch())
        self.assertIn('@', self.listing.image_url)
        self.assertFalse(self.listing.image_wanted)

    def test_an_image_that_is_gone_is_given_up_and_one_that_is_late_is_not(self):
        fetch = 'odoo.addons.lazada_connector.lazada_api.products.fetch_file'
        late = errors.LazadaTransportError('late', reason='timeout', endpoint='image')
        gone = errors.LazadaTransportError('gone', reason='http', endpoint='image', http_status=404)
        with patch(fetch, side_effect=late):
            self.assertFalse(self.fetch())
        self.assertTrue(self.listing.image_wanted)
        with patch(fetch, side_effect=gone):
            self.run_flow('catalogue')
        self.env.invalidate_all()
        self.assertFalse(self.listing.image_wanted)

    def test_what_only_begins_as_an_image_is_left_out(self):
        with patch('odoo.addons.lazada_connector.lazada_api.products.fetch_file',
                   return_value=b'\xff\xd8\xff not a picture'):
            self.assertFalse(self.fetch())
        self.assertFalse(self.listing.image_wanted)
