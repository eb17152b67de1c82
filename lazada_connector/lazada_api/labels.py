# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching a file from an address that somebody else wrote, without being led astray."""

import ipaddress
import socket
from urllib.parse import urlsplit, urlunsplit

from .errors import LazadaError, LazadaTransportError
from .transport import exchange, new_session

MAX_LABEL = 10 * 1024 * 1024
_TIMEOUT = (5.0, 30.0)
_PORTS = {'http': 80, 'https': 443}


class LabelRefused(LazadaError):
    """The address is not one of Lazada's, or what it gave is not a PDF. Asking again may help: the
    next answer names another address, and labels lag."""

    retryable = True

    def __init__(self, message):
        super().__init__(message)
        self.message = message


def fetch_label(url, *, allowed, origin=None, max_bytes=MAX_LABEL, deadline=60.0,
                resolve=socket.getaddrinfo):
    """The PDF at `url` as bytes.

    allowed: domains it may come from, over https on port 443; their public address is resolved
    once and that very address is connected to. origin: of a stand-in platform; then nothing else
    is allowed.
    """
    parts = _split(url)
    if origin:
        _check_origin(parts, origin)
        session, target, headers = new_session(trust_env=False), url, {}
    else:
        address, port = _public_address(_checked_host(parts, allowed), resolve)
        host = parts.hostname
        # The certificate is checked for the host while the connection goes to the checked address.
        session = new_session(trust_env=False, server_hostname=host, assert_hostname=host)
        netloc = f'[{address}]:{port}' if ':' in address else f'{address}:{port}'
        target, headers = urlunsplit(parts._replace(netloc=netloc, fragment='')), {'Host': host}
    with session:
        answer = exchange(
            session, 'GET', target, endpoint='label', timeout=_TIMEOUT, deadline=deadline,
            max_bytes=max_bytes, headers=headers)
    return _checked_pdf(answer)


def _split(url):
    try:
        parts = urlsplit(url)
        _checked = parts.port       # raises on a malformed port
    except ValueError:
        raise LabelRefused('the address of the label is malformed') from None
    if parts.username is not None or not parts.hostname:
        raise LabelRefused('the address of the label is malformed')
    return parts


def _check_origin(parts, origin):
    if _origin(parts) != _origin(urlsplit(origin)):
        raise LabelRefused('the label is not at the address of this platform')


def _origin(parts):
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _checked_host(parts, allowed):
    host = parts.hostname
    if parts.scheme != 'https' or (parts.port or 443) != 443:
        raise LabelRefused('the label is not offered over https')
    if not any(host == domain or host.endswith('.' + domain) for domain in allowed):
        raise LabelRefused('the label is not on a host of Lazada')
    return host


def _public_address(host, resolve):
    """(address, port) of `host`; refused when any of its addresses is not public."""
    try:
        found = [info[4][:2] for info in resolve(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        raise LazadaTransportError(
            'the host of the label cannot be found', reason='connect', endpoint='label',
            sent=False) from None
    if not found or not all(_is_public(address) for address, _port in found):
        raise LabelRefused('the host of the label has no public address')
    return found[0]


def _is_public(address):
    ip = ipaddress.ip_address(address.partition('%')[0])
    ip = getattr(ip, 'ipv4_mapped', None) or ip
    return ip.is_global and not ip.is_multicast


def _checked_pdf(answer):
    """The body, when it is a PDF by its content; headers prove nothing."""
    if answer.status != 200:
        raise LazadaTransportError(
            'the label was not delivered', reason='http', endpoint='label',
            http_status=answer.status)
    if not is_pdf(answer.body):
        raise LabelRefused('what came is not a complete PDF')
    return answer.body


def is_pdf(content):
    """Do these bytes begin and end as a PDF does?"""
    return content.startswith(b'%PDF-') and b'%%EOF' in content[-1024:]
