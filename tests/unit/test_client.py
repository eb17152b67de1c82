"""The client against a real HTTP server: what it sends, and what it does when things break."""

import gzip
import logging
import socket
import time
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from lazada_connector.lazada_api import LazadaClient, errors, sign
from lazada_connector.lazada_api.transport import MAX_API_BODY

from .payloads import load
from .platform import error, ok, reset

NAME = {'code': '0', 'data': {'name': 'Shop'}}


# --- what is sent ---

def test_a_read_is_signed_with_everything_in_the_query(platform_of, client_of):
    platform = platform_of(ok())
    client_of(platform).call('/order/get', {'order_id': 12, 'note': '', 'none': None, 'flag': True})
    request = platform.requests[0]
    assert (request.method, request.path) == ('GET', '/th/rest/order/get')
    assert request.form == {}
    signature = request.query.pop('sign')
    assert request.query == {
        'app_key': '123456', 'access_token': 'tok-secret', 'timestamp': '1732172400000',
        'sign_method': 'sha256', 'order_id': '12', 'flag': 'true'}
    assert signature == sign('secret_abc123', '/order/get', request.query)


def test_a_write_carries_its_business_parameters_in_the_form(platform_of, client_of):
    platform = platform_of(ok())
    client_of(platform).call('/order/fulfill/pack', {'packReq': {'a': ['ก', 1]}}, method='POST')
    request = platform.requests[0]
    assert request.form == {'packReq': '{"a":["ก",1]}'}
    assert set(request.query) == {'app_key', 'access_token', 'timestamp', 'sign_method', 'sign'}
    assert request.query['sign'] == sign('secret_abc123', '/order/fulfill/pack', request.params)


def test_numbers_are_never_floats(platform_of, client_of):
    platform = platform_of(b'{"code":"0","data":{"price":25000.0,"order_id":543701418369495}}')
    data = client_of(platform).orders.get('543701418369495')
    assert data == {'price': Decimal('25000.0'), 'order_id': 543701418369495}
    assert type(data['order_id']) is int


def test_a_client_without_site_only_authorizes(platform_of, client_of):
    client = client_of(platform_of(ok()), site=None)
    with pytest.raises(ValueError, match='no site'):
        client.seller.get()
    url = urlsplit(client.authorize_url('https://odoo/cb?x=1', 'st&te', country='sg,cb'))
    assert url.path == '/oauth/authorize'
    assert parse_qs(url.query) == {
        'response_type': ['code'], 'force_auth': ['true'], 'redirect_uri': ['https://odoo/cb?x=1'],
        'client_id': ['123456'], 'state': ['st&te'], 'country': ['sg,cb']}


@pytest.mark.parametrize('address', [
    'http://example.com', 'http://192.168.1.5:8090', 'ftp://127.0.0.1', '127.0.0.1:8090',
    'https://user:pw@example.com', 'http://127.0.0.1.example.com', 'https://example.com/?x=1'])
def test_only_safe_platform_addresses_are_taken(address):
    with pytest.raises(ValueError, match='address of the platform'):
        LazadaClient('k', 's', base_url=address)


@pytest.mark.parametrize('address', ['http://127.0.0.1:8090/', 'http://localhost:1', 'http://[::1]:1',
                                     'https://sandbox.example.com'])
def test_loopback_may_be_plain_http(address):
    assert LazadaClient('k', 's', base_url=address).base_url == address.rstrip('/')


# --- what is checked ---

@pytest.mark.parametrize('body, code, message', [
    ({'code': '0', 'result': {'success': False, 'errorCode': '700026', 'errorMsg': 'status'}},
     '700026', 'status'),
    ({'code': '0', 'result': {'success': 'false', 'error_code': '600001', 'error_msg': 'gone'}},
     '600001', 'gone'),
    ({'code': '0', 'result': {'success': False, 'error_code': {'displayMessage': 'BLANK'}}},
     'BLANK', 'BLANK'),
    ({'code': '0', 'result': {'success': False, 'error_code': {}}}, 'unknown', ''),
    ({'code': '0', 'success': 'false', 'msg': 'denied', 'error_code': 'X1'}, 'X1', 'denied'),
    ({'code': 0, 'success': False}, 'unknown', ''),
])
def test_nested_refusals_are_found(platform_of, client_of, body, code, message):
    with pytest.raises(errors.LazadaApiError) as caught:
        client_of(platform_of(body)).call('/x', method='POST')
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize('fixture', [
    'order.fulfill.pack.success', 'order.package.rts.success', 'seller.warehouse.get.multi',
    'logistic.order.trace', 'finance.transaction.accountTransactions.query', 'order.pack.legacy',
    'reverse.getreverseordersforseller.doc', 'product.stock.sellable.update.success'])
