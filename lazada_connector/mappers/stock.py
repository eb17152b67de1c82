# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Lazada says when it refuses a quantity."""

import re

from .datetimes import optional_datetime

_CAMPAIGN = re.compile(r'in effect between .+? - ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8})')


def locked_until(code, message, site):
    """When a campaign lock ends (naive UTC), None when this is no lock or it names no end.

    code '4170': the stock may rise but not fall until then.
    """
    found = _CAMPAIGN.search(message) if str(code) == '4170' else None
    return found and optional_datetime(found[1], site)


def is_campaign_lock(code, message):
    """Is the quantity refused only while a campaign holds the stock?"""
    return str(code) == '4170' or 'channel inventory' in message.lower()
