# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta
from functools import partial

from odoo import fields, models

from .. import const
from ..lazada_api import errors
from ..mappers.datetimes import optional_datetime
from ..mappers.values import is_order_id


class LazadaFlow(models.Model):
    """Pull orders: page by page, items with them, the cursor in the same commit."""
    _inherit = 'lazada.flow'

    page_position = fields.Json(
        help="Where the next turn of an unfinished fetch goes on: a list is read on, not anew.")
    overlap_read_at = fields.Datetime(
        help="When orders were last read with the whole overlap, for those that show up late.")

    def _run_fetch_orders(self, run):
        """Mirror what changed since the cursor. Return whether pages are left."""
        start, whole = self._get_fetch_start(), self._is_overlap_due()
        shop, seen_until, platform_time = self.shop_id, self.cursor_at or start, None
        with run.client() as client:
            run.release()
            position = self.page_position or None
            waiting = self._get_waiting() if position else []
            pages = client.orders.pages(update_after=start, position=position)
            for number, page in enumerate(pages, 1):
                platform_time = platform_time or client.server_time
                seen_until = max(seen_until, self._fetch_page(run, client, page, waiting))
                full_turn = number >= const.PAGES_PER_TURN or run.out_of_time
                # Not at the same place as the turn before: a page that repeats has to end.
                if full_turn and page.position != position:
                    run.retry(partial(run.commit, page_position=json.dumps(page.position)))
                    return True
            platform_time = platform_time or client.server_time  # no page: no order changed
            self._fetch_missing_items(run, client)
            self._reread_open_orders(run, client)
        if self.env['lazada.order'].search_count(self._get_missing_domain(), limit=1):
            run.come_back_within(timedelta(minutes=const.ITEMS_RETRY_MINUTES))
        cursor = max(seen_until, platform_time or seen_until)
        values = {'overlap_read_at': run.started_at} if whole and not position else {}
        run.retry(partial(
            run.commit, cursor_at=cursor, page_position=None, force_until=None, **values))
        run.attempt(shop._get_flow('import_orders')._wake)
        return False

    def _get_waiting(self):
        """Return the ids of orders whose units the turn before left for the next full call."""
        return self.env['lazada.order'].search(
            self._get_missing_domain(), order='ordered_at, id',
            limit=const.ITEMS_PER_CALL - 1).mapped('external_id')

    def _get_fetch_start(self):
        if not self.cursor_at:
            return self.shop_id._get_first_sync_start()
        whole = self._is_overlap_due()
        return self.cursor_at - timedelta(
            minutes=const.CURSOR_OVERLAP_MINUTES if whole else const.SHORT_OVERLAP_MINUTES)

    def _is_overlap_due(self):
        """Whether the whole overlap is to be read; in between a busy shop would read it for ever.

        Where pulls follow each other closely, an order that shows up late is found nevertheless
        while it is younger than the overlap less the time between two such reads.
        """
        last, now = self.overlap_read_at, self.env.cr.now()
        return not (
            last and timedelta() <= now - last < timedelta(minutes=const.OVERLAP_EVERY_MINUTES))

    def _fetch_page(self, run, client, page, waiting):
        """Mirror one page in one commit; return the last time of change on it.

        :param list waiting: ids of orders mirrored before whose units are asked for together
            with this page's, so that calls are full; what does not fill a call is left in it
        """
        Order, shop = self.env['lazada.order'], self.shop_id
        headers = [
            header for header in page.orders if is_order_id(header.get('order_id'))]
        changed = set(Order._select_changed(shop, headers, self.force_until))
        cursor_at = self.cursor_at
        asked_at = run.ask()
        earlier, waiting[:] = waiting[:], [*waiting, *sorted(changed)]
        asked = len(waiting)
        if len(page.orders) >= const.ORDERS_PER_PAGE - 1:  # more pages follow
            asked -= asked % const.ITEMS_PER_CALL
        answer = client.orders.items(waiting[:asked])
        del waiting[:asked]
        changed_headers = [
            header for header in headers if str(header['order_id']) in changed]
        last = self._get_last_change(headers, client.server_time)
        values = {}
        if last and (not cursor_at or last > cursor_at or self.force_until):
            values['cursor_at'] = last
        known = self.env['lazada.order'].search([
            ('shop_id', '=', shop.id), ('external_id', 'in', earlier)])
        self._mirror_answer(
            run, changed_headers, known, answer.items, asked_at, bool(self.force_until), **values)
        self._raise_ban(answer)
        return last or self._get_fetch_start()

    def _get_last_change(self, headers, platform_time):
        """Return the last time of change of `headers`; a time that is still to come counts as now.

        Otherwise one order with a wrong time would hide all that change until then.
        """
        times = [
            optional_datetime(header.get('updated_at'), self.shop_id.site) for header in headers]
        last = max(filter(None, times), default=None)
        return last and min(last, platform_time or self.env.cr.now())

    @staticmethod
    def _raise_ban(answer):
        """:raise LazadaThrottleError: Lazada asked us to slow down; asking on prolongs the ban"""
        for error in answer.missing.values():
            if isinstance(error, errors.LazadaThrottleError):
                raise error

    def _get_missing_domain(self):
        return [('shop_id', '=', self.shop_id.id), ('items_state', '=', 'missing')]

    def _fetch_missing_items(self, run, client):
        """Ask again for the units that Lazada owes us."""
        self._reread(run, client, [
            '|', ('items_state', '=', 'missing'),
            '&', ('sync_state', '=', 'attention'),
            ('issue_key', 'in', ('no_items', 'items_incomplete'))])  # has an index

    def _reread_open_orders(self, run, client):
        """Units can change without their header: read those of open orders now and then."""
        before = fields.Datetime.now() - timedelta(hours=const.ITEMS_REREAD_HOURS)
        if self._reread(run, client, [
            ('status', 'in', ('unpaid', *const.LIVE_STATUSES)), ('items_read_at', '<', before),
            ('items_state', '!=', 'missing'),   # those were asked for already
        ]):
            run.come_back_within(timedelta(minutes=const.REREAD_REST_MINUTES))

    def _reread(self, run, client, domain):
        """Read the units of these orders. Return whether some may not have fitted in this turn."""
        orders = self.env['lazada.order'].search(
            [('shop_id', '=', self.shop_id.id), *domain], order='items_read_at, id',
            limit=const.REREAD_PER_TURN)
        for start in range(0, len(orders), const.ITEMS_PER_CALL):
            if run.out_of_time:
                return True
            self._reread_some(run, client, orders[start:start + const.ITEMS_PER_CALL])
        return len(orders) == const.REREAD_PER_TURN

    def _reread_some(self, run, client, orders):
        """Read the units of up to 50 orders, and the headers that could not be mirrored."""
        external_ids = orders.mapped('external_id')
        headers = self._read_headers(
            run, client, orders.filtered(lambda order: not order.digest).mapped('external_id'))
        asked_at = run.ask()
        answer = client.orders.items(external_ids)
        self._mirror_answer(run, list(filter(None, headers.values())), orders.filtered(
            lambda order: order.digest or headers.get(order.external_id, True) is None,
        ), answer.items, asked_at)
        self._raise_ban(answer)
