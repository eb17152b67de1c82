"""Automatic packing: off without a rule, by warehouse and time of day; and the packing list."""
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .test_pack import PackCase


@tagged('post_install', '-at_install')
class TestPackRules(PackCase):

    def make_rule(self, **values):
        return self.env['lazada.pack.rule'].create({'shop_id': self.shop.id, **values})

    def run_and_get_state(self, picking):
        self.run_flow('fulfilment')
        return picking.lazada_push_state

    def test_nothing_is_packed_unasked(self):
        picking = self.import_order('LZT-TEE')[2]
        self.assertFalse(self.run_and_get_state(picking))

    def test_a_rule_packs_what_is_reserved(self):
        self.make_rule()
        picking = self.import_order('LZT-TEE')[2]
        self.set_stock(self.mug, 0)
        waiting = self.import_order('LZT-MUG')[2]
        self.assertEqual(self.run_and_get_state(picking), 'done')
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertFalse(waiting.lazada_command_ids)

    def test_a_rule_of_another_warehouse_leaves_it_alone(self):
        other = self.env['stock.warehouse'].create({'name': "Other", 'code': 'OTH'})
        self.make_rule(warehouse_id=other.id)
        picking = self.import_order('LZT-TEE')[2]
        self.assertFalse(self.run_and_get_state(picking))
        self.make_rule(warehouse_id=self.shop.warehouse_id.id)
        self.assertEqual(self.run_and_get_state(picking), 'done')

    def test_what_was_refused_waits_for_a_person(self):
        self.make_rule()
        picking = self.import_order('LZT-TEE')[2]
        self.break_calls('/order/fulfill/pack', 'error', code='700027', message='no')
        self.assertEqual(self.run_and_get_state(picking), 'failed')
        self.assertEqual(self.run_and_get_state(picking), 'failed')
        self.assertEqual(len(picking.lazada_command_ids), 1)

    def get_courier_activities(self):
        return self.shop.activity_ids.filtered(lambda each: 'courier' in (each.summary or ''))

    def test_without_usual_courier_it_is_said_once_why_nothing_is_packed(self):
        self.make_rule()
        self.shop.provider_choice = True
        picking = self.import_order('LZT-TEE')[2]
        self.assertFalse(self.run_and_get_state(picking))
        self.assertFalse(self.run_and_get_state(picking))
        self.shop.invalidate_recordset()
        [activity] = self.get_courier_activities()
        self.assertIn("Usual Courier", activity.note)
        self.shop.provider_id = self.env['lazada.provider']._learn(
            self.shop, {'Yiwu sorting centre': 'FM50'})['Yiwu sorting centre']
        self.sandbox.post('behaviour', {'allocation': 'NTFS'})
        self.assertEqual(self.run_and_get_state(picking), 'done')
        self.shop.invalidate_recordset()
        self.assertFalse(self.get_courier_activities())

    def test_hours_are_those_of_the_marketplace(self):
        day = self.make_rule(hour_from=9, hour_to=17.5)
        night = self.make_rule(hour_from=22, hour_to=6)
        for utc, by_day, by_night in (  # Thailand is seven hours ahead
                ((1, 59), False, False), ((2, 0), True, False), ((10, 29), True, False),
                ((10, 30), False, False), ((15, 0), False, True), ((22, 59), False, True),
                ((23, 0), False, False)):
            now = datetime(2026, 3, 1, *utc)
            self.assertEqual((day._is_open(now), night._is_open(now)), (by_day, by_night), utc)
        with self.assertRaises(ValidationError):
            self.make_rule(hour_from=25)

    def test_a_closed_rule_packs_nothing(self):
        rule = self.make_rule()
        picking = self.import_order('LZT-TEE')[2]
        with patch.object(type(rule), '_is_open', return_value=False):
            self.assertFalse(self.run_and_get_state(picking))

    def test_the_packing_list_tells_the_contents_and_no_price(self):
        picking = self.import_order('LZT-TEE', 'LZT-TEE', 'LZT-MUG')[2]
        self.pack(picking)
        package = picking.lazada_package_ids
        worker = new_test_user(self.env, 'list_reader', groups='stock.group_stock_user')
        html = self.env['ir.actions.report'].with_user(worker)._render_qweb_html(
            'lazada_connector.report_lazada_package', package.ids)[0].decode()
        for text in (package.tracking_number, package.external_id, 'Product LZT-TEE',
                     'Product LZT-MUG', package.order_number):
            self.assertIn(text, html)
        for price in ('19.99', '1152', '1,152', '39.98'):
            self.assertNotIn(price, html)
        self.assertEqual(
            package.with_user(worker).content.splitlines(),
            ['2 × [LZT-TEE] Product LZT-TEE', '1 × [LZT-MUG] Product LZT-MUG'])