def test_every_form_of_success_is_accepted(platform_of, client_of, fixture):
    assert client_of(platform_of(load_raw(fixture))).call('/x', method='POST') == load(fixture)


def load_raw(name):
    from .payloads import FOLDER
    return (FOLDER / f'{name}.json').read_bytes()


def test_an_error_carries_all_that_support_needs(platform_of, client_of):
    platform = platform_of((400, {}, load_raw('product.stock.sellable.update.error-501')))
    with pytest.raises(errors.LazadaRequestError) as caught:
        client_of(platform).call('/product/stock/sellable/update', method='POST')
    found = caught.value
    assert (found.code, found.http_status, found.endpoint, found.request_id) == (
        '501', 400, '/product/stock/sellable/update', '2101043c1700321724266133')
    assert found.detail[0]['code'] == 'THD_IC_ERR'


@pytest.mark.parametrize('status, code', [
    (503, '503'), (504, '504'), (500, '0'), (500, '500'), (502, '700026'), (500, 'unheard of')])
def test_a_platform_that_fails_leaves_open_whether_a_write_was_applied(
        platform_of, client_of, status, code):
    platform = platform_of((status, {}, {'code': code, 'message': 'no', 'request_id': '1'}))
    with pytest.raises(errors.LazadaServerError) as caught:
        client_of(platform).call('/x', method='POST')
    assert caught.value.http_status == status
    row, = client_of(platform).fulfilment.ready_to_ship(['FP1'])
    assert row.state == 'unknown'


@pytest.mark.parametrize('code, expected', [
    ('IllegalAccessToken', errors.LazadaAuthError), ('998', errors.LazadaSuspendedError)])
def test_what_the_gateway_refuses_is_known_whatever_the_status(
        platform_of, client_of, code, expected):
    platform = platform_of((500, {}, {'code': code, 'message': 'no', 'request_id': '1'}))
    with pytest.raises(expected):
        client_of(platform).call('/x', method='POST')


# --- what happens when the transport fails ---

@pytest.mark.parametrize('broken', [
    b'{"code":"0","data":{"orders":[{"order_id":1', b'<html>Bad gateway</html>', b'', b'null',
    b'[1,2]', b'"text"', b'{"data":{}}', b'{"code":"0","data":NaN}', b'[' * 100_000,
    b'\xff\xfe{"code":"0"}'])
def test_no_usable_answer_is_a_transport_error_and_reads_retry(platform_of, client_of, broken):
    platform = platform_of(broken, broken, NAME)
    client = client_of(platform)
    assert client.seller.get() == {'name': 'Shop'}
    assert client.waits == [0.5, 1.0]
    stubborn = client_of(platform_of(broken))
    with pytest.raises(errors.LazadaTransportError) as caught:
        stubborn.seller.get()
    assert caught.value.reason == 'bad_response'


@pytest.mark.parametrize('broken', [reset, (503, {}, b'<html>'), b'<html>'])
def test_a_write_that_may_have_arrived_is_not_repeated(platform_of, client_of, broken):
    platform = platform_of(broken)
    with pytest.raises(errors.LazadaTransportError):
        client_of(platform).call('/order/package/rts', {'a': 1}, method='POST')
    assert len(platform.requests) == 1


@pytest.mark.parametrize('path', [
    '/order/reverse/cancel/create', '/order/reverse/return/update', '/order/package/repack',
    '/order/reverse/cancel/seller/decide', '/order/reverse/onlyrefund/seller/decide'])
