# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _is_lazada_delivery(self):
        """Whether this is the step that takes goods out to a customer."""
        self.ensure_one()
        return (
            self.picking_code == 'outgoing' and self.location_dest_id._is_outgoing()
            and not self.origin_returned_move_id)

    def _assign_picking_post_process(self, new=False):
        """A delivery made for units that are packed already gets their packages at once."""
        result = super()._assign_picking_post_process(new=new)
        lines = self.sale_line_id.filtered('order_id.lazada_shop_id')
        lines.lazada_item_ids.package_id._follow()
        return result
