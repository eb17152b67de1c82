# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading orders: `client.orders`."""

import json
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import times
from .envelope import count, member, rows
from .errors import (
    LazadaApiError,
    LazadaAuthError,
    LazadaClockError,
    LazadaPagingError,
    LazadaPermissionError,
    LazadaThrottleError,
    LazadaTransportError,
)

PAGE_SIZE = 100
MAX_OFFSET = 5000
ITEMS_PER_CALL = 50
# One of the listed ids is wrong: Lazada refuses the whole list.
_BAD_LIST = ('37', '16', '39')
# The request itself is wrong, whatever orders it names.
_BAD_REQUEST = ('38', '56', 'MissingParameter', 'InvalidApiPath', 'UnsupportedHTTPMethod')
# Seconds after which a list that keeps failing is not halved any more.
_PATIENCE = 20.0
_MAX_RESTARTS = 10
# Whether Lazada's bounds include their own second is not documented: ours are this much wider.
_SLACK = timedelta(seconds=1)
# The values of the status filter; one second with too many orders is read status by status.
_STATUS_FILTERS = (
    'unpaid', 'pending', 'topack', 'packed', 'ready_to_ship', 'toship', 'shipped', 'delivered',
    'canceled', 'returned', 'failed', 'lost', 'lost_by_3pl', 'damaged_by_3pl', 'failed_delivery',
    'shipped_back', 'shipped_back_success', 'shipped_back_failed', 'package_scrapped',
)


@dataclass(frozen=True)
class OrderPage:
    """orders: headers as Lazada sent them, oldest first; offset: of the request;
    count_total: Lazada's count of the window, a second wider at both ends, None when it does not
    say; position: where `pages` goes on behind this page, as plain JSON values."""

    orders: list
    offset: int
    count_total: int | None
    position: dict


@dataclass(frozen=True)
class ItemsAnswer:
    """items: order id -> its item rows; missing: order id -> why they could not be read."""

    items: dict
    missing: dict


class Orders:
    """`client.orders`"""

    def __init__(self, client):
        self._client = client

    def get(self, order_id):
        """One order header."""
        path = '/order/get'
        return member(self._client.call(path, {'order_id': order_id}), 'data', endpoint=path)

    def pages(self, *, update_after=None, created_after=None, update_before=None,
              created_before=None, status=None, limit=PAGE_SIZE, position=None):
        """Yield the orders of a time window as `OrderPage`s, oldest first, without losing one.

        All bounds are naive UTC and inclusive; `update_after` or `created_after` is needed and
        names the time that orders are sorted by. An order can come twice, also when it changes
        meanwhile.
        limit: 2 to 100 a page. Each page is asked for when the caller wants it. position: of a
        page of the same window read earlier; the reading goes on behind that page. Raises
        LazadaPagingError when orders would be lost; the pages yielded until then are good.
        """
        if update_after is None and created_after is None:
            raise ValueError('update_after or created_after is needed')
        field = 'created' if update_after is None else 'update'
        bounds = {'created_after': created_after, 'created_before': created_before,
                  'update_after': update_after, 'update_before': update_before}
        return _Window(
            self._client, field, bounds, status, min(limit, PAGE_SIZE)).pages(position)

    def items(self, order_ids):
        """The items of many orders, 50 a call.

        A list that Lazada refuses or cannot answer is halved until the order that is the cause is
        known; ids that could not be read are `missing` and may be asked for again. Raised is what
        concerns the whole shop (authorisation, permission, clock) and a malformed request.
        """
        todo = [str(order_id) for order_id in dict.fromkeys(order_ids)]
        items, missing, ends = {}, {}, time.monotonic() + _PATIENCE
        chunks = [todo[i:i + ITEMS_PER_CALL] for i in range(0, len(todo), ITEMS_PER_CALL)][::-1]
        while chunks:
            chunk = chunks.pop()
            try:
                found = self._items_of(chunk)
            except (LazadaAuthError, LazadaPermissionError, LazadaClockError):
                raise
            except LazadaThrottleError as error:       # asking on would only prolong the ban
                missing.update(dict.fromkeys([*chunk, *sum(chunks, [])], error))
                break
            except (LazadaApiError, LazadaTransportError) as error:
                if getattr(error, 'code', None) in _BAD_REQUEST:
                    raise
                if len(chunk) > 1 and _may_be_one_order(error, ends):
                    half = len(chunk) // 2
                    chunks += [chunk[half:], chunk[:half]]
                else:
                    missing.update(dict.fromkeys(chunk, error))
            else:
                items.update(found)
                missing.update(_absent(chunk, found))
        return ItemsAnswer(items, missing)

    def _items_of(self, order_ids):
        path = '/orders/items/get'
        # The ids as bare numbers: `[1,2]`, never through a float.
        body = self._client.call(path, {'order_ids': f"[{','.join(order_ids)}]"})
        wanted = set(order_ids)
        groups = ((str(group.get('order_id')), group) for group in rows(body.get('data'), path))
        return {order_id: rows(group.get('order_items'), path)
                for order_id, group in groups if order_id in wanted}


