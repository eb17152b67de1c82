"""Reading orders: windows, pages, filters, batches."""
from datetime import UTC, datetime, timedelta, timezone

import pytest

from .conftest import compact

ZONE = timezone(timedelta(hours=8))


def iso(moment):
    return moment.astimezone(ZONE).isoformat(timespec='seconds')


LONG_AGO = iso(datetime.now(UTC) - timedelta(days=26))


def pages(client, site, **params):
    """All orders, page by page."""
    found, offset = [], 0
    while True:
        body = client.call(site, '/orders/get', {
            'created_after': LONG_AGO, 'limit': '25', 'offset': str(offset), **params})
        assert body['code'] == '0', body
        found += body['data']['orders']
        if len(body['data']['orders']) < 25:
            return found
        offset += 25


def test_every_order_is_found_once(client, thai, control):
    total = 0
    for site, each in (('sg', client), ('ph', client), ('my', client), ('th', thai)):
        truth = {order['order_id'] for order in control.get(f'/orders?site={site}')['orders']}
        found = [str(order['order_id']) for order in pages(each, site)]
        assert sorted(found) == sorted(truth)
        total += len(found)
    assert total == 120


def test_a_window_is_mandatory(client):
    assert client.call('sg', '/orders/get', {'limit': '10'})['code'] == 'MissingParameter'


@pytest.mark.parametrize('params, code', [
    ({'limit': '101'}, '19'), ({'limit': '0'}, '19'), ({'offset': 'x'}, '14'),
    ({'offset': '5001'}, '14'), ({'offset': '5000'}, '0'), ({'status': 'toship'}, '0'),
    ({'status': 'cancelled'}, '36'), ({'sort_direction': 'UP'}, '74'), ({'sort_by': 'price'}, '75'),
    ({'update_after': '2026-01-01'}, '17'), ({'update_after': '2026-13-01T00:00:00+08:00'}, '17'),
    ({'updated_after': '2026-13-01T00:00:00+08:00'}, '0')])
def test_bounds_of_parameters(client, params, code):
    body = client.call('sg', '/orders/get', {'created_after': LONG_AGO, **params})
    assert body['code'] == code
    if code != '0':
        assert body['type'] == 'ISP' and body['message'].startswith(f'E0{code}')


def test_an_unknown_status_may_be_code_6(client, control):
    control.post('/behaviour', {'bad_status_code': '6'})
    body = client.call('sg', '/orders/get', {'created_after': LONG_AGO, 'status': 'x'})
    assert body['code'] == '6'


def test_beyond_the_deepest_offset_it_may_be_empty(client, control):
    control.post('/behaviour', {'deep_offset': 'empty'})
    body = client.call('sg', '/orders/get', {'created_after': LONG_AGO, 'offset': '5001'})
    assert body['data']['orders'] == []


def test_status_filters_match_any_item(client):
    for chosen, statuses in (('pending', {'pending'}), ('topack', {'pending', 'repacked'}),
                             ('canceled', {'canceled'})):
        found = pages(client, 'sg', status=chosen)
        assert found and all(statuses & set(order['statuses']) for order in found)


def test_sorting_and_the_update_window(client, control):
    order_id = control.buy()['order_id']
    control.post('/clock', {'advance': 100})
    control.move(order_id, 'packed')
    found = pages(client, 'sg', sort_by='updated_at', sort_direction='DESC')
    assert str(found[0]['order_id']) == order_id
    assert found[0]['updated_at'] > found[0]['created_at']
    moments = [order['updated_at'] for order in found]
    assert moments == sorted(moments, reverse=True)
    after = datetime.strptime(found[0]['updated_at'], '%Y-%m-%d %H:%M:%S %z')
    for shift, expected in ((0, [order_id]), (1, [])):
        body = client.call('sg', '/orders/get', {'update_after': iso(
            after + timedelta(seconds=shift)), 'sort_by': 'updated_at'})
        assert [str(order['order_id']) for order in body['data']['orders']] == expected
    control.post('/behaviour', {'bounds': 'exclusive'})
    body = client.call('sg', '/orders/get', {'update_after': iso(after)})
    assert body['data'] == {'count': 0, 'countTotal': 0, 'orders': []}


