"""What goes wrong on demand."""
import time

import pytest
import requests

from .conftest import SG

PATH = '/seller/get'


def test_http_errors(client, control):
    control.post('/faults', [{'path': PATH, 'times': 2, 'kind': 'http', 'status': 503,
                              'body': '<html>down</html>', 'headers': {'Retry-After': '7'}}])
    for _each in range(2):
        answer = client.send('sg', PATH)
        assert (answer.status_code, answer.text, answer.headers['Retry-After']) == (
            503, '<html>down</html>', '7')
    assert client.call('sg', PATH)['code'] == '0'


def test_error_envelopes(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'error', 'code': 'ApiCallLimit',
                             'message': 'this ban will last 600 seconds', 'type': 'ISV'})
    body = client.call('sg', PATH)
    assert (body['code'], body['type'], body['message']) == (
        'ApiCallLimit', 'ISV', 'this ban will last 600 seconds')
    assert body['request_id']


def test_delay(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'delay', 'seconds': 0.3})
    started = time.monotonic()
    assert client.call('sg', PATH)['code'] == '0'
    assert time.monotonic() - started >= 0.3


def test_cut(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'cut', 'bytes': 10})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.send('sg', PATH)


def test_reset(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'reset'})
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        client.send('sg', PATH)
    assert 'reset by peer' in str(caught.value)
    assert client.call('sg', PATH)['code'] == '0'


def test_drip(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'drip', 'seconds': 0.002})
    started = time.monotonic()
    body = client.send('sg', PATH)
    assert body.json()['code'] == '0'
    assert time.monotonic() - started >= 0.002 * len(body.content)


@pytest.mark.parametrize('gzip, most', [(True, 10_000), (False, 4_000_000)])
def test_bulk(client, control, gzip, most):
    control.post('/faults', {'path': PATH, 'kind': 'bulk', 'megabytes': 3, 'gzip': gzip})
    answer = client.send('sg', PATH)
    assert answer.json()['code'] == '0' and len(answer.content) > 3_000_000
    assert int(answer.headers['Content-Length']) < most


def test_repeat_answers_the_previous_page_again(client, control):
    params = {'created_after': '2020-01-01T00:00:00+08:00', 'limit': '10'}
    first = client.call('sg', '/orders/get', params)
    control.post('/faults', {'path': '/orders/get', 'kind': 'repeat'})
    assert client.call('sg', '/orders/get', {**params, 'offset': '10'}) == first
    assert client.call('sg', '/orders/get', {**params, 'offset': '10'})['data'] != first['data']


@pytest.mark.parametrize('kind', ['http', 'error', 'reset'])
@pytest.mark.parametrize('after', [True, False])
def test_after_applies_the_call_and_breaks_the_answer(client, control, kind, after):
    tee = control.listing('LZ-TEE-BLK-M')
    payload = (f'<Request><Product><Skus><Sku><ItemId>{tee["item_id"]}</ItemId><SkuId>'
               f'{tee["sku_id"]}</SkuId><SellableQuantity>17</SellableQuantity></Sku></Skus>'
               '</Product></Request>')
    control.post('/faults', {'path': '/product/stock/*', 'kind': kind, 'after': after,
                             'code': 'ServiceTimeout'})
    try:
        answer = client.send('sg', '/product/stock/sellable/update', {'payload': payload}, 'POST')
        assert answer.status_code == 500 or answer.json()['code'] == 'ServiceTimeout'
    except requests.exceptions.ConnectionError:
        assert kind == 'reset'
    assert (control.listing('LZ-TEE-BLK-M')['sellable'] == 17) is after
    assert control.get('/calls')['counters'].get('stock_update', 0) == int(after)


def test_narrowed_faults(client, control):
    control.post('/faults', [
        {'path': PATH, 'kind': 'error', 'site': 'my', 'times': 0},
        {'path': PATH, 'kind': 'error', 'seller_id': SG, 'skip': 1}])
    assert client.call('ph', PATH)['code'] == '0'
    assert [client.call('sg', PATH)['code'] for _each in range(3)] == [
        '0', 'ServiceUnavailable', '0']
    assert {client.call('my', PATH)['code'] for _each in range(3)} == {'ServiceUnavailable'}
    hits = {fault.get('seller_id'): fault['hits'] for fault in control.get('/faults')['faults']}
    assert hits == {'': 3, SG: 1}
    control.delete('/faults')
    assert client.call('my', PATH)['code'] == '0'


def test_faulty_calls_are_in_the_log(client, control):
    control.post('/faults', {'path': PATH, 'kind': 'http', 'status': 502})
    before = control.get('/calls')['last']
    client.send('sg', PATH)
    call, = control.get(f'/calls?since={before}')['calls']
    assert (call['fault'], call['http_status'], call['code']) == ('http', 502, None)
