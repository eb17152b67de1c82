# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Marketplace text is hostile until it went through here."""

import re

_NEWLINE = re.compile(r'\r\n?|[\u2028\u2029]')
# Controls other than newline and tab, and lone surrogates. Bidirectional overrides and isolates
# make a text read other than it is; a byte order mark hides what comes first.
_HARMFUL = re.compile(
    '[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]+')
_FORMULA_STARTS = ('=', '+', '-', '@', '\t', '\r', '{=', '＝', '＋', '－', '＠')
# A code may begin with a minus; these a spreadsheet executes in any case.
_CODE_FORMULA_STARTS = ('=', '@', '{=', '＝', '＠')
# Characters. PostgreSQL indexes up to 2,700 bytes, which names of a contact and its parent share.
LONGEST_CODE = 120
LONGEST_LINE = 300
LONGEST_TEXT = 5000


def clean(value, max_length=None):
    """Text without NUL, lone surrogates, other control characters and bidi overrides; trimmed.

    None is ''. Longer than `max_length` characters: cut, with an ellipsis at the end.
    """
    if value is None:
        return ''
    return _cut(_HARMFUL.sub('', _NEWLINE.sub('\n', str(value))).strip(), max_length)


def _cut(text, max_length):
    if max_length is None or len(text) <= max_length:
        return text
    return text[:max_length - 1].rstrip() + '…' if max_length > 0 else ''


def inert(value, max_length=LONGEST_TEXT):
    """As `clean`, and no spreadsheet sees a formula: a leading = + - @ gets an apostrophe."""
    return _guarded(clean(value, max_length), _FORMULA_STARTS, max_length)


def one_line(value, max_length=LONGEST_LINE):
    """As `inert`, every run of white space one blank: for names, streets and the like."""
    return _guarded(_joined(value, max_length), _FORMULA_STARTS, max_length)


def code(value, max_length=LONGEST_CODE):
    """An id, SKU, status or other word of machines: one line, guarded against = and @ only."""
    return _guarded(_joined(value, max_length), _CODE_FORMULA_STARTS, max_length)


def _joined(value, max_length):
    return _cut(' '.join(clean(value).split()), max_length)


def _guarded(text, starts, max_length):
    return _cut(f"'{text}", max_length) if text.startswith(starts) else text


def is_masked(value):
    """Has Lazada replaced part of it by asterisks ("J***n", "66********69")?"""
    return '*' in clean(value)
