"""The screens: they open for those who may see them, and carry the words of the guides."""
import ast
import json
from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

from odoo.addons.lazada_connector import const

from .payloads import make_order
from .test_access import AccessCase

MENUS = {
    'lazada_order_menu': {'user', 'manager'},
    'lazada_overview_menu': {'user', 'manager'},
    'lazada_listing_menu': {'user', 'manager'},
    'lazada_package_menu': {'warehouse'},
    'lazada_delivery_menu': {'warehouse'},
    'lazada_package_problem_menu': {'warehouse'},
    'lazada_shop_menu': {'manager'},
    'lazada_account_menu': {'manager'},
    'lazada_call_menu': set(),
}
PATHS = {
    'lazada_shop_action': 'lazada-shops',
    'lazada_account_action': 'lazada-accounts',
    'lazada_order_action': 'lazada-orders',
    'lazada_listing_action': 'lazada-listings',
    'lazada_package_action': 'lazada-packages',
    'lazada_call_action': 'lazada-calls',
}


class ViewCase(AccessCase):

    def ref(self, name):
        return self.env.ref(f'lazada_connector.{name}')

    def get_arch(self, name, user=None):
        """The form, list, … as `user` gets it."""
        view = self.ref(name)
        model = self.env[view.model].with_user(user or self.manager)
        return etree.fromstring(model.get_view(view.id, view.type)['arch'])

    def debug(self):
        """Code under this runs as in the web client with ?debug=1."""
        request = SimpleNamespace(session=SimpleNamespace(debug='1'))
        return patch('odoo.addons.base.models.res_users.request', request)

    def is_shown(self, node):
        while node is not None:
            if node.get('invisible') in ('1', 'True'):
                return False
            node = node.getparent()
        return True

    def find_shown(self, arch, path):
        return [node for node in arch.xpath(path) if self.is_shown(node)]


