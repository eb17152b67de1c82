# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching a file from an address that somebody else wrote, without being led astray."""

import ipaddress
import socket
from urllib.parse import urlsplit, urlunsplit

from .errors import LazadaError, LazadaTransportError
from .transport import exchange, new_session

_TIMEOUT = (5.0, 30.0)
_PORTS = {'http': 80, 'https': 443}


class FileRefused(LazadaError):
    """The address is not one of Lazada's, or what it gave is not what it should be. Asking again
    may help with labels: the next answer names another address, and they lag."""

    retryable = True

    def __init__(self, message):
        super().__init__(message)
        self.message = message


def fetch_file(url, *, what, check, allowed, max_bytes, origin=None, deadline=60.0,
               resolve=socket.getaddrinfo):
    """The bytes at `url`.

    what: a word for it, for messages; check: whether bytes are what they should be, because
    headers prove nothing.
    allowed: domains it may come from, over https on port 443; their public address is resolved
    once and that very address is connected to. origin: of a stand-in platform; then nothing else
    is allowed.
    """
    parts = _split(url, what)
    if origin:
        _check_origin(parts, origin, what)
        session, target, headers = new_session(trust_env=False), url, {}
    else:
        address, port = _public_address(_checked_host(parts, allowed, what), resolve, what)
        host = parts.hostname
        # The certificate is checked for the host while the connection goes to the checked address.
        session = new_session(trust_env=False, server_hostname=host, assert_hostname=host)
        netloc = f'[{address}]:{port}' if ':' in address else f'{address}:{port}'
        target, headers = urlunsplit(parts._replace(netloc=netloc, fragment='')), {'Host': host}
    with session:
        answer = exchange(
            session, 'GET', target, endpoint=what, timeout=_TIMEOUT, deadline=deadline,
            max_bytes=max_bytes, headers=headers)
    if answer.status != 200:
        raise LazadaTransportError(
            f'the {what} was not delivered', reason='http', endpoint=what,
            http_status=answer.status)
    if not check(answer.body):
        raise FileRefused(f'what came is not a complete {what}')
    return answer.body


def _split(url, what):
    try:
        parts = urlsplit(url)
        _checked = parts.port       # raises on a malformed port
    except ValueError:
        raise FileRefused(f'the address of the {what} is malformed') from None
    if parts.username is not None or not parts.hostname:
        raise FileRefused(f'the address of the {what} is malformed')
    return parts


def _check_origin(parts, origin, what):
    if _origin(parts) != _origin(urlsplit(origin)):
        raise FileRefused(f'the {what} is not at the address of this platform')


def _origin(parts):
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _checked_host(parts, allowed, what):
    host = parts.hostname
    if parts.scheme != 'https' or (parts.port or 443) != 443:
        raise FileRefused(f'the {what} is not offered over https')
    if not any(host == domain or host.endswith('.' + domain) for domain in allowed):
        raise FileRefused(f'the {what} is not on a host of Lazada')
    return host


def _public_address(host, resolve, what):
    """(address, port) of `host`; refused when any of its addresses is not public."""
    try:
        found = [info[4][:2] for info in resolve(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        raise LazadaTransportError(
            f'the host of the {what} cannot be found', reason='connect', endpoint=what,
            sent=False) from None
    if not found or not all(_is_public(address) for address, _port in found):
        raise FileRefused(f'the host of the {what} has no public address')
    return found[0]


def _is_public(address):
    ip = ipaddress.ip_address(address.partition('%')[0])
    ip = getattr(ip, 'ipv4_mapped', None) or ip
    return ip.is_global and not ip.is_multicast
