# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Payouts and fees: `client.finance`."""

from dataclasses import dataclass
from datetime import timedelta

from .envelope import rows
from .errors import LazadaPagingError

PAGE_SIZE = 500
MAX_DAYS = 179           # Lazada refuses windows of 180 days and more


@dataclass(frozen=True)
class TransactionPage:
    """transactions: rows as Lazada sent them; start, end: the dates asked for (inclusive)."""

    transactions: list
    start: object
    end: object
    offset: int


class Finance:
    """`client.finance`"""

    def __init__(self, client):
        self._client = client

    def payouts(self, created_after):
        """The payout statements made since a date, as Lazada sent them."""
        path = '/finance/payout/status/get'
        body = self._client.call(path, {'created_after': created_after.strftime('%Y-%m-%d')})
        return rows(body.get('data'), path)

    def transactions(self, start, end, *, order_id=None, trans_type=-1, limit=PAGE_SIZE):
        """Yield the fee and credit lines from date `start` to date `end` as `TransactionPage`s.

        Windows of 180 days and more are split. The same line can come twice when lines are added
        meanwhile.
        """
        first = start
        while first <= end:
            last = min(end, first + timedelta(days=MAX_DAYS - 1))
            yield from self._window(first, last, order_id, trans_type, limit)
            first = last + timedelta(days=1)

    def _window(self, start, end, order_id, trans_type, limit):
        path, offset, before = '/finance/transaction/details/get', 0, None
        while True:
            body = self._client.call(path, {
                'start_time': start.strftime('%Y-%m-%d'), 'end_time': end.strftime('%Y-%m-%d'),
                'limit': limit, 'offset': offset, 'trans_type': trans_type,
                'trade_order_id': order_id})
            found = rows(body.get('data'), path)
            if not found:
                return
            if found == before:
                raise LazadaPagingError(f'the transactions after {offset} repeat the ones before')
            yield TransactionPage(found, start, end, offset)
            if len(found) < limit:
                return
            offset, before = offset + len(found), found
