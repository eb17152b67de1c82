"""Catalogue and stock endpoints."""
import time

import pytest

from .conftest import SG, compact

UPDATE, ADJUST = '/product/stock/sellable/update', '/product/stock/sellable/adjust'


def payload(*rows):
    """Rows of (listing, quantity)."""
    skus = ''.join(
        f'<Sku><ItemId>{listing["item_id"]}</ItemId><SkuId>{listing["sku_id"]}</SkuId>'
        f'<SellableQuantity>{quantity}</SellableQuantity></Sku>' for listing, quantity in rows)
    return {'payload': f'<Request><Product><Skus>{skus}</Skus></Product></Request>'}


def read_all(client, site='sg', **params):
    body = client.call(site, '/products/get', {'filter': 'all', 'limit': '50', **params})
    assert body['code'] == '0', body
    return body['data']


def test_every_listing_is_read(client, control):
    data = read_all(client)
    skus = [sku for product in data['products'] for sku in product['skus']]
    truth = control.get(f'/listings?site=sg&seller_id={SG}')['listings']
    assert {str(sku['SkuId']) for sku in skus} == {each['sku_id'] for each in truth}
    assert data['total_products'] == len(data['products']) < len(skus) == 18
    tee = next(sku for sku in skus if sku['SellerSku'] == 'LZ-TEE-BLK-M')
    assert tee['saleProp'] == {'color_family': 'Black', 'size': 'M'}
    assert tee['color_family'] == 'Black'
    assert tee['ShopSku'] == f'{data["products"][0]["item_id"]}_SGAMZ-{tee["SkuId"]}'


def test_pages_and_refusals(client):
    first = client.call('sg', '/products/get', {'filter': 'all', 'limit': '5'})['data']
    second = client.call('sg', '/products/get', {'filter': 'all', 'limit': '5', 'offset': '5'})
    ids = [product['item_id'] for product in first['products'] + second['data']['products']]
    assert len(set(ids)) == 10
    for params, code in (({}, 'MissingParameter'), ({'filter': 'x'}, '36'),
                         ({'filter': 'all', 'limit': '51'}, '19'),
                         ({'filter': 'all', 'offset': '10001'}, '14'),
                         ({'filter': 'all', 'update_after': 'soon'}, '17'),
                         ({'filter': 'all', 'sku_seller_list': 'LZ'}, '70')):
        assert client.call('sg', '/products/get', params)['code'] == code


def test_filters_and_windows(client, control):
    found = read_all(client, sku_seller_list=compact(['LZ-MUG 350/BLUE']))
    assert [product['attributes']['name'] for product in found['products']] == [
        'Stoneware Mug 350 ml']
    assert read_all(client, filter='pending')['total_products'] == 1
    assert read_all(client, filter='sold-out')['total_products'] == 1
    control.post('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': 'LZ-BAG-TOTE',
                               'status': 'deleted'})
    assert read_all(client, filter='deleted')['total_products'] == 1
    now = time.strftime('%Y-%m-%dT%H:%M:%S+0000', time.gmtime(time.time() - 5))
    assert read_all(client, update_after=now, filter='deleted')['total_products'] == 1
    assert read_all(client, update_before=now, filter='deleted')['products'] == []
    control.post('/behaviour', {'empty_products': 'no_key'})
    assert read_all(client, update_before=now, filter='deleted') == {'total_products': 0}


def test_one_item_in_both_forms(client, control):
    item_id = control.listing('LZ-TEE-BLK-M')['item_id']
    snake = client.call('sg', '/product/item/get', {'item_id': item_id})['data']
    assert snake['item_id'] == int(item_id) and len(snake['skus']) == 4
    control.post('/behaviour', {'product_item_form': 'camel'})
    camel = client.call('sg', '/product/item/get', {'item_id': item_id})['data']
    assert camel['itemId'] == int(item_id) and camel['trialProduct'] is None
    assert client.call('sg', '/product/item/get', {'item_id': '1'})['code'] == '208'
    assert client.call('sg', '/product/item/get', {'item_id': 'x'})['code'] == '200'


