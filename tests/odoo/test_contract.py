"""The names that scripts outside rely on: models, fields, methods, groups, scheduled actions.

Add to these tables freely; taking something out of them breaks somebody's script.
"""
from odoo.tests import TransactionCase, tagged

FIELDS = {
    'lazada.account': {
        'name': 'char', 'environment': 'selection', 'sandbox_url': 'char', 'app_key': 'char',
        'app_secret': 'char', 'site': 'selection', 'access_token': 'char',
        'refresh_token': 'char', 'access_expires_at': 'datetime',
        'refresh_expires_at': 'datetime', 'state': 'selection', 'company_id': 'many2one',
        'shop_ids': 'one2many', 'webhook_token': 'char',
    },
    'lazada.shop': {
        'name': 'char', 'account_id': 'many2one', 'site': 'selection', 'external_id': 'char',
        'short_code': 'char', 'company_id': 'many2one', 'currency_id': 'many2one',
        'team_id': 'many2one', 'warehouse_id': 'many2one', 'user_id': 'many2one',
        'last_order_sync': 'datetime', 'last_catalogue_sync': 'datetime',
        'last_stock_sync': 'datetime', 'flow_ids': 'one2many', 'include_shipping': 'boolean',
        'unpaid_as_quotation': 'boolean', 'first_sync_days': 'integer',
        'rts_policy': 'selection', 'tracking_policy': 'selection', 'stock_sync': 'boolean',
        'auto_catalogue': 'boolean', 'generic_customer': 'boolean', 'buffer_qty': 'integer',
        'max_qty': 'integer', 'fbl_import': 'boolean',
    },
    'lazada.flow': {
        'shop_id': 'many2one', 'name': 'selection', 'cursor_at': 'datetime',
        'due_at': 'datetime', 'last_success_at': 'datetime', 'failure_count': 'integer',
        'error_message': 'text',
    },
    'lazada.listing': {
        'shop_id': 'many2one', 'external_id': 'char', 'item_external_id': 'char',
        'seller_sku': 'char', 'shop_sku': 'char', 'name': 'char', 'status': 'selection',
        'product_id': 'many2one', 'link_state': 'selection', 'lazada_qty': 'integer',
        'last_pushed_qty': 'integer', 'push_state': 'selection', 'push_message': 'char',
    },
    'lazada.order': {
        'shop_id': 'many2one', 'external_id': 'char', 'order_number': 'char',
        'status': 'selection', 'sync_state': 'selection', 'issue_code': 'char',
        'issue_key': 'char', 'issue_message': 'text', 'items_state': 'selection',
        'ordered_at': 'datetime', 'remote_updated_at': 'datetime', 'ship_by_at': 'datetime',
        'amount_total': 'float', 'buyer_total': 'float', 'sale_order_id': 'many2one',
        'item_ids': 'one2many', 'package_ids': 'one2many',
    },
    'lazada.order.item': {
        'order_id': 'many2one', 'external_id': 'char', 'raw_status': 'char',
        'status': 'selection', 'seller_sku': 'char', 'listing_id': 'many2one',
        'product_id': 'many2one', 'item_price': 'float', 'paid_price': 'float',
        'voucher_seller': 'float', 'voucher_platform': 'float', 'shipping_amount': 'float',
        'sale_line_id': 'many2one', 'package_id': 'many2one',
    },
    'lazada.package': {
        'shop_id': 'many2one', 'external_id': 'char', 'tracking_number': 'char',
        'provider': 'char', 'status': 'selection', 'picking_id': 'many2one',
        'picking_ids': 'many2many', 'label_id': 'many2one',
    },
    'lazada.command': {
        'kind': 'selection', 'state': 'selection', 'shop_id': 'many2one',
        'order_id': 'many2one', 'package_id': 'many2one', 'picking_id': 'many2one',
        'error_message': 'text',
    },
    'sale.order': {
        'lazada_shop_id': 'many2one', 'lazada_order_id': 'many2one',
        'lazada_status': 'selection', 'lazada_package_status': 'selection',
    },
    'stock.picking': {
        'lazada_shop_id': 'many2one', 'lazada_package_ids': 'many2many',
        'lazada_package_status': 'selection', 'lazada_push_state': 'selection',
    },
}
SELECTIONS = {
    ('lazada.account', 'environment'): {'production', 'sandbox'},
    ('lazada.account', 'site'): {'sg', 'my', 'ph', 'th', 'vn', 'id', 'cb'},
    ('lazada.account', 'state'): {'draft', 'connected', 'expired'},
    ('lazada.shop', 'site'): {'sg', 'my', 'ph', 'th', 'vn', 'id'},
    ('lazada.shop', 'rts_policy'): {'validate', 'pack'},
    ('lazada.shop', 'tracking_policy'): {'warn', 'block'},
    ('lazada.flow', 'name'): {
        'fetch_orders', 'import_orders', 'fulfilment', 'stock', 'catalogue', 'health',
        'reconcile'},
    ('lazada.command', 'state'): {'todo', 'sent', 'done', 'failed', 'unknown'},
    ('lazada.listing', 'link_state'): {'linked', 'missing', 'ambiguous', 'ignored'},
    ('lazada.order', 'sync_state'): {'todo', 'done', 'attention', 'ignored'},
    ('lazada.order', 'items_state'): {'missing', 'read'},
    ('lazada.order', 'status'): {
        'unpaid', 'to_pack', 'to_ship', 'shipped', 'delivered', 'completed', 'returning',
        'returned', 'lost', 'cancelled', 'unknown'},
}
DEFAULTS = {
    'include_shipping': False, 'unpaid_as_quotation': False, 'first_sync_days': 30,
    'rts_policy': 'validate', 'tracking_policy': 'warn', 'stock_sync': False,
    'auto_catalogue': True, 'generic_customer': False, 'buffer_qty': 0, 'max_qty': 0,
    'fbl_import': False,
}
METHODS = {
    'lazada.account': ('action_authorize', 'action_test_connection'),
    'lazada.shop': ('action_sync_orders', 'action_sync_inventory', 'action_sync_catalogue'),
    'lazada.order': ('action_retry',),
    'lazada.command': ('action_retry',),
    'sale.order': ('action_lazada_pack',),
    'stock.picking': ('action_lazada_pack',),
}
# scheduled action -> (interval, unit)
CRONS = {
    'cron_fetch_orders': (60, 'minutes'),
    'cron_import_orders': (60, 'minutes'),
    'cron_fulfilment': (15, 'minutes'),
    'cron_stock': (30, 'minutes'),
    'cron_reconcile': (1, 'days'),
    'cron_catalogue': (1, 'days'),
    'cron_health': (1, 'days'),
}
GROUPS = ('group_user', 'group_manager')
# key of a record over all companies and archived records
KEYS = {
    'lazada.shop': ('endpoint', 'site', 'external_id'),
    'lazada.flow': ('shop_id', 'name'),
    'lazada.listing': ('shop_id', 'external_id'),
    'lazada.order': ('shop_id', 'external_id'),
    'lazada.order.item': ('shop_id', 'external_id'),
    'lazada.package': ('shop_id', 'external_id'),
    'lazada.payload': ('res_model', 'res_id'),
    'sale.order': ('lazada_order_id',),
}


