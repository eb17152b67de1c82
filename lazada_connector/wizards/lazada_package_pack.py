# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class LazadaPackagePack(models.TransientModel):
    """The choice of the courier, where Lazada leaves it to the seller: once per shop."""
    _name = 'lazada.package.pack'
    _description = "Pack Lazada Package"

    picking_ids = fields.Many2many('stock.picking', string="Deliveries", required=True)
    next_picking_ids = fields.Many2many(
        'stock.picking', 'lazada_package_pack_next_rel', string="Deliveries of Other Shops",
        help="Their couriers are asked for afterwards.")
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
        """Pack the deliveries of the courier's shop with it, then ask for those of the others."""
        self.ensure_one()
        pickings, provider = self.picking_ids, self.provider_id
        pickings.check_access('write')
        provider.check_access('read')
        chosen = pickings.filtered(lambda picking: picking.lazada_shop_id == provider.shop_id)
        if not chosen or not provider.code:
            raise UserError(self.env._(
                "Choose a courier that Lazada offers to the shop of these deliveries."))
        if self.remember:
            provider.shop_id.provider_id = provider  # as the user: for managers of the shop only
        # The mirror is not writable for the warehouse.
        notice = chosen.sudo()._lazada_pack(provider.code)
        others = (pickings - chosen) | self.next_picking_ids
        if others:
            notice['params']['next'] = others.action_lazada_pack()
        return notice