def test_a_deleted_sku_comes_back_under_a_new_id(client, control):
    old = control.listing('LZ-BAG-TOTE')
    base = {'site': 'sg', 'seller_id': SG, 'seller_sku': 'LZ-BAG-TOTE'}
    control.post('/listings', {**base, 'status': 'deleted'})
    new = control.post('/listings', {**base, 'new': True, 'name': 'Tote again', 'sellable': 5})
    assert new['sku_id'] != old['sku_id'] and new['status'] == 'active'
    assert control.buy(seller_sku='LZ-BAG-TOTE').get('order_id')


def test_stock_is_set_and_adjusted(client, control):
    tee, mug = control.listing('LZ-TEE-BLK-M'), control.listing('LZ-MUG 350/BLUE')
    body = client.call('sg', UPDATE, payload((tee, 11), (mug, 12)), 'POST')
    assert {key: body[key] for key in ('data', 'code')} == {'data': {}, 'code': '0'}
    body = client.call('sg', ADJUST, payload((tee, -4)), 'POST')
    assert body['code'] == '0'
    assert control.listing('LZ-TEE-BLK-M')['sellable'] == 7
    assert control.listing('LZ-MUG 350/BLUE')['sellable'] == 12
    counters = control.get('/calls')['counters']
    assert (counters['stock_update'], counters['stock_adjust']) == (2, 1)


def test_good_rows_are_applied_although_others_are_refused(client, control):
    tee, mug = control.listing('LZ-TEE-BLK-M'), control.listing('LZ-MUG 350/BLUE')
    wrong = {**tee, 'item_id': '1'}
    body = client.call('sg', UPDATE, payload((wrong, 1), (mug, 3)), 'POST')
    assert (body['code'], body['type']) == ('501', 'ISP')
    assert body['detail'] == [{'field': 'ItemId', 'message': 'ITEM_NOT_FOUND', 'code': 'E0501',
                               'seller_sku': 'LZ-TEE-BLK-M'}]
    assert control.listing('LZ-MUG 350/BLUE')['sellable'] == 3
    control.post('/behaviour', {'partial_stock_code': '0', 'stock_detail': 'bare'})
    body = client.call('sg', UPDATE, payload((wrong, 1), (mug, 4)), 'POST')
    assert body['code'] == '0' and set(body['detail'][0]) == {'field', 'message', 'code'}


@pytest.mark.parametrize('quantity, code', [(-1, '212'), ('x', '5')])
def test_impossible_quantities(client, control, quantity, code):
    body = client.call('sg', UPDATE, payload((control.listing('LZ-TEE-BLK-M'), quantity)), 'POST')
    assert body['code'] == code


def test_malformed_and_oversized_payloads(client, control):
    tee = control.listing('LZ-TEE-BLK-M')
    assert client.call('sg', UPDATE, {'payload': '<Request>'}, 'POST')['code'] == '30'
    assert client.call('sg', UPDATE, {'payload': '<Request/>'}, 'POST')['code'] == '30'
    assert client.call('sg', UPDATE, payload(*[(tee, 1)] * 51), 'POST')['code'] == '204'
    assert client.call('sg', UPDATE, payload(*[(tee, 1)] * 50), 'POST')['code'] == '0'


