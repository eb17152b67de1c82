# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The figures of a shop's card in the overview."""
from odoo import api, fields, models
from odoo.fields import Domain

from .. import const


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    to_pack_count = fields.Integer(compute='_compute_work_counts')
    packed_count = fields.Integer(compute='_compute_work_counts')
    due_today_count = fields.Integer(compute='_compute_work_counts')
    overdue_count = fields.Integer(compute='_compute_work_counts')
    awaiting_label_count = fields.Integer(compute='_compute_warehouse_counts')
    open_delivery_count = fields.Integer(compute='_compute_warehouse_counts')
    issue_ids = fields.One2many('lazada.issue', 'shop_id', string="Causes of Attention")
    authorised_until = fields.Datetime(
        related='account_id.refresh_expires_at', string="Authorise Again Before")

    @api.model
    def _get_work_domains(self):
        """Return {count field: domain}; the filters of the order list say the same."""
        ours = Domain('sync_state', '!=', 'ignored')
        live = ours & Domain('status', 'in', const.LIVE_STATUSES)
        return {
            'to_pack_count': ours & Domain('status', '=', 'to_pack'),
            'packed_count': ours & Domain('status', '=', 'to_ship'),
            'due_today_count': live & Domain([
                ('ship_by_at', '>=', 'today'), ('ship_by_at', '<', 'today +1d')]),
            'overdue_count': live & Domain('ship_by_at', '<', 'now'),
        }

    def _compute_work_counts(self):
        for name, domain in self._get_work_domains().items():
            groups = self.env['lazada.order']._read_group(
                domain & Domain('shop_id', 'in', self.ids), ['shop_id'], ['__count'])
            counts = {shop.id: count for shop, count in groups}
            for shop in self:
                shop[name] = counts.get(shop.id, 0)

    def _compute_warehouse_counts(self):
        labels = self.env['lazada.package']._read_group([
            ('shop_id', 'in', self.ids), ('label_state', '=', 'waiting'),
            ('status', 'in', const.PACKED_STATUSES)], ['shop_id'], ['__count'])
        labels = {shop.id: count for shop, count in labels}
        # Of shops that the user sees; the office may know how many deliveries are open.
        pickings_sudo = self.env['stock.picking'].sudo()
        for shop in self:
            shop.awaiting_label_count = labels.get(shop.id, 0)
            shop.open_delivery_count = pickings_sudo.search_count([
                *shop._get_delivery_domain(), ('state', 'not in', ('done', 'cancel'))])

    def _get_delivery_domain(self):
        return [('lazada_shop_id', 'in', self.ids), ('picking_type_code', '=', 'outgoing'),
                ('return_id', '=', False)]

    def action_view_deliveries(self):
        """Open the deliveries of these shops, those that are still to be done first."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_delivery_action')
        return {
            **action,
            'domain': self._get_delivery_domain(),
            'context': {'search_default_available': 1, 'search_default_waiting': 1}}
