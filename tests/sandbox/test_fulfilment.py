"""Pack, label, hand over, unpack."""
import base64
import io
import json

import pypdf
import pytest
import requests

from .conftest import SG, compact

PACK, RTS, REPACK = '/order/fulfill/pack', '/order/package/rts', '/order/package/repack'
LABEL = '/order/package/document/get'


@pytest.fixture
def ship(client, control):
    return Shipper(client, control)


class Shipper:
    def __init__(self, client, control):
        self.client, self.control = client, control

    def batch(self, path, field, request, method='POST'):
        return self.client.call('sg', path, {field: compact(request)}, method)

    def pack(self, *orders, **more):
        """Orders of (order_id, item ids)."""
        return self.batch(PACK, 'packReq', {
            'pack_order_list': [{'order_id': int(order_id), 'order_item_list': [
                int(each) for each in items]} for order_id, items in orders],
            'delivery_type': 'dropship', 'shipping_allocate_type': 'TFS', **more})

    def packed(self, units=1, **more):
        """A fresh order that is packed: (order_id, item ids, package id)."""
        bought = self.control.buy(units=units, **more)
        body = self.pack((bought['order_id'], bought['order_item_ids']))
        row = body['result']['data']['pack_order_list'][0]['order_item_list'][0]
        return bought['order_id'], bought['order_item_ids'], row['package_id']

    def packages(self, path, field, *ids, method='POST'):
        return self.batch(path, field, {'packages': [{'package_id': each} for each in ids]},
                          method)

    def rts(self, *ids):
        return self.packages(RTS, 'readyToShipReq', *ids)

    def label(self, *ids, kind='PDF'):
        return self.batch(LABEL, 'getDocumentReq', {
            'doc_type': kind, 'print_item_list': False,
            'packages': [{'package_id': each} for each in ids]})


def rows(body, name='packages'):
    assert body['code'] == '0' and body['result']['success'] is True, body
    return body['result']['data'][name]


def codes(body):
    return [row['item_err_code'] for row in rows(body)]


def same_shape(mine, sample):
    """Same members and types, all the way down."""
    if isinstance(sample, dict):
        assert set(mine) == set(sample)
        for key in sample:
            same_shape(mine[key], sample[key])
    elif isinstance(sample, list):
        for each in mine:
            same_shape(each, sample[0])
    else:
        assert type(mine) is type(sample)


def fixture(name):
    from .test_shapes import load
    body = load(name)
    return {key: body[key] for key in ('result', 'code', 'request_id')}


def test_pack_rts_life_cycle(ship, control):
    bought = control.buy(units=2)
    order_id, items = bought['order_id'], bought['order_item_ids']
    body = ship.pack((order_id, items))
    same_shape(body, fixture('order.fulfill.pack.two-items-one-package'))
    packed = rows(body, 'pack_order_list')[0]['order_item_list']
    assert {row['item_err_code'] for row in packed} == {'0'}
    package_id, = {row['package_id'] for row in packed}
    read = ship.client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert {(item['status'], item['package_id'], item['tracking_code']) for item in read} == {
        ('packed', package_id, packed[0]['tracking_number'])}
    body = ship.rts(package_id)
    assert rows(body) == [{'package_id': package_id, 'item_err_code': '0', 'msg': 'success',
                           'retry': False}]
    assert control.order(order_id)['statuses'] == ['ready_to_ship']
    assert codes(ship.rts(package_id)) == ['700000']
    package, = control.get(f'/packages?order_id={order_id}')['packages']
    assert package['applied'] == {'pack': 1, 'rts': 1, 'repack': 0}
    counters = control.get('/calls')['counters']
    assert (counters['pack'], counters['rts']) == (1, 1)


def test_items_can_be_packed_apart(ship, control):
    bought = control.buy(units=2)
    order_id, (first, second) = bought['order_id'], bought['order_item_ids']
    ship.pack((order_id, [first]))
    assert sorted(control.order(order_id)['statuses']) == ['packed', 'pending']
    ship.pack((order_id, [second]))
    assert len({item['package_id'] for item in control.order(order_id)['items']}) == 2


