"""Products and their stock."""
from ..world.stock import set_sellable
from .routes import PageError, address, back, shop_page, shop_route


@shop_route('GET', '/listings')
def show(platform, request, shop):
    listings = sorted(shop.listings.values(), key=lambda each: (each.name, each.variation))
    return shop_page(request, shop, 'listings.html', 'listings', listings=listings)


@shop_route('POST', '/listings')
def save(platform, request, shop):
    """Fields `stock-<sku id>` and `status-<sku id>`."""
    changed = 0
    for listing in shop.listings.values():
        stock = request.form.get(f'stock-{listing.sku_id}', str(listing.sellable)).strip()
        status = request.form.get(f'status-{listing.sku_id}', listing.status)
        if not stock.isdigit() or status not in ('active', 'inactive', 'deleted'):
            raise PageError(f'"{stock}" is not a stock quantity.')
        if (int(stock), status) == (listing.sellable, listing.status):
            continue
        set_sellable(listing, int(stock))
        listing.status = status
        listing.product.updated_at = platform.world.clock.second()
        platform.world.tell('stock', shop=shop, listing=listing)
        changed += 1
    return back(address(shop, '/listings'), f'{changed} listings saved.')
