# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sellable quantities: how they are sent, and what the answers say of each."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from .envelope import count
from .errors import from_code


@dataclass(frozen=True)
class StockRow:
    """What became of one quantity. code and message: Lazada's reason when not ok;
    retry: the same quantity may be sent again later."""

    item_id: str
    sku_id: str
    quantity: int
    ok: bool
    code: str = '0'
    message: str = ''
    retry: bool = False


@dataclass(frozen=True)
class StockAnswer:
    """One `StockRow` per row asked for, in that order."""

    rows: tuple[StockRow, ...]

    @property
    def failed(self):
        return tuple(row for row in self.rows if not row.ok)


def sku_xml(row, warehouse_tag):
    item_id, sku_id, quantity = row[:3]
    if isinstance(quantity, dict):
        warehouses = ''.join(
            f'<MultiWarehouseInventory><WarehouseCode>{escape(code)}</WarehouseCode>'
            f'<{warehouse_tag}>{int(number)}</{warehouse_tag}></MultiWarehouseInventory>'
            for code, number in quantity.items())
        amount = f'<MultiWarehouseInventories>{warehouses}</MultiWarehouseInventories>'
    else:
        amount = f'<SellableQuantity>{int(quantity)}</SellableQuantity>'
    return (f'<Sku><ItemId>{escape(str(item_id))}</ItemId><SkuId>{escape(str(sku_id))}</SkuId>'
            f'{amount}</Sku>')


def judge(batch, detail):
    """Outcomes of a batch, and the rows of which nothing is known.

    Lazada lists failures in `detail`, be the answer a success or not; which keys name the SKU, and
    by which of its names, differs. Where every complaint names its SKU, the others were taken;
    one that names none may mean any of them.
    """
    complaints = {
        place: next((entry for entry in detail if _names(entry, row)), None)
        for place, row in batch}
    if len(batch) == 1 and detail and not any(complaints.values()):
        complaints = {batch[0][0]: detail[0]}
    elif not all(any(_names(entry, row) for _place, row in batch) for entry in detail):
        unclear = [(place, row) for place, row in batch if not complaints[place]]
        named = [(place, row) for place, row in batch if complaints[place]]
        return {place: _answered(row, complaints[place]) for place, row in named}, unclear
    return {place: _answered(row, complaints[place]) for place, row in batch}, []


def taken(batch, products):
    """Outcomes of the rows whose quantity `products` (objects of products/get) show."""
    shown = {}
    for product in products:
        for sku in _objects(_fold(product).get('skus')):
            shown[str(sku.get('skuid'))] = sku
    return {place: outcome(row, ok=True) for place, row in batch
            if str(row[1]) in shown and _shows(shown[str(row[1])], row[2])}


def _shows(sku, quantity):
    stocks = {}
    for stock in _objects(sku.get('multiwarehouseinventories')):
        code = str(stock.get('warehousecode'))
        stocks[code] = stocks.get(code, 0) + (count(stock.get('sellablequantity')) or 0)
    if isinstance(quantity, dict):
        return all(stocks.get(code, 0) == int(number) for code, number in quantity.items())
    total = sum(stocks.values()) if stocks else count(sku.get('sellablestock'))
    return total == int(quantity)


def _fold(payload):
    return {str(key).replace('_', '').lower(): value for key, value in payload.items()}


def _objects(value):
    return [_fold(each) for each in value if isinstance(each, dict)] if isinstance(
        value, list) else []


def _names(entry, row):
    names = {str(row[1]), *map(str, filter(None, row[3:]))}
    return not names.isdisjoint(map(str, entry.values()))


def _answered(row, complaint):
    if complaint is None:
        return outcome(row, ok=True)
    code, message = str(complaint.get('code') or '501'), str(complaint.get('message') or '')
    return outcome(row, ok=False, code=code, message=message,
                   retry=from_code(code, message).retryable)


def failed(batch, error):
    """The same outcome for all of `batch`. Of a refusal in general terms (501), the detail tells
    why, by a number too where it has one."""
    detail = [entry for entry in getattr(error, 'detail', []) if isinstance(entry, dict)]
    codes = (str(entry['code']) for entry in detail if str(entry.get('code') or '').isdigit())
    code = next(codes, None) or getattr(error, 'code', None) or error.reason
    message = next((str(entry['message']) for entry in detail if entry.get('message')),
                   error.message)
    return {place: outcome(row, ok=False, code=code, message=message, retry=error.retryable)
            for place, row in batch}


def outcome(row, **result):
    quantity = sum(row[2].values()) if isinstance(row[2], dict) else row[2]
    return StockRow(item_id=str(row[0]), sku_id=str(row[1]), quantity=int(quantity), **result)


def halves(batch):
    half = len(batch) // 2
    return [part for part in (batch[half:], batch[:half]) if part]
