"""Signed messages about what happened."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lazada_sandbox.push import sign

from .conftest import SG
from .test_shapes import load


class Inbox:
    """A listener that keeps what it gets and answers with a status of choice."""

    def __init__(self):
        inbox = self
        self.messages, self.status = [], 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                inbox.messages.append((self.headers['Authorization'], body))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, *args):
                return None
        self.server = HTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/hook'
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, count):
        """The bodies, once `count` have arrived."""
        deadline = time.monotonic() + 5
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        assert len(self.messages) == count, self.messages
        return [json.loads(body) for _signature, body in self.messages]


@pytest.fixture
def inbox(control):
    inbox = Inbox()
    control.post('/push', {'app_key': '100777', 'url': inbox.url})
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


def test_the_published_vector():
    body = (b'{"seller_id":"1234567","message_type":0,"data":{"order_status":"unpaid",'
            b'"trade_order_id":"260422900198363","trade_order_line_id":"260422900298363",'
            b'"status_update_time":1603698638},"timestamp":1603766859530,"site":"lazada_vn"}')
    assert sign('123456', 'secret_abc123', body) == (
        '0e2f30571cb29dff4caad62a798c995db8387433d78f18963e189eb00c7aa9ed')


def test_one_message_per_unit(control, inbox):
    order = control.buy(units=2)
    found = inbox.wait(2)
    assert {each['data']['trade_order_line_id'] for each in found} == set(
        order['order_item_ids'])
    sample = load('webhook.0.trade-order')
    for each in found:
        assert set(each) == set(sample)
        assert set(each['data']) == set(sample['data']) | {'buyer_id'}
        assert (each['message_type'], each['site'], each['seller_id']) == (0, 'lazada_sg', SG)
        assert each['data']['order_status'] == 'pending'
    signature, body = inbox.messages[0]
    assert signature == sign('100777', 'sandbox0demo0app0secret0000000001', body)


def test_packages_returns_products_stock_and_shops(control, inbox):
    order_id = control.buy(seller_sku='LZ-TEE-BLK-M')['order_id']
    control.move(order_id, 'ready_to_ship')
    control.move(order_id, 'delivered')
    control.post('/returns', {'site': 'sg', 'seller_id': SG, 'order_id': order_id})
    base = {'site': 'sg', 'seller_id': SG, 'seller_sku': 'LZ-TEE-BLK-M'}
    control.post('/listings', {**base, 'name': 'Renamed'})
    control.post('/sellers', {'site': 'sg', 'seller_id': SG, 'status': 'INACTIVE'})
    found = inbox.wait(8)
    by_type = {each['message_type']: each for each in found}
    assert [each['message_type'] for each in found].count(0) == 3
    for number, name in ((14, '14.package-status'), (10, '10.reverse-order'),
                         (4, '4.product-edited'), (13, '13.seller-status')):
        assert set(by_type[number]['data']) == set(load(f'webhook.{name}')['data']), number
    assert by_type[14]['data']['status'] == 'DELIVERED'
    assert by_type[10]['data']['reverse_status'] == 'RTM_INIT'
    assert by_type[13]['data']['status'] == 'close'


def test_low_stock(control, client, inbox):
    tee = control.listing('LZ-TEE-BLK-M')
    for quantity in (5, 4):
        payload = (f'<Request><Product><Skus><Sku><ItemId>{tee["item_id"]}</ItemId><SkuId>'
                   f'{tee["sku_id"]}</SkuId><SellableQuantity>{quantity}</SellableQuantity></Sku>'
                   '</Skus></Product></Request>')
        client.call('sg', '/product/stock/sellable/update', {'payload': payload}, 'POST')
    message, = inbox.wait(1)
    assert message['message_type'] == 6
    assert set(message['data']) == set(load('webhook.6.low-stock')['data'])


def test_expiry_is_told_two_days_before(control, inbox):
    control.post('/push', {'app_key': '100777', 'url': inbox.url, 'types': [8]})
    control.post('/tokens', {'account': 'th-shop@example.com'})
    control.post('/clock', {'advance': 15552000 - 48 * 3600 - 60})
    inbox.wait(0)
    control.post('/clock', {'advance': 120})
    message, = inbox.wait(1)
    assert (message['message_type'], message['seller_id']) == (8, 'null')
    assert set(message['data']) == {'app_key', 'seller_id', 'auth_expiry_time'}


def test_types_hold_reorder_and_replay(control, inbox):
    control.post('/push', {'app_key': '100777', 'url': inbox.url, 'types': [0], 'hold': True})
    first, second = control.buy()['order_id'], control.buy()['order_id']
    control.move(first, 'ready_to_ship')
    assert control.get('/push')['targets'][0]['held'] == 3
    inbox.wait(0)
    control.post('/push', {'app_key': '100777', 'reorder': True})
    found = inbox.wait(3)
    assert [(each['data']['trade_order_id'], each['data']['order_status']) for each in found] == [
        (first, 'ready_to_ship'), (second, 'pending'), (first, 'pending')]
    answer = control.post('/push', {'app_key': '100777', 'replay': 2, 'last': 1})
    assert answer['replayed'] == 2
    inbox.wait(5)
    assert inbox.messages[3] == inbox.messages[4] == inbox.messages[0]


def test_send_and_stop(control, inbox):
    message = {'message_type': 8, 'site': 'sg', 'seller_id': SG, 'outer_seller_id': 'null',
               'data': {'app_key': '100777'}}
    control.post('/push', {'app_key': '100777', 'send': message})
    found, = inbox.wait(1)
    assert found['seller_id'] == 'null' and found['data'] == {'app_key': '100777'}
    control.post('/push', {'app_key': '100777', 'stop': True})
    control.buy()
    inbox.wait(1)


def test_a_failed_message_comes_again_with_the_state_of_then(control, inbox):
    inbox.status = 500
    control.post('/behaviour', {'push_retry_seconds': 60})
    order_id = control.buy(status='pending')['order_id']
    inbox.wait(1)
    control.post('/push', {'app_key': '100777', 'hold': True})
    control.move(order_id, 'packed')
    control.post('/push', {'app_key': '100777', 'hold': False})
    inbox.status = 200
    control.post('/clock', {'advance': 61})
    found = inbox.wait(2)
    assert [each['data']['order_status'] for each in found] == ['pending', 'packed']
    log = control.get('/push')['messages'][0]
    assert (log['answers'], log['tries']) == ([500, 200], 2)


def test_pushing_stops_after_too_many_failures(control, inbox):
    inbox.status = 500
    control.post('/orders', {'site': 'sg', 'seller_id': SG, 'count': 10})
    inbox.wait(10)
    assert control.get('/push')['targets'][0]['active'] is False
    control.buy()
    inbox.wait(10)
