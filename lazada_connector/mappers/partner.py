# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Buyer addresses. Lazada uses the same keys for different things in each country."""

import re

from ..lazada_api.regions import SITES, get_site
from .text import clean, is_masked, one_line

_COUNTRIES = {site.name.lower(): site.country_code for site in SITES.values()} | {
    'viet nam': 'VN', 'the philippines': 'PH'}
_ZIP = re.compile(r'[0-9]{4,6}')
_PHONE = re.compile(r'\+?([0-9(][0-9 ()./-]{4,23})')


def map_address(address, site):
    """An address as the fields of a contact.

    Masked phone and street are '' (nobody may call or print asterisks) but stay readable in
    raw_phone and raw_street; a masked name stays, a contact needs one. Masked or unusable parts of
    the rest are left out. country_code: ISO, of the site unless the address names one of the six
    countries (country_known). state_names: what the state may be called, state_name among them.
    masked: name, phone or street is masked.
    """
    site = get_site(site)
    parts = {key: one_line(value) for key, value in address.items()
             if not isinstance(value, dict | list)}
    name = one_line(f"{clean(address.get('first_name'))} {clean(address.get('last_name'))}")
    raw_phone = parts.get('phone', '')
    raw_street = parts.get('address1', '')
    return {
        'name': name,
        'phone': _phone(address.get('phone')),
        'phone2': _phone(address.get('phone2')),
        'street': _plain(raw_street),
        'street2': _street2(parts, site),
        'city': _city(parts, site),
        'state_name': '' if site.code == 'sg' else _latin(_plain(parts.get('address3', ''))),
        'state_names': [] if site.code == 'sg' else _split(_plain(parts.get('address3', ''))),
        'zip': _zip(parts, site),
        'country_code': _COUNTRIES.get(parts.get('country', '').lower(), site.country_code),
        'country_known': parts.get('country', '').lower() in _COUNTRIES,
        'masked': any(map(is_masked, (name, raw_phone, raw_street))),
        'raw_name': name,
        'raw_phone': raw_phone,
        'raw_street': raw_street,
    }


def _plain(text):
    return '' if is_masked(text) else text


def _phone(value):
    """Lazada's way: country code first, no plus; '' when masked or no number."""
    found = _PHONE.fullmatch(clean(value))
    return found[1].strip() if found else ''


def _city(parts, site):
    """`city`, else address4. Singapore's may read "Singapore-Singapore-500001"."""
    city = _plain(parts.get('city', '')) or _plain(parts.get('address4', ''))
    return city.partition('-')[0].strip() if site.code == 'sg' else city


def _zip(parts, site):
    """The post code, wherever this country keeps it: post_code, address5 or the city's end."""
    candidates = [parts.get('post_code', '')]
    if site.code != 'vn':                  # there address5 is the ward
        candidates.append(parts.get('address5', ''))
    if site.code == 'sg':
        candidates.append(parts.get('city', '').rpartition('-')[2])
    return next((text for text in candidates if _ZIP.fullmatch(text)), '')


def _street2(parts, site):
    """Whatever else helps to find the door: address2, the ward or barangay, the district."""
    district = parts.get('addressDistrict') or parts.get('addressDsitrict') or ''
    shown = {parts.get('city', ''), parts.get('address4', ''), parts.get('address3', '')}
    found = []
    for text in (parts.get('address2', ''), parts.get('address5', ''), district):
        if _plain(text) and not _ZIP.fullmatch(text) and text not in shown | {*found}:
            found.append(text)
    return ', '.join(found)


def _split(text):
    """Both names of "เขต/ District": Odoo knows the states of Thailand by the first."""
    return [name for name in map(str.strip, text.split('/')) if name]


def _latin(text):
    """Thai names come as "เขต/ District"; what stays text is readable by the second."""
    return text.rpartition('/')[2].strip()
