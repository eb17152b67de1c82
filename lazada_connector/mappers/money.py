# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Amounts and quantities, exactly."""

import re
from decimal import Decimal

from .values import BadValue

_AMOUNT = re.compile(
    r'[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})?(?:\.[0-9]{0,12})?(?:[eE][+-]?[0-9]{1,2})?')
_NOTHING = ('', 'null', 'None')


def parse_money(value):
    """An amount as Decimal: 25000.0, "1,152.00", "1e3"; '' and None are 0.

    Raises BadValue for NaN, infinity, booleans and texts that are no number.
    """
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        amount = Decimal(str(value))
        if amount.is_finite():
            return amount
    elif value is None or str(value).strip() in _NOTHING:
        return Decimal(0)
    elif isinstance(value, str):
        text = value.strip()
        if _AMOUNT.fullmatch(text) and re.match(r'[+-]?\.?[0-9]', text):
            return Decimal(text.replace(',', ''))
    raise BadValue('not an amount', value)


def parse_int(value):
    """A whole number as int: 2, "2", 2.0, "1,000"; '' and None are 0. Raises BadValue otherwise."""
    amount = parse_money(value)
    if amount != amount.to_integral_value():
        raise BadValue('not a whole number', value)
    return int(amount)


def optional_money(payload, name):
    """The amount under `name`, None when the key is absent or empty."""
    value = payload.get(name)
    return None if value is None or str(value).strip() in _NOTHING else parse_money(value)