def test_campaigns_lock_stock(client, control):
    now = int(time.time())
    base = {'site': 'sg', 'seller_id': SG, 'seller_sku': 'LZ-TEE-BLK-M', 'sellable': 10}
    campaign = {'name': 'Bday Mega', 'from': now - 60, 'to': now + 3600}
    tee = control.post('/listings', {**base, 'campaign': campaign})
    body = client.call('sg', UPDATE, payload((tee, 9)), 'POST')
    assert body['code'] == '4170'
    assert 'Sellers can increase stocks, but may not decrease stocks.' in body['message']
    assert client.call('sg', UPDATE, payload((tee, 20)), 'POST')['code'] == '0'
    control.post('/listings', {**base, 'campaign': {**campaign, 'locked': 6}})
    body = client.call('sg', UPDATE, payload((tee, 5)), 'POST')
    assert body['code'] == '501'
    assert body['detail'][0]['message'] == 'negative sellable on channel inventory'
    assert client.call('sg', UPDATE, payload((tee, 6)), 'POST')['code'] == '0'
    control.post('/clock', {'advance': 3700})
    assert client.call('sg', UPDATE, payload((tee, 1)), 'POST')['code'] == '0'


def test_lazadas_own_stock_is_not_writable(client, control):
    control.post('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': 'LZ-TEE-BLK-M',
                               'fbl': True})
    tee = control.listing('LZ-TEE-BLK-M')
    body = client.call('sg', UPDATE, payload((tee, 5)), 'POST')
    assert body['code'] == '501' and body['detail'][0]['code'] == 'SELLER_NOT_PERMITTED'


def test_several_warehouses(client, control):
    shop = control.post('/shops', {'site': 'my', 'name': 'Two houses', 'warehouses': ['MY10-WH-2']})
    token = control.post('/tokens', {'account': shop['account']})['access_token']
    listings = control.get(f'/listings?site=my&seller_id={shop["seller_id"]}')['listings']
    tee = listings[0]

    def send(tag, code='MY10-WH-2'):
        text = (f'<Request><Product><Skus><Sku><ItemId>{tee["item_id"]}</ItemId>'
                f'<SkuId>{tee["sku_id"]}</SkuId><MultiWarehouseInventories>'
                f'<MultiWarehouseInventory><WarehouseCode>{code}</WarehouseCode><{tag}>30</{tag}>'
                '</MultiWarehouseInventory></MultiWarehouseInventories></Sku></Skus></Product>'
                '</Request>')
        return client.call('my', UPDATE, {'payload': text}, 'POST', token=token)['code']

    def stock():
        found = control.get(f'/listings?site=my&seller_id={shop["seller_id"]}')['listings']
        return next(each['warehouses'] for each in found if each['sku_id'] == tee['sku_id'])
    assert send('Quantity') == '0' and stock() == {'dropshipping': 400}
    assert send('SellableQuantity') == '0' and stock() == {'dropshipping': 400, 'MY10-WH-2': 30}
    assert send('SellableQuantity', 'NOWHERE') == '501'
    control.post('/behaviour', {'multi_warehouse_tag': 'Quantity'})
    assert send('Quantity', 'dropshipping') == '0'
    assert stock() == {'dropshipping': 30, 'MY10-WH-2': 30}
    products = client.call('my', '/products/get', {'filter': 'all'}, token=token)['data']
    sku = next(sku for product in products['products'] for sku in product['skus']
               if str(sku['SkuId']) == tee['sku_id'])
    assert {each['warehouseCode'] for each in sku['multiWarehouseInventories']} == {
        'dropshipping', 'MY10-WH-2'}


def test_the_single_warehouse_seller_may_not_use_the_other_form(client, control):
    tee = control.listing('LZ-TEE-BLK-M')
    text = (f'<Request><Product><Skus><Sku><ItemId>{tee["item_id"]}</ItemId><SkuId>{tee["sku_id"]}'
            '</SkuId><MultiWarehouseInventories><MultiWarehouseInventory><WarehouseCode>dropshipping'
            '</WarehouseCode><SellableQuantity>3</SellableQuantity></MultiWarehouseInventory>'
            '</MultiWarehouseInventories></Sku></Skus></Product></Request>')
    assert client.call('sg', UPDATE, {'payload': text}, 'POST')['code'] == '501'


def test_a_big_shop(control, client):
    answer = control.post('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': 'BULK',
                                        'count': 300, 'sellable': 3})
    assert len(answer['listings']) == 300
    assert read_all(client, offset='250')['total_products'] > 300
