# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import models

from .. import const
from .flow_run import LeaseLost, is_infrastructure

# An order that failed for an unknown reason is tried again after this time.
RETRY_AFTER = timedelta(minutes=1)


class LazadaFlow(models.Model):
    """Import: mirrored orders become documents, batch by batch."""
    _inherit = 'lazada.flow'

    def _run_import_orders(self, run):
        """Work off the orders to do. Return whether (or after what time) work is left."""
        failed = self.env['lazada.order']
        for _batch in range(const.BATCHES_PER_TURN):
            orders = self._get_orders_to_import(failed)
            if not orders:
                return RETRY_AFTER if failed else False
            failed += self._import_batch(run, orders)
            if run.out_of_time:
                break
        return bool(self._get_orders_to_import(failed)) or (RETRY_AFTER if failed else False)

    def _get_orders_to_import(self, failed):
        """Return the next batch, the oldest first; history waits until nothing else is left."""
        domain = [
            ('shop_id', '=', self.shop_id.id), ('sync_state', '=', 'todo'),
            ('id', 'not in', failed.ids)]
        for wanted in ([('is_history', '=', False)], []):
            orders = self.env['lazada.order'].search(
                domain + wanted, order='ordered_at, id', limit=const.IMPORT_BATCH)
            if orders:
                break
        return orders

    def _import_batch(self, run, orders):
        """Import orders in one transaction; on an error one by one. Return what stays to do."""
        try:
            run.attempt(orders._import)
            return orders.browse()
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - the orders are taken one by one, see below
            run.rollback()
            if is_infrastructure(error):
                return orders  # nobody's fault: they simply stay to do
        failed = orders.browse()
        for order in orders:
            failed += self._import_one(run, order)
        return failed

    def _import_one(self, run, order):
        try:
            run.attempt(order._import)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - kept on the order with its reason
            run.rollback()
            if is_infrastructure(error):
                return order
            run.attempt(order._record_failure, error)
        return order.exists().filtered(lambda order: order.sync_state == 'todo')
