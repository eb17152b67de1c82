"""The demo catalogue (demo_catalogue.json) and the listings made from it."""
import json
from decimal import Decimal
from pathlib import Path

from .models import Listing, Product

CATALOGUE = json.loads(Path(__file__).with_name('demo_catalogue.json').read_text('utf-8'))
START_STOCK = 400


def in_odoo(seller_sku):
    """Has the demo company exactly one product with this Internal Reference?"""
    return any(entry['sku'] == seller_sku and entry['in_odoo'] and not entry['ambiguous']
               for entry in CATALOGUE)


def fill_shop(world, shop, created_at):
    """List every SKU of the catalogue that has a price in the shop's country; entries of one name
    are variants of one product."""
    products = {}
    for entry in CATALOGUE:
        price = entry['price'].get(shop.site)
        if price:
            name = entry['name']
            if name not in products:
                products[name] = add_product(world, shop, name, created_at)
            add_listing(world, shop, products[name], entry['sku'], entry['variation'],
                        Decimal(price), START_STOCK)


def add_product(world, shop, name, created_at):
    product = Product(world.ids.item(), name, created_at, created_at)
    shop.products[product.item_id] = product
    return product


def add_listing(world, shop, product, seller_sku, variation, price, sellable):
    """A further SKU of a product."""
    listing = Listing(world.ids.sku(), product, seller_sku, variation, price, sellable,
                      in_odoo=in_odoo(seller_sku))
    if len(shop.warehouses) > 1:
        listing.warehouse_stock = {'dropshipping': sellable}
    product.listings.append(listing)
    shop.listings[listing.sku_id] = listing
    world.tell('product', shop=shop, product=product, listings=[listing], type=3,
               action='PUBLISHED')
    return listing


def shop_sku(shop, listing):
    """`<item>_<SITE>-<sku>`."""
    return f'{listing.product.item_id}_{shop.place.sku_tag}-{listing.sku_id}'


def find_listing(shop, seller_sku):
    """The living listing with this SellerSku, else a deleted one, else None."""
    found = [each for each in shop.listings.values() if each.seller_sku == seller_sku]
    return next((each for each in found if each.status != 'deleted'), found[0] if found else None)
