"""Validating a delivery: stock, ready to ship, tracking policy, and no word to the buyer."""
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_pack import PackCase


@tagged('post_install', '-at_install')
class TestPackValidate(PackCase):

    def get_rts(self, order_id):
        return [package['applied']['rts'] for package in self.get_packages(order_id)]

    def get_activities(self, document):
        return document.activity_search(['lazada_connector.mail_activity_handling'])

    def test_validating_lowers_the_stock_and_reports_ready_to_ship(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        self.assertEqual(self.get_rts(order_id), [0])
        before = self.tee.qty_available
        self.assertIs(self.validate(picking), True)
        self.assertEqual(self.tee.qty_available, before - 1)
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [1])
        self.assertEqual(picking.lazada_package_ids.raw_status, 'ready_to_ship')
        self.sync()
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [1])

    def test_ready_to_ship_at_once_when_the_shop_says_so(self):
        self.shop.rts_policy = 'pack'
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [1])
        self.validate(picking)
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [1])

    def test_what_seller_center_reported_is_not_reported_again(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'ready_to_ship')
        self.sync()
        self.validate(picking)
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [0])
        self.assertFalse(picking.lazada_command_ids)

    def test_a_parcel_packed_after_validation_is_reported_too(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        picking.with_context(lazada_without_tracking=True).button_validate()
        self.move(order_id, 'packed')
        self.sync()
        self.run_flow('fulfilment')
        self.assertEqual(self.get_rts(order_id), [1])

    def test_without_tracking_number_a_warning_comes_first_and_the_delivery_stays_on_the_list(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        action = self.validate(picking)
        self.assertEqual(action['res_model'], 'lazada.picking.untracked')
        self.assertNotEqual(picking.state, 'done')
        wizard = self.env['lazada.picking.untracked'].browse(action['res_id'])
        self.assertIs(
            wizard.with_context(action['context'], skip_backorder=True).action_validate(), True)
        self.assertEqual(picking.state, 'done')
        self.assertEqual(picking.lazada_package_status, 'manual')
        self.assertTrue(picking.lazada_handling_reason)
        [activity] = self.get_activities(picking)
        self.assertEqual(activity.user_id, self.shop._get_responsible())
        # The number set in Seller Center solves it
        self.move(order_id, 'packed')
        self.sync()
        self.assertEqual(picking.lazada_package_status, 'shipment_arranged')
        self.assertFalse(self.get_activities(picking))

    def leave_untracked(self):
        picking = self.import_order('LZT-TEE')[2]
        picking.with_context(
            lazada_without_tracking=True, skip_backorder=True).button_validate()
        self.assertEqual(picking.lazada_package_status, 'manual')
        return picking

    def test_a_delivery_that_left_without_number_can_still_be_packed(self):
        picking = self.leave_untracked()
        self.assertTrue(picking.lazada_can_pack)
        self.assertTrue(picking.sale_id.lazada_can_pack)
        picking.action_lazada_pack()
        self.assertFalse(picking.lazada_can_pack)
        self.assertFalse(picking.sale_id.lazada_can_pack)
        self.run_flow('fulfilment')
        self.assertFalse(picking.lazada_can_pack)
        self.assertFalse(self.get_activities(picking))
        self.assertTrue(picking.carrier_tracking_ref)

    def test_a_delivery_that_left_without_number_can_be_marked_as_handled(self):
        picking = self.leave_untracked()
        self.assertTrue(self.get_activities(picking))
        self.assertIs(picking.action_lazada_mark_handled(), True)
        self.assertFalse(self.get_activities(picking))
        self.assertFalse(picking.lazada_handling_reason)
        self.assertNotEqual(picking.lazada_package_status, 'manual')
        self.assertTrue(picking.lazada_can_pack)

    def test_a_failed_pick_up_of_one_parcel_does_not_keep_the_others_from_being_packed(self):
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        self.move(order_id, 'packed', [self.get_order(order_id).item_ids[0].external_id])
        self.sync()
        package = picking.lazada_package_ids
        package._set_raw_status('INFO_ST_DOMESTIC_PICKUP_SIGN_IN_FAILURE')
        package._follow()
        self.assertEqual(picking.lazada_package_status, 'pickup_failed')
        self.assertTrue(picking.lazada_can_pack)
        self.assertTrue(picking.sale_id.lazada_can_pack)
        picking.action_lazada_mark_handled()
        self.assertTrue(package.is_handled)
        self.assertFalse(self.get_activities(picking))
        self.pack(picking)
        self.assertFalse(picking.lazada_can_pack)
        self.assertEqual(len(picking.lazada_package_ids), 2)

    def test_the_warning_offers_to_pack(self):
        _order_id, _sale, picking = self.import_order('LZT-TEE')
        action = self.validate(picking)
        self.env['lazada.picking.untracked'].browse(action['res_id']).action_pack()
        self.run_flow('fulfilment')
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertIs(self.validate(picking), True)

    def test_without_tracking_number_the_shop_may_block(self):
        self.shop.tracking_policy = 'block'
        _order_id, _sale, picking = self.import_order('LZT-TEE')
        with self.assertRaisesRegex(UserError, picking.name):
            self.validate(picking)
        self.pack(picking)
        self.assertIs(self.validate(picking), True)

    def test_one_parcel_of_two_without_number_is_enough_to_block(self):
        self.shop.tracking_policy = 'block'
        order_id, _sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        units = self.get_order(order_id).item_ids
        for unit in units:
            self.move(order_id, 'packed', [unit.external_id])
        self.override(order_id, items={units[1].external_id: {'tracking_code': ''}})
        self.sync()
        self.assertEqual(len(picking.lazada_package_ids), 2)
        self.assertTrue(picking.carrier_tracking_ref)
        with self.assertRaisesRegex(UserError, picking.name):
            self.validate(picking)
        self.shop.tracking_policy = 'warn'
        self.assertEqual(self.validate(picking)['res_model'], 'lazada.picking.untracked')
        picking.carrier_tracking_ref += ',BY-HAND'
        self.assertIs(self.validate(picking), True)

    def test_an_ordinary_delivery_is_none_of_our_business(self):
        order = self.env['sale.order'].create({
            'partner_id': self.env['res.partner'].create({'name': "Neighbour"}).id,
            'order_line': [Command.create({'product_id': self.tee.id})]})
        order.action_confirm()
        self.assertIs(self.validate(order.picking_ids), True)
        self.assertFalse(order.picking_ids.lazada_package_status)

    def test_nobody_writes_to_the_buyer(self):
        """Odoo switches its text messages off under tests: here they are switched on."""
        company = self.env.company
        company.stock_move_email_validation = True
        if 'stock_text_confirmation' in company._fields:
            company.stock_text_confirmation = True
        _order_id, sale, picking = self.import_order('LZT-TEE')
        picking.partner_id.write({'phone': '+66812345678', 'email': 'buyer@example.com'})
        self.pack(picking)
        with patch('odoo.modules.module.current_test', None):
            self.assertIs(self.validate(picking), True)
        self.assertEqual(picking.state, 'done')
        self.assertFalse(self.env['mail.mail'].search([
            ('model', '=', 'stock.picking'), ('res_id', '=', picking.id)]))
        if 'sms.sms' in self.env:
            self.assertFalse(self.env['sms.sms'].search([
                ('partner_id', '=', picking.partner_id.id)]))
        self.assertFalse(picking.message_ids.filtered(
            lambda message: picking.partner_id in message.notified_partner_ids))

    def test_several_deliveries_are_validated_together(self):
        pickings = self.env['stock.picking']
        for _number in range(3):
            pickings |= self.import_order('LZT-TEE')[2]
        self.pack(pickings)
        self.assertIs(self.validate(pickings), True)
        self.assertEqual(set(pickings.mapped('state')), {'done'})
        mark = self.mark()
        self.run_flow('fulfilment')
        self.assertEqual(self.count_calls(mark, '/order/package/rts'), 1)
        self.assertEqual(set(pickings.lazada_package_ids.mapped('raw_status')), {'ready_to_ship'})
