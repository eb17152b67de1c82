# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the same request is worth a second try, decided without clock, sleep or chance."""

from .errors import LazadaServerError, LazadaThrottleError, LazadaTransportError

MAX_TRIES = 3
MAX_WAIT = 2.0          # seconds; a longer wait belongs to the caller's scheduler, not to a process
_BACKOFF = 0.5
_LASTING = ('tls', 'redirect', 'size', 'deadline')   # a second try would only meet the same


def decide(error, attempt, idempotent):
    """Seconds to wait before the next try, or None: give up and raise.

    error: what the last try raised. attempt: tries made so far, from 1.
    idempotent: sending the request twice does no harm (reads, absolute writes).
    """
    if attempt >= MAX_TRIES:
        return None
    if isinstance(error, LazadaThrottleError):        # refused before anything was done
        wait = _BACKOFF * 2 if error.retry_after is None else error.retry_after
        return wait if wait <= MAX_WAIT else None
    if isinstance(error, LazadaTransportError):
        if error.reason in _LASTING or (error.sent and not idempotent):
            return None
        return _BACKOFF * 2 ** (attempt - 1)
    if isinstance(error, LazadaServerError) and idempotent:
        return _BACKOFF * 2 ** (attempt - 1)
    return None
