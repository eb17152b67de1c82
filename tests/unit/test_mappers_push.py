"""Push messages in every form that has been seen, and in forms that should not break anything."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from lazada_connector.mappers.push import map_push

FIXTURES = Path(__file__).resolve().parents[1] / 'fixtures' / 'lazada'


def load(name):
    return (FIXTURES / f'{name}.json').read_bytes()


def change(**members):
    """The order message with other members; `data=` is merged."""
    message = json.loads(load('webhook.0.trade-order'))
    message['data'].update(members.pop('data', {}))
    message.update(members)
    return json.dumps(message).encode()


@pytest.mark.parametrize('name, expected', [
    ('webhook.0.trade-order', (0, 'vn', ['1234567'], '260422900198363', 'unpaid')),
    ('webhook.0.reverse', (0, 'vn', ['1000114855'], '252883361348153', 'returned')),
    ('webhook.1.product-qc', (1, 'ph', ['500176629136'], '', 'Lock')),
    ('webhook.4.product-edited', (4, 'sg', ['100072361'], '', 'EDITED_UPDATED')),
    ('webhook.6.low-stock', (6, 'sg', ['1000008313'], '', '')),
    ('webhook.10.reverse-order', (10, 'sg', ['12345', '1000143772'], '416557324702006',
                                  'RTM_INIT')),
    ('webhook.13.seller-status', (13, 'sg', ['100053528'], '', 'normal')),
    ('webhook.14.package-status', (14, 'sg', ['100056775'], '57244869716603', 'DELIVERED')),
])
def test_recorded_messages(name, expected):
    mapped = map_push(load(name))
    assert tuple(mapped[key] for key in (
        'message_type', 'site', 'seller_ids', 'order_external_id', 'raw_status')) == expected
    assert json.loads(mapped['text']) == json.loads(load(name))


@pytest.mark.parametrize('timestamp', [
    1627889609, 1627889609000, '1627889609', '1627889609123'])
def test_seconds_and_milliseconds(timestamp):
    sent_at = map_push(change(timestamp=timestamp))['sent_at']
    assert sent_at == datetime(2021, 8, 2, 7, 33, 29)


@pytest.mark.parametrize('site', ['lazada_vn', 'LAZADA_VN', 'lazada-vn'])
def test_site_drift(site):
    assert map_push(change(site=site))['site'] == 'vn'


@pytest.mark.parametrize('site', ['', None, 'lazada_xx', 'lazada', 17, {}])
def test_an_unknown_site_is_none(site):
    assert map_push(change(site=site))['site'] is None


def test_ids_as_numbers_and_the_seller_inside():
    mapped = map_push(change(
        seller_id='null', message_type='8',
        data={'trade_order_id': 260422900198363, 'seller_id': 1234567,
              'auth_expiry_time': 1603698638}))
    assert mapped['seller_ids'] == ['1234567']
    assert mapped['message_type'] == 8
    assert mapped['order_external_id'] == '260422900198363'
    assert mapped['expires_at'] == datetime(2020, 10, 26, 7, 50, 38)


@pytest.mark.parametrize('body', [
    b'', b'null', b'[]', b'"text"', b'{', b'\xff\xfe\xfa', b'[' * 60_000, b'{"a":' * 10_000,
    b'{"n": ' + b'9' * 5000 + b'}'])
def test_what_is_no_message_is_none(body):
    assert map_push(body) is None


def test_hostile_members_are_dropped():
    mapped = map_push(change(
        message_type={'a': 1}, seller_id=['x'] * 100, timestamp='soon', data={
            'trade_order_id': '9' * 500, 'order_status': 'a\x00\ud800\u202eb' + 'c' * 500}))
    assert mapped['message_type'] is None
    assert mapped['order_external_id'] == ''
    assert mapped['sent_at'] is None
    assert len(mapped['raw_status']) == 64 and mapped['raw_status'].startswith('abc')
    assert mapped['text'].isascii()


def test_data_of_another_type():
    assert map_push(change(data={}) [:-1] + b', "data": "none"}')['order_external_id'] == ''
