# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The client: one app, at most one storefront and one seller; nothing is shared between clients."""

import json
import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from . import envelope, redact
from .auth import Auth
from .errors import LazadaAuthError, LazadaClockError, LazadaError
from .finance import Finance
from .fulfilment import Fulfilment
from .orders import Orders
from .products import Products
from .regions import AUTH_API_URL, AUTHORIZE_URL, get_site
from .retry import decide
from .reverse import Reverse
from .seller import Seller, Warehouses
from .signing import sign
from .subjects import find_subjects
from .transport import exchange, new_session

_logger = logging.getLogger(__name__)

# Reads by their verb, writes by their effect: a repeated call could apply them twice.
_WRITING_GETS = {
    '/order/reverse/cancel/create', '/order/reverse/cancel/seller/decide',
    '/order/reverse/return/update', '/order/reverse/onlyrefund/seller/decide',
    '/order/package/repack',
}
_LOOPBACK = ('localhost', '127.0.0.1', '::1')


@dataclass(frozen=True)
class CallRecord:
    """One HTTP try, safe to store: no secret and no personal data in any field.

    at: naive UTC; code: Lazada's code ('0' is success) or the reason of a transport error;
    body: the answer as text, only when the try failed; subjects: ids of orders and packages.
    """

    at: datetime
    site: str
    path: str
    method: str
    params: dict
    code: str
    http_status: int | None
    duration_ms: int
    request_id: str
    error: str
    body: str
    subjects: tuple[str, ...] = ()


