"""Listings: the truth, and changes as a seller makes them in Seller Center."""
from decimal import Decimal

from ..world.catalogue import add_listing, add_product, find_listing, shop_sku
from ..world.stock import set_sellable
from .routes import ControlError, find_shop, find_shops, need, route

STATUSES = ('active', 'inactive', 'deleted')


@route('GET', '/listings')
def read(platform, query):
    """`?site=&seller_id=`: the truth."""
    return {'listings': [listing_json(shop, listing) for shop in find_shops(platform, query)
                         for listing in shop.listings.values()]}


@route('POST', '/listings')
def change(platform, body):
    """`{site, seller_id, seller_sku, sellable?, status?, name?, price?}` and more: `variation`,
    `special_price`, `in_odoo`, `fbl`, `new` (a second listing under a used SellerSku),
    `count` (make that many, numbered), `product_status`, `campaign` ({name, from, to (epoch),
    locked?} or null: without `locked` stock may not fall at all, 4170; with it not below that
    quantity, 501).
    """
    shop = find_shop(platform, body)
    sku = str(need(body, 'seller_sku'))
    count = int(body.get('count', 1))
    names = [sku] if count == 1 else [f'{sku}-{number:05d}' for number in range(1, count + 1)]
    changed = [_change_one(platform.world, shop, name, body) for name in names]
    answer = listing_json(shop, changed[0])
    return answer if count == 1 else {'listings': [listing_json(shop, each) for each in changed]}


def _change_one(world, shop, sku, body):
    now = world.clock.second()
    listing = None if body.get('new') or body.get('count', 1) != 1 else find_listing(shop, sku)
    if listing is None:
        product = add_product(world, shop, body.get('name', f'Item {sku}'), now)
        listing = add_listing(world, shop, product, sku, body.get('variation', ''),
                              Decimal(str(body.get('price', '10.00'))), 0)
    if 'status' in body and body['status'] not in STATUSES:
        raise ControlError(f'status must be one of {", ".join(STATUSES)}')
    for name in ('status', 'variation', 'in_odoo', 'fbl', 'campaign'):
        if name in body:
            setattr(listing, name, body[name])
    for name in ('price', 'special_price'):
        if name in body:
            setattr(listing, name, Decimal(str(body[name])))
    if 'sellable' in body:
        set_sellable(listing, int(body['sellable']))
    listing.product.name = body.get('name', listing.product.name)
    listing.product.status = body.get('product_status', _product_status(listing.product))
    listing.product.updated_at = now
    world.tell('product', shop=shop, product=listing.product, listings=[listing],
               type=5 if listing.status == 'deleted' else 4,
               action='EDITED_DELETED' if listing.status == 'deleted' else 'EDITED_UPDATED')
    return listing


def _product_status(product):
    """Deleted once every SKU is; otherwise as it was."""
    if all(listing.status == 'deleted' for listing in product.listings):
        return 'Deleted'
    return 'Active' if product.status == 'Deleted' else product.status


def listing_json(shop, listing):
    return {
        'site': shop.site, 'seller_id': shop.seller_id, 'item_id': str(listing.product.item_id),
        'sku_id': str(listing.sku_id), 'seller_sku': listing.seller_sku,
        'shop_sku': shop_sku(shop, listing), 'name': listing.name,
        'variation': listing.variation, 'status': listing.status,
        'product_status': listing.product.status, 'price': f'{listing.price:.2f}',
        'special_price': f'{listing.special_price:.2f}', 'sellable': listing.sellable,
        'withheld': listing.withheld, 'occupied': listing.occupied, 'fbl': listing.fbl,
        'in_odoo': listing.in_odoo, 'campaign': listing.campaign,
        'warehouses': dict(listing.warehouse_stock),
    }
