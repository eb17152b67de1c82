"""The seeded demo world and the server process."""
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path

import requests

CATALOGUE = json.loads(
    (Path(__file__).parents[2] / 'lazada_sandbox/world/demo_catalogue.json').read_text('utf-8'))


def world(control):
    return control.get('/orders')['orders'], control.get('/listings')['listings']


def test_the_demo_world(control):
    state = control.get('/state')
    assert {account['login']: len(account['seller_ids']) for account in state['accounts']} == {
        'cb-owner@example.com': 3, 'th-shop@example.com': 1}
    assert sorted(shop['site'] for shop in state['shops']) == ['my', 'ph', 'sg', 'th']
    assert sum(shop['orders'] for shop in state['shops']) == 120
    assert sum(shop['listings'] for shop in state['shops']) == 60
    orders, listings = world(control)
    assert sum(order['importable'] and order['linked'] for order in orders) >= 70
    assert {listing['status'] for listing in listings} == {'active', 'inactive'}
    assert any(listing['sellable'] == 0 for listing in listings)


def test_all_statuses_and_mixtures(control):
    orders, _listings = world(control)
    assert {status for order in orders for status in order['statuses']} >= {
        'unpaid', 'pending', 'repacked', 'packed', 'ready_to_ship_pending', 'ready_to_ship',
        'shipped', 'delivered', 'confirmed', 'canceled', 'failed_delivery', 'shipped_back',
        'shipped_back_success', 'returned', 'lost_by_3pl', 'INFO_ST_DOMESTIC_ON_HOLD'}
    assert {order['channel'] for order in orders} == {
        'seller', 'fbl', 'sof', 'digital', 'pickup', 'choice'}
    mixtures = {frozenset(order['statuses']) for order in orders if len(order['statuses']) > 1}
    assert {'pending', 'canceled'} in mixtures and {'packed', 'shipped'} in mixtures
    one_sku = [order for order in orders if len(order['items']) > 1
               and len({item['seller_sku'] for item in order['items']}) == 1]
    assert one_sku
    assert any(not order['linked'] and order['importable'] for order in orders)


def test_awkward_texts_and_amounts(client, thai):
    headers = []
    for site, each in (('sg', client), ('ph', client), ('my', client), ('th', thai)):
        body = each.call(site, '/orders/get', {'created_after': '2020-01-01T00:00:00+08:00'})
        headers += body['data']['orders']
    prices = [header['price'] for header in headers]
    assert any(',' in price for price in prices)
    notes = ''.join(header.get('buyer_note', '') for header in headers)
    assert '=HYPERLINK' in notes and '<script>' in notes and '🎁' in notes
    assert any('/ ' in header['address_shipping']['city'] for header in headers)
    assert any('*' in header['customer_first_name'] for header in headers)
    assert any('voucher_seller' not in header for header in headers)
    assert {header['extra_attributes'] for header in headers} == {
        '', '{"TaxInvoiceRequested":false}', '{"TaxInvoiceRequested":true}'}
    assert any(header['shipping_fee'] for header in headers)


def test_catalogue_file():
    skus = [entry['sku'] for entry in CATALOGUE]
    assert len(set(skus)) == len(skus)
    assert any(' ' in sku and '/' in sku for sku in skus) and any(not sku.isascii()
                                                                 for sku in skus)
    assert sum(entry['ambiguous'] for entry in CATALOGUE) == 1
    assert 2 <= sum(not entry['in_odoo'] for entry in CATALOGUE) <= 4
    assert all(set(entry) == {'sku', 'name', 'variation', 'price', 'barcode', 'in_odoo',
                              'ambiguous'} for entry in CATALOGUE)


def test_control_explains_itself(control):
    calls = control.get('/help')
    assert 'seller_sku' in calls['POST /_control/orders']
    assert {'POST /_control/faults', 'POST /_control/clock', 'GET /_control/calls'} <= set(calls)


def test_it_stands_on_its_own():
    package = Path(__file__).parents[2] / 'lazada_sandbox'
    for path in package.rglob('*.py'):
        assert 'lazada_connector' not in path.read_text('utf-8'), path


def test_one_seed_one_world(control):
    def fingerprint(seed):
        control.post('/reset', {'seed': seed})
        orders, listings = world(control)
        return ([(order['order_id'], order['statuses'], order['totals'],
                  order['items'][0]['sku_id']) for order in orders],
                [listing['sku_id'] for listing in listings])
    first, second, other = fingerprint(7), fingerprint(7), fingerprint(8)
    assert first == second
    assert first[0] != other[0] and first[1] == other[1]


def test_new_ids_after_a_reset(control):
    bought = {control.buy()['order_id'] for _each in range(3)}
    time.sleep(1.1)
    control.post('/reset', {'seed': 1})
    assert control.buy()['order_id'] not in bought


def test_the_seed_is_spread_over_the_last_25_days(control):
    orders, _listings = world(control)
    from datetime import datetime, timedelta
    now = datetime.now(UTC)
    ages = [now - datetime.fromisoformat(order['created_at']) for order in orders]
    assert min(ages) > timedelta(0) and timedelta(days=14) < max(ages) < timedelta(days=25)
    assert all(order['updated_at'] >= order['created_at'] for order in orders)
    assert all(datetime.fromisoformat(order['updated_at']) <= now for order in orders)


def test_started_from_the_command_line():
    process = subprocess.Popen(
        [sys.executable, '-m', 'lazada_sandbox', '--port', '0', '--seed', '3'],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        line = process.stdout.readline()
        assert 'http://127.0.0.1:' in line and 'seed 3' in line
        url = line.split()[3]
        assert requests.get(f'{url}/_control/state', timeout=5).json()['seed'] == 3
        port = url.rsplit(':', 1)[1]
        second = subprocess.run([sys.executable, '-m', 'lazada_sandbox', '--port', port],
                                capture_output=True, text=True, timeout=20,
                                cwd=Path(__file__).parents[2])
        assert second.returncode == 1 and f'Port {port} is in use' in second.stderr
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def test_requests_at_the_same_time(client, control):
    def one(_number):
        return client.call('sg', '/orders/get', {'created_after': '2020-01-01T00:00:00+08:00',
                                                 'limit': '20'})['code']
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(one, range(100)))
    assert set(codes) == {'0'}
