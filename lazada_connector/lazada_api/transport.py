# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One HTTP exchange: certificates checked, no redirects, bounded in size and in time."""

import logging
import re
import socket
import threading
import time
import zlib
from dataclasses import dataclass

import requests
import urllib3

from .errors import LazadaTransportError

CHUNK = 64 * 1024
MAX_API_BODY = 8 * 1024 * 1024

_QUERY = re.compile(r'\?\S*')


@dataclass(frozen=True)
class Answer:
    """status: HTTP status; headers: case-insensitive; body: bytes, unpacked."""

    status: int
    headers: requests.structures.CaseInsensitiveDict
    body: bytes


class _HideQuery(logging.Filter):
    """Takes query strings, which hold the access token, out of urllib3's debug lines."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                _QUERY.sub('?***', arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


_hide_query = _HideQuery()


def new_session(*, trust_env=True, **pool_options):
    """A session whose total deadline also holds while headers or body trickle in.

    trust_env: honour proxies of the environment; pool_options: for urllib3's pool manager.
    """
    for name in ('urllib3.connectionpool', 'urllib3.util.retry'):
        logging.getLogger(name).addFilter(_hide_query)
    session = requests.Session()
    session.trust_env = trust_env
    for scheme in ('http://', 'https://'):
        session.mount(scheme, WatchedAdapter(**pool_options))
    return session


class Watchdog:
    """Cuts a connection when its time is up; a read time-out alone starts anew with every byte."""

    def __init__(self):
        self._local = threading.local()

    def start(self, seconds):
        self._local.ends = time.monotonic() + seconds
        self._local.timer = None
        self._local.sent = False

    def guard(self, sock):
        """From now on `sock` is shut down when the time given to `start` is over."""
        self.stop()
        self._local.sent = True
        ends = getattr(self._local, 'ends', None)
        if sock is None or ends is None:
            return
        timer = threading.Timer(max(0.0, ends - time.monotonic()), _shut, [sock])
        timer.daemon = True
        timer.start()
        self._local.timer = timer

    @property
    def sent(self):
        """Was the request of this exchange written, so that an answer was waited for?"""
        return self._local.sent

    def stop(self):
        timer = getattr(self._local, 'timer', None)
        if timer:
            timer.cancel()
            self._local.timer = None


def _shut(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return          # closed by the other side in the same moment: nothing is left to cut


class WatchedAdapter(requests.adapters.HTTPAdapter):
    """Puts every connection under a `Watchdog`; `pool_options` go to urllib3's pool manager."""

    def __init__(self, **pool_options):
        super().__init__()
        self.watchdog = Watchdog()
        self._pool_classes = {
            'http': self._watched(urllib3.HTTPConnectionPool),
            'https': self._watched(urllib3.HTTPSConnectionPool),
        }
        self.poolmanager.connection_pool_kw.update(pool_options)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def _watched(self, pool_class):
        watchdog = self.watchdog

        class Connection(pool_class.ConnectionCls):
            def getresponse(self, *args, **kwargs):
                watchdog.guard(self.sock)
                return super().getresponse(*args, **kwargs)

        return type(pool_class.__name__, (pool_class,), {'ConnectionCls': Connection})


def exchange(session, method, url, *, endpoint, timeout, deadline, max_bytes=MAX_API_BODY,
             query=None, form=None, headers=None):
    """Send one request and read the whole answer.

    timeout: (connect, read) seconds; deadline: seconds for everything, body included.
    Raises LazadaTransportError; its text never holds the URL's query.
    """
    started = time.monotonic()
    headers = {'Accept-Encoding': 'gzip', **(headers or {})}
    watchdog = getattr(session.get_adapter(url), 'watchdog', None)
    if watchdog:
        watchdog.start(deadline)
    try:
        with session.request(
            method, url, params=query, data=form, headers=headers,
            timeout=tuple(min(seconds, deadline) for seconds in timeout),
            allow_redirects=False, stream=True, verify=True,
        ) as response:
            if response.is_redirect:
                raise LazadaTransportError(
                    'redirects are refused', reason='redirect', endpoint=endpoint,
                    http_status=response.status_code)
            body = _read(response, endpoint, started + deadline, max_bytes)
            return Answer(response.status_code, response.headers, body)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        late = time.monotonic() - started >= deadline
        sent = watchdog is None or watchdog.sent
        # `from None`: the text of the cause holds the URL, and that the token
        raise _transport_error(error, endpoint, late, sent) from None
    finally:
        if watchdog:
            watchdog.stop()


def _read(response, endpoint, ends, max_bytes):
    """The body, unpacked piece by piece so that no size and no gzip bomb fills the memory."""
    packed = response.headers.get('Content-Encoding', '').lower() in ('gzip', 'deflate')
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
    body = bytearray()
    for chunk in response.raw.stream(CHUNK, decode_content=False):
        if unpacker:
            chunk = _unpack(unpacker, chunk, max_bytes + 1 - len(body), endpoint)
        body += chunk
        if len(body) > max_bytes:
            raise LazadaTransportError(
                f'the answer is larger than {max_bytes} bytes', reason='size', endpoint=endpoint)
        _check_time(ends, endpoint)
    _check_time(ends, endpoint)      # a connection cut by the watchdog may look like a proper end
    if unpacker and not unpacker.eof:
        raise LazadaTransportError(
            'the packed answer is cut off', reason='reset', endpoint=endpoint)
    return bytes(body)


def _check_time(ends, endpoint):
    if time.monotonic() >= ends:
        raise LazadaTransportError('too slow', reason='deadline', endpoint=endpoint)


def _unpack(unpacker, chunk, room, endpoint):
    try:
        return unpacker.decompress(chunk, room)
    except zlib.error:
        raise LazadaTransportError(
            'the answer cannot be unpacked', reason='bad_response', endpoint=endpoint) from None


def _transport_error(error, endpoint, late, sent):
    """The typed error for what requests or urllib3 raised. Its own words: theirs quote the URL."""
    if late:
        return LazadaTransportError('too slow', reason='deadline', endpoint=endpoint, sent=sent)
    if isinstance(error, requests.exceptions.SSLError):
        return LazadaTransportError(
            'the certificate or the TLS connection was refused', reason='tls', endpoint=endpoint,
            sent=sent)
    if isinstance(error, requests.ConnectTimeout):
        return LazadaTransportError(
            'no connection in time', reason='timeout', endpoint=endpoint, sent=False)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return LazadaTransportError('no answer in time', reason='timeout', endpoint=endpoint)
    if _never_connected(error):
        return LazadaTransportError(
            'the host cannot be found or refuses the connection', reason='connect',
            endpoint=endpoint, sent=False)
    return LazadaTransportError(
        f'the connection broke ({type(error).__name__})', reason='reset', endpoint=endpoint)


def _never_connected(error):
    """Did it fail before a connection stood (DNS, refused)? Then the request did not arrive."""
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    reason = getattr(cause, 'reason', cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)
