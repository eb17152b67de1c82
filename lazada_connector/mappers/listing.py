# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products (`/products/get`, `/product/item/get`), one listing per SKU."""

from .datetimes import optional_datetime
from .money import parse_int, parse_money
from .text import clean, code, one_line
from .values import as_dict, as_rows, parse_id, required_id, web_url

MAX_QTY = 2 ** 31 - 1      # test shops report absurd stocks; a database integer ends here

_STATUS = {
    'active': 'active', 'inactive': 'inactive', 'suspended': 'inactive', 'deleted': 'deleted',
    'pending': 'pending', 'pending qc': 'pending', 'rejected': 'rejected', 'sold-out': 'sold_out',
}
_UNKNOWN = 'inactive'      # never matched, never written to


def map_product(payload, site):
    """The SKUs of a product.

    lazada_qty: what buyers can buy now; warehouse_qty: the same by Lazada's warehouse, without the
    empty ones. special_price: Decimal 0 when there is none.
    status: active · inactive · deleted · pending · rejected · sold_out. Both the snake_case and the
    camelCase form of a product are understood. Raises BadValue for a missing id or a bad amount.
    """
    product = _fold(payload)
    item_id = required_id(product, 'itemid')
    attributes = _fold(as_dict(product.get('attributes')))
    shared = {
        'item_external_id': item_id,
        'name': one_line(attributes.get('name')),
        'remote_updated_at': optional_datetime(product.get('updatedtime'), site),
    }
    names = [as_dict(one).get('name') for one in as_dict(product.get('variation')).values()]
    images = product.get('images') or product.get('productimagelist')
    return [
        {**shared, **_map_sku(sku, product, [name for name in names if name], images)}
        for sku in as_rows(product.get('skus'))]


def _map_sku(payload, product, names, images):
    sku = _fold(payload)
    raw_status = code(sku.get('status'))
    return {
        'external_id': required_id(sku, 'skuid'),
        'seller_sku': code(sku.get('sellersku')),
        'shop_sku': code(sku.get('shopsku')),
        'variation': _variation(payload, sku, names),
        'status': _status(product.get('status'), raw_status),
        'raw_status': raw_status or code(product.get('status')),
        'price': parse_money(sku.get('price')),
        'special_price': parse_money(sku.get('specialprice')),
        'lazada_qty': max(-MAX_QTY, min(MAX_QTY, _sellable(sku))),
        'warehouse_qty': _by_warehouse(sku),
        'fbl': bool(as_rows(sku.get('fblwarehouseinventories'))) and not as_rows(
            sku.get('multiwarehouseinventories')),
        'image_url': _first_image(sku.get('images')) or _first_image(images),
        'product_url': web_url(sku.get('url')),
    }


def _fold(payload):
    """Keys without case and underscores: item_id, itemId and ItemId become itemid."""
    return {str(key).replace('_', '').lower(): value for key, value in payload.items()}


def _status(product_status, sku_status):
    """What is said of the whole product counts first; an active one leaves it to the SKU."""
    whole = _STATUS.get(clean(product_status).lower() or 'active', _UNKNOWN)
    return whole if whole != 'active' else _STATUS.get(sku_status.lower() or 'active', _UNKNOWN)


def _variation(payload, sku, names):
    """`label: value, …`; sale attributes made by the seller stand as keys of the SKU itself."""
    values = {**as_dict(sku.get('saleprop'))}
    values.update({name: payload[name] for name in names if payload.get(name)})
    return one_line(', '.join(f'{name}: {value}' for name, value in values.items() if value))


def _sellable(sku):
    """What buyers can buy; the fields that say so differ by call and by options."""
    stocks = as_rows(sku.get('multiwarehouseinventories'))
    if stocks:
        return sum(parse_int(stock.get('sellableQuantity')) for stock in stocks)
    known = (sku.get(name) for name in ('sellablestock', 'available', 'quantity'))
    return parse_int(next((value for value in known if parse_id(value)), 0))


def _by_warehouse(sku):
    found = {}
    for stock in as_rows(sku.get('multiwarehouseinventories')):
        name = code(stock.get('warehouseCode'))
        found[name] = found.get(name, 0) + parse_int(stock.get('sellableQuantity'))
    return found


def _first_image(images):
    found = images if isinstance(images, list) else []
    return next((url for url in map(web_url, found) if url), '')
