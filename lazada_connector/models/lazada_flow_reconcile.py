# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Proof that nothing is missing: compare with Lazada, day by day, and fetch what differs."""
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from odoo import fields, models
from odoo.tools import SQL

from .. import const
from ..lazada_api import SITES

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Part:
    """A day of the marketplace, or a part of it: [start, end) in naive UTC.

    is_rest: the last turn stopped in the middle of this day
    """
    day: date
    start: datetime
    end: datetime
    is_rest: bool = False

    @property
    def bounds(self):
        return {'created_after': self.start, 'created_before': self.end - SECOND}


@dataclass
class Tally:
    remote: int = 0
    local: int = 0
    missing: int = 0
    changed: int = 0
    drift: int = 0
    is_listed: bool = False


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    _shop_ordered_idx = models.Index('(shop_id, ordered_at)')


class LazadaFlow(models.Model):
    """Nightly: compare the orders of the last 30 days with Lazada's."""
    _inherit = 'lazada.flow'

    resume_at = fields.Datetime(help="Where the next turn of an unfinished comparison goes on.")
    since_at = fields.Datetime(
        "Complete Since", help="Orders placed since then are expected to be here. Older ones were "
                               "not asked for.")

    # === WINDOW === #

    def _run_fetch_orders(self, run):
        start = self._get_fetch_start()
        if not self.since_at or start < self.since_at:
            run.retry(partial(run.commit, since_at=start))
        return super()._run_fetch_orders(run)

    def _get_reconcile_window(self):
        """Return [since, until) of what has to be here already, or None."""
        pull = self.shop_id._get_flow('fetch_orders')
        if not pull.cursor_at or not pull.since_at:
            return None
        until = min(pull.cursor_at, self.env.cr.now()).replace(microsecond=0)
        until -= timedelta(minutes=const.CURSOR_OVERLAP_MINUTES)
        since = max(pull.since_at, until - timedelta(days=const.RECONCILE_DAYS))
        return (since.replace(microsecond=0), until) if since < until else None

    def _split_days(self, since, until):
        """Yield the days of the marketplace between two moments, the ends cut off."""
        offset = SITES[self.shop_id.site].utc_offset
        day = (since + offset).date()
        while True:
            start = datetime.combine(day, time()) - offset
            if start >= until:
                return
            yield Part(
                day, max(start, since), min(start + timedelta(days=1), until),
                is_rest=bool(self.resume_at) and start < since)
            day += timedelta(days=1)

    def _get_interval_minutes(self):
        if self.name != 'reconcile':
            return super()._get_interval_minutes()
        now = self.env.cr.now() + SITES[self.shop_id.site].utc_offset
        # Shops take turns, so that they do not all ask in the same minute.
        night = datetime.combine(now.date(), time(const.RECONCILE_HOUR, self.shop_id.id % 60))
        if night < now + timedelta(hours=1):
            night += timedelta(days=1)
        return (night - now).total_seconds() / 60

    # === RUN === #

    def _run_reconcile(self, run):
        """Compare day by day. Return whether days are left."""
        window = self._get_reconcile_window()
        if not window:
            return False
        since, until = window
        found, end = 0, None
        with run.client() as client:
            run.release()
            for part in self._split_days(max(self.resume_at or since, since), until):
                tally, end = self._reconcile_part(run, client, part)
                found += tally.missing + tally.changed
                run.attempt(self._write_day, part, tally, resume_at=end)
                if run.out_of_time:
                    break
        if found:
            run.attempt(self.shop_id._get_flow('import_orders')._wake)
        if end and end < until:
            return True
        run.retry(partial(run.commit, resume_at=None))
        return False

    def _reconcile_part(self, run, client, part):
        """Compare one by one and fetch what differs; stops early when the turn is over.

        :return: (Tally, until when)
        """
        tally, placed, end = Tally(is_listed=True), {}, part.end
        run.release()
        pages = client.orders.pages(**part.bounds, limit=const.ORDERS_PER_PAGE)
        for number, page in enumerate(pages):
            if not number and self._is_count_enough(part, page):
                return Tally(remote=page.count_total, local=page.count_total), part.end
            headers = [header for header in page.orders if header.get('order_id')]
            missing, changed = self._mirror_headers(run, client, headers)
            tally.missing += len(missing)
            tally.changed += len(changed)
            placed.update(self._get_placed(headers, part))
            last = max(placed.values(), default=part.start)
            if run.out_of_time and last > part.start:
                end = last
                break
        remote = {external_id for external_id, at in placed.items() if at < end}
        local = self._get_local_ids(part.start, end)
        tally.remote, tally.local = len(remote), len(local)
        tally.drift = len(remote - local)
        return tally, end

    def _is_count_enough(self, part, page):
        """Whether the rest of a long day need not be listed: the number of orders is right."""
        if len(page.orders) < const.ORDERS_PER_PAGE or page.count_total is None:
            return False
        return not self._is_listing_due(part) and (
            page.count_total == len(self._get_local_ids(part.start, part.end)))

    def _is_listing_due(self, part):
        now = self.env.cr.now()
        if now - part.end < timedelta(days=const.RECONCILE_LISTED_DAYS):
            return True
        row = self._get_day(part)
        again = timedelta(days=const.RECONCILE_LIST_AGAIN_DAYS)
        return not row.listed_at or now - row.listed_at > again

    def _get_placed(self, headers, part):
        """Return when these orders were placed, as the mirror reads it."""
        orders = self.env['lazada.order']._find_mirrored(self.shop_id, headers)
        placed = {external_id: order.ordered_at for external_id, order in orders.items()}
        return {
            str(header['order_id']): placed.get(str(header['order_id'])) or part.start
            for header in headers}

    def _get_local_ids(self, start, end):
        self.env['lazada.order'].flush_model()
        return {external_id for (external_id,) in self.env.execute_query(SQL(
            "SELECT external_id FROM lazada_order"
            " WHERE shop_id = %s AND ordered_at >= %s AND ordered_at < %s",
            self.shop_id.id, start, end))}

    def _mirror_headers(self, run, client, headers, force=False):
        """Read the units of what is new or different, and mirror it.

        :return: (ids that were missing, ids that differed)
        """
        Order, shop = self.env['lazada.order'], self.shop_id
        known = Order._find_mirrored(shop, headers)
        ids = [str(header['order_id']) for header in headers]
        wanted = set(ids if force else Order._select_changed(shop, headers))
        asked_at = run.ask()
        answer = client.orders.items(id_ for id_ in ids if id_ in wanted)
        self._mirror_answer(
            run, [header for header in headers if str(header['order_id']) in wanted],
            Order, answer.items, asked_at, force)
        return wanted - set(known), wanted & set(known)

    # === RESULT === #

    def _get_day(self, part):
        return self.env['lazada.reconciliation'].search(
            [('shop_id', '=', self.shop_id.id), ('day', '=', part.day)])

    def _write_day(self, part, tally):
        """Write the result of a day; the rest of a day is added to its beginning."""
        row, now = self._get_day(part), self.env.cr.now()
        vals = {
            'remote_count': tally.remote, 'local_count': tally.local,
            'missing_count': tally.missing, 'changed_count': tally.changed,
            'drift': tally.drift}
        if part.is_rest:
            vals = {name: number + row[name] for name, number in vals.items()}
        if tally.is_listed:
            vals['listed_at'] = now
        if row:
            row.write({**vals, 'checked_at': now})
        else:
            row.create({
                'shop_id': self.shop_id.id, 'day': part.day, **vals, 'checked_at': now})
