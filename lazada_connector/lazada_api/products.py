# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The catalogue and its stock: `client.products`."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

from . import times
from .batches import batches
from .downloads import fetch_file
from .envelope import count, member, rows
from .errors import (
    LazadaApiError,
    LazadaAuthError,
    LazadaClockError,
    LazadaError,
    LazadaPagingError,
    LazadaPermissionError,
    LazadaServerError,
    LazadaThrottleError,
    LazadaTransportError,
)
from .files import MAX_IMAGE, is_image
from .regions import IMAGE_DOMAINS
from .stock import StockAnswer, failed, halves, judge, sku_xml, taken

PAGE_SIZE = 50
MAX_OFFSET = 10000
STOCK_BATCH = 20
_STOCK_PATH = '/product/stock/sellable/update'
_FIRST_PRODUCT = datetime(2012, 1, 1)      # Lazada opened that year


@dataclass(frozen=True)
class ProductPage:
    """products: as Lazada sent them; offset: of the request; total: products in the window read;
    position: JSON, where `pages` goes on after this page, None after the last one."""

    products: list
    offset: int
    total: int | None
    position: dict | None = None


class Products:
    """`client.products`"""

    def __init__(self, client):
        self._client = client

    def get(self, item_id):
        """One product with its SKUs."""
        path = '/product/item/get'
        return member(self._client.call(path, {'item_id': item_id}), 'data', endpoint=path)

    def pages(self, *, filter='all', update_after=None, limit=PAGE_SIZE, position=None):
        """Yield the products as `ProductPage`s.

        filter: all · live · inactive · deleted · pending · rejected · sold-out; update_after:
        naive UTC; position: of the last page of an earlier read with the same filter and bound.
        A catalogue beyond the offset cap is read in windows of creation time, which never changes.
        Pages get smaller when Lazada cannot build them in time. A window in which products moved
        while it was read, so that some were missed, is read once more.
        """
        return _Catalogue(
            self._client, filter, update_after, min(limit, PAGE_SIZE), position or {}).pages()

    def fetch_image(self, url, *, allowed=IMAGE_DOMAINS, max_bytes=MAX_IMAGE, deadline=30.0):
        """The image behind an address of a product, as bytes, known by its content.

        allowed, and errors: as for `fulfilment.fetch_label`. Old products name http addresses;
        they are asked over https.
        """
        if not self._client.base_url and url.startswith('http://'):
            url = url.replace('http', 'https', 1)
        return fetch_file(
            url, what='image', check=is_image, allowed=allowed, origin=self._client.base_url,
            max_bytes=max_bytes, deadline=deadline)

    def update_sellable(self, stock, *, warehouse_tag='SellableQuantity'):
        """Set sellable quantities; absolute, so sending them again does no harm.

        stock: rows of (item_id, sku_id, quantity, and the seller's SKU where known); for a seller
        with several warehouses quantity is {warehouse code: quantity}, sent under `warehouse_tag`.
        20 a call; returns a `StockAnswer`. Rows are independent: where Lazada names the SKUs it
        refuses, the others are taken. Where it complains without names, it is asked once what it
        shows (of rows with the seller's SKU), and only what differs is sent again, halved until the
        refused ones are known, as is a call refused altogether.
        Raises only what concerns the whole shop (authorisation, permission, clock).
        """
        done, read_back = {}, set()
        todo = deque(batches(list(enumerate(stock)), STOCK_BATCH))
        while todo:
            batch = todo.popleft()
            detail = []
            try:
                body = self._send([row for _place, row in batch], warehouse_tag)
                detail = rows(body.get('detail'), _STOCK_PATH)
            except (LazadaAuthError, LazadaPermissionError, LazadaClockError):
                raise
            except LazadaThrottleError as error:
                waiting = batch + [pair for rest in todo for pair in rest]
                done.update(failed(waiting, error))
                break
            except (LazadaTransportError, LazadaServerError) as error:
                done.update(failed(batch, error))
                continue
            except LazadaApiError as error:
                if len(batch) == 1:
                    done.update(failed(batch, error))
                    continue
                if not error.detail:
                    todo.extendleft(halves(batch))
                    continue
                detail = error.detail
            outcomes, unclear = judge(batch, detail)
            if not read_back.issuperset(unclear_places := {place for place, _row in unclear}):
                read_back |= unclear_places
                outcomes |= self._read_back(unclear)
                unclear = [pair for pair in unclear if pair[0] not in outcomes]
            done.update(outcomes)
            todo.extendleft(halves(unclear))
        return StockAnswer(tuple(done[place] for place in sorted(done)))

    def _read_back(self, batch):
        """Outcomes of the rows whose quantity Lazada shows already; none where it does not say."""
        skus = [str(row[3]) for _place, row in batch if len(row) > 3 and row[3]]
        if not skus:
            return {}
        path = '/products/get'
        try:
            body = self._client.call(path, {
                'filter': 'all', 'limit': PAGE_SIZE, 'offset': 0, 'options': 1,
                'sku_seller_list': skus})
            found = rows(member(body, 'data', endpoint=path).get('products'), path)
        except (LazadaAuthError, LazadaPermissionError, LazadaClockError):
            raise
        except LazadaError:
            return {}
        return taken(batch, found)

    def _send(self, stock, warehouse_tag):
        skus = ''.join(sku_xml(row, warehouse_tag) for row in stock)
        payload = f'<Request><Product><Skus>{skus}</Skus></Product></Request>'
        return self._client.call(_STOCK_PATH, {'payload': payload}, method='POST', absolute=True)


