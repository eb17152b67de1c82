"""The catalogue as sellers read it."""
from ..gateway.errors import ApiError, missing
from .params import date, integer, json_value
from .product_json import product_camel, product_json
from .registry import endpoint

# Filter -> does a product with these listings belong to it?
FILTERS = {
    'all': lambda product: product.status != 'Deleted',
    'live': lambda product: product.status == 'Active' and any(
        listing.status == 'active' for listing in product.listings),
    'inactive': lambda product: product.status == 'InActive' or any(
        listing.status == 'inactive' for listing in product.listings),
    'deleted': lambda product: product.status == 'Deleted' or any(
        listing.status == 'deleted' for listing in product.listings),
    'pending': lambda product: product.status == 'Pending QC',
    'rejected': lambda product: product.status == 'Rejected',
    'sold-out': lambda product: any(
        listing.status == 'active' and listing.sellable <= 0 for listing in product.listings),
}
MOST_SKUS = 100


@endpoint('/products/get', 'GET')
def get_products(call):
    chosen = call.params.get('filter', '')
    if chosen not in FILTERS:
        raise missing('filter') if not chosen else ApiError(
            '36', f'E036: "{chosen}" Invalid status filter')
    limit = integer(call, 'limit', 20, '19', most=50, least=1)
    offset = integer(call, 'offset', 0, '14', most=10_000)
    fits = _window(call)
    found = [product for product in call.shop.products.values()
             if FILTERS[chosen](product) and fits(product)]
    skus = _seller_skus(call)
    if skus is not None:
        found = [product for product in found
                 if any(listing.seller_sku in skus for listing in product.listings)]
    found.sort(key=lambda product: (product.updated_at, product.item_id))
    page = found[offset:offset + limit]
    full = call.params.get('options') == '1'
    data = {'total_products': len(found),
            'products': [product_json(call.shop, product, call.base_url, full)
                         for product in page]}
    if not found and call.world.behaviour.empty_products == 'no_key':
        del data['products']
    return {'data': data}


@endpoint('/product/item/get', 'GET')
def get_item(call):
    item_id = integer(call, 'item_id', '', '200', least=1)
    product = call.shop.products.get(item_id)
    if product is None:
        raise ApiError('208', f'E208: No such item "{item_id}"')
    camel = call.world.behaviour.product_item_form == 'camel'
    return {'data': product_camel(call.shop, product, call.base_url) if camel
            else product_json(call.shop, product, call.base_url, full=True)}


def _window(call):
    """A test for the time bounds."""
    bounds = [(field, date(call, after), date(call, before)) for field, after, before in (
        ('created_at', 'create_after', 'create_before'),
        ('updated_at', 'update_after', 'update_before'))]
    bounds = [each for each in bounds if each[1] is not None or each[2] is not None]

    def fits(product):
        return all((earliest is None or getattr(product, field) >= earliest)
                   and (latest is None or getattr(product, field) <= latest)
                   for field, earliest, latest in bounds)
    return fits


def _seller_skus(call):
    text = call.params.get('sku_seller_list')
    if not text:
        return None
    wrong = ApiError('70', 'E070: You have corrupt data in your sku seller list.')
    skus = json_value(text, list, wrong)
    if len(skus) > MOST_SKUS or not all(isinstance(sku, str) for sku in skus):
        raise wrong
    return set(skus)
