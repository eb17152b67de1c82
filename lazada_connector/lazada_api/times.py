# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lazada's ways to write a moment, read into naive UTC and written from it."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec')
_STAMP = re.compile(
    r'([0-9]{4})-([0-9]{2})-([0-9]{2})'
    r'(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?)?'
    r' ?(Z|[+-][0-9]{2}:?[0-9]{2})?')
_DAY = re.compile(r'([0-9]{1,2}) ([A-Za-z]{3})[a-z]* ([0-9]{4})')
_EPOCH = re.compile(r'[0-9]{1,15}(?:\.0+)?')
_NOTHING = ('', '0', 'null', 'None')
_FIRST_MS = 10 ** 11      # as seconds: the year 5138; as milliseconds: 1973


def parse(value, utc_offset):
    """A moment as naive UTC (whole seconds), None when there is none ('', 0, null).

    Understood: '2018-10-13 22:03:53 +0700', ISO 8601, epoch seconds or milliseconds as number or
    text, '16 Sep 2026', and all of these without an offset: then `utc_offset` (timedelta) is
    assumed. Raises ValueError for anything else.
    """
    text = '' if value is None else str(value).strip()
    if text in _NOTHING:
        return None
    try:
        if _EPOCH.fullmatch(text):
            return _from_epoch(int(text.partition('.')[0]))
        local, offset = _from_text(text, utc_offset)
        return local - offset
    except (OverflowError, ValueError):
        raise ValueError(f'not a date: {text[:40]!r}') from None


def _from_epoch(number):
    seconds = number // 1000 if number >= _FIRST_MS else number
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)


def _from_text(text, utc_offset):
    stamp = _STAMP.fullmatch(text)
    if stamp:
        numbers = [int(part or 0) for part in stamp.groups()[:6]]
        return datetime(*numbers), _offset(stamp[7], utc_offset)
    day = _DAY.fullmatch(text)
    if not day:
        raise ValueError(text)
    month = _MONTHS.index(day[2].lower()) + 1
    return datetime(int(day[3]), month, int(day[1])), utc_offset


def _offset(text, default):
    if not text:
        return default
    if text == 'Z':
        return timedelta()
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timedelta(minutes=-minutes if text[0] == '-' else minutes)


def to_iso(moment, utc_offset, *, round_up=False):
    """`2024-11-01T00:00:00+07:00` from naive UTC; fractions of a second are cut, or rounded up."""
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1 if round_up else 0)
    return moment.replace(tzinfo=UTC).astimezone(timezone(utc_offset)).isoformat()


def to_epoch_ms(moment):
    """Epoch milliseconds from naive UTC."""
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