def test_repack_gives_a_new_package(ship, control):
    order_id, items, package_id = ship.packed()
    body = ship.packages(REPACK, 'rePackReq', package_id, 'FP12312321')
    assert codes(body) == ['0', '600001']
    assert control.order(order_id)['statuses'] == ['repacked']
    assert codes(ship.rts(package_id)) == ['600002']
    again = rows(ship.pack((order_id, items)), 'pack_order_list')[0]['order_item_list'][0]
    assert again['package_id'] != package_id
    assert {each['package_id']: each['applied'] for each in control.get(
        f'/packages?order_id={order_id}')['packages']} == {
        package_id: {'pack': 1, 'rts': 0, 'repack': 1},
        again['package_id']: {'pack': 1, 'rts': 0, 'repack': 0}}


@pytest.mark.parametrize('channel, code', [
    ('fbl', '700027'), ('digital', '700030'), ('pickup', '700023'), ('sof', '0'), ('choice', '0')])
def test_who_may_pack(ship, control, channel, code):
    bought = control.buy(channel=channel)
    body = ship.pack((bought['order_id'], bought['order_item_ids']))
    assert rows(body, 'pack_order_list')[0]['order_item_list'][0]['item_err_code'] == code


def test_rows_are_refused_one_by_one(ship, control):
    bought = control.buy(units=3)
    order_id, items = bought['order_id'], bought['order_item_ids']
    control.move(order_id, 'canceled', order_item_ids=items[:1])
    body = ship.pack((order_id, [*items, '5']))
    found = rows(body, 'pack_order_list')[0]['order_item_list']
    assert [row['item_err_code'] for row in found] == ['700026', '0', '0', '700025']
    assert [bool(row['package_id']) for row in found] == [False, True, True, False]


@pytest.mark.parametrize('retry', [True, False])
def test_a_fault_refuses_single_rows(ship, control, retry):
    """The call succeeds, the other rows take effect; what was refused did not happen."""
    bought = control.buy(units=3)
    order_id, items = bought['order_id'], bought['order_item_ids']
    control.post('/faults', {'path': PACK, 'kind': 'rows', 'rows': {
        items[1]: {'code': '700031', 'message': 'later', 'retry': retry}}})
    body = ship.pack((order_id, items))
    found = rows(body, 'pack_order_list')[0]['order_item_list']
    assert [(row['item_err_code'], row['retry']) for row in found] == [
        ('0', False), ('700031', retry), ('0', False)]
    assert found[1]['msg'] == 'later' and found[1]['package_id'] == ''
    assert control.order(order_id)['statuses'] == ['packed', 'pending']
    [row] = rows(ship.pack((order_id, items[1:2])), 'pack_order_list')[0]['order_item_list']
    assert row['item_err_code'] == '0'


@pytest.mark.parametrize('path, field', [(RTS, 'readyToShipReq'), (REPACK, 'rePackReq')])
def test_a_fault_refuses_single_packages(ship, control, path, field):
    (_order, _items, first), (_order, _items, second) = ship.packed(), ship.packed()
    control.post('/faults', [{'path': path, 'kind': 'rows', 'rows': {second: {}}},
                             {'path': path, 'kind': 'rows', 'rows': {'*': {'retry': False}}}])
    found = rows(ship.packages(path, field, first, second))
    assert [(row['item_err_code'], row['retry']) for row in found] == [
        ('0', False), ('700024', True)]
    [row] = rows(ship.packages(path, field, second))
    assert (row['item_err_code'], row['retry']) == ('700024', False)
    assert codes(ship.packages(path, field, second)) == ['0']


def test_packing_again(ship, control):
    order_id, items, package_id = ship.packed()
    body = ship.pack((order_id, items))
    assert rows(body, 'pack_order_list')[0]['order_item_list'][0]['item_err_code'] == '700026'
    control.post('/behaviour', {'pack_again': 'same'})
    body = ship.pack((order_id, items))
    row = rows(body, 'pack_order_list')[0]['order_item_list'][0]
    assert (row['item_err_code'], row['package_id']) == ('0', package_id)
    package, = control.get(f'/packages?order_id={order_id}')['packages']
    assert package['applied']['pack'] == 1