class _Catalogue:
    """Reads `/products/get` from its first, or from `position`, to its last product."""

    def __init__(self, client, filter, update_after, limit, position):
        self._client = client
        self._filter = filter
        self._update_after = update_after
        self._limit = limit
        # Windows of creation time still to be read, the present one last
        self._windows = [
            tuple(edge and datetime.fromisoformat(edge) for edge in window)
            for window in position.get('windows', [(None, None)])]
        self._offset = position.get('offset', 0)
        self._seen = set(position.get('seen', ()))      # products of the present window
        self._again = position.get('again', False)      # it is being read a second time

    def pages(self):
        last = None
        while self._windows:
            page = self._page(self._windows[-1], self._offset)
            if not self._offset and self._is_too_long(page):
                window = self._windows.pop()
                self._windows += _halves(window, self._client.now())
                continue
            if page.products and _ids(page) == last:
                page = self._page(self._windows[-1], self._offset)
                if _ids(page) == last:
                    raise LazadaPagingError(
                        f'the products after {self._offset} repeat the ones before')
            last = _ids(page)
            self._go_on(page)
            if page.products:
                yield replace(page, position=self._position())

    def _is_too_long(self, page):
        return page.total is not None and page.total > MAX_OFFSET + self._limit

    def _go_on(self, page):
        """Move behind `page`: to the next one, to the same window again, or to the next window."""
        end = page.offset + len(page.products)
        self._seen.update(map(str, _ids(page)))
        more = page.products and (page.total is None or end < page.total)
        if more and end > MAX_OFFSET:
            raise LazadaPagingError(f'more than {MAX_OFFSET} products and no total')
        if more:
            self._offset = end
            return
        self._offset = 0
        if page.total is not None and len(self._seen) < page.total and not self._again:
            self._again = True
            return
        self._windows.pop()
        self._seen, self._again = set(), False

    def _position(self):
        if not self._windows:
            return None
        return {
            'windows': [[edge and edge.isoformat() for edge in window]
                        for window in self._windows],
            'offset': self._offset, 'seen': sorted(self._seen), 'again': self._again}

    def _page(self, window, offset):
        """One page; smaller ones from now on when it is too heavy for the platform."""
        while True:
            try:
                return self._read(window, offset)
            except (LazadaServerError, LazadaTransportError) as error:
                heavy = getattr(error, 'code', None) == 'ServiceTimeout' or (
                    getattr(error, 'reason', None) == 'size')
                if not heavy or self._limit == 1:
                    raise
                self._limit //= 2

    def _read(self, window, offset):
        path = '/products/get'
        after, before = window
        body = self._client.call(path, {
            'filter': self._filter, 'limit': self._limit, 'offset': offset, 'options': 1,
            'update_after': self._iso(self._update_after), 'create_after': self._iso(after),
            'create_before': self._iso(before)})
        data = member(body, 'data', endpoint=path)
        return ProductPage(
            rows(data.get('products'), path), offset, count(data.get('total_products')))

    def _iso(self, moment):
        """`2018-01-01T00:00:00+0800`: here the offset has no colon."""
        if moment is None:
            return None
        text = times.to_iso(moment, self._client.site.utc_offset)
        return text[:-3] + text[-2:]


def _ids(page):
    return [product.get('item_id') or product.get('itemId') for product in page.products]


def _halves(window, now):
    """The two halves of a window of creation time, the earlier one last; an open end stays open."""
    after, before = window
    start, end = after or _FIRST_PRODUCT, before or now
    if (end - start).total_seconds() < 2:
        raise LazadaPagingError(f'more than {MAX_OFFSET} products created at {start} UTC')
    middle = start + (end - start) / 2
    return [(middle, before), (after, middle)]
