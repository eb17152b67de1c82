from datetime import datetime
from decimal import Decimal

import pytest

from lazada_connector.mappers.listing import MAX_QTY, map_product
from lazada_connector.mappers.values import BadValue

from .payloads import load, names


@pytest.mark.parametrize('name', names('products.get'))
def test_captured_products_lose_nothing(name):
    for product in load(name)['data'].get('products', []):
        listings = map_product(product, 'vn')
        assert [(one['external_id'], one['seller_sku'], one['shop_sku'], one['price'],
                 one['lazada_qty'], one['product_url']) for one in listings] == [
            (str(sku['SkuId']), sku['SellerSku'], sku['ShopSku'], sku['price'], sku['quantity'],
             sku['Url']) for sku in product['skus']]
        assert {one['item_external_id'] for one in listings} == {str(product['item_id'])}
        assert {one['name'] for one in listings} == {product['attributes']['name']}
        assert {one['status'] for one in listings} == {'active'}


def test_a_product_of_two_skus():
    first, second = map_product(load('product.item.get.sg-two-skus')['data'], 'sg')
    assert first == {
        'external_id': '10044238042', 'item_external_id': '1884392091',
        'seller_sku': '1884392091-1626242071365-0', 'shop_sku': '1884392091_SGAMZ-10044238042',
        'name': 'Test Api Self Define Attributes 0714001',
        'variation': 'color_family: Maroon, CustomProp1: CustomOption1', 'status': 'active',
        'raw_status': 'active', 'price': Decimal('1000.0'), 'special_price': Decimal('0.0'),
        'lazada_qty': 1, 'warehouse_qty': {'dropshipping': 1}, 'fbl': False,
        'image_url': 'https://sg-live-02.slatic.net/p/00000000000000000000000000000000.jpg',
        'product_url': 'https://www.lazada.sg/-i1884392091-s10044238042.html',
        'remote_updated_at': datetime(2021, 7, 20, 6, 37, 40)}
    assert second['variation'].endswith('CustomOption2')


def test_the_camel_case_form_means_the_same():
    product = {
        'class': 'x', 'itemId': 7, 'updatedTime': '1626763060000', 'attributes': {'name': 'Cup'},
        'productImageList': ['https://a/1.jpg'], 'status': None, 'trialProduct': None,
        'skus': [{'skuId': 8, 'sellerSku': 'S', 'shopSku': '7_SG-8', 'status': 'active',
                  'quantity': '3', 'price': '2.50', 'specialPrice': '', 'url': None,
                  'images': ['', 'https://a/2.jpg'], 'multiWarehouseInventories': None}]}
    assert map_product(product, 'sg') == [{
        'external_id': '8', 'item_external_id': '7', 'seller_sku': 'S', 'shop_sku': '7_SG-8',
        'name': 'Cup', 'variation': '', 'status': 'active', 'raw_status': 'active',
        'price': Decimal('2.50'), 'special_price': Decimal(0), 'lazada_qty': 3, 'warehouse_qty': {},
        'fbl': False,
        'image_url': 'https://a/2.jpg', 'product_url': '',
        'remote_updated_at': datetime(2021, 7, 20, 6, 37, 40)}]


def sku(product_status='Active', **values):
    product = {'item_id': 1, 'status': product_status, 'images': ['https://a/1.jpg'],
               'skus': [{'SkuId': 2, 'Status': 'active', **values}]}
    return map_product(product, 'sg')[0]


@pytest.mark.parametrize('whole, one, expected', [
    ('Active', 'active', 'active'), ('Active', 'inactive', 'inactive'),
    ('Active', 'deleted', 'deleted'), ('InActive', 'active', 'inactive'),
    ('Deleted', 'active', 'deleted'), ('Pending QC', 'active', 'pending'),
    ('Suspended', 'active', 'inactive'), ('Rejected', 'active', 'rejected'),
    (None, 'sold-out', 'sold_out'), ('Something New', 'active', 'inactive'), ('', '', 'active')])
def test_statuses(whole, one, expected):
    mapped = sku(whole, Status=one)
    assert mapped['status'] == expected
    assert mapped['raw_status'] == (one or whole)


@pytest.mark.parametrize('values, expected', [
    ({'multiWarehouseInventories': [{'sellableQuantity': 2}, {'sellableQuantity': '3'}],
      'quantity': 9}, 5),
    ({'sellableStock': 4, 'quantity': 9}, 4), ({'Available': 0, 'quantity': 9}, 0),
    ({'quantity': 9}, 9), ({}, 0), ({'quantity': 1_370_000_000_000}, MAX_QTY)])
def test_sellable_quantity(values, expected):
    assert sku(**values)['lazada_qty'] == expected


def test_the_quantity_of_every_warehouse():
    assert sku(multiWarehouseInventories=[
        {'warehouseCode': 'dropshipping', 'sellableQuantity': 2, 'quantity': 9},
        {'warehouseCode': 'WH-2', 'sellableQuantity': '3'}])['warehouse_qty'] == {
            'dropshipping': 2, 'WH-2': 3}


def test_fbl_listings_and_pictures():
    assert sku(fblWarehouseInventories=[{'quantity': 1}])['fbl']
    assert not sku(fblWarehouseInventories=[{'quantity': 1}],
                   multiWarehouseInventories=[{'sellableQuantity': 1}])['fbl']
    assert sku()['image_url'] == 'https://a/1.jpg'
    with pytest.raises(BadValue, match='skuid is missing'):
        sku(SkuId=None)