def test_refused_batches(ship, control):
    bought = control.buy()
    mine = bought['order_id'], bought['order_item_ids']
    for body, code in ((ship.pack(mine, ('5', ['6'])), '700021'),
                       (ship.pack(mine, delivery_type='pickup'), '700004'),
                       (ship.pack(), '700017'), (ship.pack((mine[0], [])), '700017'),
                       (ship.pack(*[mine] * 21), '700022'),
                       (ship.pack(mine, shipment_provider_code='FM50'), '700001'),
                       (ship.rts(*['FP1'] * 21), '700022')):
        assert body['code'] == '0' and body['result']['success'] is False
        assert body['result']['errorCode'] == code and body['result']['errorMsg']
    assert control.order(mine[0])['statuses'] == ['pending']
    assert ship.client.call('sg', PACK, {'packReq': '[]'}, 'POST')['code'] == '6'
    assert ship.client.call('sg', PACK, {}, 'POST')['code'] == 'MissingParameter'
    assert ship.client.call('sg', PACK, {'packReq': '{}'}, 'GET')['code'] == 'UnsupportedHTTPMethod'


def test_providers(ship, control):
    bought = control.buy()
    request = {'orders': [{'order_id': int(bought['order_id']), 'order_item_ids': []}]}
    path, field = '/order/shipment/providers/get', 'getShipmentProvidersReq'
    body = ship.batch(path, field, request, 'GET')
    assert body['result']['data'] == fixture('order.shipment.providers.get.tfs')['result']['data']
    control.post('/behaviour', {'allocation': 'NTFS', 'result_error_names': 'none'})
    body = ship.batch(path, field, request)
    assert body['result'] == {'success': True, 'data': fixture(
        'order.shipment.providers.get.ntfs')['result']['data']}
    items = (bought['order_id'], bought['order_item_ids'])
    control.post('/behaviour', {'result_error_names': 'snake'})
    assert ship.pack(items)['result']['error_code'] == '700001'
    body = ship.pack(items, shipment_provider_code='FM50')
    row = rows(body, 'pack_order_list')[0]['order_item_list'][0]
    assert row['shipment_provider'] == 'Yiwu sorting centre'


def test_the_own_fleet_takes_no_courier_even_where_the_seller_chooses(ship, control):
    control.post('/behaviour', {'allocation': 'NTFS', 'result_error_names': 'snake'})
    bought = control.buy(channel='sof')
    items = (bought['order_id'], bought['order_item_ids'])
    assert ship.pack(items, shipment_provider_code='FM50')['result']['error_code'] == '700001'
    row, = rows(ship.pack(items), 'pack_order_list')[0]['order_item_list']
    assert row['item_err_code'] == '0'


def test_items_may_show_the_package_late(ship, control):
    control.post('/behaviour', {'pack_visible_after': 5})
    order_id, _items, package_id = ship.packed()

    def seen():
        item, = ship.client.call('sg', '/order/items/get', {'order_id': order_id})['data']
        return item['status'], item['package_id']
    assert seen() == ('pending', '')
    control.post('/clock', {'advance': 6})
    assert seen() == ('packed', package_id)


def test_rts_may_be_pending_first(ship, control):
    control.post('/behaviour', {'rts_status': 'ready_to_ship_pending'})
    order_id, _items, package_id = ship.packed()
    ship.rts(package_id)
    assert control.order(order_id)['statuses'] == ['ready_to_ship_pending']


def test_a_label_is_a_pdf_with_the_tracking_number(ship, control):
    packed = [ship.packed() for _each in range(3)]
    ids = [package_id for _order, _items, package_id in packed]
    body = ship.label(*ids)
    data = body['result']['data']
    same_shape({key: data[key] for key in data}, fixture(
        'order.package.document.get.pdf')['result']['data'])
    frame = base64.b64decode(data['file']).decode()
    assert frame.startswith('<iframe src="/oss/proxy/')
    assert data['pdf_url'].startswith(f'{ship.client.url}/oss/proxy/')
    answer = requests.get(data['pdf_url'], timeout=10)
    assert answer.headers['Content-Type'] == 'application/pdf'
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    truth = {each['package_id']: each['tracking_number'] for each in control.get(
        '/packages')['packages']}
    assert len(pages) == 3
    for page, package_id in zip(pages, ids, strict=True):
        assert truth[package_id] in page.extract_text()
    control.post('/clock', {'advance': 601})
    assert requests.get(data['pdf_url'], timeout=10).status_code == 403


