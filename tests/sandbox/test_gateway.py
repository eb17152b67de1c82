"""Signature, token, clock, verbs and envelopes."""
import time

import pytest
import requests

from lazada_sandbox.gateway.signature import sign

BASE = {'app_key': '123456', 'access_token': '50000000000testtoken',
        'timestamp': '1732172400000', 'sign_method': 'sha256'}


@pytest.mark.parametrize('secret, path, params, expected', [
    ('helloworld', '/order/get',
     {'app_key': '123456', 'access_token': 'test', 'timestamp': '1517820392000',
      'sign_method': 'sha256', 'order_id': '1234'},
     '4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A'),
    ('secret_abc123', '/products/get',
     {**BASE, 'filter': 'all', 'sku_seller_list': '["เสื้อ-01","áo dài"]'},
     '93E1D81CBF34823A60A69993DEB95DAF707D9C32400C811F76D4884BF47CC418'),
    ('1234', '/test/api', {'foo': '1', 'bar': '2', 'foo_bar': '3', 'foobar': '4'},
     '988085883BF9D32D251478D23122C7ECC91518CDF63BA22F792000A378F52409'),
    ('secret_abc123', '/reverse/getreverseordersforseller',
     {**BASE, 'page_no': '1', 'page_size': '50',
      'ReverseOrderLineModifiedTimeRangeStart': '1732000000000',
      'ReverseOrderLineModifiedTimeRangeEnd': '1732172400000'},
     '5F633CFB6A53585D5FB9ABC9FA90D1A51AD2BC522A174BCCBB3CBB4293A28978'),
])
def test_published_signature_vectors(secret, path, params, expected):
    assert sign(secret, path, params) == expected


def test_success_envelope(client):
    body = client.call('sg', '/seller/get')
    assert body['code'] == '0'
    assert body['request_id'].startswith('2101')
    assert body['data']['seller_id'] == 1000399001
    assert body['data']['short_code'] == 'SGEXAMPL1'


@pytest.mark.parametrize('name', ['app_key', 'timestamp', 'sign', 'sign_method', 'access_token'])
def test_a_missing_system_parameter_is_named(client, name):
    params = client.signed('/seller/get', {'access_token': client.token})
    del params[name]
    if name == 'access_token':
        params = client.signed('/seller/get', {})
    body = requests.get(f'{client.url}/sg/rest/seller/get', params=params, timeout=10).json()
    assert (body['code'], body['type']) == ('MissingParameter', 'ISV')
    assert f'"{name}"' in body['message']


def test_a_wrong_secret_is_refused(client):
    client.app_secret = 'wrong'
    body = client.call('sg', '/seller/get')
    assert body['code'] == 'IncompleteSignature'
    assert body['type'] == 'ISV'


def test_every_parameter_is_signed(client):
    params = client.signed('/seller/get', {'access_token': client.token})
    params['extra'] = '1'
    answer = requests.get(f'{client.url}/sg/rest/seller/get', params=params, timeout=10)
    assert answer.json()['code'] == 'IncompleteSignature'


def test_query_and_form_are_one_pool(client, control):
    listing = control.listing('LZ-TEE-BLK-M')
    payload = ('<Request><Product><Skus><Sku><ItemId>{item_id}</ItemId><SkuId>{sku_id}</SkuId>'
               '<SellableQuantity>7</SellableQuantity></Sku></Skus></Product></Request>'
               ).format(**listing)
    path = '/product/stock/sellable/update'
    pool = client.signed(path, {'access_token': client.token, 'payload': payload})
    form = {'payload': pool.pop('payload')}
    answer = requests.post(f'{client.url}/sg/rest{path}', params=pool, data=form, timeout=10)
    assert answer.json()['code'] == '0'


@pytest.mark.parametrize('mode, signed_ok, skipped_ok', [
    ('either', True, True), ('signed', True, False), ('skipped', False, True)])
def test_empty_parameters_may_be_signed_or_skipped(client, control, mode, signed_ok, skipped_ok):
    control.post('/behaviour', {'empty_params': mode})
    signed = client.signed('/seller/get', {'access_token': client.token, 'empty': ''})
    skipped = {**client.signed('/seller/get', {'access_token': client.token}), 'empty': ''}
    for params, good in ((signed, signed_ok), (skipped, skipped_ok)):
        body = requests.get(f'{client.url}/sg/rest/seller/get', params=params, timeout=10).json()
        assert (body['code'] == '0') is good


