"""Buyers are forgotten when the shop asks for it, and only then."""
from odoo.tests import tagged

from .offline import OfflineCase
from .payloads import make_order


@tagged('post_install', '-at_install')
class TestPrivacy(OfflineCase):

    def old_order(self, **values):
        return self.import_order(*make_order(
            [{'sku': 'A', 'buyer_id': values.pop('buyer', '42')}],
            created_at='2020-01-01 10:00:00 +0700', updated_at='2020-01-01 10:00:00 +0700',
            buyer_note="Leave it with Mrs. Jaidee", **values))

    def test_nothing_is_forgotten_by_default(self):
        order = self.old_order()
        self.assertEqual(self.shop._forget_buyers(), 0)
        self.assertEqual(order.sale_order_id.partner_id.phone, '66812345678')

    def test_old_buyers_are_removed_from_contacts_mirror_and_raw_data(self):
        self.shop.personal_data_days = 30
        order = self.old_order()
        partner = order.sale_order_id.partner_id
        self.assertEqual(self.shop._forget_buyers(), 1)
        self.assertRecordValues(partner, [{
            'phone': False, 'street': False, 'lazada_buyer_key': False}])
        self.assertNotIn('Somchai', partner.name)
        self.assertFalse(order.shipping_address or order.customer_name or order.buyer_note)
        self.assertFalse(self.env['lazada.payload'].search([
            ('res_model', '=', 'lazada.order'), ('res_id', '=', order.id)]))
        self.assertEqual(self.shop._forget_buyers(), 0)

    def test_a_buyer_who_came_back_is_kept(self):
        self.shop.personal_data_days = 30
        order = self.old_order()
        self.import_order(*make_order(
            [{'sku': 'A', 'buyer_id': '42'}], created_at='2036-01-01 10:00:00 +0700'))
        self.shop._forget_buyers()
        self.assertEqual(order.sale_order_id.partner_id.phone, '66812345678')

    def test_a_customer_of_the_house_is_never_touched(self):
        self.shop.personal_data_days = 30
        own = self.env['res.partner'].create({
            'name': "Somchai Jaidee", 'phone': '66812345678', 'street': '99/1 Sukhumvit Road'})
        order = self.old_order()
        self.assertEqual(order.sale_order_id.partner_id, own)
        self.shop._forget_buyers()
        self.assertEqual(own.name, "Somchai Jaidee")
