# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Push messages: only what is needed to know which pull they ask for."""

import json
import re

from .datetimes import optional_datetime
from .text import clean
from .values import as_dict, parse_id

_SITE = re.compile(r'lazada[_-]([a-z]{2})', re.IGNORECASE)
_SITES = ('sg', 'my', 'ph', 'th', 'vn', 'id')
_ID_LENGTH = 64


def map_push(body):
    """Read the raw body of one message; None when it is no JSON object.

    Returns message_type (int, None when it is no number), site (code or None), seller_ids (texts,
    the envelope's first), order_external_id, raw_status, sent_at and expires_at (naive UTC or
    None), text (the message as ASCII JSON).
    """
    try:
        message = json.loads(body)
        if not isinstance(message, dict):
            return None
        text = json.dumps(message)
    except (ValueError, RecursionError):
        return None
    data = as_dict(message.get('data'))
    site = _parse_site(message.get('site'))
    zone = site or 'sg'  # only for a moment without offset, of which none is known
    return {
        'message_type': _parse_type(message.get('message_type')),
        'site': site,
        'seller_ids': _parse_seller_ids(message, data),
        'order_external_id': _parse_short_id(
            data.get('trade_order_id', message.get('trade_order_id'))),
        'raw_status': clean(_parse_status(data), 64),
        'sent_at': optional_datetime(message.get('timestamp'), zone),
        'expires_at': optional_datetime(data.get('auth_expiry_time'), zone),
        'text': text,
    }


def _parse_type(value):
    text = parse_id(value)
    return int(text) if re.fullmatch(r'[0-9]{1,4}', text) else None


def _parse_site(value):
    match = _SITE.fullmatch(clean(value))
    site = match and match[1].lower()
    return site if site in _SITES else None


def _parse_short_id(value):
    text = clean(parse_id(value))
    return text if len(text) <= _ID_LENGTH else ''


def _parse_seller_ids(message, data):
    ids = map(_parse_short_id, (message.get('seller_id'), data.get('seller_id')))
    return list(dict.fromkeys(filter(None, ids)))


def _parse_status(data):
    names = ('order_status', 'reverse_status', 'status', 'action')
    return next((data[name] for name in names if isinstance(data.get(name), str)), '')
