"""A shop that gets push messages, and a sender that keeps to a timetable."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class PushedShop:
    """A shop of a running stack, connected by tokens, and the address of its messages."""

    stack: object
    site: str = 'th'

    def __post_init__(self):
        state = self.stack.sandbox.get('state')
        self.app = state['apps'][0]
        self.seller_id = next(
            shop['seller_id'] for shop in state['shops'] if shop['site'] == self.site)
        login = next(account['login'] for account in state['accounts']
                     if self.seller_id in account['seller_ids'])
        token = self.stack.sandbox.post(
            'tokens', {'app_key': self.app['app_key'], 'account': login})
        self.rpc = self.stack.rpc
        self.account_id = self.rpc['lazada.account'].create({
            'name': "Pushed", 'environment': 'sandbox', 'sandbox_url': self.stack.sandbox_url,
            'app_key': self.app['app_key'], 'app_secret': self.app['app_secret'],
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        [account] = self.rpc['lazada.account'].read([self.account_id], ['webhook_token'])
        self.path = f"/lazada/webhook/{account['webhook_token']}"
        self.id = None

    def open(self, **values):
        """Make the shop itself; its seeded orders are left out."""
        self.id = self.rpc['lazada.shop'].create({
            'name': "Pushed", 'account_id': self.account_id, 'site': self.site,
            'external_id': self.seller_id, 'last_order_sync': time.strftime(
                '%Y-%m-%d %H:%M:%S', time.gmtime()), **values})

    @property
    def url(self):
        return f'{self.stack.url}{self.path}'

    def sell(self, sku):
        """A product and its listing, known to both sides."""
        self.rpc['product.product'].create({
            'name': sku, 'default_code': sku, 'is_storable': True})
        self.stack.sandbox.post('listings', {
            'site': self.site, 'seller_id': self.seller_id, 'seller_sku': sku,
            'sellable': 100_000, 'price': '10.00'})

    def buy(self, sku, count=1):
        """Buy `count` orders of one unit and return their ids."""
        answer = self.stack.sandbox.post('orders', {
            'site': self.site, 'seller_id': self.seller_id, 'count': count, 'units': 1,
            'seller_sku': sku, 'status': 'pending'})
        return [order['order_id'] for order in answer['orders']]

    def write(self, number, order_id, kind=0, **data):
        """The bytes of one message; `number` makes it differ from every other."""
        return json.dumps({
            'seller_id': self.seller_id, 'message_type': kind,
            'data': {'order_status': 'pending', 'trade_order_id': order_id,
                     'trade_order_line_id': str(number), 'status_update_time': 1, **data},
            'timestamp': 1_700_000_000_000 + number, 'site': f'lazada_{self.site}'}).encode()

    def sign(self, body):
        return hmac.new(self.app['app_secret'].encode(), self.app['app_key'].encode() + body,
                        hashlib.sha256).hexdigest()

    def send(self, body):
        """Send one message over a connection of its own; return the status of the answer."""
        return request(self.stack.url, 'POST', self.path, body, {
            'Authorization': self.sign(body), 'Content-Type': 'application/json'})

    def count(self, **domain):
        """Messages that Odoo keeps."""
        return self.rpc['lazada.event'].search_count(
            [('shop_id', '=', self.id), *((name, '=', value) for name, value in domain.items())])


def request(url, method, path, body=None, headers=()):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def keep_pace(work, items, per_second, threads=16):
    """Call `work(item)` at fixed moments, whether or not the earlier ones have ended.

    Returns [(result, seconds)]; the seconds count from the moment that was due, so that waiting
    behind slow answers shows.
    """
    started = time.monotonic() + 0.1

    def one(place, item):
        due = started + place / per_second
        time.sleep(max(0, due - time.monotonic()))
        result = work(item)
        return result, time.monotonic() - due

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [
            pool.submit(one, place, item) for place, item in enumerate(items)]]


def percentile(seconds, share):
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Repeating(threading.Thread):
    """Calls `work()` every so many seconds until the block ends; an error fails the block."""

    def __init__(self, work, every):
        super().__init__(daemon=True)
        self.work, self.every = work, every
        self._ended, self._error = threading.Event(), None

    def run(self):
        while not self._ended.is_set():
            try:
                self.work()
            except Exception as error:     # handed over to the thread that waits
                self._error = error
                return
            self._ended.wait(self.every)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self._ended.set()
        self.join(60)
        if self._error:
            raise self._error
