import base64
import json

import pytest

from lazada_connector.lazada_api import errors

from .payloads import load
from .platform import error, ok, reset

ORDER = (711433089564242, [711433089764242])


def field(request, name):
    return json.loads(request.form[name])


def answer_packages(request):
    name, = request.form
    return ok(result={'success': True, 'data': {'packages': [
        {'package_id': one['package_id'], 'item_err_code': '0', 'msg': 'success', 'retry': False}
        for one in field(request, name)['packages']]}})


def test_providers(platform_of, client_of):
    platform = platform_of(load('order.shipment.providers.get.tfs'))
    found, = client_of(platform).fulfilment.providers([ORDER])
    assert (found.order_ids, found.platform_default, found.choices, found.allocate_type) == (
        ('711433089564242',), True, (), 'TFS')
    assert field(platform.requests[0], 'getShipmentProvidersReq') == {
        'orders': [{'order_id': 711433089564242, 'order_item_ids': [711433089764242]}]}
    cross = platform_of(load('order.shipment.providers.get.ntfs'))
    found = client_of(cross).fulfilment.providers([(n, [n]) for n in range(21)])
    assert len(found) == 2
    assert not found[0].platform_default and found[0].allocate_type == 'NTFS'
    assert found[0].choices[0] == ('Yiwu sorting centre', 'FM50')


def test_pack(platform_of, client_of):
    platform = platform_of(load('order.fulfill.pack.success'))
    row, = client_of(platform).fulfilment.pack([ORDER])
    assert row.ok and not row.retry
    assert (row.order_id, row.order_item_id, row.package_id, row.tracking_number, row.provider) == (
        '711433089564242', '711433089764242', 'FP094612143977611', 'LEXDO0069388114', 'LEX TH')
    assert field(platform.requests[0], 'packReq') == {
        'pack_order_list': [{'order_id': 711433089564242, 'order_item_list': [711433089764242]}],
        'delivery_type': 'dropship', 'shipping_allocate_type': 'TFS'}
    client_of(platform).fulfilment.pack([ORDER], allocate_type='NTFS', provider_code='FM50')
    assert field(platform.requests[1], 'packReq')['shipment_provider_code'] == 'FM50'


def test_two_items_can_share_a_package(platform_of, client_of):
    platform = platform_of(load('order.fulfill.pack.two-items-one-package'))
    rows = client_of(platform).fulfilment.pack(
        [(711433089564243, ['711433089764243', '711433089864243'])])
    assert [row.package_id for row in rows] == ['FP094612143977612'] * 2


@pytest.mark.parametrize('call, fixture, code', [
    ('ready_to_ship', 'order.package.rts.success', '0'),
    ('ready_to_ship', 'order.package.rts.cancelled', '600002'),
    ('repack', 'order.package.repack.not-found', '600001'),
    ('sof_delivered', 'order.package.sof.delivered.non-dbs', '700009')])
def test_package_calls_answer_row_by_row(platform_of, client_of, call, fixture, code):
    body = load(fixture)
    package = body['result']['data']['packages'][0]['package_id']
    row, = getattr(client_of(platform_of(body)).fulfilment, call)([package])
    assert (row.package_id, row.code, row.ok, row.retry) == (package, code, code == '0', False)


@pytest.mark.parametrize('call, path, name', [
    ('ready_to_ship', '/order/package/rts', 'readyToShipReq'),
    ('repack', '/order/package/repack', 'rePackReq'),
    ('sof_delivered', '/order/package/sof/delivered', 'dbsDeliveryReq'),
    ('sof_failed', '/order/package/sof/failed_delivery', 'dbsFailedDeliveryReq')])
def test_25_packages_are_two_calls(platform_of, client_of, call, path, name):
    platform = platform_of(answer_packages)
    rows = getattr(client_of(platform).fulfilment, call)([f'FP{n}' for n in range(25)])
    assert [row.package_id for row in rows] == [f'FP{n}' for n in range(25)]
    assert all(row.ok for row in rows)
    assert [len(field(request, name)['packages']) for request in platform.requests] == [20, 5]
    assert {request.path for request in platform.requests} == {f'/th/rest{path}'}


def test_digital(platform_of, client_of):
    row, = client_of(platform_of(load('order.digital.delivered.not-digital'))).fulfilment \
        .digital_delivered([(526170322194184, [526170322294184])])
    assert (row.order_item_id, row.code, row.state, row.retry) == (
        '526170322294184', '700020', 'refused', False)


@pytest.mark.parametrize('given, code, expected', [
    (True, '700026', True), ('true', '700026', True), (False, '40011', False),
    (None, '40011', True), (None, '700026', False)])
def test_the_retry_flag_may_be_missing(platform_of, client_of, given, code, expected):
    package = {'package_id': 'FP1', 'item_err_code': code, 'msg': 'x'}
    if given is not None:
        package['retry'] = given
    platform = platform_of(ok(result={'success': True, 'data': {'packages': [package]}}))
    row, = client_of(platform).fulfilment.ready_to_ship(['FP1'])
    assert row.retry is expected


