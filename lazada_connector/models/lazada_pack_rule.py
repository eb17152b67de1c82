# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..lazada_api import SITES


class LazadaPackRule(models.Model):
    """Packs by itself what is reserved. A shop without rules packs nothing unasked."""
    _name = 'lazada.pack.rule'
    _description = "Lazada Automatic Packing"
    _order = 'shop_id, warehouse_id, hour_from'
    _rec_name = 'shop_id'
    _check_company_auto = True

    active = fields.Boolean(default=True)
    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    warehouse_id = fields.Many2one(
        'stock.warehouse', check_company=True, help="Empty: all warehouses.")
    hour_from = fields.Float("From", help="Local time of the marketplace.")
    hour_to = fields.Float(
        "To", default=24.0, help="Local time of the marketplace. Before From: over midnight.")

    @api.constrains('hour_from', 'hour_to')
    def _check_hours(self):
        for rule in self:
            if not (0 <= rule.hour_from <= 24 and 0 <= rule.hour_to <= 24):
                raise ValidationError(self.env._("Hours lie between 0:00 and 24:00."))

    def _is_open(self, now):
        """Whether this rule packs at this time (naive UTC)."""
        self.ensure_one()
        local = now + SITES[self.shop_id.site].utc_offset
        hour = local.hour + local.minute / 60
        if self.hour_from <= self.hour_to:
            return self.hour_from <= hour < self.hour_to
        return hour >= self.hour_from or hour < self.hour_to

    @api.model
    def _apply(self, shop):
        """Ask for the packing of what the rules of this shop let through now.

        What Lazada refused once waits for a person.
        """
        now = self.env.cr.now()
        rules = self.search([('shop_id', '=', shop.id)]).filtered(
            lambda rule: rule._is_open(now))
        if not rules:
            return
        warehouses = rules.warehouse_id
        if len(rules.filtered('warehouse_id')) < len(rules):
            warehouses = self.env['stock.warehouse'].search(
                [('company_id', '=', shop.company_id.id)])
        deliveries = self.env['stock.picking'].search([
            ('lazada_shop_id', '=', shop.id), ('lazada_package_status', '=', 'pending'),
            ('state', '=', 'assigned'), ('lazada_push_state', 'not in', ('todo', 'failed')),
            ('picking_type_id.warehouse_id', 'in', warehouses.ids),
        ], order='date_deadline, id', limit=const.COMMANDS_PER_TURN)
        choosing = deliveries.filtered(lambda picking: picking._lazada_must_choose_provider())
        shop._tell_courier_is_missing(bool(choosing))
        (deliveries - choosing)._lazada_pack()