class LazadaClient:
    """Signs, sends, retries and checks calls to the Lazada Open Platform. A context manager.

    site: 'sg', 'my', 'ph', 'th', 'vn' or 'id'; only `auth` and `authorize_url` work without one.
    base_url: a stand-in platform; https, or http on this machine.
    renew_token(refused_token) -> new token | None: called at most once a request.
    on_call(CallRecord): called after each HTTP try.
    session: a `requests.Session`; the default one also enforces `deadline` while bytes trickle in.
    timeout: (connect, read) seconds of one try; deadline: seconds of a call with all its tries.

    Every call may raise `LazadaError` (see `errors`). Not for several threads at once.
    """

    def __init__(self, app_key, app_secret, *, site=None, access_token=None, base_url=None,
                 renew_token=None, on_call=None, session=None, clock=time.time, sleep=time.sleep,
                 rng=random.random, timeout=(5.0, 30.0), deadline=60.0):
        self.app_key = app_key
        self.site = get_site(site) if site else None
        self.base_url = _checked_base(base_url)
        self.server_time = None
        self._app_secret = app_secret
        self._access_token = access_token
        self._renew_token = renew_token
        self._on_call = on_call
        self._own_session = session is None
        self._session = session or new_session(trust_env=not _is_local(self.base_url))
        self._clock, self._sleep, self._rng = clock, sleep, rng
        self._timeout, self._deadline = timeout, deadline
        self._clock_offset = 0.0
        self.auth = Auth(self)
        self.seller = Seller(self)
        self.warehouses = Warehouses(self)
        self.orders = Orders(self)
        self.products = Products(self)
        self.fulfilment = Fulfilment(self)
        self.reverse = Reverse(self)
        self.finance = Finance(self)

    def __repr__(self):
        return f'<LazadaClient {self.app_key} {self.site.code if self.site else "no site"}>'

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    def close(self):
        """Close the connections; an injected session stays open."""
        if self._own_session:
            self._session.close()

    def now(self):
        """The time by this client's clock, naive UTC."""
        return datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None)

    def authorize_url(self, redirect_uri, state, country=None):
        """The page where a seller gives consent; it comes back to `redirect_uri` with `code` and
        `state`.

        country: site codes, comma-separated, to preselect; 'cb' is a cross-border shop.
        """
        page = f'{self.base_url}/oauth/authorize' if self.base_url else AUTHORIZE_URL
        query = {
            'response_type': 'code', 'force_auth': 'true', 'redirect_uri': redirect_uri,
            'client_id': self.app_key, 'state': state}
        if country:
            query['country'] = country
        return f'{page}?{urlencode(query)}'

    def call(self, path, params=None, *, method='GET', absolute=False):
        """Call an endpoint of the shop; returns the whole body, its envelope checked.

        params: business parameters; lists and dicts are sent as JSON, None and '' not at all.
        absolute: a write that may be repeated, such as "stock is 7". Other writes are sent again
        only when the first try surely did not arrive or was refused.
        """
        if self.site is None:
            raise ValueError('this client has no site')
        gateway = (f'{self.base_url}/{self.site.code}/rest' if self.base_url
                   else self.site.api_url)
        idempotent = absolute or (method == 'GET' and path not in _WRITING_GETS)
        return self._call(gateway, path, params or {}, method, idempotent, with_token=True)

    def call_auth(self, path, params):
        """Call a token endpoint (no access token, never repeated blindly); the whole body."""
        gateway = f'{self.base_url}/auth/rest' if self.base_url else AUTH_API_URL
        return self._call(gateway, path, params, 'POST', idempotent=False, with_token=False)

    def _call(self, gateway, path, params, method, idempotent, *, with_token):
        """Try until success, until `decide` gives up or until the deadline."""
        params = {name: _text(value) for name, value in params.items() if value not in (None, '')}
        ends = time.monotonic() + self._deadline
        attempt, renewed, reset = 0, not with_token, False
        while True:
            attempt += 1
            try:
                return self._try(gateway, path, params, method, with_token,
                                 ends - time.monotonic())
            except LazadaAuthError:
                if renewed or not self._renew():
                    raise
                renewed = True
            except LazadaClockError:
                if reset or not self._adopt_server_clock():
                    raise
                reset = True
            except LazadaError as error:
                delay = decide(error, attempt, idempotent)
                if delay is None:
                    raise
                delay *= 1 + 0.25 * self._rng()       # so that many shops do not return together
                if time.monotonic() + delay >= ends:
                    raise
                self._sleep(delay)

    def _renew(self):
        """Ask for a new token; False when there is none to be had."""
        token = self._renew_token and self._renew_token(self._access_token)
        if token:
            self._access_token = token
        return bool(token)

    def _adopt_server_clock(self):
        """Sign with the server's clock from now on; False when it is not known."""
        if self.server_time is None:
            return False
        self._clock_offset = self.server_time.replace(tzinfo=UTC).timestamp() - self._clock()
        return True

    def _try(self, gateway, path, params, method, with_token, seconds):
        """Sign, send and read once; whatever happens is logged and reported to `on_call`."""
        system = {
            'app_key': self.app_key, 'sign_method': 'sha256',
            'timestamp': str(int((self._clock() + self._clock_offset) * 1000))}
        if with_token and self._access_token:
            system['access_token'] = self._access_token
        system['sign'] = sign(self._app_secret, path, {**params, **system})
        query, form = ({**system, **params}, None) if method == 'GET' else (system, params)
        started, answer, body, failure = time.monotonic(), None, {}, None
        try:
            answer = exchange(
                self._session, method, gateway + path, endpoint=path, timeout=self._timeout,
                deadline=max(0.1, seconds), query=query, form=form)
            self.server_time = envelope.server_time(answer) or self.server_time
            body = envelope.read(answer, path, self._secrets(params))
            return body
        except LazadaError as error:
            failure = error
            raise
        finally:
            self._report(path, method, {**params, **system}, answer, body, failure,
                         int((time.monotonic() - started) * 1000))

    def _secrets(self, params):
        return (self._app_secret, self._access_token, params.get('refresh_token'),
                params.get('code'))

    def _report(self, path, method, params, answer, body, failure, duration_ms):
        record = CallRecord(
            at=self.now(), site=self.site.code if self.site else '', path=path, method=method,
            params=redact.params(params),
            code='0' if failure is None else getattr(failure, 'code', None) or failure.reason,
            http_status=answer.status if answer else getattr(failure, 'http_status', None),
            duration_ms=duration_ms,
            request_id=str(body.get('request_id') or getattr(failure, 'request_id', '')),
            error=str(failure or ''), body=failure.body if failure else '',
            subjects=find_subjects(params))
        _logger.info(
            '%s %s %s: %s, HTTP %s, %d ms, request_id=%s', record.site or '-', method, path,
            record.code, record.http_status, duration_ms, record.request_id)
        if failure:
            _logger.debug('%s: %s', record.error, record.body)
        if self._on_call:
            self._on_call(record)


def _text(value):
    """A parameter as it is signed and sent."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, separators=(',', ':'))
    return str(value)


def _checked_base(base_url):
    """The address of a stand-in platform without its last slash; ValueError unless safe to use."""
    if not base_url:
        return None
    parts = urlsplit(base_url)
    if parts.username or parts.query or parts.fragment or not parts.hostname:
        raise ValueError('the address of the platform must be a plain URL')
    if parts.scheme != 'https' and (parts.scheme != 'http' or not _is_local(base_url)):
        raise ValueError('the address of the platform must start with https://')
    return base_url.rstrip('/')


def _is_local(url):
    """On this machine, where plain http is fine and a proxy never is."""
    return urlsplit(url or '').hostname in _LOOPBACK