def test_gets_that_write_are_not_repeated(platform_of, client_of, path):
    platform = platform_of(reset)
    with pytest.raises(errors.LazadaTransportError):
        client_of(platform).call(path)
    assert len(platform.requests) == 1


def test_an_absolute_write_is_repeated(platform_of, client_of):
    platform = platform_of(reset, (502, {}, b''), ok())
    client_of(platform).call('/x', method='POST', absolute=True)
    assert len(platform.requests) == 3


def test_every_try_is_signed_anew(platform_of, client_of):
    moments = iter(range(1000, 2000))
    platform = platform_of(reset, NAME)
    client_of(platform, clock=lambda: float(next(moments))).seller.get()
    first, second = (request.query for request in platform.requests)
    assert first['timestamp'] != second['timestamp']
    for query in (first, second):
        signature = query.pop('sign')
        assert signature == sign('secret_abc123', '/seller/get', query)


@pytest.mark.parametrize('packed', [True, False])
def test_an_oversized_answer_is_cut(platform_of, client_of, packed):
    body = b' ' * (MAX_API_BODY + 10_000)
    headers = {'Content-Encoding': 'gzip'} if packed else {}
    platform = platform_of((200, headers, gzip.compress(body) if packed else body))
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform).seller.get()
    assert caught.value.reason == 'size'
    assert len(platform.requests) == 1


def test_a_packed_answer_is_unpacked(platform_of, client_of):
    body = gzip.compress(b'{"code":"0","data":{"name":"Shop"}}')
    assert client_of(platform_of((200, {'Content-Encoding': 'gzip'}, body))).seller.get() == {
        'name': 'Shop'}


@pytest.mark.parametrize('body', [gzip.compress(b'{"code":"0"}')[:-9], b'not packed at all'])
def test_a_broken_packing_is_a_transport_error(platform_of, client_of, body):
    client = client_of(platform_of((200, {'Content-Encoding': 'gzip'}, body)))
    with pytest.raises(errors.LazadaTransportError):
        client.seller.get()


def drip(start, sent):
    """Sends `start` bytes of an answer at once and the rest slower than anyone can wait.

    Notes in `sent` what it sent.
    """
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"code":"0"}' + b' ' * 388

    def serve(_request, handler):
        handler.close_connection = True
        handler.wfile.write(answer[:start])
        for byte in answer[start:]:
            handler.wfile.write(bytes([byte]))
            sent.append(byte)
            time.sleep(0.05)
    return serve


@pytest.mark.parametrize('start', [0, 60])
def test_a_trickle_is_ended_by_the_total_deadline(platform_of, client_of, start):
    sent = []
    platform = platform_of(drip(start, sent))
    client = client_of(platform, deadline=0.4)
    with pytest.raises(errors.LazadaTransportError) as caught:
        client.seller.get()
    assert len(sent) < 300, "nobody waits for the rest"
    assert caught.value.reason == 'deadline'
    assert len(platform.requests) == 1


def test_the_read_timeout_holds(platform_of, client_of):
    platform = platform_of(lambda _request, _handler: time.sleep(1))
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform, timeout=(1.0, 0.1)).call('/x', method='POST')
    assert caught.value.reason == 'timeout'
    assert caught.value.sent


def test_tries_and_waits_share_one_deadline(platform_of, client_of):
    platform = platform_of((503, {}, b''))
    client = client_of(platform, deadline=0.4)            # the first wait is 0.5 s
    with pytest.raises(errors.LazadaTransportError):
        client.seller.get()
    assert client.waits == []


def test_redirects_are_refused(platform_of, client_of):
    target = platform_of(NAME)
    platform = platform_of((302, {'Location': target.url}, b''))
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform).seller.get()
    assert caught.value.reason == 'redirect'
    assert target.requests == []


def test_a_refused_connection_never_arrived():
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        url = f'http://127.0.0.1:{free.getsockname()[1]}'
    waits = []
    with LazadaClient('k', 's', site='sg', base_url=url, sleep=waits.append) as client:
        with pytest.raises(errors.LazadaTransportError) as caught:
            client.call('/order/fulfill/pack', method='POST')
    assert (caught.value.reason, caught.value.sent) == ('connect', False)
    assert len(waits) == 2


