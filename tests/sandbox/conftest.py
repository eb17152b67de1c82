"""A running stand-in for each test module, and clients that talk to it over real HTTP."""
import hashlib
import hmac
import json
import threading
import time
import urllib.parse

import pytest
import requests

from lazada_sandbox.platform import Platform
from lazada_sandbox.server import SandboxServer

SG, PH, MY, TH = '1000399001', '500176699001', '1000399002', '100199001'
SELLERS = {'sg': SG, 'ph': PH, 'my': MY, 'th': TH}


class Client:
    """Signs by the published rule, written here a second time on purpose."""

    def __init__(self, url, app_key, app_secret):
        self.url, self.app_key, self.app_secret = url, app_key, app_secret
        self.token = ''
        self.shift = 0

    def signed(self, path, params, secret=None):
        pool = {'app_key': self.app_key, 'sign_method': 'sha256',
                'timestamp': str(int((time.time() + self.shift) * 1000)), **params}
        text = path + ''.join(f'{key}{pool[key]}' for key in sorted(pool))
        pool['sign'] = hmac.new((secret or self.app_secret).encode(), text.encode(),
                                hashlib.sha256).hexdigest().upper()
        return pool

    def send(self, site, path, params=None, method='GET', token=None):
        """The requests.Response."""
        params = dict(params or {})
        if site != 'auth':
            params.setdefault('access_token', self.token if token is None else token)
        pool = self.signed(path, params)
        place = {'params': pool} if method == 'GET' else {'data': pool}
        return requests.request(method, f'{self.url}/{site}/rest{path}', timeout=10, **place)

    def call(self, site, path, params=None, method='GET', token=None):
        """The body of the answer."""
        return self.send(site, path, params, method, token).json()

    def consent(self, account, country='', state='s1'):
        """The code a seller's click on Authorize brings back."""
        answer = requests.post(f'{self.url}/oauth/authorize', timeout=10, allow_redirects=False,
                               data={'response_type': 'code', 'client_id': self.app_key,
                                     'redirect_uri': 'http://127.0.0.1:1/back', 'state': state,
                                     'account': account, 'country': country})
        assert answer.status_code == 302, answer.text
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers['Location']).query)
        assert query['state'] == [state]
        return query['code'][0]


class Control:
    def __init__(self, url):
        self.url = url

    def __call__(self, method, path, body=None):
        answer = requests.request(method, f'{self.url}/_control{path}', json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path):
        return self('GET', path)

    def post(self, path, body=None):
        return self('POST', path, body or {})

    def delete(self, path, body=None):
        return self('DELETE', path, body)

    def buy(self, site='sg', **body):
        """The first of the orders bought."""
        answer = self.post('/orders', {'site': site, 'seller_id': SELLERS[site], **body})
        return answer['orders'][0]

    def order(self, order_id, site='sg'):
        found = self.get(f'/orders?site={site}&seller_id={SELLERS[site]}&order_id={order_id}')
        return found['orders'][0]

    def listing(self, sku, site='sg'):
        found = self.get(f'/listings?site={site}&seller_id={SELLERS[site]}')['listings']
        return next(each for each in found if each['seller_sku'] == sku)

    def move(self, order_id, status, site='sg', **body):
        return self.post(f'/orders/{site}/{SELLERS[site]}/{order_id}/status',
                         {'status': status, **body})


@pytest.fixture(scope='session')
def server():
    server = SandboxServer(Platform(seed=1))
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def control(server):
    """The remote control of a world as it is after start-up."""
    control = Control(server.url)
    control.post('/reset', {'seed': 1, 'forget_tokens': True})
    return control


@pytest.fixture
def client(server, control):
    """An authorized client of the cross-border account."""
    app = control.get('/state')['apps'][0]
    client = Client(server.url, app['app_key'], app['app_secret'])
    client.token = control.post('/tokens', {'account': 'cb-owner@example.com'})['access_token']
    return client


@pytest.fixture
def thai(server, control):
    """An authorized client of the local Thai account."""
    app = control.get('/state')['apps'][0]
    client = Client(server.url, app['app_key'], app['app_secret'])
    client.token = control.post('/tokens', {'account': 'th-shop@example.com'})['access_token']
    return client


def compact(value):
    return json.dumps(value, separators=(',', ':'))