def test_rows_passed_over_in_silence_are_unknown(platform_of, client_of):
    platform = platform_of(ok(result={'success': True, 'data': None}))
    row, = client_of(platform).fulfilment.ready_to_ship(['FP1'])
    assert (row.state, row.code, row.ok) == ('unknown', 'no_answer', False)


@pytest.mark.parametrize('broken', [reset, (502, {}, b''), error('ServiceTimeout')])
def test_a_lost_answer_is_unknown_never_repeated_and_stops_the_rest(
        platform_of, client_of, broken):
    platform = platform_of(answer_packages, broken)
    rows = client_of(platform).fulfilment.ready_to_ship([f'FP{n}' for n in range(45)])
    assert [row.state for row in rows] == ['done'] * 20 + ['unknown'] * 20 + ['unsent'] * 5
    assert rows[-1].retry
    assert len(platform.requests) == 2


def test_a_refused_batch_does_not_stop_the_next(platform_of, client_of):
    refused = ok(result={'success': False, 'errorCode': '700022', 'errorMsg': 'too large'})
    rows = client_of(platform_of(refused, answer_packages)).fulfilment.ready_to_ship(
        [f'FP{n}' for n in range(21)])
    assert [row.state for row in rows] == ['refused'] * 20 + ['done']
    assert (rows[0].code, rows[0].message) == ('700022', 'too large')
    assert [row.whole for row in rows] == [True] * 20 + [False]


@pytest.mark.parametrize('code, count, whole', [
    ('700021', 2, True), ('700031', 2, True), ('unheard of', 2, True), ('700021', 1, False),
    ('ServiceTimeout', 2, False)])
def test_a_reason_given_for_a_whole_call_says_so(platform_of, client_of, code, count, whole):
    rows = client_of(platform_of(error(code))).fulfilment.ready_to_ship(
        [f'FP{n}' for n in range(count)])
    assert [row.whole for row in rows] == [whole] * count


def test_nothing_to_send_is_no_call(platform_of, client_of):
    platform = platform_of(ok())
    assert client_of(platform).fulfilment.repack([]) == []
    assert platform.requests == []


@pytest.mark.parametrize('code', ['IllegalAccessToken', 'AppCallLimit'])
def test_errors_of_the_whole_shop_go_up_only_while_nothing_was_sent(platform_of, client_of, code):
    with pytest.raises(errors.LazadaApiError):
        client_of(platform_of(error(code))).fulfilment.ready_to_ship(['FP1'])
    rows = client_of(platform_of(answer_packages, error(code))).fulfilment.ready_to_ship(
        [f'FP{n}' for n in range(45)])
    assert [row.state for row in rows] == ['done'] * 20 + ['refused'] * 20 + ['unsent'] * 5
    assert rows[20].code == code


def test_a_pdf_document_is_an_address(platform_of, client_of):
    platform = platform_of(load('order.package.document.get.pdf'))
    document = client_of(platform).fulfilment.document(['FP1', 'FP2'])
    assert document.doc_type == 'PDF'
    assert document.file.startswith(b'<iframe') and document.pdf == b''
    assert document.url.startswith('https://sellercenter.lazada.com.my/oss/')
    assert 'Signature' not in repr(document)
    assert field(platform.requests[0], 'getDocumentReq') == {
        'doc_type': 'PDF', 'print_item_list': False,
        'packages': [{'package_id': 'FP1'}, {'package_id': 'FP2'}]}


def test_a_document_may_hold_the_pdf_itself(platform_of, client_of):
    body = ok(result={'success': True, 'data': {
        'doc_type': 'PDF', 'file': base64.b64encode(b'%PDF-1.4\n%%EOF').decode()}})
    assert client_of(platform_of(body)).fulfilment.document(['FP1']).pdf == b'%PDF-1.4\n%%EOF'


def test_an_html_document(platform_of, client_of):
    platform = platform_of(load('order.package.document.get.html'))
    document = client_of(platform).fulfilment.document(['FP1'], doc_type='HTML', item_list=True)
    assert (document.doc_type, document.url) == ('HTML', '')
    assert b'SAMPLE AWB' in document.file


@pytest.mark.parametrize('body', [
    ok(result={'success': True, 'data': {}}),
    ok(result={'success': True, 'data': {'doc_type': 'PDF', 'file': '%%%'}}),
    ok(result={'success': False, 'error_code': '30012', 'error_msg': 'package not packed'}),
    ok(result={'success': False, 'errorCode': '700040', 'errorMsg': 'nothing printable'}),
    error('34', 'must be packed first')])
def test_a_label_that_lags_is_not_ready(platform_of, client_of, body):
    with pytest.raises(errors.LazadaNotReadyError):
        client_of(platform_of(body)).fulfilment.document(['FP1'])


def test_a_document_takes_twenty_packages(platform_of, client_of):
    with pytest.raises(ValueError, match='20'):
        client_of(platform_of(ok())).fulfilment.document(['FP'] * 21)


def test_trace(platform_of, client_of):
    platform = platform_of(load('logistic.order.trace'))
    modules = client_of(platform).fulfilment.trace(711433089564242, package_ids=['FP1'])
    assert modules[0]['package_detail_info_list'][0]['tracking_number'] == 'LEXDO0069388114'
    assert platform.requests[0].query['ofcPackageIdList'] == '["FP1"]'
