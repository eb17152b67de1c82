# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockMove(models.Model):
    """Whatever reserves, frees or moves goods wakes the stock flows that sell from there."""
    _inherit = 'stock.move'

    def _action_confirm(self, *args, **kwargs):
        moves = super()._action_confirm(*args, **kwargs)
        moves._lazada_wake_stock()
        return moves

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        moves._lazada_wake_stock()
        return moves

    def _action_cancel(self):
        result = super()._action_cancel()
        self._lazada_wake_stock()
        return result

    def _lazada_wake_stock(self):
        shops = self.env['lazada.shop']._find_stock_shops(
            self.location_id | self.location_dest_id)
        shops._get_flow('stock')._wake_after_commit()
