# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    """Packing from the sales order."""
    _inherit = 'sale.order'

    lazada_package_status = fields.Selection(
        related='lazada_order_id.package_status', string="Lazada Packages")
    lazada_package_color = fields.Integer(related='lazada_order_id.package_color')
    lazada_package_count = fields.Integer(compute='_compute_lazada_package_count')
    lazada_connected = fields.Boolean(compute='_compute_lazada_connected')
    lazada_being_packed = fields.Boolean(compute='_compute_lazada_being_packed', compute_sudo=True)
    lazada_push_message = fields.Text(
        "Lazada Refused", compute='_compute_lazada_push_message', compute_sudo=True)
    lazada_can_pack = fields.Boolean(
        compute='_compute_lazada_can_pack', compute_sudo=True,
        help="Units wait for a package, whatever else the order needs first.")

    @api.depends(
        'state', 'lazada_connected', 'lazada_order_id.item_ids.status',
        'lazada_order_id.item_ids.package_id.status', 'picking_ids.lazada_push_state')
    def _compute_lazada_can_pack(self):
        for sale in self:
            sale.lazada_can_pack = sale.state == 'sale' and sale.lazada_connected and any(
                item._is_packable() for item in sale.lazada_order_id.item_ids)

    @api.depends('picking_ids.lazada_push_state')
    def _compute_lazada_being_packed(self):
        for sale in self:
            sale.lazada_being_packed = 'todo' in sale.picking_ids.mapped('lazada_push_state')

    @api.depends('picking_ids.lazada_push_message')
    def _compute_lazada_push_message(self):
        for sale in self:
            sale.lazada_push_message = '\n'.join(dict.fromkeys(
                filter(None, sale.picking_ids.mapped('lazada_push_message')))) or False

    def _compute_lazada_package_count(self):
        groups = self.env['lazada.package'].sudo()._read_group(
            [('order_id', 'in', self.sudo().lazada_order_id.ids)], ['order_id'], ['__count'])
        counts = {order.id: count for order, count in groups}
        for sale in self:
            sale.lazada_package_count = counts.get(sale.sudo().lazada_order_id.id, 0)

    @api.depends('lazada_shop_id')
    def _compute_lazada_connected(self):
        for sale in self:
            shop = sale.sudo().lazada_shop_id
            sale.lazada_connected = bool(shop) and shop._is_runnable()

    def action_lazada_pack(self):
        """Ask Lazada to pack these orders: what is reserved in their deliveries."""
        self.check_access('write')
        # Packing writes to deliveries and mirror, which sales people may only read.
        sales = self.sudo().filtered('lazada_order_id')
        deliveries = sales.picking_ids.filtered(
            lambda picking: picking._is_lazada_delivery() and picking.state != 'cancel')
        steps = (sales.picking_ids - deliveries).filtered(
            lambda picking: picking.state not in ('done', 'cancel'))
        if steps and not deliveries:
            return self.env['lazada.account']._notify(self.env._(
                "The goods are not at the last step yet. Validate %s first, then pack the "
                "delivery.", ", ".join(steps.mapped('name'))), 'warning', sticky=True)
        return deliveries.action_lazada_pack()

    def action_view_lazada_packages(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_package_action')
        action['domain'] = [('order_id', '=', self.lazada_order_id.id)]
        action['context'] = {}
        return action