def test_a_label_may_be_large_or_in_the_answer_itself(ship, control):
    _order, _items, package_id = ship.packed()
    control.post('/behaviour', {'label_megabytes': 3, 'label_file': 'pdf'})
    data = ship.label(package_id)['result']['data']
    large = requests.get(data['pdf_url'], timeout=10).content
    assert len(large) > 3 * 2 ** 20
    for pdf in (large, base64.b64decode(data['file'])):
        assert package_id in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_downloads_may_be_redirected(ship, control):
    _order, _items, package_id = ship.packed()
    control.post('/behaviour', {'label_redirect': 'http://127.0.0.1:1/x'})
    answer = requests.get(ship.label(package_id)['result']['data']['pdf_url'], timeout=10,
                          allow_redirects=False)
    assert (answer.status_code, answer.headers['Location']) == (302, 'http://127.0.0.1:1/x')


def test_html_labels_may_hold_more(ship, control):
    _order, _items, package_id = ship.packed()
    control.post('/behaviour', {'label_markup': '<img src="http://127.0.0.1:1/x">'})
    page = base64.b64decode(ship.label(package_id, kind='HTML')['result']['data']['file'])
    assert page.endswith(b'<img src="http://127.0.0.1:1/x">')


def test_html_labels(ship):
    order_id, _items, package_id = ship.packed()
    data = ship.label(package_id, kind='HTML')['result']['data']
    same_shape(data, fixture('order.package.document.get.html')['result']['data'])
    assert order_id in base64.b64decode(data['file']).decode()


def test_labels_lag(ship, control):
    control.post('/behaviour', {'label_lag_calls': 2, 'label_lag_seconds': 60})
    _order, _items, package_id = ship.packed()
    control.post('/clock', {'advance': 61})
    found = [ship.label(package_id)['result'] for _each in range(3)]
    assert [each['success'] for each in found] == [False, False, True]
    assert found[0]['errorCode'] == '700040'
    _order, _items, package_id = ship.packed()
    control.post('/behaviour', {'label_lag_calls': 0, 'label_lag_code': '21'})
    assert ship.label(package_id)['result']['errorCode'] == '21'


def test_no_label(ship, control):
    _order, _items, own = ship.packed(channel='sof')
    order_id, _items, void = ship.packed()
    ship.packages(REPACK, 'rePackReq', void)
    for package_id, code in ((own, '50008'), (void, '700040'), ('FP5', '30012')):
        assert ship.label(package_id)['result']['errorCode'] == code
    assert ship.label(own, kind='ZPL')['result']['errorCode'] == '700004'


@pytest.mark.parametrize('kind, start', [
    ('html', b'<meta'), ('png', b'\x89PNG'), ('empty', b''), ('truncated', b'%PDF-')])
def test_labels_that_are_none(ship, control, kind, start):
    control.post('/behaviour', {'label_content': kind})
    _order, _items, package_id = ship.packed()
    content = requests.get(ship.label(package_id)['result']['data']['pdf_url'], timeout=10).content
    assert content.startswith(start) and not content.rstrip().endswith(b'%%EOF')


def test_a_label_address_can_be_bent(ship, control):
    control.post('/behaviour', {'label_url': 'http://169.254.169.254/label'})
    _order, _items, package_id = ship.packed()
    assert ship.label(package_id)['result']['data']['pdf_url'] == 'http://169.254.169.254/label'