class TestScreens(ViewCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # An administrator's own rights must not help the others
        cls.worker = cls.make_user(
            'worker', 'lazada_connector.group_manager,stock.group_stock_user')

    def open_action(self, action, user):
        """Load all views of a window action and their records, as the web client does."""
        model = self.env[action.res_model].with_user(user)
        modes = [(view_id, mode) for view_id, mode in action.views] + [
            (action.search_view_id.id, 'search')]
        views = model.get_views(modes)['views']
        for kind in ('list', 'form', 'kanban'):
            if kind in views:
                self.read_all(model, etree.fromstring(views[kind]['arch']))
        return views

    def read_all(self, model, arch):
        names = {
            node.get('name') for node in arch.iter('field')
            if not any(parent.tag == 'field' for parent in node.iterancestors())}
        model.web_search_read([], {
            name: {'fields': {'display_name': {}}}
            if model._fields[name].type == 'many2one' else {} for name in names}, limit=5)

    def test_every_action_opens_for_a_manager_of_the_warehouse(self):
        self.make_sold()
        actions = self.env['ir.actions.act_window'].browse(self.env['ir.model.data'].search([
            ('module', '=', 'lazada_connector'), ('model', '=', 'ir.actions.act_window'),
        ]).mapped('res_id'))
        self.assertGreater(len(actions), 5)
        for action in actions:
            if self.env[action.res_model]._transient:
                continue
            if 'list' in action.view_mode:
                self.assertTrue(action.help, action.name)
            with self.subTest(action=action.name):
                self.open_action(action, self.worker)

    def test_the_daily_screens_open_for_a_user(self):
        self.make_sold()
        for name in ('lazada_order_action', 'lazada_shop_action', 'lazada_listing_action'):
            with self.subTest(name):
                self.open_action(self.ref(name), self.user)

    def test_packages_and_deliveries_open_for_the_warehouse(self):
        self.make_sold()
        views = self.open_action(self.ref('lazada_package_action'), self.warehouse)
        self.assertNotIn('item_ids', views['form']['arch'])
        self.open_action(self.env.ref('stock.action_picking_tree_outgoing'), self.warehouse)

    def test_sales_orders_open_for_a_salesman_without_the_group(self):
        order = self.make_sold()
        order.sale_order_id.user_id = self.salesman
        views = self.open_action(self.env.ref('sale.action_orders'), self.salesman)
        self.assertIn('lazada_cancelled_here', views['form']['arch'])
        self.assertNotIn('action_view_lazada_order', views['form']['arch'])

    def test_the_settings_lead_to_the_shops(self):
        action = self.ref('lazada_shop_action')
        arch = etree.fromstring(self.env['res.config.settings'].get_view(
            self.env.ref('base.res_config_settings_view_form').id, 'form')['arch'])
        [setting] = arch.xpath("//setting[@id='lazada_connector']")
        self.assertEqual(setting.get('string'), "Lazada Sync")
        [button] = setting.iter('button')
        self.assertEqual((button.get('name'), button.get('string')),
                         (str(action.id), "Lazada Shops"))

    def test_the_addresses_other_parts_redirect_to(self):
        self.assertEqual({name: self.ref(name).path for name in PATHS}, PATHS)


class TestMenus(ViewCase):

    def visible(self, user, debug=False):
        return self.env['ir.ui.menu'].with_user(user)._visible_menu_ids(debug)

    def is_reachable(self, menu, menus):
        """Every menu above must be visible too."""
        while menu:
            if menu.id not in menus:
                return False
            menu = menu.parent_id
        return True

    def reached(self, user, debug=False):
        menus = self.visible(user, debug)
        return {name for name in MENUS if self.is_reachable(self.ref(name), menus)}

    def test_each_group_reaches_its_menus(self):
        for who in ('user', 'manager', 'warehouse', 'salesman'):
            wanted = {name for name, groups in MENUS.items() if who in groups}
            self.assertEqual(self.reached(getattr(self, who)), wanted, who)

    def test_api_calls_are_for_managers_in_debug_mode(self):
        self.manager.group_ids += self.env.ref('base.group_no_one')
        self.user.group_ids += self.env.ref('base.group_no_one')
        self.assertIn('lazada_call_menu', self.reached(self.manager, debug=True))
        self.assertNotIn('lazada_call_menu', self.reached(self.user, debug=True))

    def test_menus_are_where_the_guides_say(self):
        self.assertEqual(
            self.ref('lazada_shop_menu').complete_name, "Sales/Configuration/Lazada/Shops")
        self.assertEqual(
            self.ref('lazada_order_menu').complete_name, "Sales/Orders/Lazada Orders")
        self.assertEqual(
            self.ref('lazada_listing_menu').complete_name, "Sales/Products/Lazada Listings")
        self.assertEqual(
            self.ref('lazada_package_menu').complete_name,
            "Inventory/Operations/Lazada Packages")


class TestPackageMenu(ViewCase):
    """Inventory ▸ Operations ▸ Lazada Packages: each entry shows what it says."""

    def get_entries(self):
        return self.ref('lazada_package_menu').child_id

    def find(self, entry, user):
        """Return what `user` sees after a click on this entry: domain and default filter."""
        action = entry.action
        model = self.env[action.res_model].with_user(user)
        views = model.get_views([(action.search_view_id.id, 'search'), (False, 'list')])
        search = etree.fromstring(views['views']['search']['arch'])
        domain = safe_eval(action.domain or '[]')
        for key in safe_eval(action.context):
            [node] = search.xpath(f"//filter[@name='{key.removeprefix('search_default_')}']")
            domain += safe_eval(node.get('domain'))
        return model.search(domain)

    def test_the_entries(self):
        self.assertEqual(self.get_entries().mapped('name'), [
            "To Pack", "Awaiting Label", "To Hand Over", "Handed Over", "Problems"])

    def test_to_pack_shows_what_is_to_pack_with_the_button(self):
        """Nothing is mirrored as a package before it is packed: fifty orders, no package."""
        orders = self.env['lazada.order']
        for _order in range(3):
            orders |= self.import_order(*make_order([{'sku': 'A'}]))
        [to_pack, *others] = self.get_entries()
        pickings = orders.sale_order_id.picking_ids
        self.assertEqual(len(pickings), 3)
        self.assertEqual(self.find(to_pack, self.warehouse) & pickings, pickings)
        arch = self.get_arch('lazada_delivery_view_list', self.warehouse)
        self.assertTrue(arch.xpath("//header/button[@name='action_lazada_pack']"))
        self.assertIn(
            self.ref('lazada_delivery_view_list'), to_pack.action.view_ids.view_id)
        for entry in others:
            self.assertFalse(
                self.find(entry, self.warehouse).filtered(
                    lambda package: package.order_id in orders), entry.name)

    def test_a_package_is_under_the_entry_of_its_state(self):
        order = self.make_sold()
        package = order.package_ids
        _to_pack, *entries = self.get_entries()
        for values, wanted in (
                ({'status': 'shipment_arranged', 'label_state': 'waiting'},
                 {"Awaiting Label", "To Hand Over"}),
                ({'status': 'shipment_arranged', 'label_state': 'ready'}, {"To Hand Over"}),
                ({'status': 'shipped'}, {"Handed Over"}),
                ({'status': 'delivered'}, {"Handed Over"}),
                ({'status': 'manual'}, {"Problems"}), ({'status': 'lost'}, {"Problems"}),
                ({'status': 'cancelled', 'label_state': 'void'}, set())):
            with self.subTest(values=values):
                package.write(values)
                self.assertEqual({
                    entry.name for entry in entries
                    if package in self.find(entry, self.warehouse)}, wanted)

    def test_no_filter_of_packages_promises_what_is_to_pack(self):
        search = self.get_arch('lazada_package_view_search', self.warehouse)
        self.assertFalse(search.xpath("//filter[@string='To Pack']"))


class TestPackageColors(ViewCase):
    """Grey, blue, teal, green, orange and red, wherever the status of a package is a badge."""

    def test_every_status_has_its_color(self):
        self.assertEqual(
            set(const.PACKAGE_COLORS), {status for status, _label in const.PACKAGE_STATUSES})

    def test_every_badge_takes_it(self):
        found = 0
        for model, field in (
                ('stock.picking', 'lazada_package_status'), ('lazada.package', 'status'),
                ('sale.order', 'lazada_package_status'), ('lazada.order', 'package_status'),
                ('lazada.package.event', 'status')):
            views = self.env['ir.ui.view'].search([
                ('type', 'in', ('list', 'form', 'kanban')), ('arch_db', 'ilike', field),
                ('model', '=', model if model != 'lazada.package.event' else 'lazada.package')])
            for view in views:
                for node in self.find_badges(view, model, field):
                    color = safe_eval(node.get('options'))['color_field']
                    self.assertIn(color, self.env[model]._fields)
                    self.assertTrue(
                        [each for each in node.getparent() if each.get('name') == color],
                        f"{view.name}: {color} is not loaded")
                    found += 1
        self.assertGreaterEqual(found, 10)

    def find_badges(self, view, model, field):
        root = etree.fromstring(view.arch_db)
        for node in root.iter('field'):
            lists = [parent.get('name') for parent in node.iterancestors('field')
                     if not parent.get('position') and parent.get('name') != 'arch']
            own = lists == (['event_ids'] if model == 'lazada.package.event' else [])
            if node.get('name') == field and node.get('widget') == 'badge' and own:
                yield node

    def test_documents_show_the_color_of_their_status(self):
        order = self.make_sold()
        order.package_ids.picking_ids = picking = order.sale_order_id.picking_ids
        for status, color in const.PACKAGE_COLORS.items():
            order.package_ids.status = status
            order.item_ids.status = 'to_ship'
            self.assertEqual(order.package_ids.status_color, color)
            for record, name in ((picking, 'lazada_package_color'), (order, 'package_color'),
                                 (order.sale_order_id, 'lazada_package_color')):
                shown = record.lazada_package_status if record != order else order.package_status
                self.assertEqual(record[name], const.PACKAGE_COLORS[shown])


class TestShopScreen(ViewCase):

    def test_the_words_of_the_guides(self):
        arch = self.get_arch('lazada_shop_view_form')
        [button] = self.find_shown(arch, "//button[@name='action_sync_catalogue']")
        self.assertEqual(button.get('string'), "Sync Product Catalogue")
        self.assertIn("Sync Catalog", button.get('help'))
        [group] = self.find_shown(arch, "//group[@string='Synchronization Information']")
        shown = {node.get('name') for node in group.iter('field')}
        self.assertLessEqual({'last_order_sync', 'next_order_sync', 'last_catalogue_sync'}, shown)
        fields = self.env['lazada.shop'].fields_get()
        self.assertEqual(fields['last_order_sync']['string'], "Last Order Sync")
        self.assertEqual(fields['warehouse_id']['string'], "FBM Warehouse")

    def test_last_order_sync_is_editable_without_debug_mode(self):
        arch = self.get_arch('lazada_shop_view_form')
        [field] = self.find_shown(arch, "//field[@name='last_order_sync']")
        self.assertFalse(field.get('readonly'))
        self.assertFalse(self.env['lazada.shop'].fields_get()['last_order_sync']['readonly'])

    def test_sync_orders_and_the_log_are_for_managers_in_debug_mode(self):
        calls = self.ref('lazada_call_shop_action').id
        self.manager.group_ids += self.env.ref('base.group_no_one')
        self.user.group_ids += self.env.ref('base.group_no_one')
        for path in ("//button[@name='action_sync_orders']",
                     "//button[@name='action_sync_inventory']", f"//button[@name='{calls}']"):
            self.assertFalse(
                self.find_shown(self.get_arch('lazada_shop_view_form'), path), path)
            with self.debug():
                self.assertTrue(
                    self.find_shown(self.get_arch('lazada_shop_view_form'), path), path)
        with self.debug():
            self.assertFalse(self.find_shown(
                self.get_arch('lazada_shop_view_form', self.user),
                "//button[@name='action_sync_orders']"))

    def test_sync_inventory_says_what_to_do_where_stock_is_not_synchronised(self):
        """The button is there on every connected shop, as the guides say."""
        with self.debug():
            [button] = self.get_arch('lazada_shop_view_form').xpath(
                "//button[@name='action_sync_inventory']")
        self.assertNotIn('stock_sync', button.get('invisible'))
        with self.assertRaisesRegex(UserError, "Synchronise Stock"):
            self.shop.action_sync_inventory()

    def test_the_open_deliveries_of_a_shop(self):
        picking = self.make_sold().sale_order_id.picking_ids
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.with_user(self.user).open_delivery_count, 1)
        action = self.shop.with_user(self.user).action_view_deliveries()
        self.assertEqual(self.env['stock.picking'].search(action['domain']), picking)
        picking.action_cancel()
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.open_delivery_count, 0)

    def test_a_currency_without_rate_shows_on_the_shop(self):
        currency = self.env['res.currency'].with_context(active_test=False).search([
            ('name', '=', 'IDR')])
        currency.rate_ids.unlink()
        self.shop.currency_id = currency
        self.assertTrue(self.shop.is_rate_missing)
        self.env['res.currency.rate'].create({
            'currency_id': currency.id, 'company_id': self.shop.company_id.id,
            'name': '2020-01-01', 'rate': 12000})
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.is_rate_missing)

    def test_the_causes_of_attention_are_on_the_shop(self):
        self.env['lazada.issue'].create({
            'shop_id': self.shop.id, 'key': 'sku:X', 'message': "X is not linked."})
        self.assertEqual(self.shop.issue_ids.mapped('key'), ['sku:X'])
        self.assertTrue(self.find_shown(
            self.get_arch('lazada_shop_view_form', self.user),
            "//page[@name='alerts']//field[@name='issue_ids']"))

    def test_the_card_counts_what_its_links_show(self):
        """Each figure equals the number of orders behind it."""
        links = {
            'to_pack_count': 'to_pack', 'packed_count': 'to_ship',
            'due_today_count': 'due_today', 'overdue_count': 'overdue',
            'attention_count': 'attention',
        }
        now = self.env.cr.now()
        orders = [self.mirror_one(status) for status in (
            'pending', 'pending', 'ready_to_ship', 'shipped', 'canceled')]
        orders[0].ship_by_at = now.replace(year=now.year - 1)
        orders[1].sync_state = 'ignored'
        search = self.get_arch('lazada_order_view_search')
        self.shop.invalidate_recordset()
        for field, name in links.items():
            [node] = search.xpath(f"//filter[@name='{name}']")
            found = self.env['lazada.order'].search_count([
                ('shop_id', '=', self.shop.id), *self.evaluate(node.get('domain'))])
            self.assertEqual(self.shop[field], found, field)
        self.assertEqual((self.shop.to_pack_count, self.shop.overdue_count), (1, 1))
        self.assertEqual(self.shop.packed_count, 1)

    def mirror_one(self, status):
        return self.mirror(*make_order([{'status': status}]))

    @staticmethod
    def evaluate(domain):
        return ast.literal_eval(domain)


