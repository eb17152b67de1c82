"""What is compared, previewed and listed: differences, oversold orders, what runs out."""
from ast import literal_eval

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .test_stock import StockCase


class TestOversold(StockCase):

    def setUp(self):
        super().setUp()
        self.push()
        self.first, self.last = self.buy('LZT-TEE'), self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()

    def lose(self, quantity):
        self.env['stock.quant']._update_available_quantity(
            self.tee, self.shop.warehouse_id.lot_stock_id, -quantity)

    def activities(self, order_id):
        return self.get_order(order_id).sale_order_id.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(
                'lazada_connector.mail_activity_oversold'))

    def test_the_last_orders_are_marked_told_once_and_settled_by_themselves(self):
        self.sell_here(self.tee, 7)
        pickings = self.get_order(self.last).sale_order_id.picking_ids
        pickings.do_unreserve()
        self.lose(1)
        self.push()
        self.push()
        self.assertEqual(self.sellable(), 0)
        self.assertRecordValues(self.get_order(self.first) + self.get_order(self.last), [
            {'oversold_qty': 0}, {'oversold_qty': 1}])
        self.assertEqual(self.shop.oversold_count, 1)
        self.assertFalse(self.activities(self.first))
        self.assertEqual(len(self.activities(self.last)), 1)
        self.assertEqual(self.activities(self.last).user_id, self.shop._get_responsible())
        self.assertIn('contact the buyer', self.activities(self.last).note)
        self.receive(self.tee, 1)
        self.push()
        self.assertEqual(self.get_order(self.last).oversold_qty, 0)
        self.assertFalse(self.activities(self.last))

    def short(self):
        """One piece fewer than the two orders need; the last one goes without it."""
        self.get_order(self.last).sale_order_id.picking_ids.do_unreserve()
        self.lose(8)

    def test_it_does_not_depend_on_what_is_sent(self):
        """Orders are open whatever became of their listing, or of the switch of the shop."""
        self.short()
        for record, vals in ((self.listing, {'status': 'deleted'}),
                             (self.listing, {'stock_sync': False}),
                             (self.shop, {'stock_sync': False})):
            before = {name: record[name] for name in vals}
            self.get_order(self.last)._set_oversold(0)
            record.write(vals)
            self.push()
            self.assertEqual(self.get_order(self.last).oversold_qty, 1, vals)
            self.assertEqual(bool(self.activities(self.last)), self.shop.stock_sync)
            record.write(before)
        self.receive(self.tee, 1)
        self.push()
        self.assertEqual(self.shop.oversold_count, 0)

    def test_goods_without_stock_keeping_are_never_short(self):
        self.short()
        self.push()
        self.assertEqual(self.shop.oversold_count, 1)
        self.env.cr.execute("UPDATE product_template SET is_storable = FALSE WHERE id = %s",
                            [self.tee.product_tmpl_id.id])
        self.env.invalidate_all()
        self.push()
        self.assertEqual(self.shop.oversold_count, 0)

    def test_goods_that_are_short_for_others_only_are_no_oversold_order(self):
        self.sell_here(self.tee, 20)
        self.push()
        self.assertEqual(self.shop.oversold_count, 0)

    def test_an_order_of_another_shop_may_be_the_one_to_go_without(self):
        sister = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=sister, sellable=8)
        self.run_flow('catalogue', sister)
        sister.action_mapping_report()
        sister.stock_sync = True
        other = self.buy(*['LZT-TEE'] * 8, shop=sister)
        self.sync(sister)
        self.push()
        self.push(sister)
        self.assertEqual(self.get_order(self.last).oversold_qty, 0)
        self.assertEqual(self.get_order(other, sister).oversold_qty, 1)


