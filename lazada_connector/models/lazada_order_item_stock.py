# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    _owed_idx = models.Index("(shop_id) WHERE status IN ('unpaid', 'to_pack', 'to_ship')")
