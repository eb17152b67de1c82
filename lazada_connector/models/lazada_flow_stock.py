# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import models

from .. import const
from ..lazada_api import errors
from .lazada_listing_stock import PushRow

# Pulls after which the quantities may be different, or may rise.
PULLS = ('fetch_orders', 'import_orders')


class LazadaFlow(models.Model):
    """Push stock: compute every listing, send what differs, note what became of it."""
    _inherit = 'lazada.flow'

    def _run_flow(self, seconds=const.TURN_SECONDS):
        taken = super()._run_flow(seconds)
        if taken and self.name in PULLS:
            locations = self.shop_id._get_locations().values()
            shops = self.env['lazada.shop']._find_stock_shops(
                self.env['stock.location'].union(*locations))
            self._wake_now(shops._get_flow('stock').ids)
        return taken

    def _run_stock(self, run):
        """Send the quantities that differ. Return whether (or after what time) work is left."""
        if not self.shop_id.stock_sync:
            return False
        rows, unpulled = run.attempt(self._plan_stock)
        run.attempt(self.shop_id._report_oversold)
        if unpulled:
            self._wake_now(unpulled._get_pulls().ids)
        again = False
        with run.client() as client:
            for start in range(0, len(rows), const.STOCK_ROWS_PER_COMMIT):
                if run.out_of_time:
                    return True
                again |= self._push(run, client, rows[start:start + const.STOCK_ROWS_PER_COMMIT])
        return timedelta(minutes=const.STOCK_RETRY_MINUTES) if again else False

    def _plan_stock(self):
        """Write what every listing should offer. Return (PushRows, shops to be pulled first).

        Decreases come first. Quantities rise only when nothing was sold that is unknown here.
        """
        shop = self.shop_id
        plans, unpulled = shop._plan_listings(shop._get_stock_listings())
        lower, higher = [], []
        for plan in plans:
            vals = {'available_qty': plan.available, 'offer_qty': plan.quantity}
            if plan.verdict == 'send':
                vals['push_open'] = True
                (higher if plan.rise else lower).extend(
                    PushRow(plan.listing, code, number, plan.units)
                    for code, number in plan.offered.items())
            elif plan.verdict == 'held':
                vals.update(plan.listing._prepare_hold_vals(unpulled))
            elif plan.verdict == 'same' and plan.listing.push_state == 'held':
                vals.update(push_state='done', push_message=False)
            plan.listing._write_changes(vals)
        differing = lower or any(plan.verdict == 'held' for plan in plans)
        return lower + higher, unpulled if differing else unpulled.browse()

    def _push(self, run, client, rows):
        """Send some rows and note the outcomes. Return whether some have to be sent again soon.

        :raise LazadaServerError: Lazada answered none of them
        """
        stock = [
            (row.listing.item_external_id, row.listing.external_id, row.quantity)
            + ((row.code,) if row.code else ()) for row in rows]
        run.release()
        outcomes = client.products.update_sellable(stock).rows
        run.attempt(self.env['lazada.listing']._record_push, rows, outcomes)
        failed = [outcome for outcome in outcomes if outcome.retry]
        if len(failed) == len(rows):
            raise errors.LazadaServerError(
                failed[0].code, failed[0].message, endpoint='/product/stock/sellable/update')
        return bool(failed)