class TestCycle(StockCase):

    def test_the_mapping_report_comes_first(self):
        shop = self.connect_shop('sg')
        with self.assertRaisesRegex(ValidationError, "Mapping Report"), self.env.cr.savepoint():
            shop.stock_sync = True
        action = shop.action_mapping_report()
        self.assertEqual(action['res_model'], 'lazada.listing')
        shop.stock_sync = True

    def test_what_lazada_shows_differently_is_listed_and_corrected(self):
        self.push()
        self.make_listing('LZT-TEE', sellable=4)
        self.run_flow('catalogue')
        self.assertEqual(self.listing.qty_difference, -6)
        self.assertEqual(self.shop.differing_count, 1)
        self.push()
        self.assertEqual((self.sellable(), self.listing.qty_difference), (10, 0))

    def compare(self):
        """The daily comparison, as its action does it; the stock is corrected at once."""
        flow = self.shop._get_flow('catalogue')
        flow.write({'full_read_at': fields.Datetime.subtract(self.env.cr.now(), days=1),
                    'due_at': self.env.cr.now()})
        self.env.flush_all()
        with self.committing() as env:
            env['lazada.flow']._cron_run('catalogue')
        self.env.invalidate_all()
        self.push()

    def find_differences(self):
        search = self.env.ref('lazada_connector.lazada_listing_view_search')
        [found] = etree.fromstring(search.arch).xpath("//filter[@name='difference_found']")
        return self.listing.search([
            ('shop_id', '=', self.shop.id), *literal_eval(found.get('domain'))])

    def test_differences_of_the_daily_comparison_stay_listed(self):
        self.push()
        self.compare()
        self.assertFalse(self.find_differences())
        self.make_listing('LZT-TEE', sellable=4)
        self.compare()
        self.assertEqual((self.sellable(), self.listing.qty_difference), (10, 0))
        self.assertEqual(self.listing.found_difference, -6)
        self.assertAlmostEqual(
            self.listing.found_at.timestamp(), self.env.cr.now().timestamp(), delta=60)
        self.assertEqual(self.find_differences(), self.listing)
        found_at = self.listing.found_at
        self.compare()
        self.assertEqual(self.listing.found_at, found_at)
        self.listing.found_at = fields.Datetime.subtract(found_at, days=9)
        self.assertFalse(self.find_differences())

    def test_quantities_are_compared_without_the_automatic_catalogue(self):
        """It links nothing then; the button does."""
        self.shop.auto_catalogue = False
        self.push()
        self.make_product('LZT-NEW', stock=3)
        self.make_listing('LZT-NEW', sellable=3)
        self.make_listing('LZT-TEE', sellable=4)
        self.compare()
        self.assertEqual((self.sellable(), self.listing.found_difference), (10, -6))
        self.assertEqual(self.get_listing('LZT-NEW').link_state, 'missing')
        with self.committing() as env:
            env['lazada.shop'].browse(self.shop.id).action_sync_catalogue()
        self.env.invalidate_all()
        self.assertEqual(self.get_listing('LZT-NEW').link_state, 'linked')

    def test_everything_is_sent_again_every_few_weeks(self):
        self.push()
        self.listing.pushed_at = fields.Datetime.subtract(self.env.cr.now(), days=22)
        self.assertEqual(len(self.push()), 1)
        self.assertEqual(self.push(), [])

    def test_goods_that_move_wake_the_flow_after_the_commit(self):
        self.push()
        self.assertFalse(self.is_due('stock'))
        with self.enter_registry_test_mode():
            sale = self.sell_here(self.tee, 1)
            self.commit()
            self.assertTrue(self.is_due('stock'))
            self.shop._get_flow('stock').due_at = fields.Datetime.add(
                fields.Datetime.now(), hours=1)
            self.deliver(sale)
            self.assertFalse(self.is_due('stock'))
            self.commit()
            self.assertTrue(self.is_due('stock'))

    def test_what_is_not_written_to_any_more_is_not_listed(self):
        self.sell_here(self.tee, 12)
        self.push()
        for record, vals in ((self.listing, {'status': 'deleted'}), (self.listing, {'fbl': True}),
                             (self.shop, {'stock_sync': False})):
            self.assertTrue(self.listing.below_safety)
            before = {name: record[name] for name in vals}
            record.write(vals)
            self.push()
            self.assertRecordValues(self.listing, [{
                'below_safety': False, 'available_qty': 0, 'push_state': False,
                'qty_difference': 0}])
            record.write(before)
            self.push()
            self.assertRecordValues(self.listing, [{'available_qty': -2, 'push_state': 'done'}])

    def test_a_listing_below_safety_leads_to_its_replenishment(self):
        action = self.listing.action_replenish()
        self.assertEqual(action['tag'], 'stock_forecasted')
        self.assertEqual(
            (action['context']['active_model'], action['context']['active_id']),
            ('product.product', self.tee.id))

    def test_below_safety_stock_is_listed(self):
        self.shop.buffer_qty = 3
        self.push()
        self.assertFalse(self.listing.below_safety)
        self.sell_here(self.tee, 8)
        self.push()
        self.assertTrue(self.listing.below_safety)

    def test_the_button_sends_at_once(self):
        with self.committing() as env:
            action = env['lazada.shop'].browse(self.shop.id).action_sync_inventory()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertEqual(self.sellable(), 10)
        self.env.invalidate_all()
        self.assertTrue(self.shop.last_stock_sync)
        self.assertIn(self.shop, self.env['lazada.shop'].search([
            ('last_stock_sync', '!=', False)]))


