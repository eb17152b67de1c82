# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime

from odoo import fields, models

# Older than any answer: the units are read again by the next pull.
NEVER = datetime(2000, 1, 1)


class LazadaCommand(models.Model):
    """Cancelling on Lazada, asked for by a person with a reason of the platform."""
    _inherit = 'lazada.command'

    reason_code = fields.Char(help="Lazada's id of the reason; it differs from order to order.")
    reason = fields.Char()

    def _check_cancel(self, item):
        if item.status == 'cancelled':
            return 'done'
        return 'open' if item._is_cancellable() else 'failed'

    def _apply_cancel(self, answered):
        """The units are gone there: take them off here, and look what else went with them.

        One canceled unit of a packed parcel takes the whole parcel along, and some reasons set
        the stock of the SKU to 0, so both are read and sent again.
        """
        items = self.env['lazada.order.item'].concat(*(line.item_id for line, _row in answered))
        if any(row for _line, row in answered):
            items._write_status('canceled')
        self.order_id.items_read_at = NEVER
        self.order_id._decide()
        items.listing_id._resend()
        for name in ('fetch_orders', 'import_orders'):
            self.shop_id._get_flow(name)._wake_after_commit()
