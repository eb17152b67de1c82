"""How a product looks in an answer."""
from .. import images
from ..world.catalogue import shop_sku
from ..world.stock import FBL_WAREHOUSE


def product_json(shop, product, base_url, full=False):
    """The snake_case form of live answers. `full` adds what `options=1` asks for; images are at
    `base_url`."""
    return {
        'created_time': str(product.created_at * 1000),
        'updated_time': str(product.updated_at * 1000),
        'images': [base_url + images.path(product.item_id)],
        'skus': [sku_json(shop, listing, base_url, full) for listing in product.listings],
        'item_id': product.item_id,
        'trialProduct': False,
        'primary_category': product.category,
        'marketImages': [],
        'attributes': {'name': product.name, 'description': '<p style="margin: 0;"></p>',
                       'brand': 'No Brand', 'source': 'asc'},
        'status': product.status,
    }


def sku_json(shop, listing, base_url, full):
    options = sale_properties(listing.variation)
    sku = {
        'Status': listing.status,
        'quantity': total(listing),
        'Images': [base_url + images.path(listing.sku_id), ''],
        'SellerSku': listing.seller_sku,
        'ShopSku': shop_sku(shop, listing),
        'Url': f'https://www.{shop.place.domain}/-i{listing.product.item_id}-s{listing.sku_id}.html',
        'multiWarehouseInventories': _warehouses(shop, listing),
        'package_width': '12.00', 'package_height': '4.00', 'package_length': '20.00',
        'package_weight': '0.3',
        'saleProp': options,
        **options,
        'fblWarehouseInventories': [_bucket(FBL_WAREHOUSE, listing)] if listing.fbl else [],
        'special_price': shop.place.number(listing.special_price),
        'price': shop.place.number(listing.price),
        'SkuId': listing.sku_id,
    }
    if shop.site in ('sg', 'my', 'ph'):
        sku['Available'] = listing.sellable
    if full:
        sku.update(
            sellableStock=listing.sellable, occupiedStock=listing.occupied,
            withholdingStock=listing.withheld, dropshippingStock=0, fulfilmentStock=0,
            preorderStock=0, channelInventories=_channels(listing))
    return sku


def product_camel(shop, product, base_url):
    """The camelCase form of the reference's sample, null members included."""
    plain = product_json(shop, product, base_url, full=True)
    return {
        'itemId': plain['item_id'], 'createdTime': plain['created_time'],
        'updatedTime': plain['updated_time'], 'primaryCategory': plain['primary_category'],
        'productImageList': plain['images'], 'attributes': plain['attributes'],
        'status': plain['status'], 'skus': plain['skus'], 'trialProduct': None,
    }


def sale_properties(variation):
    """"Color family:Black, Size:M" -> {"color_family": "Black", "size": "M"}."""
    pairs = (part.split(':', 1) for part in variation.split(', ') if ':' in part)
    return {label.strip().lower().replace(' ', '_'): value.strip() for label, value in pairs}


def total(listing):
    return listing.sellable + listing.withheld + listing.occupied


def _warehouses(shop, listing):
    """Warehouses without stock are left out, as the platform does."""
    if listing.fbl:
        return []
    if not listing.warehouse_stock:
        return [_bucket('dropshipping', listing)]
    return [{**_bucket(code, listing), 'sellableQuantity': quantity, 'quantity': quantity,
             'totalQuantity': quantity, 'withholdQuantity': 0, 'occupyQuantity': 0}
            for code, quantity in listing.warehouse_stock.items() if quantity]


def _bucket(code, listing):
    return {'occupyQuantity': listing.occupied, 'quantity': total(listing),
            'totalQuantity': total(listing), 'withholdQuantity': listing.withheld,
            'warehouseCode': code, 'sellableQuantity': listing.sellable}


def _channels(listing):
    campaign = listing.campaign
    if not campaign or not campaign.get('locked'):
        return []
    return [{'channelName': campaign['name'], 'startTime': campaign['from'] * 1000,
             'endTime': campaign['to'] * 1000, 'sellableQuantity': campaign['locked']}]
