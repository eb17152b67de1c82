# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Moments, always as naive UTC."""

from ..lazada_api import times
from ..lazada_api.regions import get_site
from .values import BadValue


def parse_datetime(value, site):
    """A moment as naive UTC, None when there is none ('', 0, null).

    value: any of Lazada's formats (see `lazada_api.times.parse`); without an offset it is local
    time of `site`, a code or a `Site`. Raises BadValue when it is not a moment.
    """
    try:
        return times.parse(value, get_site(site).utc_offset)
    except ValueError:
        raise BadValue('not a date', value) from None


def optional_datetime(value, site):
    """As `parse_datetime`, but None for what cannot be understood: for times nothing depends on."""
    try:
        return parse_datetime(value, site)
    except BadValue:
        return None
