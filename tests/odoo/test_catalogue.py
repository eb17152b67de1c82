"""The catalogue: listings mirrored, active ones linked to products by Internal Reference."""
from datetime import timedelta

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

    # === MATCHING === #

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
