# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From the bytes of an answer to a checked dict, or to the error that stands for it."""

import json
from datetime import UTC
from decimal import Decimal
from email.utils import parsedate_to_datetime

from . import redact
from .errors import LazadaTransportError, from_code

_EXCERPT = 200


def read(answer, endpoint, secrets=()):
    """The JSON object of an `Answer`; raises the typed error when Lazada answered "no".

    Numbers with a point become Decimal, the others int. secrets: texts to mask in errors.
    """
    body = _parse(answer, endpoint, secrets)
    refusal = _refusal(body)
    if refusal is None and answer.status != 200:
        refusal = (str(answer.status), 'HTTP error')
    if refusal is None:
        return body
    code, message = refusal
    raise from_code(
        code, redact.text(message, secrets), endpoint=endpoint,
        request_id=str(body.get('request_id') or ''), http_status=answer.status,
        retry_after=retry_after(answer), detail=_detail(body),
        body=redact.text(json.dumps(body, ensure_ascii=False, default=str), secrets))


def server_time(answer):
    """The `Date` header as a naive UTC datetime, None if absent or malformed."""
    moment = _http_date(answer.headers.get('Date'))
    return moment and moment.replace(tzinfo=None)


def retry_after(answer):
    """Seconds of `Retry-After` (a number or a date), None if absent or malformed."""
    value = (answer.headers.get('Retry-After') or '').strip()
    if value.isdecimal():
        return float(value)
    until, now = _http_date(value), _http_date(answer.headers.get('Date'))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _http_date(value):
    try:
        return parsedate_to_datetime(value or '').astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse(answer, endpoint, secrets):
    try:
        body = json.loads(answer.body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict) and 'code' in body:
        return body
    text = redact.text(answer.body[:4 * _EXCERPT].decode('utf-8', 'replace'), secrets)[:_EXCERPT]
    if answer.status == 429:
        raise from_code('429', 'too many requests', endpoint=endpoint, http_status=429,
                        retry_after=retry_after(answer), body=text)
    if answer.status != 200:
        raise LazadaTransportError('no usable answer', reason='http', endpoint=endpoint,
                                   http_status=answer.status, body=text)
    raise LazadaTransportError(
        'the answer is not a JSON object with a code', reason='bad_response', endpoint=endpoint,
        http_status=answer.status, body=text)


def _no_constant(name):
    raise ValueError(f'{name} is not JSON')


def _refusal(body):
    """(code, message) when any of the nested success marks says no, else None."""
    if str(body['code']) != '0':
        return str(body['code']), _message(body)
    for part in (body.get('result'), body):
        if isinstance(part, dict) and not is_true(part.get('success', True)):
            return _inner_code(part) or 'unknown', _message(part)
    return None


def _inner_code(part):
    for name in ('errorCode', 'error_code', 'code'):
        code = part.get(name)
        if isinstance(code, dict):
            code = code.get('code') or code.get('displayMessage')
        if code not in (None, '', '0', 0):
            return str(code)
    return ''


def _message(part):
    for name in ('message', 'errorMsg', 'error_msg', 'msg'):
        if part.get(name):
            return str(part[name])
    code = part.get('error_code')
    return str(code.get('displayMessage') or '') if isinstance(code, dict) else ''


def _detail(body):
    detail = body.get('detail')
    return detail if isinstance(detail, list) else []


def is_true(value):
    """Lazada's booleans: true, "true", "True", 1, "1"."""
    return str(value).strip().lower() in ('true', '1')


def rows(value, endpoint):
    """A list of objects: `value`, or [] when Lazada left it out; anything else is a bad answer."""
    if value is None or value == '':
        return []
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return value
    raise LazadaTransportError('a list was expected', reason='bad_response', endpoint=endpoint)


def member(body, *names, endpoint):
    """The object found by following `names`; {} when one is absent or null, else a bad answer."""
    for name in names:
        body = body.get(name)
        if body is None or body == '':
            return {}
        if not isinstance(body, dict):
            raise LazadaTransportError(
                'an object was expected', reason='bad_response', endpoint=endpoint)
    return body


def count(value):
    """A counter as int, None when Lazada left it out or sent something else."""
    text = str(value).replace(',', '')
    return int(text) if text.isdecimal() else None