def test_an_unknown_host_is_a_transport_error(monkeypatch):
    def nowhere(*_args, **_kwargs):
        raise socket.gaierror(-2, 'Name or service not known')

    monkeypatch.setattr(socket, 'getaddrinfo', nowhere)
    with LazadaClient('k', 's', site='sg', sleep=lambda _s: None) as client:
        with pytest.raises(errors.LazadaTransportError) as caught:
            client.seller.get()
    assert (caught.value.reason, caught.value.sent) == ('connect', False)


def test_an_untrusted_certificate_is_refused(tls_server):
    with LazadaClient('k', 's', site='sg', base_url=tls_server.url) as client:
        with pytest.raises(errors.LazadaTransportError) as caught:
            client.seller.get()
    assert (caught.value.reason, caught.value.sent) == ('tls', False)
    assert tls_server.requests == []


# --- throttling, campaigns, clocks and tokens ---

def test_a_short_ban_is_waited_out(platform_of, client_of):
    platform = platform_of(
        error('ApiCallLimit', 'exceeds the limit. this ban will last 1 seconds'), NAME)
    client = client_of(platform, rng=lambda: 1.0)
    assert client.seller.get() == {'name': 'Shop'}
    assert client.waits == [1.25]


def test_a_long_ban_goes_up_at_once(platform_of, client_of):
    platform = platform_of(error('ApiCallLimit', 'this ban will last 600 seconds'))
    client = client_of(platform)
    with pytest.raises(errors.LazadaThrottleError) as caught:
        client.seller.get()
    assert caught.value.retry_after == 600
    assert client.waits == []


@pytest.mark.parametrize('after, expected', [('2', 2.0), ('Thu, 21 Nov 2024 07:00:01 GMT', 1.0)])
def test_http_429_honours_retry_after(platform_of, client_of, after, expected):
    platform = platform_of((429, {'Retry-After': after}, b'<html>slow down'), NAME)
    client = client_of(platform)
    assert client.call('/x', method='POST')['code'] == '0'
    assert client.waits == [expected]


def test_code_901_is_retried_a_second_later(platform_of, client_of):
    client = client_of(platform_of(load('error.901'), NAME))
    client.seller.get()
    assert client.waits == [1.0]


def test_a_campaign_stop_is_not_hammered(platform_of, client_of):
    platform = platform_of(error('998', 'this API service is disabled'))
    with pytest.raises(errors.LazadaSuspendedError):
        client_of(platform).seller.get()
    assert len(platform.requests) == 1


def test_a_wrong_clock_adopts_the_servers(platform_of, client_of):
    """The server says 2024-11-21 07:00 UTC; ours is three hours behind."""
    def answer(request):
        skew = abs(int(request.query['timestamp']) / 1000 - 1732172400)
        return NAME if skew < 7200 else error('InvalidTimestamp')

    platform = platform_of(answer)
    client = client_of(platform, clock=lambda: 1732172400.0 - 3 * 3600)
    client.seller.get()
    assert len(platform.requests) == 2
    client.seller.get()
    assert len(platform.requests) == 3, 'the offset is kept'
    assert client.server_time == datetime(2024, 11, 21, 7)


def test_a_clock_that_stays_wrong_is_reported(platform_of, client_of):
    platform = platform_of(error('InvalidTimestamp'))
    with pytest.raises(errors.LazadaClockError):
        client_of(platform).seller.get()
    assert len(platform.requests) == 2


def test_a_refused_token_is_renewed_once_and_the_same_page_continues(platform_of, client_of):
    def answer(request):
        known = request.query['access_token'] == 'new-token'
        return NAME if known else load('error.IllegalAccessToken')

    refused = []
    platform = platform_of(answer)
    client = client_of(platform, renew_token=lambda token: refused.append(token) or 'new-token')
    assert client.call('/order/fulfill/pack', {'a': 1}, method='POST') == NAME
    assert refused == ['tok-secret']
    assert [request.form for request in platform.requests] == [{'a': '1'}] * 2
    client.seller.get()
    assert len(platform.requests) == 3, 'the new token stays'


