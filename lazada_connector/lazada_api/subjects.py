# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which orders and packages a call is about, read from its parameters."""

import re

_ORDERS = ('order_id', 'order_ids', 'trade_order_id')
_ID = re.compile(r'\w+')
# A member of a parameter that is JSON.
_MEMBER = re.compile(r'"(?:order_id|package_id)":"?(\w+)')
_MOST = 100     # no endpoint takes more


def find_subjects(params):
    """Return the ids of orders and packages that the parameters, as sent, name."""
    found = []
    for name, value in params.items():
        if name in _ORDERS:
            found += _ID.findall(value)
        elif value.startswith('{'):
            found += _MEMBER.findall(value)
    return tuple(dict.fromkeys(found))[:_MOST]
