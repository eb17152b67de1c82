# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, models

from .. import const
from ..lazada_api import errors
from ..mappers.listing import map_product
from .lazada_listing_stock import SETTLED, UNKNOWN, PushRow

# Pulls after which the quantities may be different, or may rise.
PULLS = ('fetch_orders', 'import_orders')


class LazadaFlow(models.Model):
    """Push stock: compute every listing, send what differs, note what became of it."""
    _inherit = 'lazada.flow'

    @api.model
    def _serve_due(self, name):
        """What was just sold on Lazada is taken off the other shops before anything else."""
        found = super()._serve_due(name)
        if found and name == 'fetch_orders':
            self._serve_due('stock')
        return found

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
        shop = self.shop_id
        if not shop.stock_sync:
            run.attempt(self._forget_stock, self.env['lazada.listing'])
            run.attempt(shop._report_oversold)
            return False
        rows, unpulled = run.attempt(self._plan_stock)
        run.attempt(shop._report_oversold)
        if unpulled:
            self._wake_now(unpulled._get_pulls().ids)
        again = False
        with run.client() as client:
            for start in range(0, len(rows), const.STOCK_ROWS_PER_COMMIT):
                if run.out_of_time:
                    return True
                again |= self._push(run, client, rows[start:start + const.STOCK_ROWS_PER_COMMIT])
        self._come_back_for_parked(run)
        return timedelta(minutes=const.STOCK_RETRY_MINUTES) if again else False

    def _come_back_for_parked(self, run):
        """Have the next run when the first of the quantities may be sent that Lazada refused."""
        first = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop_id.id), ('push_retry_at', '>', run.started_at)],
            order='push_retry_at', limit=1)
        if first:
            run.come_back_within(first.push_retry_at - run.started_at)

    def _plan_stock(self):
        """Write what every listing should offer. Return (PushRows, shops to be pulled first).

        Decreases come first. Quantities rise only when nothing was sold that is unknown here.
        """
        shop = self.shop_id
        listings = shop._get_stock_listings()
        self._forget_stock(listings)
        plans, unpulled = shop._plan_listings(listings)
        lower, higher = [], []
        for plan in plans:
            vals = {'available_qty': plan.available, 'offer_qty': plan.quantity}
            if plan.verdict == 'send':
                vals['push_open'] = True
                (higher if plan.rise else lower).append(
                    PushRow(plan.listing, plan.offered, plan.units))
            elif plan.verdict == 'held':
                vals.update(plan.listing._prepare_hold_vals(unpulled))
            elif plan.verdict == 'same' and plan.listing.push_state != 'done':
                vals.update(SETTLED)
            plan.listing._write_changes(vals)
        differing = lower or any(plan.verdict == 'held' for plan in plans)
        return lower + higher, unpulled if differing else unpulled.browse()

    def _forget_stock(self, listings):
        """Clear what is known of the stock of the shop's listings other than these: it gets old."""
        known = self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop_id.id), '|', ('push_state', '!=', False),
            ('pushed_at', '!=', False)])
        (known - listings).write(UNKNOWN)

    def _push(self, run, client, rows):
        """Send some rows and note the outcomes. Return whether some have to be sent again soon.

        :raise LazadaServerError: Lazada answered none of them
        """
        shop = self.shop_id
        stock, tag = [row.stock for row in rows], shop.warehouse_tag
        unproven = False not in rows[0].offered and not shop.warehouse_tag_proven
        shown = [row.listing.lazada_codes or {} for row in rows] if unproven else ()
        run.release()
        outcomes = client.products.update_sellable(stock, warehouse_tag=tag).rows
        run.attempt(self.env['lazada.listing']._record_push, rows, outcomes)
        if unproven:
            self._prove_tag(run, client, rows, shown)
        failed = [outcome for outcome in outcomes if outcome.retry]
        if len(failed) == len(rows):
            raise errors.LazadaServerError(
                failed[0].code, failed[0].message, endpoint='/product/stock/sellable/update')
        return bool(failed)

    def _prove_tag(self, run, client, rows, shown):
        """Find out under which name Lazada takes the quantities of several warehouses.

        It accepts names it does not know and ignores what they hold, so one quantity is read back,
        and where it did not arrive, all are sent under the other name. Nothing is proven while
        Lazada is slow to show a write: both are sent again next time, which does no harm.

        :param shown: {code: units} that Lazada showed before, row by row
        """
        shop, stock = self.shop_id, [row.stock for row in rows]
        changed = next((
            row for row, sent, before in zip(rows, stock, shown, strict=True)
            if row.listing.push_state == 'done'
            and any(before.get(code, 0) != number for code, number in sent[2].items())), None)
        if not changed:
            return
        sample, site, present = changed.stock, shop.site, shop.warehouse_tag
        names = [name for name, _label in shop._fields['warehouse_tag'].selection]
        for tag in sorted(names, key=lambda name: name != present):
            run.release()
            if tag != present:
                outcomes = client.products.update_sellable(stock, warehouse_tag=tag).rows
                run.attempt(self.env['lazada.listing']._record_push, rows, outcomes)
                run.release()
            if _is_shown(client, site, *sample[:3]):
                run.attempt(shop.write, {'warehouse_tag': tag, 'warehouse_tag_proven': True})
                return


def _is_shown(client, site, item_id, sku_id, quantities):
    """Whether Lazada shows these quantities of a SKU."""
    for sku in map_product(client.products.get(item_id), site):
        if sku['external_id'] == sku_id:
            return all(sku['warehouse_qty'].get(code, 0) == number
                       for code, number in quantities.items())
    return False
