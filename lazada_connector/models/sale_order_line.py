# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    lazada_kind = fields.Selection(
        [('product', "Product"), ('voucher', "Seller Voucher"), ('shipping', "Shipping"),
         ('rounding', "Rounding")],
        copy=False, readonly=True, help="Set on lines that came from Lazada.")
    lazada_no_delivery = fields.Boolean(
        copy=False, readonly=True,
        help="These units had left before the order was imported: nothing to pick.")
    lazada_bundle_qty = fields.Integer(
        default=1, copy=False, readonly=True,
        help="Pieces of the product in one unit sold on Lazada.")
    # Odoo takes it from the order; units of one Lazada order may leave from several warehouses.
    warehouse_id = fields.Many2one(readonly=False)
    lazada_item_ids = fields.One2many(
        'lazada.order.item', 'sale_line_id', groups='lazada_connector.group_user')

    @api.depends('lazada_no_delivery', 'product_uom_qty', 'state')
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        for line in self:
            if line.lazada_no_delivery and line.state == 'sale':
                delivered[line] = line.product_uom_qty
        return delivered

    def _action_launch_stock_rule(self, **kwargs):
        return super(SaleOrderLine, self.filtered(
            lambda line: not line.lazada_no_delivery))._action_launch_stock_rule(**kwargs)

    # === FOLLOWING LAZADA === #

    def _lazada_is_dispatched(self):
        """Whether units of this line have left the warehouse, not just its shelf."""
        self.ensure_one()
        return self.lazada_no_delivery or any(
            move.state == 'done' and move.location_dest_id._is_outgoing()
            for move in self.move_ids)

    def _lazada_get_begun_pickings(self):
        """Return the open transfers of which units are picked, here or in the step before."""
        return self.move_ids.filtered(
            lambda move: move.state not in ('done', 'cancel')
            and (move.picked or 'done' in (move.move_orig_ids & self.move_ids).mapped('state'))
        ).picking_id

    def _lazada_lower(self, pieces):
        """Lower the ordered quantity; deliveries and reservations follow.

        A move that is marked as picked would ship the old quantity: the mark is cleared and
        the quantity reserved anew.
        """
        self.ensure_one()
        picked = self.move_ids.filtered(
            lambda move: move.picked and move.state not in ('done', 'cancel'))
        picked.picked = False
        picked._do_unreserve()
        self.product_uom_qty = max(self.product_uom_qty - pieces, 0)
        left = picked.exists().filtered(lambda move: move.state not in ('done', 'cancel'))
        left._action_assign()

    def _lazada_set_price(self, price):
        """Set a price that Odoo takes for one set by hand."""
        self.ensure_one()
        price = float(price)
        if price != self.price_unit:
            self.write({'price_unit': price, 'technical_price_unit': price + 1})
