# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class LazadaPackagePack(models.TransientModel):
    """The choice of the courier, where Lazada leaves it to the seller."""
    _name = 'lazada.package.pack'
    _description = "Pack Lazada Package"

    picking_ids = fields.Many2many('stock.picking', string="Deliveries", required=True)
    provider_id = fields.Many2one(
        'lazada.provider', string="Courier", required=True,
        domain="[('shop_id', 'in', shop_ids), ('code', '!=', False)]")
    shop_ids = fields.Many2many('lazada.shop', compute='_compute_shop_ids')
    remember = fields.Boolean(
        "Always Use This Courier", help="Packs without asking from now on. The shop shows it.")

    @api.depends('picking_ids')
    def _compute_shop_ids(self):
        for wizard in self:
            wizard.shop_ids = wizard.picking_ids.lazada_shop_id

    def action_pack(self):
        """Pack the deliveries of the courier's shop with it; others use their usual one."""
        self.ensure_one()
        self.picking_ids.check_access('write')
        provider_sudo = self.sudo().provider_id  # couriers are managed by the connector
        if self.remember:
            provider_sudo.shop_id.provider_id = provider_sudo
        chosen = self.picking_ids.sudo().filtered(
            lambda picking: picking.lazada_shop_id == provider_sudo.shop_id)
        return chosen._lazada_pack(provider_sudo.code)
