"""What the platform's documentation leaves open: whichever way it is, everything works."""
from odoo.tests import tagged

from lazada_sandbox.world.behaviour import DEFAULTS

from .test_faults_fulfilment import FulfilmentFaultsCase

# The other ways of the switches; those not here are faults of their own, or of returns and payouts.
OTHER_WAYS = [
    {'empty_params': 'signed'}, {'empty_params': 'skipped'}, {'error_http_status': 400},
    {'count_total': 'always'}, {'count_total': 'never'}, {'count_total': 'low'},
    {'count_total': 'high'}, {'deep_offset': 'empty'}, {'bounds': 'exclusive'},
    {'bad_status_code': '6'}, {'empty_products': 'no_key'}, {'product_item_form': 'camel'},
    {'partial_stock_code': '0'}, {'stock_detail': 'bare'},
    {'partial_stock_code': '0', 'stock_detail': 'bare'}, {'pack_again': 'same'},
    {'label_lag_calls': 1, 'label_lag_code': '30012'},
    {'label_lag_calls': 1, 'label_lag_code': '34'},
    {'label_file': 'pdf'}, {'rts_status': 'ready_to_ship_pending'},
    {'pack_visible_after': 2}, {'result_error_names': 'snake'}, {'result_error_names': 'none'},
]
# Tokens: test_accounts. Labels that are none: test_faults_label. Couriers: test_pack.
# Lag and limits: test_faults_listing, test_faults_transport. Pushes: tests/sandbox.
ELSEWHERE = {
    'access_seconds', 'refresh_seconds', 'country_user_info', 'refresh_kills_access_token',
    'refresh_kills_refresh_token', 'refresh_unsupported', 'label_content', 'label_lag_seconds',
    'label_markup', 'label_megabytes', 'label_redirect', 'label_url', 'allocation', 'index_lag',
    'api_call_limit', 'seller_call_limit', 'app_daily_limit', 'multi_warehouse_tag',
    'unpaid_minutes', 'push_retry_seconds', 'push_retries', 'push_stop_share', 'reverse_amounts',
    'payout_currency_suffix', 'fees_total_sign',
}


@tagged('post_install', '-at_install')
class TestContradictions(FulfilmentFaultsCase):

    def setUp(self):
        super().setUp()
        self.run_flow('catalogue')
        self.shop.action_mapping_report()
        self.shop.stock_sync = True

    def live_a_day(self):
        """Buy, read, pack, label, hand over, read the catalogue and send stock."""
        order_id, sale, picking = self.import_order('LZT-TEE', 'LZT-MUG')
        self.assertEqual(sale.state, 'sale')
        self.pack(sale)
        for _try in range(2):       # the label may lag
            self.run_again()
        package = picking.lazada_package_ids
        self.assertEqual(package.label_state, 'ready', package.label_message)
        self.validate(picking)
        self.run_again()
        [truth] = self.get_packages(order_id)
        self.assertEqual(truth['applied'], {'pack': 1, 'rts': 1, 'repack': 0})
        self.run_flow('catalogue')
        self.run_flow('stock')
        for listing in self.env['lazada.listing'].search([
                ('shop_id', '=', self.shop.id), ('product_id', 'in', (self.tee + self.mug).ids)]):
            self.assertEqual(self.offered(listing.seller_sku), listing.offer_qty)
        self.assertFalse([
            flow.error_message for flow in self.shop.flow_ids if flow.error_message])

    def offered(self, sku):
        [listing] = [each for each in self.sandbox.get(
            'listings', site=self.shop.site, seller_id=self.shop.external_id)['listings']
            if each['seller_sku'] == sku]
        return listing['sellable']

    def test_a_day_goes_well_whichever_way_it_is(self):
        for switches in OTHER_WAYS:
            with self.subTest(**switches):
                self.behave(**{name: DEFAULTS[name] for name in DEFAULTS})
                self.behave(**switches)
                self.live_a_day()

    def test_the_switches_that_are_tried_are_all_there_are(self):
        """A new switch is tried here, or said to be tried elsewhere."""
        tried = {name for switches in OTHER_WAYS for name in switches}
        self.assertEqual(set(DEFAULTS) - tried, ELSEWHERE)
