# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class LazadaPickingUntracked(models.TransientModel):
    """A warning before deliveries leave without a tracking number."""
    _name = 'lazada.picking.untracked'
    _description = "Delivery Without Tracking Number"

    picking_ids = fields.Many2many('stock.picking', string="Deliveries", readonly=True)

    def action_validate(self):
        """Validate nevertheless: each of them asks for manual handling afterwards."""
        self.ensure_one()
        picking_ids = self.env.context.get('button_validate_picking_ids', self.picking_ids.ids)
        return self.env['stock.picking'].browse(picking_ids).with_context(
            lazada_without_tracking=True).button_validate()

    def action_pack(self):
        """Pack them first; they are validated when the tracking number is here."""
        self.ensure_one()
        return self.picking_ids.action_lazada_pack()