@pytest.mark.parametrize('renewed, calls', [(None, 1), ('also refused', 2)])
def test_an_unrenewable_token_goes_up(platform_of, client_of, renewed, calls):
    platform = platform_of(load('error.IllegalAccessToken'))
    with pytest.raises(errors.LazadaAuthError):
        client_of(platform, renew_token=lambda _token: renewed).seller.get()
    assert len(platform.requests) == calls


# --- what is told ---

def test_each_try_is_recorded_without_secrets(platform_of, client_of, caplog):
    caplog.set_level(logging.DEBUG)
    records = []
    broken = (b'{"code":"0","data":{"orders":[{"customer_first_name":"Somchai Example",'
              b'"address_shipping":{"phone":"6591234567","address1":"1 Contoh Road')
    platform = platform_of(broken, NAME)
    client_of(platform, on_call=records.append).call('/orders/get', {'limit': 5})
    assert [(r.at, r.site, r.path, r.method, r.code, r.http_status) for r in records] == [
        (datetime(2024, 11, 21, 7), 'th', '/orders/get', 'GET', 'bad_response', 200),
        (datetime(2024, 11, 21, 7), 'th', '/orders/get', 'GET', '0', 200)]
    assert records[0].params['limit'] == '5'
    assert records[0].params['access_token'] == records[0].params['sign'] == '***'
    assert records[1].body == records[1].error == ''
    everything = caplog.text + repr(records) + repr(client_of(platform))
    for secret in ('tok-secret', 'secret_abc123', 'Somchai', '6591234567', 'Contoh Road',
                   platform.requests[0].query['sign']):
        assert secret not in everything
    infos = [r for r in caplog.records if r.levelno == logging.INFO and 'orders/get' in r.message]
    assert len(infos) == 2


def test_error_texts_hide_what_lazada_quotes(platform_of, client_of):
    platform = platform_of(error(
        'IllegalAccessToken', 'token tok-secret of shop@example.com (+65 9123 4567) is invalid'))
    with pytest.raises(errors.LazadaAuthError) as caught:
        client_of(platform).seller.get()
    text = repr(caught.value) + str(caught.value) + caught.value.body
    assert 'tok-secret' not in text
    assert 'example.com' not in text
    assert '4567' not in text


def test_transport_errors_do_not_hold_the_url(platform_of, client_of):
    import traceback
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform_of(reset)).call('/x', method='POST')
    text = ''.join(traceback.format_exception(caught.value))
    assert 'tok-secret' not in text
    assert 'sign=' not in text


def test_an_injected_session_is_used_and_left_open(platform_of, client_of):
    import requests
    session = requests.Session()
    seen = []
    session.hooks['response'].append(lambda response, **_kwargs: seen.append(response))
    platform = platform_of(NAME)
    with LazadaClient('k', 's', site='sg', base_url=platform.url, session=session) as client:
        client.seller.get()
    assert len(seen) == 1
    assert session.get(platform.url).status_code == 200


def test_two_clients_share_nothing(platform_of, client_of):
    platform = platform_of(NAME)
    one, two = client_of(platform), client_of(platform, site='sg', access_token='other')
    one.seller.get()
    two.seller.get()
    assert [(r.path, r.query['access_token']) for r in platform.requests] == [
        ('/th/rest/seller/get', 'tok-secret'), ('/sg/rest/seller/get', 'other')]
    assert two.server_time and LazadaClient('k', 's').server_time is None


def test_production_gateways():
    gateways = {site: LazadaClient('k', 's', site=site).site.api_url
                for site in ('sg', 'my', 'ph', 'th', 'vn', 'id')}
    assert gateways == {
        'sg': 'https://api.lazada.sg/rest', 'my': 'https://api.lazada.com.my/rest',
        'ph': 'https://api.lazada.com.ph/rest', 'th': 'https://api.lazada.co.th/rest',
        'vn': 'https://api.lazada.vn/rest', 'id': 'https://api.lazada.co.id/rest'}
    with pytest.raises(KeyError):
        LazadaClient('k', 's', site='cb')