def _may_be_one_order(error, ends):
    """Is it worth asking for fewer orders? A wrong id is always found; the rest costs time."""
    if isinstance(error, LazadaTransportError):
        return error.reason == 'size'
    return error.code in _BAD_LIST or time.monotonic() < ends


def _absent(order_ids, found):
    return {
        order_id: LazadaTransportError(
            'the order is not in the answer', reason='bad_response', endpoint='/orders/items/get')
        for order_id in order_ids if order_id not in found}


class _Window:
    """Reads one window of `/orders/get` although its rows move while it is being read.

    Rows are sorted by time, ascending. An order that changes moves to the end and shifts the rows
    behind it forward, so a plain next offset would jump over one. Each page therefore repeats the
    last row of the page before (the anchor). When the anchor is not there, unchanged, or when the
    offset cap is reached, the window starts anew at the last time seen: the orders that were not
    read yet have that time or a later one. What is asked for is a second wider than the window:
    whether Lazada's bounds are inclusive is not documented.
    """

    def __init__(self, client, field, bounds, status, limit, slack=_SLACK):
        self._client = client
        self._utc_offset = client.site.utc_offset
        self._bounds = dict(bounds)
        self._slack = slack
        self._field = field
        self._after = f'{field}_after'
        self._sort = 'created_at' if field == 'created' else 'updated_at'
        self._status = status
        self._limit = max(2, limit)
        self._read = 0              # rows of the window that were read so far
        self._last_seen = None      # the time of the last of them
        self._anchor = None         # the last of them

    def pages(self, position=None):
        restarts = 0
        self._bounds[self._after] = self._bounds[self._after].replace(microsecond=0)
        self._wanted = (self._bounds[self._after], self._bounds.get(f'{self._field}_before'))
        if position:
            self._go_to(position)
        while True:
            start = self._bounds[self._after]
            complete = yield from self._read_window()
            if complete:
                return
            if self._last_seen is None:
                raise LazadaPagingError(f'the orders after {start} UTC have no {self._sort}')
            if self._last_seen > start:
                restarts = 0
                self._bounds[self._after] = self._last_seen
            elif self._read > MAX_OFFSET:
                here = self._position()     # whoever goes on here reads that second once more
                for page in self._read_second(start):
                    yield replace(page, position=here)
                self._bounds[self._after] = start + timedelta(seconds=1)
            else:
                restarts += 1
                if restarts > _MAX_RESTARTS:
                    raise LazadaPagingError(f'the orders at {start} UTC move while they are read')
            self._read, self._last_seen, self._anchor = 0, None, None

    def _read_window(self):
        """Yield pages; returns True at the end of the list, False when it must start anew."""
        while True:
            offset = max(0, self._read - 1)
            if offset > MAX_OFFSET:
                return False
            orders, total = self._settled_page(offset)
            if not self._follows(orders):
                return False
            fresh = orders if self._anchor is None else orders[1:]
            if not fresh:
                return True
            self._read = offset + len(orders)
            self._anchor = self._mark(orders[-1])
            self._last_seen = self._time(orders[-1]) or self._last_seen
            yield OrderPage(
                list(filter(self._is_wanted, fresh)), offset, total, self._position())
            if len(orders) < self._limit and (total is None or self._read >= total):
                return True

    def _position(self):
        return {
            'after': self._bounds[self._after].isoformat(), 'read': self._read,
            'anchor': self._anchor, 'last_seen': self._last_seen and self._last_seen.isoformat()}

    def _go_to(self, position):
        """Stand behind the page of `position`."""
        self._bounds[self._after] = datetime.fromisoformat(position['after'])
        self._read = position['read']
        last_seen = position['last_seen']
        self._last_seen = last_seen and datetime.fromisoformat(last_seen)
        self._anchor = position['anchor']

    def _is_wanted(self, order):
        """Not so the orders that come only because more was asked for than the window."""
        moment, (after, before) = self._time(order), self._wanted
        return not moment or not (
            after - self._slack <= moment < after
            or before is not None and before < moment <= before + self._slack)

    def _settled_page(self, offset):
        """A page; read once more when it does not follow the one before or ends too early."""
        orders, total = self._page(offset)
        least = 0 if self._anchor is None else 1
        too_short = len(orders) <= least and offset + len(orders) < (total or 0)
        again = too_short or not self._follows(orders)
        return self._page(offset) if again else (orders, total)

    def _follows(self, orders):
        """Does a page begin with the last row of the page before, unchanged?"""
        return self._anchor is None or bool(orders) and self._mark(orders[0]) == self._anchor

    def _mark(self, order):
        # As ASCII text: it is kept in a database, which refuses some of what may come.
        return json.dumps([_id(order), order.get(self._sort)], default=str)

    def _page(self, offset):
        path = '/orders/get'
        bounds = {}
        for name, moment in self._bounds.items():
            if moment is not None:
                is_end = name.endswith('before')
                bounds[name] = times.to_iso(
                    moment + (self._slack if is_end else -self._slack), self._utc_offset,
                    round_up=is_end)
        body = self._client.call(path, {
            **bounds, 'status': self._status, 'sort_by': self._sort, 'sort_direction': 'ASC',
            'limit': self._limit, 'offset': offset})
        data = member(body, 'data', endpoint=path)
        return rows(data.get('orders'), path), count(data.get('countTotal'))

    def _time(self, order):
        try:
            return times.parse(order.get(self._sort), self._utc_offset)
        except ValueError:
            return None          # the time before it serves as well: it only reads more again

    def _read_second(self, second):
        """Yield the orders of one second that holds more than the offset cap, status by status."""
        if self._status:
            raise LazadaPagingError(
                f'more than {MAX_OFFSET} orders with status {self._status} at {second} UTC')
        ends, seen = (second, second), set()
        orders, total = self._part(*ends)._page(0)
        if not orders:      # bounds are exclusive here: the seconds beside it come too
            ends = (second - _SLACK, second + _SLACK)
            orders, total = self._part(*ends)._page(0)
        beyond, _total = self._part(*ends)._page(MAX_OFFSET)
        if not beyond:      # orders have changed meanwhile, and the others fit
            yield from self._part(*ends).pages()
            return
        for status in _STATUS_FILTERS:
            for page in self._part(*ends, status).pages():
                seen.update(map(_id, page.orders))
                yield page
        known = MAX_OFFSET + len(beyond) if total is None else total
        if len(seen) < known:
            raise LazadaPagingError(
                f'only {len(seen)} of {known} orders at {second} UTC can be read')

    def _part(self, after, before, status=None):
        """A window of exactly these bounds."""
        bounds = {**self._bounds, self._after: after, f'{self._field}_before': before}
        return _Window(
            self._client, self._field, bounds, status, self._limit, slack=timedelta())


def _id(order):
    return str(order.get('order_id'))
