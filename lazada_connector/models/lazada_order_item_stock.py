# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    bundle_qty = fields.Integer(
        "Pieces", default=1, readonly=True,
        help="How many pieces of the product this unit was sold as, fixed when it was imported.")

    _owed_idx = models.Index("(shop_id) WHERE status IN ('unpaid', 'to_pack', 'to_ship')")