@tagged('post_install', '-at_install')
class TestContract(TransactionCase):

    def test_every_field_is_there_with_its_type_and_can_be_searched(self):
        for model, fields in FIELDS.items():
            for name, kind in fields.items():
                with self.subTest(model=model, field=name):
                    field = self.env[model]._fields[name]
                    self.assertEqual(field.type, kind)
                    self.assertTrue(field.store or field.search, "neither stored nor searchable")
                    self.env[model].search([(name, '!=', False)], limit=1)
                    self.env[model].search_read([], [name], limit=1)

    def test_selections_offer_at_least_these_values(self):
        for (model, name), values in SELECTIONS.items():
            with self.subTest(model=model, field=name):
                offered = {value for value, _label in self.env[model]._fields[name].selection}
                self.assertLessEqual(values, offered)

    def test_policies_have_these_defaults(self):
        shop = self.env['lazada.shop'].new()
        self.assertEqual({name: shop[name] for name in DEFAULTS}, DEFAULTS)

    def test_methods_are_public(self):
        for model, names in METHODS.items():
            for name in names:
                with self.subTest(model=model, method=name):
                    self.assertTrue(callable(getattr(self.env[model], name)))

    def test_scheduled_actions_run_at_these_intervals(self):
        for name, interval in CRONS.items():
            with self.subTest(cron=name):
                cron = self.env.ref(f'lazada_connector.{name}')
                self.assertTrue(cron.active)
                self.assertEqual((cron.interval_number, cron.interval_type), interval)
                self.assertIn(f"'{name.removeprefix('cron_')}'", cron.code)

    def test_the_groups_exist_and_build_on_each_other(self):
        user, manager = (self.env.ref(f'lazada_connector.{name}') for name in GROUPS)
        salesman = self.env.ref('sales_team.group_sale_salesman')
        self.assertIn(user, manager.all_implied_ids)
        self.assertIn(salesman, user.all_implied_ids)

    def test_keys_are_unique_in_the_database(self):
        for model, columns in KEYS.items():
            with self.subTest(model=model):
                self.env.cr.execute(
                    "SELECT indexdef FROM pg_indexes WHERE tablename = %s",
                    [self.env[model]._table])
                wanted = f"({', '.join(columns)})"
                unique = [text for [text] in self.env.cr.fetchall()
                          if text.startswith('CREATE UNIQUE') and wanted in text]
                self.assertTrue(unique, f"{model} has no unique index on {wanted}")

    def test_an_account_site_and_dates_are_optional(self):
        account = self.env['lazada.account'].create({
            'name': "Only the keys", 'app_key': '1', 'app_secret': 'x'})
        self.assertRecordValues(account, [{
            'site': False, 'state': 'draft', 'environment': 'production'}])
        account.state = 'connected'
        self.assertEqual(account.state, 'connected')
