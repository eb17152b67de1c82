import pytest

from lazada_connector.lazada_api import errors
from lazada_connector.lazada_api.retry import MAX_TRIES, MAX_WAIT, decide

from .payloads import load


@pytest.mark.parametrize('fixture, expected', [
    ('error.16-invalid-order', errors.LazadaRequestError),
    ('error.20-invalid-item', errors.LazadaRequestError),
    ('error.4170', errors.LazadaRequestError),
    ('error.901', errors.LazadaThrottleError),
    ('error.ApiCallLimit', errors.LazadaThrottleError),
    ('error.IllegalAccessToken', errors.LazadaAuthError),
    ('error.IllegalRefreshToken', errors.LazadaAuthError),
    ('error.IncompleteSignature', errors.LazadaPermissionError),
    ('error.InvalidCode', errors.LazadaAuthError),
    ('error.MissingParameter', errors.LazadaRequestError),
    ('product.stock.sellable.update.error-501', errors.LazadaRequestError),
])
def test_each_error_sample_has_its_class(fixture, expected):
    body = load(fixture)
    assert type(errors.from_code(body['code'], body['message'])) is expected


@pytest.mark.parametrize('code, message, expected', [
    ('InvalidTimestamp', '', errors.LazadaClockError),
    ('998', 'this API service is disabled', errors.LazadaSuspendedError),
    ('6', 'E006: Unexpected internal error', errors.LazadaServerError),
    ('6', 'E006: Invalid status filter', errors.LazadaRequestError),
    ('ServiceTimeout', '', errors.LazadaServerError),
    ('30012', 'package not packed', errors.LazadaNotReadyError),
    ('never seen before', '', errors.LazadaApiError),
    ('NewLimit', 'this ban will last 14229 seconds', errors.LazadaThrottleError),
    ('700016', 'no courier subscription', errors.LazadaRequestError),
])
def test_codes_map_to_classes(code, message, expected):
    assert type(errors.from_code(code, message)) is expected


def test_a_ban_says_how_long_it_lasts():
    ban = errors.from_code('ApiCallLimit', 'this ban will last 600 seconds')
    assert ban.retry_after == 600
    assert errors.from_code('SellerCallLimit', '').retry_after == 1.5
    assert errors.from_code('429', 'slow down', http_status=429, retry_after=7.0).retry_after == 7
    assert errors.from_code('429', 'slow down', http_status=429).retry_after is None
    assert errors.from_code('998', '').retry_after > 60


def test_text_leads_with_the_code_and_ends_with_the_request_id():
    error = errors.from_code('16', 'Invalid Order ID', endpoint='/order/get', request_id='21a')
    assert str(error) == '[16] Invalid Order ID (/order/get, request_id=21a)'
    lost = errors.LazadaTransportError('broke', reason='reset', endpoint='/x', http_status=502)
    assert str(lost) == '[reset] broke (/x, HTTP 502)'


def transport(reason='reset', sent=True):
    return errors.LazadaTransportError('', reason=reason, sent=sent)


def throttle(seconds):
    return errors.LazadaThrottleError('901', '', retry_after=seconds)


@pytest.mark.parametrize('error, attempt, idempotent, expected', [
    (transport(), 1, True, 0.5),
    (transport(), 2, True, 1.0),
    (transport(), MAX_TRIES, True, None),
    (transport(), 1, False, None),                      # it may have arrived
    (transport('connect', sent=False), 1, False, 0.5),  # it did not
    (transport('tls', sent=False), 1, True, None),
    (transport('redirect'), 1, True, None),
    (transport('size'), 1, True, None),
    (transport('deadline'), 1, True, None),
    (errors.LazadaServerError('15', ''), 1, True, 0.5),
    (errors.LazadaServerError('15', ''), 1, False, None),
    (throttle(1.0), 1, False, 1.0),                     # refused before anything was done
    (throttle(None), 1, True, 1.0),
    (throttle(MAX_WAIT + 1), 1, True, None),
    (errors.from_code('998', ''), 1, True, None),
    (errors.LazadaRequestError('16', ''), 1, True, None),
    (errors.LazadaAuthError('IllegalAccessToken', ''), 1, True, None),
    (errors.LazadaNotReadyError('34', ''), 1, True, None),
    (errors.LazadaApiError('new', ''), 1, True, None),
])
def test_retry_decision(error, attempt, idempotent, expected):
    assert decide(error, attempt, idempotent) == expected
