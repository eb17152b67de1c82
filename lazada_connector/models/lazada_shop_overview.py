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
