# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can go wrong when talking to Lazada, as one tree of exceptions.

`str(error)` is `[code] message (endpoint, request_id=…)`: the request id is what Lazada's support
asks for. Texts are redacted before they get here; no error ever holds a token, a signature or a
URL with its query.
"""

import re


class LazadaError(Exception):
    """Anything this package raises. `retryable`: the same request may succeed later, unchanged."""

    retryable = False


class LazadaTransportError(LazadaError):
    """No usable answer: DNS, TLS, time-out, HTML instead of JSON, HTTP 5xx, …

    reason: connect · tls · timeout · deadline · reset · redirect · size · http · bad_response
    sent: the request may have reached Lazada, so a write may have been applied
    body: the first characters of what came instead of an answer, redacted
    """

    retryable = True

    def __init__(self, message, *, reason, endpoint='', sent=True, http_status=None, body=''):
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.endpoint = endpoint
        self.sent = sent
        self.http_status = http_status
        self.body = body

    def __str__(self):
        status = f', HTTP {self.http_status}' if self.http_status else ''
        return f'[{self.reason}] {self.message} ({self.endpoint}{status})'


class LazadaApiError(LazadaError):
    """Lazada answered "no".

    code: Lazada's code as text; detail: the list some product and stock calls add, else [];
    body: the answer as text, redacted.
    """

    def __init__(self, code, message, *, endpoint='', request_id='', http_status=None, detail=None,
                 body=''):
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.endpoint = endpoint
        self.request_id = request_id
        self.http_status = http_status
        self.detail = detail or []
        self.body = body

    def __str__(self):
        return f'[{self.code}] {self.message} ({self.endpoint}, request_id={self.request_id})'


class LazadaAuthError(LazadaApiError):
    """Token or code missing, expired, revoked or made for another app or country."""


class LazadaPermissionError(LazadaApiError):
    """The app or the seller may not do this, or key and secret are wrong: a person must act."""


class LazadaRequestError(LazadaApiError):
    """The request is wrong, or the object it names is not in this shop."""


class LazadaNotReadyError(LazadaApiError):
    """Asked too early: the package or its label does not exist yet."""

    retryable = True


class LazadaClockError(LazadaApiError):
    """The timestamp is more than two hours off Lazada's clock."""

    retryable = True


class LazadaServerError(LazadaApiError):
    """The platform failed. A write may have been applied all the same."""

    retryable = True


class LazadaThrottleError(LazadaApiError):
    """Too fast; nothing was done. `retry_after`: seconds to wait, None when Lazada did not say."""

    retryable = True

    def __init__(self, *args, retry_after=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.retry_after = retry_after


class LazadaSuspendedError(LazadaThrottleError):
    """Lazada has switched this call off, usually for the hours of a campaign (code 998)."""


class LazadaPagingError(LazadaError):
    """A list cannot be read to its end without losing rows. What was read so far is good."""

    retryable = True


# Seconds to wait per throttling code when the message names none.
_THROTTLE = {
    'ApiCallLimit': 1.0, 'SellerCallLimit': 1.5, 'AppCallLimit': 60.0, 'AppApiCallLimit': 60.0,
    '901': 1.0, '1002': 1.0, '4154': 1.0, 'HOT_KEY_BLOCK_EXCEPTION': 1.0,
}
_SUSPENDED_SECONDS = 1800.0

_CLASSES = {
    LazadaAuthError: (
        'IllegalAccessToken', 'InvalidAccessToken', 'IllegalRefreshToken', 'AUTH_TYPE_UNSUPPORTED',
        'InvalidCode'),
    LazadaPermissionError: (
        'InsufficientPermission', 'IllegalAppKey', 'InvalidAppKey', 'IncompleteSignature',
        'SellerNotVerified', 'SellerNotActive', 'Mp3SellerApiLimit', 'ONLY_CB_SELLER_SUPPORTED',
        'SELLER_NOT_PERMITTED'),
    LazadaClockError: ('InvalidTimestamp',),
    LazadaNotReadyError: ('34', '30012', '700040', '700031'),
    LazadaServerError: (
        'ServiceTimeout', 'ServiceUnavailable', 'SYS_ERROR', 'SELLER_SERVICE_FAIL',
        'THIRD_SERVICE_ERROR', 'UnknownRuntimeException', '15', '21', '506', '513', '1000', '1003',
        '4147', '40011', '700024'),
    LazadaRequestError: (
        'MissingParameter', 'InvalidApiPath', 'UnsupportedHTTPMethod',
        'EDIT_ITEM_NOT_BELONG_SELLER', 'INV_NEGATIVE_SELLABLE', '5', '6', '14', '16', '17', '19',
        '20', '30', '35', '36', '37', '38', '39', '50008', '56', '70', '74', '75', '200', '204',
        '207', '208', '212', '500', '501', '503', '1001', '4170', '4171', '4225', '600001',
        '600002', '700000', '700001', '700004', '700009', '700013', '700016', '700017', '700018',
        '700019', '700020', '700021', '700022', '700023', '700025', '700026', '700027', '700028',
        '700029', '700030', '700032', '700033', '1000012', '1000014'),
}
# The gateway says these before the request reaches anything that could apply it.
_BEFORE_ANYTHING = (LazadaAuthError, LazadaPermissionError, LazadaClockError)
_CLASS_BY_CODE = {code: cls for cls, codes in _CLASSES.items() for code in codes}

_BAN = re.compile(r'ban will last (\d+) second', re.IGNORECASE)
_INTERNAL = re.compile(r'internal', re.IGNORECASE)


def from_code(code, message, *, retry_after=None, **context):
    """The error that stands for Lazada's `code`; unknown codes are a plain `LazadaApiError`.

    retry_after: seconds of the HTTP header `Retry-After`, if any. context: the keyword arguments of
    `LazadaApiError`.
    """
    if code == '998':
        return LazadaSuspendedError(
            code, message, retry_after=retry_after or _SUSPENDED_SECONDS, **context)
    ban = _BAN.search(message)
    if code in _THROTTLE or ban or context.get('http_status') == 429:
        seconds = float(ban[1]) if ban else retry_after
        if seconds is None:
            seconds = _THROTTLE.get(code)
        return LazadaThrottleError(code, message, retry_after=seconds, **context)
    if code == '6' and _INTERNAL.search(message):      # one code, two meanings
        return LazadaServerError(code, message, **context)
    cls = _CLASS_BY_CODE.get(code, LazadaApiError)
    if (context.get('http_status') or 0) >= 500 and not issubclass(cls, _BEFORE_ANYTHING):
        cls = LazadaServerError     # whatever its body says: the platform failed
    return cls(code, message, **context)
