# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import SUPERUSER_ID, api, models

_logger = logging.getLogger(__name__)

STOCK_CHANGES = 'lazada.stock.changes'


class StockMove(models.Model):
    """Whatever reserves, frees or moves goods wakes the stock flows, once per transaction.

    They are woken after the commit, in a transaction of its own: a sale or a delivery never
    waits for a flow that writes its state, and never collides with it.
    """
    _inherit = 'stock.move'

    def _action_confirm(self, *args, **kwargs):
        moves = super()._action_confirm(*args, **kwargs)
        moves._lazada_note_change()
        return moves

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        moves._lazada_note_change()
        return moves

    def _action_cancel(self):
        result = super()._action_cancel()
        self._lazada_note_change()
        return result

    def _lazada_note_change(self):
        warehouses = self.location_id.warehouse_id | self.location_dest_id.warehouse_id
        postcommit = self.env.cr.postcommit
        if warehouses and STOCK_CHANGES not in postcommit.data:
            postcommit.add(lambda: self._lazada_wake_after_commit(postcommit.data))
        if warehouses:
            postcommit.data.setdefault(STOCK_CHANGES, set()).update(warehouses.ids)

    def _lazada_wake_after_commit(self, data):
        """The goods have moved already: a failure here only delays the next stock run."""
        warehouse_ids = data.pop(STOCK_CHANGES)
        try:
            with self.env.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                warehouses = env['stock.warehouse'].browse(warehouse_ids).exists()
                shops = env['lazada.shop']
                shops._wake_stock(shops._find_stock_shops(warehouses.view_location_id))
        except Exception:  # noqa: BLE001 - the next regular run computes everything anyway
            _logger.warning("The stock flows could not be woken", exc_info=True)
