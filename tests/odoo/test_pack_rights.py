"""A plain stock user packs, prints and validates, and learns no price."""
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_label import LabelCase

AMOUNTS = ('price', 'amount', 'paid', 'voucher', 'total', 'shipping_amount')


@tagged('post_install', '-at_install')
class TestPackRights(LabelCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = new_test_user(cls.env, 'stock_worker', groups='stock.group_stock_user')
        cls.clerk = new_test_user(cls.env, 'clerk', groups='base.group_user')

    def test_the_warehouse_packs_prints_validates_and_undoes(self):
        picking = self.import_order('LZT-TEE')[2].with_user(self.worker)
        picking.action_lazada_pack()
        self.run_flow('fulfilment')
        picking.invalidate_recordset()
        self.assertEqual(picking.lazada_push_state, 'done')
        self.assertEqual(picking.sudo().lazada_command_ids.user_id, self.worker)
        self.assertEqual(picking.action_lazada_print_labels()['type'], 'ir.actions.act_url')
        self.assertEqual(picking.lazada_package_ids.printed_by_id, self.worker)
        self.assertIs(self.validate(picking), True)
        self.run_flow('fulfilment')
        package = picking.lazada_package_ids
        package.invalidate_recordset()
        self.assertEqual(package.raw_status, 'ready_to_ship')
        package.action_trace()
        self.assertTrue(package.event_ids.filtered(lambda event: event.source == 'courier'))

    def test_the_warehouse_reads_no_order_no_unit_and_no_money(self):
        picking, package = self.pack_one()
        commands = picking.lazada_command_ids
        for record in (package.order_id, package.item_ids, commands, commands.line_ids):
            self.assertTrue(record)
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.worker).read(['id', 'display_name'])
        for model in ('lazada.package', 'lazada.package.event', 'lazada.package.print'):
            names = self.env[model].with_user(self.worker).fields_get()
            self.assertFalse([
                name for name, field in names.items()
                if field['type'] in ('monetary', 'float') or any(
                    word in name for word in AMOUNTS)], model)

    def test_our_screens_name_no_amount(self):
        for xml_id in ('lazada_package_view_form', 'lazada_package_view_list',
                       'lazada_delivery_view_list', 'lazada_package_print_view_form'):
            view = self.env.ref(f'lazada_connector.{xml_id}')
            arch = self.env[view.model].with_user(self.worker).get_view(view.id, view.type)
            names = etree.fromstring(arch['arch']).xpath('//field/@name')
            self.assertTrue(names)
            self.assertFalse([
                name for name in names if any(word in name for word in AMOUNTS)], xml_id)

    def test_whoever_may_not_work_deliveries_may_not_pack_them(self):
        picking, package = self.pack_one()
        for record, method in (
                (picking, 'action_lazada_pack'), (picking, 'action_lazada_retry'),
                (picking, 'action_lazada_print_labels'), (package, 'action_repack'),
                (package, 'action_ready_to_ship'), (package, 'action_print_labels'),
                (package, 'action_trace'), (package, 'action_mark_handled')):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(record.with_user(self.clerk), method)()

    def test_the_mirror_is_written_by_nobody(self):
        _picking, package = self.pack_one()
        for user in (self.worker, self.clerk):
            with self.assertRaises(AccessError):
                package.with_user(user).tracking_number = 'MINE'

    def test_the_warehouse_chooses_a_courier_for_its_deliveries_and_for_no_shop(self):
        picking = self.import_order('LZT-TEE')[2]
        provider = self.env['lazada.provider']._learn(
            self.shop, {'Yiwu sorting centre': 'FM50'})['Yiwu sorting centre']
        other = self.env['res.company'].create({'name': "Other"})
        stranger = new_test_user(
            self.env, 'pack_stranger', groups='stock.group_stock_user', company_id=other.id,
            company_ids=[(6, 0, other.ids)])
        for user, pickings, remember, error in (
                (self.worker, picking.browse(), True, UserError),
                (self.worker, picking.browse(), False, UserError),
                (self.worker, picking, True, AccessError),
                (stranger, picking.browse(), True, AccessError)):
            with self.subTest(user=user.login, remember=remember), self.assertRaises(error):
                self.env['lazada.package.pack'].with_user(user).create({
                    'picking_ids': [(6, 0, pickings.ids)], 'provider_id': provider.id,
                    'remember': remember}).action_pack()
        self.assertFalse(self.shop.provider_id)
        self.env['lazada.package.pack'].with_user(self.worker).create({
            'picking_ids': [(6, 0, picking.ids)], 'provider_id': provider.id}).action_pack()
        self.assertEqual(picking.sudo().lazada_command_ids.provider_code, 'FM50')
