"""Writing stock: absolute (update) and relative (adjust) sellable quantities, as XML."""
import re
import xml.etree.ElementTree as ElementTree

from ..gateway.errors import ApiError
from ..world.stock import change_sellable, set_sellable, set_warehouse
from .registry import endpoint

MOST = 50


class RowError(Exception):
    """Why one SKU was refused. `field`, `code` and `message` go into detail[]."""

    def __init__(self, field, message, code):
        super().__init__(message)
        self.field, self.message, self.code = field, message, code


@endpoint('/product/stock/sellable/update', 'POST')
def update(call):
    return _write(call, relative=False)


@endpoint('/product/stock/sellable/adjust', 'POST')
def adjust(call):
    return _write(call, relative=True)


def _write(call, relative):
    """Rows are independent: good ones are applied even if others are refused."""
    rows = _rows(call.need('payload'))
    if len(rows) > MOST:
        raise ApiError('204', f'E204: Too many SKUs, at most {MOST}')
    refused = []
    for row in rows:
        try:
            listing = _listing(call.shop, row)
            _apply(call, listing, row, relative)
            call.applied('stock_adjust' if relative else 'stock_update')
        except RowError as error:
            refused.append((row, error))
    if not refused:
        return {'data': {}}
    return _refusal(call, rows, refused)


def _refusal(call, rows, refused):
    full = call.world.behaviour.stock_detail == 'full'
    detail = [{'field': error.field, 'message': error.message, 'code': error.code,
               **({'seller_sku': _seller_sku(call.shop, row)} if full else {})}
              for row, error in refused]
    if call.world.behaviour.partial_stock_code == '0':
        return {'data': {}, 'detail': detail}
    if len(rows) == 1 and refused[0][1].code.isdigit():
        raise ApiError(refused[0][1].code, refused[0][1].message)
    raise ApiError('501', 'E501: Update product failed', detail=detail)


def _rows(payload):
    try:
        root = ElementTree.fromstring(payload)
    except ElementTree.ParseError as error:
        raise ApiError('30', 'E030: Empty or malformed request') from error
    rows = root.findall('./Product/Skus/Sku')
    if root.tag != 'Request' or not rows:
        raise ApiError('30', 'E030: Empty or malformed request')
    return rows


def _listing(shop, row):
    item_id, sku_id = row.findtext('ItemId', '').strip(), row.findtext('SkuId', '').strip()
    listing = shop.listings.get(int(sku_id)) if sku_id.isdigit() else None
    if listing is None or listing.status == 'deleted':
        raise RowError('SkuId', 'SKU_NOT_FOUND', 'E0502')
    if item_id != str(listing.product.item_id):
        raise RowError('ItemId', 'ITEM_NOT_FOUND', 'E0501')
    if listing.fbl:
        raise RowError('SkuId', 'FBL stock can not be edited', 'SELLER_NOT_PERMITTED')
    return listing


def _seller_sku(shop, row):
    sku_id = row.findtext('SkuId', '').strip()
    listing = shop.listings.get(int(sku_id)) if sku_id.isdigit() else None
    return listing.seller_sku if listing else row.findtext('SellerSku', '')


def _apply(call, listing, row, relative):
    warehouses = row.findall('./MultiWarehouseInventories/MultiWarehouseInventory')
    if warehouses:
        _apply_warehouses(call, listing, warehouses)
        return
    text = row.findtext('SellableQuantity')
    if text is None:
        return                         # unknown tags are ignored in silence
    quantity = _quantity(text)
    target = listing.sellable + quantity if relative else quantity
    _check(call, listing, target)
    if relative:
        change_sellable(listing, quantity)
    else:
        set_sellable(listing, quantity)
    _touched(call, listing)


def _apply_warehouses(call, listing, warehouses):
    if len(call.shop.warehouses) == 1:
        raise RowError('MultiWarehouseInventories', 'seller has one warehouse', 'E0503')
    codes = {code for code, _name in call.shop.warehouses}
    for entry in warehouses:
        code = entry.findtext('WarehouseCode', '').strip()
        text = entry.findtext(call.world.behaviour.multi_warehouse_tag)
        if code not in codes:
            raise RowError('WarehouseCode', 'WAREHOUSE_NOT_FOUND', 'E0504')
        if text is not None:
            quantity = _quantity(text)
            _check(call, listing, listing.sellable - listing.warehouse_stock.get(code, 0)
                   + quantity)
            set_warehouse(listing, code, quantity)
    _touched(call, listing)


def _quantity(text):
    if not re.fullmatch(r'-?\d{1,12}', text.strip()):
        raise RowError('SellableQuantity', f'"{text}" is not a number', '5')
    return int(text)


def _check(call, listing, target):
    """Refuse what would go below zero or break a campaign."""
    if target < 0:
        raise RowError('SellableQuantity', 'INV_NEGATIVE_SELLABLE', '212')
    campaign, now = listing.campaign, call.world.clock.now()
    if not campaign or not campaign['from'] <= now <= campaign['to']:
        return
    if campaign.get('locked') and target < campaign['locked']:
        raise RowError('SkuId', 'negative sellable on channel inventory', 'THD_IC_ERR')
    if not campaign.get('locked') and target < listing.sellable:
        begin, end = (call.shop.place.local(campaign[edge]).strftime('%Y-%m-%d %H:%M:%S')
                      for edge in ('from', 'to'))
        raise RowError(
            'SellableQuantity', f'During the {campaign["name"]} campaign, there are restrictions '
            f'for stock adjustments in effect between {begin} - {end}. Sellers can increase '
            'stocks, but may not decrease stocks.', '4170')


def _touched(call, listing):
    listing.product.updated_at = call.world.clock.second()
    call.world.tell('stock', shop=call.shop, listing=listing)