@pytest.mark.parametrize('shift, code', [
    (7100, '0'), (-7100, '0'), (7300, 'InvalidTimestamp'), (-7300, 'InvalidTimestamp')])
def test_timestamps_may_be_two_hours_off(client, shift, code):
    client.shift = shift
    assert client.call('sg', '/seller/get')['code'] == code


def test_skew_moves_only_the_clock_requests_are_checked_against(client, control):
    control.post('/clock', {'skew': 3 * 3600})
    answer = client.send('sg', '/seller/get')
    assert answer.json()['code'] == 'InvalidTimestamp'
    assert abs(_date(answer) - time.time()) < 5
    client.shift = 3 * 3600
    assert client.call('sg', '/seller/get')['code'] == '0'


def test_advance_moves_the_world_but_not_the_clients_clock(client, control):
    control.post('/clock', {'advance': 5 * 3600})
    answer = client.send('sg', '/seller/get')
    assert answer.json()['code'] == '0'
    assert abs(_date(answer) - time.time() - 5 * 3600) < 5


def test_one_date_header(client):
    raw = client.send('sg', '/seller/get').raw
    assert len(raw.headers.getlist('Date')) == 1


def _date(answer):
    from email.utils import parsedate_to_datetime
    return parsedate_to_datetime(answer.headers['Date']).timestamp()


def test_a_token_is_good_for_its_countries_only(client, thai):
    assert thai.call('th', '/seller/get')['code'] == '0'
    assert thai.call('sg', '/seller/get')['code'] == 'IllegalAccessToken'
    assert client.call('my', '/seller/get')['code'] == '0'
    assert client.call('vn', '/seller/get')['code'] == 'IllegalAccessToken'


def test_a_token_is_good_for_its_app_only(client, control):
    other = control.get('/state')['apps'][1]
    client.app_key, client.app_secret = other['app_key'], other['app_secret']
    assert client.call('sg', '/seller/get')['code'] == 'IllegalAccessToken'


def test_tokens_expire_with_the_world(client, control):
    control.post('/clock', {'advance': 30 * 86400 + 1})
    assert client.call('sg', '/seller/get')['code'] == 'IllegalAccessToken'


def test_a_revoked_authorization(client, control):
    control.delete('/tokens', {'token': client.token})
    assert client.call('sg', '/seller/get')['code'] == 'IllegalAccessToken'


def test_paths_and_verbs(client):
    assert client.call('sg', '/no/such')['code'] == 'InvalidApiPath'
    assert client.call('sg', '/auth/token/create')['code'] == 'InvalidApiPath'
    body = client.call('sg', '/product/stock/sellable/update', {'payload': 'x'})
    assert body['code'] == 'UnsupportedHTTPMethod'
    client.app_key = '999'
    assert client.call('sg', '/seller/get')['code'] == 'InvalidAppKey'


def test_errors_can_come_with_another_http_status(client, control):
    control.post('/behaviour', {'error_http_status': 400})
    assert client.send('sg', '/order/get', {'order_id': '1'}).status_code == 400
    assert client.send('sg', '/seller/get').status_code == 200


def test_call_limits(client, control):
    control.post('/behaviour', {'api_call_limit': {'/seller/get': 2}})
    codes = [client.call('sg', '/seller/get')['code'] for _each in range(3)]
    assert codes == ['0', '0', 'ApiCallLimit']
    assert client.call('my', '/seller/get')['code'] == '0'
    control.post('/behaviour', {'api_call_limit': {}, 'app_daily_limit': 1})
    assert client.call('sg', '/seller/get')['code'] == '0'
    body = client.call('sg', '/seller/get')
    assert body['code'] == 'AppCallLimit'
    assert 'this ban will last' in body['message']
    control.post('/behaviour', {'app_daily_limit': 0, 'seller_call_limit': 1})
    codes = {client.call('ph', '/seller/get')['code'] for _each in range(3)}
    assert codes == {'0', 'SellerCallLimit'}


def test_the_call_log_holds_no_secret(client, control):
    before = control.get('/calls')['last']
    client.call('sg', '/order/get', {'order_id': '5'})
    log = control.get(f'/calls?since={before}')
    call, = log['calls']
    assert (call['seq'], call['site'], call['path'], call['seller_id'], call['code']) == (
        before + 1, 'sg', '/order/get', '1000399001', '16')
    assert call['params']['order_id'] == '5'
    assert client.token not in str(log)
    assert not {'sign', 'access_token'} & set(call['params'])
    assert log['paths'] == {'/order/get': 1}
