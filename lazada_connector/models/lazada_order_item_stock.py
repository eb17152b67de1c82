# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, models

from .. import const


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    _owed_idx = models.Index("(shop_id) WHERE status IN ('unpaid', 'to_pack', 'to_ship')")

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.filtered(lambda item: item.status == 'cancelled')._resend_given_back()
        return items

    def _resend_given_back(self):
        """Have the listings sent again that Lazada gave these cancelled units back to.

        They were never seen open here. A quantity sent between their sale and their cancellation
        held nothing back for them, so that Lazada offers one too many for each.
        """
        margin = timedelta(minutes=const.CURSOR_OVERLAP_MINUTES)  # clocks differ
        for shop, items in self.grouped('shop_id').items():
            changed_at = {
                item.sku_external_id: item.order_id.remote_updated_at or self.env.cr.now()
                for item in items.sorted(lambda item: item.order_id.remote_updated_at or False)}
            self.env['lazada.listing'].search([
                ('shop_id', '=', shop.id), ('external_id', 'in', list(changed_at)),
                ('pushed_at', '!=', False),
            ]).filtered(
                lambda listing, changed_at=changed_at:
                changed_at[listing.external_id] > listing.pushed_at - margin)._resend()
