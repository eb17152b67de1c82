# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Small readers for Lazada's loose types."""

import re
from decimal import Decimal

from .text import code

_WEB = re.compile(r'https?://[^\s"\'<>\\]+', re.IGNORECASE)
_LONGEST_ID = 40


class BadValue(ValueError):
    """A value that cannot be understood; the text names it."""

    def __init__(self, what, value):
        super().__init__(f'{what}: {str(value)[:60]!r}')


def parse_bool(value):
    """true, "true", "True", 1 and "1" are true; everything else is false."""
    return str(value).strip().lower() in ('true', '1')


def parse_id(value):
    """An id as text, '' when absent. Whole floats lose their point, never a digit."""
    if value is None or isinstance(value, bool):
        return ''
    if isinstance(value, float | Decimal) and value == value // 1:
        value = int(value)
    text = code(value)
    return '' if text in ('null', 'None') else text


def is_order_id(value):
    """Whether this can be the number of an order: Lazada's have 13 to 16 digits."""
    text = parse_id(value)
    return text.isdecimal() and len(text) <= _LONGEST_ID


def required_id(payload, name):
    """The id under `name`; BadValue when it is missing."""
    found = parse_id(payload.get(name))
    if not found:
        raise BadValue(f'{name} is missing', found)
    return found


def web_url(value):
    """A web address, '' for anything else (javascript:, data:, spaces)."""
    text = str(value or '').strip()
    if text.startswith('//'):
        text = f'https:{text}'
    return text if _WEB.fullmatch(text) else ''


def as_dict(value):
    return value if isinstance(value, dict) else {}


def as_rows(value):
    """The objects of a list; anything that is no list is no rows."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
