"""The mirror of packages: statuses, history, what needs a person, the own fleet, the timeline."""
import json
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.lazada_connector import const

from .test_pack import PackCase

# Raw status of the units -> status of their package, with a tracking number
STATUSES = {
    'packed': 'shipment_arranged', 'ready_to_ship_pending': 'shipment_arranged',
    'ready_to_ship': 'shipment_arranged', 'shipped': 'shipped', 'delivered': 'delivered',
    'confirmed': 'delivered', 'failed_delivery': 'failed_delivery', 'failed': 'failed_delivery',
    'shipped_back': 'failed_delivery', 'shipped_back_success': 'returned', 'returned': 'returned',
    'lost': 'lost', 'lost_by_3pl': 'lost', 'damaged_by_3pl': 'damaged',
    'package_scrapped': 'damaged', 'something_new': 'manual',
}
PICKUP_FAILED = 'INFO_ST_DOMESTIC_PICKUP_SIGN_IN_FAILURE'


@tagged('post_install', '-at_install')
class TestPackage(PackCase):

    def get_activities(self, picking):
        return picking.activity_search(['lazada_connector.mail_activity_handling'])

    def test_every_status_has_its_place(self):
        order_id, sale, picking = self.import_order('LZT-TEE')
        for raw, status in STATUSES.items():
            with self.subTest(raw=raw):
                self.move(order_id, raw)
                self.sync()
                package = picking.lazada_package_ids
                self.assertRecordValues(package, [{'raw_status': raw, 'status': status}])
                self.assertEqual(picking.lazada_package_status, status)
                self.assertEqual(sale.lazada_package_status, status)
        self.assertEqual(
            package.event_ids.sorted('id').mapped('raw_status'), list(STATUSES))

    def test_a_number_that_comes_later_makes_it_arranged(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'packed')
        self.override(order_id, items={'*': {'tracking_code': ''}})
        self.sync()
        package = picking.lazada_package_ids
        self.assertEqual(package.status, 'confirmed')
        self.assertFalse(picking.carrier_tracking_ref)
        self.sandbox.post('clock', {'advance': 5})
        self.override(order_id, items={'*': {'tracking_code': 'LEX1'}})
        self.sync()
        self.assertEqual(package.status, 'shipment_arranged')
        self.assertEqual(picking.carrier_tracking_ref, 'LEX1')

    def test_the_one_that_needs_somebody_first_is_shown(self):
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        units = self.get_order(order_id).item_ids
        self.move(order_id, 'shipped', [units[0].external_id])
        self.sync()
        self.assertEqual(sale.lazada_package_status, 'pending')
        self.move(order_id, 'packed', [units[1].external_id])
        self.sync()
        self.assertEqual(sale.lazada_package_status, 'shipment_arranged')
        self.move(order_id, 'delivered', [units[1].external_id])
        self.sync()
        self.assertEqual(picking.lazada_package_status, 'shipped')
        self.assertEqual(
            set(picking.lazada_package_ids.mapped('status')), {'shipped', 'delivered'})

    def test_manual_handling_has_a_reason_and_an_activity_that_closes_by_itself(self):
        self.shop.user_id = self.env['res.users'].create({'name': "Packer", 'login': 'packer'})
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'gone_to_the_moon')
        self.sync()
        package = picking.lazada_package_ids
        self.assertIn('gone_to_the_moon', package.handling_reason)
        self.assertTrue(package.seller_center_url)
        [activity] = self.get_activities(picking)
        self.assertEqual(activity.user_id, self.shop.user_id)
        self.assertIn('gone_to_the_moon', activity.note)
        self.sync()
        self.assertEqual(len(self.get_activities(picking)), 1)
        self.move(order_id, 'shipped')
        self.sync()
        self.assertFalse(self.get_activities(picking))
        self.assertFalse(package.handling_reason)

    def test_somebody_may_say_that_it_is_handled(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'gone_to_the_moon')
        self.sync()
        package = picking.lazada_package_ids
        self.assertIs(package.action_mark_handled(), True)
        self.assertFalse(self.get_activities(picking))
        self.assertEqual(package.status, 'manual')
        self.sync()
        self.assertFalse(self.get_activities(picking))

    def fail_pick_up(self, order_id, package):
        self.move_silently(order_id, PICKUP_FAILED)
        self.run_flow('fetch_orders')
        self.assertNotEqual(package.status, 'pickup_failed')
        self.tell(order_id, package, PICKUP_FAILED)
        self.run_flow('fetch_orders')
        self.assertEqual(package.status, 'pickup_failed')

    def test_a_failed_pick_up_comes_by_push_and_offers_the_next_step(self):
        """The units say nothing of it: a message makes us read the courier's timeline."""
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        package = picking.lazada_package_ids
        self.validate(picking)
        self.run_flow('fulfilment')
        self.override(order_id, items={'*': {'status': 'ready_to_ship'}})
        self.sync()
        self.fail_pick_up(order_id, package)
        self.assertEqual(len(self.get_activities(picking)), 1)
        self.sync()  # the units still say what they said before
        self.assertEqual(package.status, 'pickup_failed')
        # Lazada undoes no parcel that was reported as ready to ship: the button is not there.
        self.assertIn("Seller Center", package.handling_reason)
        self.assertNotIn("Undo", package.handling_reason)
        with self.assertRaises(UserError):
            package.action_repack()
        self.assertFalse(package.command_ids.filtered(lambda command: command.kind == 'repack'))

    def test_a_failed_pick_up_before_ready_to_ship_may_be_undone(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        package = picking.lazada_package_ids
        package._set_raw_status(PICKUP_FAILED)
        package._follow()
        self.assertEqual(package.status, 'pickup_failed')
        self.assertIn("Undo", package.handling_reason)
        package.action_repack()
        self.run_flow('fulfilment')
        self.assertEqual(package.status, 'cancelled')
        self.assertFalse(self.get_activities(picking))
        self.assertEqual(picking.lazada_package_status, 'pending')
        self.assertEqual([each['applied']['repack'] for each in self.get_packages(order_id)], [1])

    def test_undoing_too_late_is_refused_and_said(self):
        """Reported as ready to ship in Seller Center, and not known here yet."""
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        package = picking.lazada_package_ids
        self.move(order_id, 'ready_to_ship')
        package.action_repack()
        self.run_flow('fulfilment')
        command = package.command_ids.filtered(lambda each: each.kind == 'repack')
        self.assertEqual(command.state, 'failed')
        self.assertIn('700000', command.error_message)
        self.assertEqual(picking.lazada_push_state, 'failed')
        self.assertRecordValues(package, [{
            'raw_status': 'ready_to_ship', 'status': 'shipment_arranged', 'label_state': 'ready'}])
        self.assertEqual([each['applied']['repack'] for each in self.get_packages(order_id)], [0])
        self.assertFalse(package._is_undoable(package))

    def move_silently(self, order_id, status):
        """Move the parcel; the header of its order stays as it is."""
        self.sandbox.post(
            f'orders/{self.site}/{self.shop.external_id}/{order_id}/status',
            {'status': status, 'touch': False})

    def tell(self, order_id, package, status):
        """Let a push message about a package arrive."""
        body = json.dumps({
            'seller_id': self.shop.external_id, 'message_type': 14, 'timestamp': 1627441249,
            'site': f'lazada_{self.site}', 'data': {
                'trade_order_id': order_id, 'status': status,
                'fulfillment_package_id': package.external_id, 'status_update_time': 1627440482}})
        self.env['lazada.event']._receive(self.shop.account_id, body.encode())
        self.env['lazada.event'].search([]).received_at = (
            self.env.cr.now() - timedelta(seconds=10))
        self.env.flush_all()

    def test_a_message_about_an_unknown_status_is_a_hint_only(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.pack(picking)
        mark = self.mark()
        self.tell(order_id, picking.lazada_package_ids, 'DELIVERED')
        self.run_flow('fetch_orders')
        self.assertEqual(picking.lazada_package_ids.status, 'shipment_arranged')
        self.assertEqual(self.count_calls(mark, '/logistic/order/trace'), 0)

    def test_the_own_fleet_reports_by_an_explicit_action_only(self):
        for action, raw, status in (
                ('action_own_fleet_delivered', 'delivered', 'delivered'),
                ('action_own_fleet_failed', 'failed_delivery', 'failed_delivery')):
            with self.subTest(action=action):
                order_id = self.buy('LZT-TEE', channel='sof')
                self.sync()
                picking = self.get_sale(order_id).picking_ids
                self.pack(picking)
                package = picking.lazada_package_ids
                with self.assertRaises(UserError):
                    getattr(package, action)()
                self.assertIs(self.validate(picking), True)
                self.run_flow('fulfilment')
                self.sync()
                self.assertEqual(self.truth(order_id)['statuses'], ['ready_to_ship'])
                getattr(package, action)()
                self.run_flow('fulfilment')
                self.assertEqual(self.truth(order_id)['statuses'], [raw])
                self.assertEqual(package.status, status)

    def test_a_courier_parcel_is_never_reported_as_delivered_by_us(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'shipped')
        self.sync()
        with self.assertRaises(UserError):
            picking.lazada_package_ids.action_own_fleet_delivered()

    def test_the_timeline_of_the_courier_is_read_on_demand_and_once(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'shipped')
        self.move(order_id, 'delivered')
        self.sync()
        package = picking.lazada_package_ids
        package.action_trace()
        events = package.event_ids.filtered(lambda event: event.source == 'courier')
        self.assertIn('delivered', events.mapped('status'))
        self.assertTrue(all(events.mapped('description')))
        package.action_trace()
        self.assertEqual(
            package.event_ids.filtered(lambda event: event.source == 'courier'), events)
        self.break_calls('/logistic/order/trace', 'http', times=0, status=500)
        with self.assertRaises(UserError):
            package.action_trace()

    def test_urgency_knows_every_status(self):
        self.assertEqual(set(const.PACKAGE_URGENCY), {key for key, _l in const.PACKAGE_STATUSES})