class TestAccountScreen(ViewCase):

    def test_the_buttons_of_each_state(self):
        arch = self.get_arch('lazada_account_view_form')
        buttons = self.find_shown(arch, "//header/button[@name='action_authorize']")
        self.assertEqual({button.get('string') for button in buttons},
                         {"Create Shop & Authorize", "Re-authorise"})
        [test] = self.find_shown(arch, "//header/button[@name='action_test_connection']")
        self.assertEqual(test.get('string'), "Test Connection")
        self.assertTrue(self.find_shown(arch, "//page[@string='Lazada Shops']"))

    def test_credentials_are_on_the_screen_of_system_administrators_only(self):
        arch = self.get_arch('lazada_account_view_form')
        self.assertFalse(arch.xpath("//field[@name='app_secret' or @name='app_key']"))
        system = self.make_user('system', 'base.group_system,lazada_connector.group_manager')
        arch = self.get_arch('lazada_account_view_form', system)
        [secret] = arch.xpath("//field[@name='app_secret']")
        self.assertEqual(secret.get('password'), 'True')
        self.assertFalse(arch.xpath("//field[@name='access_token' or @name='refresh_token']"))

    def test_a_shop_is_paused_or_removed_on_its_account(self):
        [shops] = self.get_arch('lazada_account_view_form').xpath("//field[@name='shop_ids']/list")
        [paused] = shops.xpath("field[@name='paused']")
        self.assertFalse(paused.get('readonly'))
        [button] = shops.xpath("button[@name='action_archive']")
        self.assertTrue(button.get('confirm'))
        self.shop.with_user(self.manager).action_archive()
        self.assertFalse(self.shop.active)

    def test_the_callback_to_enter_at_lazada(self):
        self.assertTrue(self.account.redirect_uri.endswith('/lazada/oauth/callback'))


