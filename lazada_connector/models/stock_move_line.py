# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    _lazada_reserved_idx = models.Index(
        "(product_id, location_id)"
        " WHERE state IN ('waiting', 'confirmed', 'partially_available', 'assigned')")
