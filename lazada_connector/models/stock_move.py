# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _action_done(self, cancel_backorder=False):
        """Finished moves change what the shops can sell: their stock flows run soon."""
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        locations = moves.location_id | moves.location_dest_id
        shops = self.env['lazada.shop']._find_stock_shops(locations)
        shops._get_flow('stock').filtered(
            lambda flow: not flow._is_unfinished())._wake()
        return moves