class TestOrderScreen(ViewCase):

    def search_by_status(self, word):
        arch = self.get_arch('lazada_order_view_search')
        [node] = arch.xpath("//field[@name='raw_statuses']")
        domain = node.get('filter_domain').replace('self', repr(word))
        return self.env['lazada.order'].search(TestShopScreen.evaluate(domain))

    def test_both_spellings_of_canceled_are_found(self):
        order = self.mirror(*make_order([{'status': 'canceled'}]))
        self.assertEqual(order.status, 'cancelled')
        for word in ('canceled', 'cancelled', 'Cancelled', 'CANCEL'):
            self.assertIn(order, self.search_by_status(word), word)
        self.assertNotIn(order, self.search_by_status('pending'))

    def test_the_statuses_of_the_guides_are_in_the_help(self):
        text = self.env['lazada.order'].fields_get()['status']['help']
        self.assertIn('READY_TO_SHIP', text)
        self.assertIn('PROCESSED', text)

    def test_raw_data_is_for_managers(self):
        path = "//button[@name='action_view_payloads']"
        self.assertTrue(self.get_arch('lazada_order_view_form').xpath(path))
        self.assertFalse(self.get_arch('lazada_order_view_form', self.user).xpath(path))

    def test_raw_data_is_of_the_header_and_the_units(self):
        header, units = make_order([{}, {}])
        order = self.mirror(header, units)
        domain = order.with_user(self.manager).action_view_payloads()['domain']
        payloads = self.env['lazada.payload'].with_user(self.manager).search(domain)
        kept = [json.loads(body) for body in payloads.mapped('body')]
        self.assertCountEqual(kept, [header, *units])

    def test_the_list_can_retry(self):
        arch = self.get_arch('lazada_order_view_list_work', self.user)
        self.assertTrue(arch.xpath("//header/button[@name='action_retry']"))

    def test_cancelling_a_sales_order_says_that_lazada_does_not_follow(self):
        arch = etree.fromstring(self.env['sale.order'].with_user(self.salesman).get_view(
            self.env.ref('sale.view_order_form').id, 'form')['arch'])
        plain, lazada = arch.xpath("//header/button[@name='action_cancel']")
        self.assertIn('lazada_order_id', plain.get('invisible'))
        self.assertIn("does not cancel on Lazada", lazada.get('confirm'))
        [banner] = arch.xpath("//div[@name='lazada_cancelled_here']")
        self.assertIn("Cancelling here does not cancel on Lazada", ''.join(banner.itertext()))


class TestStyle(ViewCase):
    """What every screen of ours keeps to."""

    def our_views(self):
        ids = self.env['ir.model.data'].search([
            ('module', '=', 'lazada_connector'), ('model', '=', 'ir.ui.view')]).mapped('res_id')
        return self.env['ir.ui.view'].browse(ids)

    def test_groups_pages_and_filters_have_names(self):
        for view in self.our_views():
            for node in etree.fromstring(view.arch_db).iter('group', 'page', 'filter'):
                if node.tag == 'group' and view.type == 'search':
                    continue
                if not node.get('position'):
                    self.assertTrue(node.get('name'), f"{view.name}: {etree.tostring(node)[:80]}")

    def test_every_option_of_a_shop_has_help(self):
        arch = self.get_arch('lazada_shop_view_form')
        described = self.env['lazada.shop'].fields_get()
        [page] = arch.xpath("//page[@name='configuration']")
        plain = {'company_id', 'currency_id', 'generic_partner_id'}
        for node in page.iter('field'):
            name = node.get('name')
            if name not in plain:
                self.assertTrue(described[name].get('help'), name)
