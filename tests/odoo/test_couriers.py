"""Which couriers a shop may choose from, and where a parcel can be followed."""
import time
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.lazada_connector import const

from .test_label import LabelCase

PROVIDERS, TRACE = '/order/shipment/providers/get', '/logistic/order/trace'
REASONS = '/order/reverse/cancel/validate'


@tagged('post_install', '-at_install')
class TestCouriers(LabelCase):

    def test_the_shop_shows_the_couriers_lazada_returns(self):
        self.behave(allocation='NTFS')
        self.import_order('LZT-TEE')
        self.shop.action_fetch_providers()
        self.assertEqual(
            {(provider.name, provider.code) for provider in self.shop.provider_ids},
            {("Yiwu sorting centre", 'FM50'), ("Shenzhen sorting centre", 'FM49')})
        self.assertTrue(self.shop.provider_choice)
        self.shop.action_fetch_providers()
        self.assertEqual(len(self.shop.provider_ids), 2)

    def test_where_lazada_chooses_that_is_said(self):
        self.import_order('LZT-TEE')
        action = self.shop.action_fetch_providers()
        self.assertIn("Lazada chooses", action['params']['message'])
        self.assertFalse(self.shop.provider_choice)

    def test_without_an_order_to_pack_nobody_is_asked(self):
        _order_id, sale, _picking = self.import_order('LZT-TEE')
        self.pack(sale)
        mark = self.mark()
        action = self.shop.action_fetch_providers()
        self.assertIn("waits to be packed", action['params']['message'])
        self.assertEqual(self.count_calls(mark, PROVIDERS), 0)

    def test_a_refusal_is_said(self):
        self.import_order('LZT-TEE')
        self.break_calls(PROVIDERS, 'error', code='InsufficientPermission', message='no')
        with self.assertRaises(UserError):
            self.shop.action_fetch_providers()

    def test_it_is_for_managers(self):
        self.import_order('LZT-TEE')
        user = new_test_user(self.env, 'reader', groups='lazada_connector.group_user')
        with self.assertRaises(AccessError):
            self.shop.with_user(user).action_fetch_providers()
        manager = new_test_user(self.env, 'boss', groups='lazada_connector.group_manager')
        self.behave(allocation='NTFS')
        self.shop.with_user(manager).action_fetch_providers()
        self.assertEqual(len(self.shop.provider_ids), 2)


@tagged('post_install', '-at_install')
class TestButtonsInPlace(LabelCase):
    """A button that asks Lazada itself holds the form for some seconds at most."""

    def press_slow(self, path, button):
        self.assertLessEqual(const.BUTTON_SECONDS, 8)
        self.break_calls(path, 'delay', times=0, seconds=6)
        started = time.monotonic()
        with patch.object(const, 'BUTTON_SECONDS', 1), self.assertRaises(UserError):
            button()
        self.assertLess(time.monotonic() - started, 4)

    def test_fetch_timeline(self):
        picking, package = self.pack_one()
        self.press_slow(TRACE, package.action_trace)

    def test_fetch_couriers(self):
        self.import_order('LZT-TEE')
        self.press_slow(PROVIDERS, self.shop.action_fetch_providers)

    def test_reasons_to_cancel(self):
        self.import_order('LZT-TEE')
        order = self.env['lazada.order'].search([('shop_id', '=', self.shop.id)])
        self.press_slow(REASONS, order.action_cancel_on_lazada)

    def test_the_renewal_of_a_token_is_part_of_it(self):
        _picking, package = self.pack_one()
        self.break_calls(TRACE, 'error', code='IllegalAccessToken', message='expired')
        self.press_slow('/auth/token/refresh', package.action_trace)


@tagged('post_install', '-at_install')
class TestTracking(LabelCase):

    def test_the_order_in_seller_center_is_what_can_be_shown(self):
        picking, package = self.pack_one()
        self.assertFalse(package.tracking_url)
        self.assertFalse(picking.carrier_tracking_url)
        for record, name in ((picking, 'lazada_seller_center_url'),
                             (package, 'seller_center_url')):
            self.assertTrue(record[name].startswith(self.shop.seller_center_url))

    def test_the_page_of_a_courier_is_shown_when_it_was_given(self):
        product = self.env['product.product'].create({'name': "Courier", 'type': 'service'})
        carrier = self.env['delivery.carrier'].create({
            'name': "Courier", 'product_id': product.id,
            'tracking_url': 'https://courier.example/<shipmenttrackingnumber>'})
        _picking, package = self.pack_one()
        package.provider_id.carrier_id = carrier
        picking, package = self.pack_one()
        if package.provider_id.carrier_id != carrier:
            package.provider_id.carrier_id = carrier
            package._follow()
        wanted = f'https://courier.example/{package.tracking_number}'
        self.assertEqual(package.tracking_url, wanted)
        self.assertEqual(picking.carrier_tracking_url, wanted)