def test_an_item_can_change_without_its_header(client, control):
    order_id = control.buy()['order_id']
    before = client.call('sg', '/order/get', {'order_id': order_id})['data']['updated_at']
    control.post('/clock', {'advance': 60})
    control.move(order_id, 'packed', touch=False)
    assert client.call('sg', '/order/get', {'order_id': order_id})['data']['updated_at'] == before


@pytest.mark.parametrize('mode, factor', [('always', 1), ('low', 0.5), ('high', 2)])
def test_count_total_may_be_wrong(client, control, mode, factor):
    control.post('/behaviour', {'count_total': mode})
    body = client.call('sg', '/orders/get', {'created_after': LONG_AGO, 'limit': '5'})
    assert (body['data']['count'], body['data']['countTotal']) == (5, 40 * factor)


def test_count_total_may_be_missing(client, thai, control):
    params = {'created_after': LONG_AGO}
    assert 'countTotal' not in thai.call('th', '/orders/get', params)['data']
    assert client.call('sg', '/orders/get', params)['data']['countTotal'] == 40
    control.post('/behaviour', {'count_total': 'never'})
    assert 'countTotal' not in client.call('sg', '/orders/get', params)['data']


def test_orders_may_show_up_late(client, control):
    order_id = control.buy()['order_id']
    control.post('/behaviour', {'index_lag': 300})
    assert order_id not in {str(order['order_id']) for order in pages(client, 'sg')}
    assert client.call('sg', '/order/get', {'order_id': order_id})['code'] == '0'
    control.post('/clock', {'advance': 301})
    assert order_id in {str(order['order_id']) for order in pages(client, 'sg')}


def test_one_order_and_its_items(client, control):
    order_id = control.buy(units=3)['order_id']
    header = client.call('sg', '/order/get', {'order_id': order_id})['data']
    items = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert header['items_count'] == len(items) == 3
    assert {item['order_id'] for item in items} == {int(order_id)}
    assert [item['order_item_id'] - int(order_id) for item in items] == [
        100_000, 200_000, 300_000]


@pytest.mark.parametrize('path', ['/order/get', '/order/items/get'])
def test_an_unknown_order_is_code_16(client, control, path):
    foreign = control.get('/orders?site=my')['orders'][5]['order_id']
    for wrong in ('915189481504530', 'abc', foreign):
        body = client.call('sg', path, {'order_id': wrong})
        assert (body['code'], body['type']) == ('16', 'ISP')
        assert body['message'] == f'E016: "{wrong}" Invalid Order ID'


def test_items_of_many_orders_come_unordered(client, control):
    bought = control.post('/orders', {'site': 'sg', 'seller_id': '1000399001', 'count': 50})
    ids = [int(order['order_id']) for order in bought['orders']]
    body = client.call('sg', '/orders/items/get', {'order_ids': compact(ids)})
    groups = [group['order_id'] for group in body['data']]
    assert sorted(groups) == sorted(ids) and groups != ids
    assert all(group['order_number'] == group['order_id'] for group in body['data'])
    assert all(len(group['order_items']) == 1 for group in body['data'])


def test_refused_batches_of_items(client, control):
    good = int(control.buy()['order_id'])
    path = '/orders/items/get'
    for ids, code in (([good, 5], '37'), ([5], '39'), (list(range(51)), '38'), (str(good), '56')):
        body = client.call('sg', path, {
            'order_ids': ids if isinstance(ids, str) else compact(ids)})
        assert (body['code'], 'data' in body) == (code, False)


def test_overrides_bend_what_is_answered(client, control):
    order_id = control.buy(units=2)['order_id']
    hidden = control.order(order_id)['items'][0]['order_item_id']
    control.post(f'/orders/sg/1000399001/{order_id}/override', {
        'header': {'price': 'NaN', 'buyer_note': '__missing__',
                   'address_shipping': {'first_name': 'a\u0000b\ud800'}},
        'items': {'*': {'paid_price': '1e2', 'brand_new_field': {'a': 1}}},
        'hide_items': [hidden]})
    header = client.call('sg', '/order/get', {'order_id': order_id})['data']
    assert header['price'] == 'NaN' and 'buyer_note' not in header
    assert header['address_shipping']['first_name'] == 'a\u0000b\ud800'
    assert header['address_shipping']['country'] == 'Singapore'
    assert header['items_count'] == 2
    item, = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert item['paid_price'] == '1e2' and item['brand_new_field'] == {'a': 1}