class TestPreview(StockCase):

    def preview(self):
        self.listing.invalidate_recordset()
        return self.listing.preview_verdict, self.listing.preview_qty

    def test_it_says_what_would_be_sent_and_sends_nothing(self):
        self.sell_here(self.tee, 3)
        self.make_listing('LZT-TEE', sellable=1)
        self.buy('LZT-TEE')
        self.pull()
        mark = self.mark()
        action = self.shop.action_preview_stock()
        self.assertEqual(action['domain'], [('shop_id', '=', self.shop.id)])
        self.assertEqual(self.preview(), ('send', 6))
        self.assertRecordValues(self.listing, [{
            'preview_on_hand': 10, 'preview_reserved': 3, 'preview_waiting': 0,
            'preview_owed': 1, 'lazada_qty': 0}])
        self.assertIn("6 units available", self.listing.preview_reason)
        self.assertIn(self.listing, self.listing.search([('preview_verdict', '=', 'send')]))
        self.assertEqual(self.calls_since(mark), [])
        self.push()
        self.assertEqual((self.sellable(), self.preview()), (6, ('same', 6)))

    def test_it_names_the_rule(self):
        for values, quantity, reason in (
                ({}, 10, "10 units available."),
                ({'share_percent': 50.0}, 5, "10 units available, the shop's share is 50 %."),
                ({'buffer_qty': 2}, 8, "10 units available, safety stock 2."),
                ({'max_qty': 4}, 4, "10 units available, at most 4 are offered."),
                ({'last_units_qty': 10}, 0, "10 units available, the last 10 units are left."),
                ({'share_percent': 50.0, 'buffer_percent': 20.0}, 3,
                 "10 units available, the shop's share is 50 %, safety stock 2.")):
            before = {name: self.shop[name] for name in values}
            self.shop.write(values)
            self.assertEqual(self.preview()[1], quantity)
            self.assertEqual(self.listing.preview_reason, reason)
            self.shop.write(before)
        self.listing.bundle_qty = 3
        self.preview()
        self.assertEqual(self.listing.preview_reason, "3 units available, 3 pieces in each.")
        self.listing.set_to_zero = True
        self.preview()
        self.assertIn("taken off sale by hand", self.listing.preview_reason)

    def test_its_columns_add_up_on_every_basis(self):
        self.sell_here(self.tee, 2)
        self.make_listing('LZT-TEE', sellable=5)
        self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        self.buy('LZT-TEE')
        self.pull()
        self.env['stock.move'].create({
            'product_id': self.tee.id, 'product_uom_qty': 7,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.shop.warehouse_id.lot_stock_id.id})._action_confirm()
        for basis, quantity in (('free', 5), ('forecast', 12), ('on_hand', 7)):
            self.shop.stock_basis = basis
            self.assertEqual(self.preview()[1], quantity)
            listing = self.listing
            self.assertEqual(
                listing.preview_on_hand - listing.preview_reserved - listing.preview_waiting
                - listing.preview_owed - listing.preview_demand + listing.preview_incoming,
                quantity, basis)

    def test_it_says_why_nothing_is_sent(self):
        self.push()
        for vals, reason in (
                ({'stock_sync': False}, "off for this listing"), ({'fbl': True}, "own warehouse"),
                ({'product_id': False}, "Not linked"), ({'status': 'deleted'}, "Not on sale")):
            before = {name: self.listing[name] for name in vals}
            self.listing.write(vals)
            self.assertEqual(self.preview()[0], 'never')
            self.assertIn(reason, self.listing.preview_reason)
            self.listing.write(before)
        self.shop.stock_sync = False
        self.assertEqual(self.preview()[0], 'never')
        with self.assertRaises(UserError):
            self.shop.action_preview_stock()
