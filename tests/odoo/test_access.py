"""Who may read and write what."""
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .offline import OfflineCase
from .payloads import make_order

SECRETS = ('app_secret', 'access_token', 'refresh_token', 'webhook_token', 'oauth_nonce')

# The warehouse reads these, and nothing that knows amounts, buyers or credentials.
WAREHOUSE_READS = {'lazada.shop', 'lazada.package'}
WAREHOUSE_MAY_READ = {
    *WAREHOUSE_READS, 'lazada.provider', 'lazada.package.event', 'lazada.command'}
MANAGER_READS_ONLY = {'lazada.payload', 'lazada.call'}
# What may be changed by hand; all else is written by the connector alone.
MANAGER_WRITES = {'lazada.account', 'lazada.shop', 'lazada.listing'}


class AccessCase(OfflineCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = sorted(
            name for name, model in cls.env.registry.items()
            if name.startswith('lazada.') and not model._abstract and not model._transient)
        cls.user = cls.make_user('user', 'lazada_connector.group_user')
        cls.manager = cls.make_user('manager', 'lazada_connector.group_manager')
        cls.warehouse = cls.make_user('warehouse', 'stock.group_stock_user')
        cls.salesman = cls.make_user('salesman', 'sales_team.group_sale_salesman')

    @classmethod
    def make_user(cls, name, group, **values):
        return new_test_user(
            cls.env, f'lazada_{name}', groups=f'base.group_user,{group}',
            tz='Asia/Singapore', **values)

    def make_sold(self):
        """Return an imported order with a delivery and a package."""
        order = self.import_order(*make_order([{'sku': 'A'}]))
        self.assertTrue(order.sale_order_id.picking_ids, order.issue_message)
        self.env['lazada.package'].create({
            'shop_id': self.shop.id, 'order_id': order.id, 'external_id': 'P1'})
        return order

    def make_asked(self):
        """The same, with a write that Lazada was asked for."""
        order = self.make_sold()
        order.sale_order_id.user_id = self.salesman
        picking = order.sale_order_id.picking_ids
        self.env['lazada.command']._request([{
            'kind': 'pack', 'order': order, 'items': order.item_ids, 'picking': picking}])
        order.package_ids.picking_ids = picking
        self.assertTrue(picking.lazada_command_ids and picking.lazada_package_ids)
        return order

    def allowed(self, user, operation):
        return {
            name for name in self.models
            if self.env[name].with_user(user).has_access(operation)}


class TestPlainUsers(AccessCase):
    """Odoo's own documents stay readable as a whole, as an export or a JSON client reads them."""

    def read_all(self, records, user):
        """Read every field this user is shown, but those that Odoo alone would refuse."""
        records = records.with_user(user)
        self.assertTrue(records)
        names = [
            name for name in records.fields_get()
            if 'lazada_connector' in records._fields[name]._modules
            or self.is_readable(records, name)]
        self.env.invalidate_all()   # what another user has read is not checked again
        return records.read(names)[0]

    def is_readable(self, records, name):
        self.env.invalidate_all()
        try:
            return bool(records.read([name]))
        except AccessError:
            return False

    def test_a_stock_user_reads_every_field_of_a_delivery(self):
        sale = self.make_asked().sale_order_id
        self.env.invalidate_all()
        self.assertTrue(sale.picking_ids.with_user(self.warehouse).read())
        for records in (sale.picking_ids, sale.picking_ids.move_ids):
            self.assertNotIn('lazada_command_ids', self.read_all(records, self.warehouse))

    def test_a_salesman_reads_every_field_of_an_order(self):
        sale = self.make_asked().sale_order_id
        self.env.invalidate_all()
        self.assertTrue(sale.with_user(self.salesman).read())
        for records in (sale, sale.order_line, sale.picking_ids, sale.picking_ids.move_ids):
            self.assertNotIn('lazada_item_ids', self.read_all(records, self.salesman))

    def test_a_user_of_the_connector_still_reads_what_hangs_on_them(self):
        sale = self.make_asked().sale_order_id
        both = self.make_user(
            'both', 'lazada_connector.group_user,stock.group_stock_user,'
                    'sales_team.group_sale_salesman_all_leads')
        self.assertTrue(self.read_all(sale.picking_ids, both)['lazada_command_ids'])
        self.assertTrue(
            self.read_all(sale.order_line.filtered('lazada_item_ids'), both)['lazada_item_ids'])


class TestAccess(AccessCase):

    def test_every_model_has_access_rights(self):
        for name in self.models:
            rights = self.env['ir.model.access'].search([('model_id.model', '=', name)])
            self.assertTrue(rights, name)
            self.assertTrue(all(right.group_id for right in rights), f"{name}: a right for all")

    def test_a_user_works_by_buttons_and_reads_the_set_up(self):
        self.assertFalse(self.allowed(self.user, 'read') & MANAGER_READS_ONLY)
        self.assertLessEqual(
            {'lazada.account', 'lazada.shop', 'lazada.flow', 'lazada.listing', 'lazada.order',
             'lazada.order.item', 'lazada.package'}, self.allowed(self.user, 'read'))
        for operation in ('write', 'create', 'unlink'):
            self.assertFalse(self.allowed(self.user, operation), operation)

    def test_a_manager_sets_up_and_reads_everything(self):
        self.assertEqual(self.allowed(self.manager, 'read'), set(self.models))
        self.assertLessEqual(MANAGER_WRITES, self.allowed(self.manager, 'write'))

    def test_nobody_writes_orders_units_packages_and_logs_by_hand(self):
        for operation in ('write', 'create', 'unlink'):
            self.assertFalse(self.allowed(self.manager, operation) & {
                'lazada.order', 'lazada.order.item', 'lazada.package', 'lazada.command',
                'lazada.payload', 'lazada.call', 'lazada.flow'}, operation)

    def test_the_warehouse_reads_parcels_and_no_orders(self):
        allowed = self.allowed(self.warehouse, 'read')
        self.assertLessEqual(WAREHOUSE_READS, allowed)
        self.assertLessEqual(allowed, WAREHOUSE_MAY_READ)
        self.assertFalse(self.allowed(self.warehouse, 'write'))

    def test_a_salesman_without_the_group_reads_nothing_of_ours(self):
        self.assertFalse(self.allowed(self.salesman, 'read'))

    def test_the_warehouse_cannot_search_by_what_it_may_not_read(self):
        packages = self.env['lazada.package'].with_user(self.warehouse)
        packages.search([('external_id', '=', 'X')])
        with self.assertRaises(AccessError):
            packages.search([('order_id.customer_name', '=', 'X')])

    def test_the_warehouse_finds_deliveries_by_the_lazada_number(self):
        order = self.make_sold()
        pickings = self.env['stock.picking'].with_user(self.warehouse)
        found = pickings.search([('lazada_order_number', '=', order.order_number)])
        self.assertEqual(found, order.sale_order_id.picking_ids)
        self.assertEqual(found.lazada_order_number, order.order_number)
        self.assertEqual(found.lazada_shop_id, self.shop)

    def test_a_sales_administrator_is_a_lazada_manager(self):
        administrator = self.make_user('administrator', 'sales_team.group_sale_manager')
        self.assertTrue(administrator.has_group('lazada_connector.group_manager'))


class TestSecrets(AccessCase):

    def test_a_manager_who_is_no_system_administrator_never_reads_a_secret(self):
        account = self.account.with_user(self.manager)
        self.assertEqual(account.app_key, '1')
        for name in SECRETS:
            with self.assertRaises(AccessError, msg=name):
                account.read([name])
            with self.assertRaises(AccessError, msg=name):
                account[name]
            with self.assertRaises(AccessError, msg=name):
                account.search([(name, '!=', False)])
            with self.assertRaises(AccessError, msg=name):
                account.write({name: 'mine'})
            self.assertNotIn(name, account.fields_get())

    def test_a_system_administrator_reads_and_writes_them(self):
        administrator = self.make_user(
            'system', 'base.group_system,lazada_connector.group_manager')
        account = self.account.with_user(administrator)
        account.app_secret = 'another'
        self.assertEqual(account.read(['app_secret'])[0]['app_secret'], 'another')

    def test_a_secret_is_not_copied(self):
        copied = self.account.copy({'app_key': '2', 'app_secret': 'x'})
        for name in ('access_token', 'refresh_token', 'oauth_nonce'):
            self.assertFalse(copied[name], name)
        self.assertNotEqual(copied.webhook_token, self.account.webhook_token)

    def test_the_lease_token_of_a_flow_is_no_business_of_a_manager(self):
        flow = self.shop.flow_ids[0].with_user(self.manager)
        with self.assertRaises(AccessError):
            flow.read(['token'])


class TestCompanies(AccessCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env['res.company'].create({'name': "Other Company"})
        cls.stranger = cls.make_user(
            'stranger', 'lazada_connector.group_manager,stock.group_stock_user',
            company_id=cls.company.id, company_ids=[cls.company.id])

    def test_every_model_has_a_company_rule(self):
        for name in self.models:
            self.assertIn('company_id', self.env[name]._fields, name)
            rules = self.env['ir.rule'].search([('model_id.model', '=', name)])
            shared = rules.filtered(lambda rule: not rule.groups)
            self.assertTrue(
                any('company_ids' in (rule.domain_force or '') for rule in shared), name)

    def test_the_records_of_another_company_do_not_exist(self):
        self.make_sold()
        seen = {}
        for name in self.models:
            company = self.env[name].with_user(self.manager)
            stranger = self.env[name].with_user(self.stranger)
            seen[name] = company.search_count([('company_id', '!=', False)])
            self.assertFalse(stranger.search([]), name)
        self.assertLessEqual(
            {'lazada.account', 'lazada.shop', 'lazada.flow', 'lazada.listing', 'lazada.order',
             'lazada.order.item', 'lazada.package', 'lazada.payload'},
            {name for name, count in seen.items() if count})

    def test_reading_one_by_its_id_is_refused(self):
        order = self.make_sold()
        for record in (self.account, self.shop, order, order.item_ids[0]):
            with self.assertRaises(AccessError, msg=record._name):
                record.with_user(self.stranger).read(['company_id'])

    def test_a_cross_border_account_serves_several_companies(self):
        self.account.company_id = False
        self.assertIn(
            self.account, self.env['lazada.account'].with_user(self.stranger).search([]))
