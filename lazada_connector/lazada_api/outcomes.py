# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes that go out in batches and are answered row by row."""

from dataclasses import dataclass

from .batches import batches
from .errors import (
    LazadaApiError,
    LazadaAuthError,
    LazadaClockError,
    LazadaError,
    LazadaNotReadyError,
    LazadaPermissionError,
    LazadaRequestError,
    LazadaServerError,
    LazadaThrottleError,
    LazadaTransportError,
)

BATCH_SIZE = 20
_WHOLE_SHOP = (LazadaAuthError, LazadaPermissionError, LazadaClockError, LazadaThrottleError)


@dataclass(frozen=True)
class Row:
    """What became of one row of a batch.

    state: 'done' · 'refused' (nothing happened) · 'unknown' (it may have happened: read the items
    again before repeating anything) · 'unsent' (an error stopped the batches before this one)
    code, message: Lazada's reason, '0' when done; retry: the same row may be sent again later
    whole: the reason was given for a whole call, and may be the fault of another row of it
    """

    order_id: str = ''
    order_item_id: str = ''
    package_id: str = ''
    tracking_number: str = ''
    provider: str = ''
    state: str = 'done'
    code: str = '0'
    message: str = ''
    retry: bool = False
    whole: bool = False

    @property
    def ok(self):
        return self.state == 'done'


def send_batches(things, send, fail):
    """Send `things` in batches of 20; returns the rows of all batches, never losing an outcome.

    send(batch) -> rows, or raises; fail(batch, **outcome) -> the rows of a batch that was not
    answered. An error that concerns the whole shop is raised when nothing was sent before it;
    later it stops the batches that remain, and so does a call whose outcome is unknown.
    """
    result, todo = [], batches(things, BATCH_SIZE)
    for number, batch in enumerate(todo):
        try:
            result += send(batch)
        except LazadaError as error:
            if number == 0 and _nothing_sent(error):
                raise
            result += fail(batch, **outcome(error, batch))
            if _stops(error):
                for rest in todo[number + 1:]:
                    result += fail(rest, **{**_reason(error), 'state': 'unsent', 'retry': True})
                break
    return result


def is_about_content(error):
    """Did Lazada refuse what was asked for, and not the shop, the app or the moment?"""
    return isinstance(error, (LazadaRequestError, LazadaNotReadyError)) or (
        type(error) is LazadaApiError)


def outcome(error, batch):
    """The values of a `Row` for each thing of a batch that ended with this error."""
    return {
        **_reason(error), 'state': _state(error),
        'whole': len(batch) > 1 and is_about_content(error)}


def _nothing_sent(error):
    return isinstance(error, _WHOLE_SHOP) or (
        isinstance(error, LazadaTransportError) and not error.sent)


def _stops(error):
    return isinstance(error, (*_WHOLE_SHOP, LazadaTransportError, LazadaServerError))


def _state(error):
    """A broken answer or a platform failure leaves open whether the batch was applied."""
    maybe = isinstance(error, LazadaServerError) or (
        isinstance(error, LazadaTransportError) and error.sent)
    return 'unknown' if maybe else 'refused'


def _reason(error):
    return {
        'code': getattr(error, 'code', None) or error.reason, 'message': error.message,
        'retry': error.retryable}
