# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from .. import const


class LazadaOrder(models.Model):
    """What the packages of an order come to."""
    _inherit = 'lazada.order'

    package_status = fields.Selection(
        const.PACKAGE_STATUSES, compute='_compute_package_status', store=True,
        help="Of several packages, the one that needs somebody first. Package Pending also means "
             "that units still have to be packed.")
    package_color = fields.Integer(compute='_compute_package_color')

    @api.depends('package_status')
    def _compute_package_color(self):
        for order in self:
            order.package_color = const.PACKAGE_COLORS.get(order.package_status, 0)

    @api.depends('package_ids.status', 'item_ids.status', 'item_ids.package_id')
    def _compute_package_status(self):
        for order in self:
            statuses = set(order.package_ids.mapped('status'))
            if any(item.status == 'to_pack' and item._is_seller_shipped()
                   and not (item.package_id and item.package_id._is_live())
                   for item in order.item_ids):
                statuses.add('pending')
            order.package_status = next(
                (status for status in const.PACKAGE_URGENCY if status in statuses), False)
