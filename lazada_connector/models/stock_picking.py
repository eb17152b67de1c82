# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .. import const


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    lazada_shop_id = fields.Many2one(
        related='sale_id.lazada_shop_id', store=True, index='btree_not_null')
    lazada_order_id = fields.Many2one(related='sale_id.lazada_order_id')
    lazada_order_number = fields.Char(
        string="Lazada Number", related='sale_id.lazada_order_id.order_number')
    lazada_package_color = fields.Integer(compute='_compute_lazada_package_color')

    @api.depends('lazada_package_status')
    def _compute_lazada_package_color(self):
        for picking in self:
            picking.lazada_package_color = const.PACKAGE_COLORS.get(
                picking.lazada_package_status, 0)

    def message_post_with_source(self, source_ref, **kwargs):
        """Skip the "created from" note of imported orders: an eighth of the confirmation.

        The sales order is a field and a button of the transfer already.
        """
        if self.env.context.get('lazada_import') and source_ref == 'mail.message_origin_link':
            return self.env['mail.message']
        return super().message_post_with_source(source_ref, **kwargs)
