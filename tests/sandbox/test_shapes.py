"""Every member the stand-in sends is in a captured or documented payload, with the live type."""
import json
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / 'fixtures' / 'lazada'
# Captures of production: their types count. Documented samples print every scalar as text, so they
# vouch for names only; for those the field tables name the type.
LIVE_HEADERS = ('orders.get.vn-2023', 'orders.get.th-2021-pending', 'orders.get.th-2018')
LIVE_ITEMS = ('order.items.get.th-2021-pending', 'order.items.get.th-2021-canceled',
              'orders.items.get.th-2018')
TABLE = {
    'buyer_id': (str, int), 'sku_id': (str,), 'product_id': (str,), 'biz_group': (int,),
    'is_fbl': (int,), 'delivery_option_sof': (int,), 'is_reroute': (int,),
    'wallet_credits': (int, float), 'voucher_seller_lpi': (int, float),
    'voucher_platform_lpi': (int, float), 'fulfillment_sla': (str,),
    'priority_fulfillment_tag': (str,), 'payment_time': (int,), 'gift_wrapping': (str,),
    'personalization': (str,), 'need_cancel_confirm': (bool,), 'is_cancel_pending': (bool,),
    'cancel_trigger_time': (int,), 'reverse_order_id': (str,), 'pick_up_store_info': (dict,),
    'shipping_fee_discount_seller': (int, float), 'shipping_fee_discount_platform': (int, float),
}


def load(name):
    return json.loads((FIXTURES / f'{name}.json').read_text('utf-8'))


def family(value):
    """int and float are one: captures of one field show both."""
    return 'number' if type(value) in (int, float) else type(value).__name__


def shapes(rows):
    """{member: {type families}} of a list of objects."""
    found = {}
    for row in rows:
        for key, value in row.items():
            found.setdefault(key, set()).add(family(value))
    return found


def live_items():
    rows = []
    for name in LIVE_ITEMS:
        for row in load(name)['data']:
            rows += row.get('order_items', [row])
    return rows


def live_headers():
    return [row for name in LIVE_HEADERS for row in load(name)['data']['orders']]


def assert_known(rows, live, documented):
    live, documented = shapes(live), shapes(documented)
    for key, kinds in shapes(rows).items():
        if key in live:
            assert kinds <= live[key], key
        else:
            assert key in documented, f'{key} is in no captured or documented payload'
            assert kinds <= {family(kind()) for kind in TABLE[key]}, key


@pytest.fixture
def answers(client, thai, control):
    """(site, header, items) of every order of the demo world and of a Vietnamese shop."""
    control.buy(shipping='3.10', channel='pickup')
    vn = control.post('/shops', {'site': 'vn', 'name': 'Cửa hàng mẫu'})
    control.post('/orders', {'site': 'vn', 'seller_id': vn['seller_id'], 'count': 5, 'units': 2,
                             'shipping': '16000'})
    tokens = {'th': thai.token,
              'vn': control.post('/tokens', {'account': vn['account']})['access_token']}
    found = []
    for site in ('sg', 'my', 'ph', 'th', 'vn'):
        token = tokens.get(site)
        body = client.call(site, '/orders/get', {
            'created_after': '2020-01-01T00:00:00+08:00'}, token=token)
        for header in body['data']['orders']:
            items = client.call(site, '/order/items/get', {'order_id': header['order_id']},
                                token=token)['data']
            found.append((site, header, items))
    return found


def test_headers(answers):
    documented = load('orders.get.doc-allfields')['data']['orders']
    headers = [header for _site, header, _items in answers]
    assert_known(headers, live_headers(), documented)
    assert_known([header['address_shipping'] for header in headers],
                 [header['address_shipping'] for header in live_headers()],
                 [header['address_shipping'] for header in documented])


def test_items(answers):
    documented = load('order.items.get.doc-allfields')['data']
    rows = [item for _site, _header, items in answers for item in items]
    assert len(rows) > 150
    assert_known(rows, live_items(), documented)


def test_vietnam_looks_like_its_capture(answers):
    captured = load('orders.get.vn-2023')['data']['orders'][0]
    headers = [header for site, header, _items in answers if site == 'vn']
    for header in headers:
        assert set(header) == set(captured)
        assert shapes([header]) == shapes([captured])
        assert ',' not in header['price'] and header['price'].endswith('.00')
        assert isinstance(header['shipping_fee'], float)
        assert header['created_at'].endswith(' +0700')
        assert header['address_shipping']['post_code'] == ''


def test_thailand_looks_like_its_captures(answers):
    headers = [header for site, header, _items in answers if site == 'th']
    old = [header for header in headers if 'warehouse_code' not in header]
    assert old and set(old[0]) == set(load('orders.get.th-2018')['data']['orders'][0])
    captured = load('orders.get.th-2021-pending')['data']['orders'][0]
    assert all(set(captured) <= set(header) for header in headers if header not in old)
    items = [items[0] for site, header, items in answers if site == 'th' and header in old]
    assert set(items[0]) == set(load('orders.items.get.th-2018')['data'][0]['order_items'][0])
    assert all(isinstance(header['voucher'], (int, float)) for header in headers)


def test_tokens(client, control):
    for path, params, name in (
            ('/auth/token/create', {'code': client.consent('cb-owner@example.com')},
             'auth.token.create.crossborder'),
            ('/auth/token/refresh', {'refresh_token': control.post(
                '/tokens', {'account': 'th-shop@example.com'})['refresh_token']},
             'auth.token.refresh')):
        body, sample = client.call('auth', path, params), load(name)
        assert set(body) - {'account_id'} == set(sample) - {'account_id', '_trace_id_'}
        assert all(type(body[key]) is type(sample[key]) for key in sample if key in body)


def test_seller_and_errors(client):
    sample = load('seller.get')
    body = client.call('sg', '/seller/get')
    assert shapes([body['data']]) == shapes([sample['data']])
    for params, name in (({'order_id': '915189481504530'}, 'error.16-invalid-order'),):
        body, sample = client.call('sg', '/order/get', params), load(name)
        assert {**body, 'request_id': ''} == {**sample, 'request_id': ''}
    for code, mine in (('IncompleteSignature', {'sign': '0'}),):
        params = {**client.signed('/seller/get', {'access_token': client.token}), **mine}
        import requests
        body = requests.get(f'{client.url}/sg/rest/seller/get', params=params, timeout=5).json()
        assert {**body, 'request_id': ''} == {**load(f'error.{code}'), 'request_id': ''}


def test_products(client):
    vn, sg = load('products.get.vn-2023-options1')['data'], load('product.item.get.sg-two-skus')
    options = {'color_family', 'size', 'cover', 'switch'}
    products = client.call('sg', '/products/get', {'filter': 'all', 'options': '1'})['data']
    assert set(products) == set(vn)
    for product in products['products']:
        assert set(product) <= set(vn['products'][0]) | set(sg['data'])
        samples = vn['products'][0]['skus'] + sg['data']['skus']
        known = shapes(samples)
        for key, kinds in shapes(product['skus']).items():
            assert key in options or kinds <= known[key], key
        stock = product['skus'][0]['multiWarehouseInventories'][0]
        assert set(stock) == set(samples[0]['multiWarehouseInventories'][0])
