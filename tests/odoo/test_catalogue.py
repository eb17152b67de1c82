"""The catalogue: listings mirrored, active ones linked to products by Internal Reference."""
from datetime import timedelta
from unittest.mock import patch

from psycopg2.extras import Json

from odoo import fields

from odoo.addons.lazada_connector.lazada_api.products import _Catalogue

from lazada_sandbox.api import product_json

from .common import LazadaCase


class TestCatalogue(LazadaCase):

    def pull(self, shop=None):
        return self.run_flow('catalogue', shop)

    def get_listing(self, sku, shop=None):
        return self.env['lazada.listing'].search([
            ('shop_id', '=', (shop or self.shop).id), ('seller_sku', '=', sku)])

    def snapshot(self):
        names = [
            name for name, field in self.env['lazada.listing']._fields.items() if field.store]
        return self.env['lazada.listing'].search([('shop_id', '=', self.shop.id)]).read(names)

    # === MIRROR === #

    def test_every_sku_of_the_shop_is_mirrored(self):
        self.pull()
        truth = self.sandbox.get(
            'listings', site='th', seller_id=self.shop.external_id)['listings']
        listings = self.env['lazada.listing'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual(
            {(listing.external_id, listing.item_external_id, listing.seller_sku,
              listing.shop_sku, listing.lazada_qty) for listing in listings},
            {(each['sku_id'], each['item_id'], each['seller_sku'], each['shop_sku'],
              each['sellable']) for each in truth})
        self.assertGreater(len(listings), 10)
        self.assertTrue(self.shop.last_catalogue_sync)

    def test_a_second_pull_changes_nothing(self):
        self.make_product('LZC-A')
        self.make_listing('LZC-A')
        self.pull()
        before = self.snapshot()
        self.shop.last_catalogue_sync = False
        self.pull()
        self.assertEqual(self.snapshot(), before)

    def test_more_than_a_page_is_read_to_the_end(self):
        self.make_listing('LZC-MANY', count=130)
        self.pull()
        self.assertEqual(self.env['lazada.listing'].search_count([
            ('shop_id', '=', self.shop.id), ('seller_sku', '=like', 'LZC-MANY-%')]), 130)

    def test_changes_on_lazada_arrive(self):
        self.make_listing('LZC-A', name="Before", price='10.00', sellable=5)
        self.pull()
        self.make_listing('LZC-A', name="After", price='12.50', sellable=7)
        self.pull()
        self.assertRecordValues(self.get_listing('LZC-A'), [{
            'name': "After", 'price': 12.5, 'lazada_qty': 7}])

    def test_the_first_read_takes_deleted_ones_too(self):
        self.make_listing('LZC-OLD', status='active')
        self.make_listing('LZC-OLD', status='deleted')
        self.assertFalse(self.shop.listing_count)
        mark = self.mark()
        self.pull()
        self.assertEqual(self.get_listing('LZC-OLD').status, 'deleted')
        self.assertEqual([call['params']['filter'] for call in self.calls_since(mark)
                          if call['path'] == '/products/get'], ['all', 'deleted'])

    def pull_with_a_push(self, sku, quantity, late):
        """Pull while a quantity is sent; `late`: after the page of the catalogue was asked for."""
        listing, read = self.get_listing(sku), _Catalogue._read
        shift = timedelta(seconds=1 if late else -60)

        def read_slowly(*args):
            page = read(*args)
            if args[0]._filter != 'all':
                return page
            self.env.cr.execute(
                "UPDATE lazada_listing SET pushed_at = %s, lazada_qty = %s,"
                " lazada_codes = %s WHERE id = %s",
                (fields.Datetime.now() + shift, quantity, Json({'W': quantity}), listing.id))
            return page

        self.make_listing(sku, name="Changed meanwhile", sellable=4)
        with patch.object(_Catalogue, '_read', read_slowly):
            self.pull()
        listing.invalidate_recordset()
        self.assertEqual(listing.name, "Changed meanwhile")
        return listing

    def test_a_page_does_not_overwrite_a_quantity_that_was_sent_after_it_was_asked_for(self):
        self.make_listing('LZC-A', sellable=5)
        self.pull()
        listing = self.pull_with_a_push('LZC-A', 9, late=True)
        self.assertRecordValues(listing, [{'lazada_qty': 9, 'lazada_codes': {'W': 9}}])

    def test_a_page_tells_of_quantities_that_were_sent_before_it_was_asked_for(self):
        self.make_listing('LZC-A', sellable=5)
        self.pull()
        self.assertEqual(self.pull_with_a_push('LZC-A', 9, late=False).lazada_qty, 4)

    # === FBL === #

    def show_fbl_stock(self, sku):
        """As Lazada shows an SKU with none left in the seller's warehouses, some in its own."""
        original = product_json._warehouses

        def without(shop, listing):
            return [] if listing.seller_sku == sku else original(shop, listing)

        def with_fbl(shop, listing, base_url, full, sku_json=product_json.sku_json):
            found = sku_json(shop, listing, base_url, full)
            if listing.seller_sku == sku:
                found['fblWarehouseInventories'] = [
                    product_json._bucket(product_json.FBL_WAREHOUSE, listing)]
            return found

        for name, function in (('_warehouses', without), ('sku_json', with_fbl)):
            patcher = patch.object(product_json, name, function)
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_a_sold_out_sku_with_fbl_stock_is_still_shipped_by_the_seller(self):
        self.make_listing('LZC-BOTH', sellable=5)
        self.pull()
        self.show_fbl_stock('LZC-BOTH')
        for sellable in (3, 0):
            self.make_listing('LZC-BOTH', sellable=sellable)
            self.pull()
            self.assertRecordValues(self.get_listing('LZC-BOTH'), [{
                'fbl': False, 'lazada_qty': 0, 'seller_stocked': True}])

    def test_a_listing_without_stock_of_the_sellers_is_fbl(self):
        self.show_fbl_stock('LZC-NEW')
        self.make_listing('LZC-NEW', sellable=5)
        self.pull()
        self.assertTrue(self.get_listing('LZC-NEW').fbl)

    # === MATCHING === #

    def test_a_listing_that_only_an_order_tells_of_is_no_twin(self):
        product = self.make_product('LZC-AGAIN')
        self.make_listing('LZC-AGAIN')
        order_id = self.buy('LZC-AGAIN')
        self.make_listing('LZC-AGAIN', status='deleted')
        self.make_listing('LZC-AGAIN', new=True)
        with patch('odoo.addons.lazada_connector.models.lazada_flow_catalogue.LazadaFlow'
                   '._plan_read', lambda flow: {
                       'parts': [['all', None]], 'position': None, 'full': True,
                       'platform_time': None}):
            self.pull()  # as if the old one had been deleted before the cursor
        self.assertEqual(len(self.get_listing('LZC-AGAIN')), 1)
        self.sync()
        order = self.get_order(order_id)
        old = order.item_ids.listing_id
        self.assertTrue(old.from_order)
        self.assertEqual(len(self.get_listing('LZC-AGAIN')), 2)
        self.assertEqual(order.sync_state, 'done', order.issue_message)
        self.assertEqual(self.get_listing('LZC-AGAIN').product_id, product)
        self.shop.last_catalogue_sync = False
        self.pull()
        self.assertRecordValues(old, [{'from_order': False, 'status': 'deleted'}])

    def test_active_listings_are_linked_to_the_product_of_that_internal_reference(self):
        product = self.make_product('LZC-A')
        self.make_product('LZC-AB')
        self.make_listing('LZC-A')
        self.pull()
        self.assertRecordValues(self.get_listing('LZC-A'), [{
            'link_state': 'linked', 'product_id': product.id, 'linked_by_hand': False,
            'link_message': False}])

    def test_variants_link_to_their_own_reference(self):
        colour = self.env['product.attribute'].create({
            'name': "Colour", 'value_ids': [(0, 0, {'name': "Red"}), (0, 0, {'name': "Blue"})]})
        template = self.env['product.template'].create({
            'name': "Shirt", 'attribute_line_ids': [(0, 0, {
                'attribute_id': colour.id, 'value_ids': [(6, 0, colour.value_ids.ids)]})]})
        red, blue = template.product_variant_ids
        red.default_code, blue.default_code = 'LZC-RED', 'LZC-BLUE'
        self.make_listing('LZC-RED')
        self.make_listing('LZC-BLUE')
        self.pull()
        self.assertEqual(self.get_listing('LZC-RED').product_id, red)
        self.assertEqual(self.get_listing('LZC-BLUE').product_id, blue)

    def test_spaces_around_a_sku_do_not_count_but_case_does(self):
        spaced, lower = self.make_product('LZC-SPACED'), self.make_product('lzc-case')
        self.make_listing(' LZC-SPACED ')
        self.make_listing('LZC-CASE')
        self.pull()
        self.assertEqual(
            self.env['lazada.listing'].search([('product_id', '=', spaced.id)]).link_state,
            'linked')
        self.assertEqual(self.get_listing('LZC-CASE').link_state, 'missing')
        self.assertFalse(self.env['lazada.listing'].search([('product_id', '=', lower.id)]))

    def test_inactive_and_deleted_listings_are_kept_but_not_matched(self):
        for sku, status in (('LZC-IN', 'inactive'), ('LZC-DEL', 'deleted')):
            self.make_product(sku)
            self.make_listing(sku, status='active')
            self.make_listing(sku, status=status)
        self.pull()
        for sku in ('LZC-IN', 'LZC-DEL'):
            for listing in self.get_listing(sku):
                self.assertRecordValues(listing, [{
                    'link_state': 'missing', 'product_id': False}])
                self.assertIn("not active", listing.link_message)
        self.assertTrue(self.get_listing('LZC-IN'))

    def test_a_listing_that_becomes_active_is_linked_then(self):
        product = self.make_product('LZC-IN')
        self.make_listing('LZC-IN', status='inactive')
        self.pull()
        self.make_listing('LZC-IN', status='active')
        self.pull()
        self.assertEqual(self.get_listing('LZC-IN').product_id, product)

    def test_two_products_with_the_reference_are_a_row_to_decide_not_a_link(self):
        self.make_product('LZC-TWICE')
        self.make_product('LZC-TWICE')
        self.make_listing('LZC-TWICE')
        self.pull()
        listing = self.get_listing('LZC-TWICE')
        self.assertRecordValues(listing, [{'link_state': 'ambiguous', 'product_id': False}])
        self.assertIn("2 products", listing.link_message)

    def test_two_active_listings_with_the_sku_are_rows_to_decide(self):
        self.make_product('LZC-PAIR')
        self.make_listing('LZC-PAIR')
        self.make_listing('LZC-PAIR', new=True)
        self.pull()
        listings = self.get_listing('LZC-PAIR')
        self.assertEqual(len(listings), 2)
        self.assertEqual(set(listings.mapped('link_state')), {'ambiguous'})
        self.assertIn("Several active listings", listings[0].link_message)

    def test_what_was_repaired_in_odoo_is_linked_though_lazada_told_nothing_new(self):
        self.make_listing('LZC-LATER')
        twice = self.make_product('LZC-TWICE') + self.make_product('LZC-TWICE')
        self.make_listing('LZC-TWICE')
        self.pull()
        self.assertEqual(self.get_listing('LZC-LATER').link_state, 'missing')
        product = self.make_product('LZC-LATER')
        twice[1].default_code = 'LZC-OTHER'
        mark = self.mark()
        self.pull()
        self.assertTrue(self.calls_since(mark), "it asked Lazada too")
        self.assertEqual(self.get_listing('LZC-LATER').product_id, product)
        self.assertEqual(self.get_listing('LZC-TWICE').product_id, twice[0])

    def test_an_sku_deleted_and_made_again_is_linked_again_and_the_old_one_kept(self):
        product = self.make_product('LZC-AGAIN')
        self.make_listing('LZC-AGAIN')
        self.pull()
        old = self.get_listing('LZC-AGAIN')
        self.make_listing('LZC-AGAIN', status='deleted')
        self.make_listing('LZC-AGAIN', new=True)
        self.pull()
        both = self.get_listing('LZC-AGAIN')
        self.assertEqual(len(both), 2)
        self.assertRecordValues(old, [{'status': 'deleted', 'product_id': product.id}])
        self.assertRecordValues(both - old, [{
            'status': 'active', 'link_state': 'linked', 'product_id': product.id}])
        self.assertNotIn(old, self.shop._get_stock_listings())

    def test_one_product_is_listed_in_many_shops_and_their_decisions_are_suggested(self):
        product = self.make_product('LZC-HERE')
        other = self.connect_shop('sg')
        for shop in (self.shop, other):
            self.make_listing('LZC-HERE', shop=shop)
            self.make_listing('LZC-ELSEWHERE', shop=shop)
        self.pull()
        self.get_listing('LZC-ELSEWHERE').product_id = product
        self.run_flow('catalogue', other)
        theirs = self.env['lazada.listing'].search([('shop_id', '=', other.id)])
        here, elsewhere = (
            theirs.filtered(lambda listing, sku=sku: listing.seller_sku == sku)
            for sku in ('LZC-HERE', 'LZC-ELSEWHERE'))
        self.assertEqual(here.product_id, product)
        self.assertRecordValues(elsewhere, [{
            'link_state': 'missing', 'suggested_product_id': product.id}])
        elsewhere.action_link_suggestion()
        self.assertRecordValues(elsewhere, [{
            'link_state': 'linked', 'product_id': product.id, 'linked_by_hand': True,
            'suggested_product_id': False}])

    def test_products_of_other_companies_are_not_linked(self):
        other = self.env['res.company'].create({'name': "Other"})
        self.make_product('LZC-THEIRS', company_id=other.id)
        self.make_listing('LZC-THEIRS')
        self.pull()
        self.assertEqual(self.get_listing('LZC-THEIRS').link_state, 'missing')

    # === LINKS MADE BY HAND === #

    def test_a_link_made_by_hand_survives(self):
        chosen = self.make_product('LZC-CHOSEN')
        self.make_product('LZC-A')
        self.make_listing('LZC-A')
        self.pull()
        self.get_listing('LZC-A').product_id = chosen
        self.make_listing('LZC-A', name="New name")
        self.shop.last_catalogue_sync = False
        self.pull()
        self.assertRecordValues(self.get_listing('LZC-A'), [{
            'product_id': chosen.id, 'linked_by_hand': True, 'link_state': 'linked',
            'name': "New name"}])

    def test_a_listing_that_is_ignored_stays_ignored(self):
        self.make_listing('LZC-A')
        self.pull()
        self.get_listing('LZC-A').action_ignore()
        self.make_product('LZC-A')
        self.pull()
        self.assertEqual(self.get_listing('LZC-A').link_state, 'ignored')
        self.get_listing('LZC-A').action_match()
        self.assertEqual(self.get_listing('LZC-A').link_state, 'linked')

    def test_linking_by_a_pull_imports_the_orders_that_waited(self):
        self.make_listing('LZC-WAIT')
        order_id = self.buy('LZC-WAIT')
        self.sync()
        order = self.get_order(order_id)
        self.assertEqual(order.issue_code, 'sku_not_linked')
        product = self.make_product('LZC-WAIT')
        self.pull()
        self.run_flow('import_orders')
        self.assertEqual(order.sale_order_id.order_line.product_id, product)

    # === STARTING ANEW === #

    def test_clearing_the_date_judges_all_links_anew_but_those_made_by_hand(self):
        chosen = self.make_product('LZC-CHOSEN')
        first = self.make_product('LZC-MOVED')
        self.make_product('LZC-STAYS')
        gone = self.make_product('LZC-GONE')
        for sku in ('LZC-MOVED', 'LZC-GONE', 'LZC-HAND', 'LZC-STAYS'):
            self.make_listing(sku)
        self.pull()
        self.get_listing('LZC-HAND').product_id = chosen
        self.make_product('LZC-HAND')
        self.assertEqual(self.get_listing('LZC-MOVED').product_id, first)
        first.default_code = 'LZC-OLD'
        second = self.make_product('LZC-MOVED')
        gone.default_code = 'LZC-OTHER'
        self.pull()
        self.assertEqual(self.get_listing('LZC-MOVED').product_id, first, "a pull leaves links")
        self.shop.last_catalogue_sync = False
        self.pull()
        self.assertRecordValues(self.get_listing('LZC-MOVED'), [{
            'link_state': 'linked', 'product_id': second.id}])
        self.assertRecordValues(self.get_listing('LZC-GONE'), [{
            'link_state': 'missing', 'product_id': False, 'link_reason': 'no_product'}])
        self.assertRecordValues(self.get_listing('LZC-HAND'), [{
            'link_state': 'linked', 'product_id': chosen.id, 'linked_by_hand': True}])
        self.assertEqual(self.get_listing('LZC-STAYS').link_state, 'linked')

    def test_starting_anew_leaves_the_links_of_what_was_sold_and_is_deleted(self):
        product = self.make_product('LZC-DEL')
        self.make_listing('LZC-DEL')
        self.pull()
        self.make_listing('LZC-DEL', status='deleted')
        self.shop.last_catalogue_sync = False
        self.pull()
        self.assertRecordValues(self.get_listing('LZC-DEL'), [{
            'status': 'deleted', 'product_id': product.id}])

    # === WHEN === #

    def test_the_button_reads_at_once_and_clearing_the_date_reads_everything(self):
        self.pull()
        self.make_listing('LZC-NEW')
        self.make_product('LZC-NEW')
        with self.committing() as env:
            action = env['lazada.shop'].browse(self.shop.id).action_sync_catalogue()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertEqual(self.get_listing('LZC-NEW').link_state, 'linked')
        self.shop.last_catalogue_sync = False
        mark = self.mark()
        self.pull()
        for call in self.calls_since(mark):
            self.assertNotIn('update_after', call['params'])

    def test_a_new_shop_reads_its_catalogue_by_itself(self):
        flow = self.shop._get_flow('catalogue')
        self.assertLess(flow.due_at, self.env.cr.now() + timedelta(seconds=2))

    def test_the_daily_run_can_be_switched_off(self):
        self.shop.auto_catalogue = False
        flow = self.shop._get_flow('catalogue')
        flow.due_at = self.env.cr.now()
        self.env.flush_all()
        mark = self.mark()
        with self.enter_registry_test_mode():
            self.env.ref('lazada_connector.cron_catalogue').method_direct_trigger()
        self.assertEqual(self.calls_since(mark), [])
        with self.committing() as env:
            env['lazada.shop'].browse(self.shop.id).action_sync_catalogue()
        self.assertTrue(self.calls_since(mark), "the button still works")
