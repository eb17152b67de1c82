"""Buyers are forgotten when the shop asks for it, and only then."""
from odoo.tests import tagged

from .offline import OfflineCase
from .payloads import make_order


@tagged('post_install', '-at_install')
class TestPrivacy(OfflineCase):

    def make_old(self, *items, **values):
        return make_order(
            items or [{'sku': 'A', 'buyer_id': values.pop('buyer', '42')}],
            **{'created_at': '2020-01-01 10:00:00 +0700',
               'updated_at': '2020-01-01 10:00:00 +0700',
               'buyer_note': "Leave it with Mrs. Jaidee", **values})

    def old_order(self, **values):
        return self.import_order(*self.make_old(**values))

    def get_payloads(self, order):
        return self.env['lazada.payload'].search([
            ('res_model', '=', 'lazada.order'), ('res_id', '=', order.id)])

    def assert_forgotten(self, order):
        self.assertRecordValues(order, [{
            'customer_name': False, 'shipping_address': False, 'billing_address': False,
            'buyer_note': False, 'gift_message': False, 'tax_code': False,
            'branch_number': False, 'buyer_external_id': False, 'buyer_forgotten': True}])
        self.assertFalse(self.get_payloads(order))

    def test_nothing_is_forgotten_by_default(self):
        order = self.old_order()
        self.assertEqual(self.shop._forget_buyers(), 0)
        self.assertEqual(order.sale_order_id.partner_id.phone, '66812345678')

    def test_old_buyers_are_removed_from_contacts_mirror_and_raw_data(self):
        self.shop.personal_data_days = 30
        order = self.old_order(
            tax_code='0105536112014', branch_number='00001',
            extra_attributes='{"TaxInvoiceRequested":true}')
        partner = order.sale_order_id.partner_id
        self.assertEqual(self.shop._forget_buyers(), 1)
        self.assertRecordValues(partner, [{
            'phone': False, 'street': False, 'street2': False, 'city': False, 'zip': False,
            'vat': False, 'company_registry': False, 'lazada_buyer_key': False}])
        self.assertNotIn('Somchai', partner.name)
        self.assert_forgotten(order)
        self.assertEqual(self.shop._forget_buyers(), 0)

    def test_labels_are_removed_and_never_fetched_again(self):
        self.shop.personal_data_days = 30
        header, units = self.make_old({
            'sku': 'A', 'status': 'packed', 'package_id': 'FP1', 'tracking_code': 'TH1'})
        order = self.import_order(header, units)
        package = order.package_ids
        package._keep_label(b'%PDF-1.4 Somchai Jaidee')
        label, document = package.label_id, package.picking_id or order.sale_order_id
        self.assertEqual(document.message_ids.attachment_ids, label)
        self.shop._forget_buyers()
        self.assertFalse(label.exists() or document.message_ids.attachment_ids)
        package._ask_for_label()
        self.import_order(header, units)
        self.assertRecordValues(package, [{'label_state': 'none', 'label_id': False}])
        package._keep_label(b'%PDF-1.4 fetched meanwhile')
        self.assertFalse(package.label_id)

    def test_a_package_that_is_made_later_gets_no_label(self):
        self.shop.personal_data_days = 30
        header, units = self.make_old()
        order = self.import_order(header, units)
        self.shop._forget_buyers()
        units[0].update(status='packed', package_id='FP2', tracking_code='TH2')
        self.import_order(header, units)
        self.assertRecordValues(order.package_ids, [{'external_id': 'FP2', 'label_state': False}])

    def test_what_lazada_answers_later_brings_nobody_back(self):
        self.shop.personal_data_days = 30
        header, units = self.make_old()
        order = self.import_order(header, units)
        self.shop._forget_buyers()
        for changed_at in ('2020-01-01 10:00:00 +0700', '2020-02-01 10:00:00 +0700'):
            with self.subTest(changed_at=changed_at):
                units[0]['status'] = 'shipped'
                self.import_order(
                    {**header, 'updated_at': changed_at, 'gift_message': "For Somchai",
                     'statuses': ['shipped']}, units)
                self.assertEqual(order.status, 'shipped')
                self.assert_forgotten(order)

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