def test_own_fleet(ship, control):
    order_id, _items, package_id = ship.packed(channel='sof')
    deliver, failed = '/order/package/sof/delivered', '/order/package/sof/failed_delivery'
    assert codes(ship.packages(deliver, 'dbsDeliveryReq', package_id)) == ['700000']
    ship.rts(package_id)
    assert codes(ship.packages(failed, 'dbsFailedDeliveryReq', package_id)) == ['0']
    assert control.order(order_id)['statuses'] == ['failed_delivery']
    order_id, _items, package_id = ship.packed(channel='sof')
    ship.rts(package_id)
    assert codes(ship.packages(deliver, 'dbsDeliveryReq', package_id)) == ['0']
    assert control.order(order_id)['statuses'] == ['delivered']
    _order, _items, package_id = ship.packed()
    assert codes(ship.packages(deliver, 'dbsDeliveryReq', package_id)) == ['700009']


def test_digital(ship, control):
    path, field = '/order/digital/delivered', 'digitalDeliveryReq'
    for channel, code, status in (('digital', '0', 'delivered'), ('seller', '700020', 'pending')):
        bought = control.buy(channel=channel)
        body = ship.batch(path, field, {'orders': [{
            'order_id': int(bought['order_id']),
            'order_item_list': [int(each) for each in bought['order_item_ids']]}]})
        assert rows(body, 'orders')[0]['order_item_list'][0]['item_err_code'] == code
        assert control.order(bought['order_id'])['statuses'] == [status]


def test_trace(ship, control):
    order_id, _items, package_id = ship.packed()

    def read(**params):
        return ship.client.call('sg', '/logistic/order/trace', {'order_id': order_id, **params})
    assert read()['result']['module'] == []
    ship.rts(package_id)
    control.move(order_id, 'shipped')
    control.move(order_id, 'delivered')
    body = read(ofcPackageIdList=json.dumps([package_id]))
    same_shape(body, fixture('logistic.order.trace'))
    details = body['result']['module'][0]['package_detail_info_list'][0]
    assert [event['status_code'] for event in details['logistic_detail_info_list']] == [
        'PACKED', 'READY_TO_SHIP', 'INFO_ST_DOMESTIC_PICKUP_SIGN_IN_SUCCESS', 'DELIVERED']
    assert read(ofcPackageIdList='["FP1"]')['result']['module'] == []
    assert read(ofcPackageIdList='x')['code'] == 'INPUT_PARAM_VALID'
    body = ship.client.call('sg', '/logistic/order/trace', {'order_id': '5'})
    assert body['code'] == 'LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK'


def test_warehouses(client):
    body = client.call('sg', '/seller/warehouse/get', {'addressTypes': '["warehouse"]'})
    same_shape(body, fixture('seller.warehouse.get.multi'))
    assert [each['code'] for each in body['result']['module']] == ['dropshipping']


def test_different_warehouses_are_not_packed_together(ship, control):
    bought = control.buy(items=[{'seller_sku': 'LZ-TEE-BLK-M', 'warehouse': 'WH-1'},
                                {'seller_sku': 'LZ-TEE-BLK-M'}])
    body = ship.pack((bought['order_id'], bought['order_item_ids']))
    found = rows(body, 'pack_order_list')[0]['order_item_list']
    assert [row['item_err_code'] for row in found] == ['700029', '700029']
    body = ship.pack((bought['order_id'], bought['order_item_ids'][:1]))
    assert rows(body, 'pack_order_list')[0]['order_item_list'][0]['item_err_code'] == '0'


@pytest.mark.parametrize('path, field', [(PACK, 'packReq'), (RTS, 'readyToShipReq')])
def test_an_answer_lost_after_the_write(ship, control, path, field):
    bought = control.buy(site='sg')
    if path == RTS:
        order_id, _items, package_id = ship.packed()
        request = {'packages': [{'package_id': package_id}]}
    else:
        order_id = bought['order_id']
        request = {'delivery_type': 'dropship', 'pack_order_list': [{
            'order_id': int(order_id),
            'order_item_list': [int(each) for each in bought['order_item_ids']]}]}
    control.post('/faults', {'path': path, 'kind': 'reset', 'after': True, 'seller_id': SG})
    with pytest.raises(requests.exceptions.ConnectionError):
        ship.batch(path, field, request)
    assert control.order(order_id)['statuses'] == [
        'ready_to_ship' if path == RTS else 'packed']
