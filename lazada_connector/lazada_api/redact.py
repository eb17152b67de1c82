# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Keeps secrets and personal data out of logs, call records and error texts."""

import re

MASK = '***'

_SECRET_NAMES = {
    'access_token', 'refresh_token', 'sign', 'app_secret', 'client_secret', 'code', 'authorization',
}
# In answers `code` is Lazada's result code, not an authorization code.
_PERSONAL_NAMES = (
    'account', 'address', 'address1', 'address2', 'address3', 'address4', 'address5',
    'addressDistrict', 'addressDsitrict', 'branch_number', 'buyer_note', 'city',
    'customer_email', 'customer_first_name', 'customer_last_name', 'delivery_info',
    'detailAddress', 'detail_address', 'digital_delivery_info', 'email', 'first_name',
    'gift_message', 'gift_wrapping', 'identify_no', 'last_name', 'name_company',
    'national_registration_number', 'passport_no', 'personalization', 'phone', 'phone2',
    'post_code', 'receiver_address', 'remarks', 'tax_code',
)
_HIDDEN = '|'.join((*(_SECRET_NAMES - {'code'}), *_PERSONAL_NAMES))
# A JSON member; its value may be cut off by the end of the text, its quotes may be escaped (JSON in
# JSON).
_MEMBER = re.compile(
    rf'(\\*"(?:{_HIDDEN})\\*"\s*:\s*)(?:\\*"(?:[^"\\]|\\.)*\\*"?|[^\s,{{}}\[\]"]+)',
    re.IGNORECASE)
_QUERY = re.compile(
    rf'\b({"|".join(_SECRET_NAMES - {"code"})}|code(?==0_))=[^&\s"\'<>]+', re.IGNORECASE)
_EMAIL = re.compile(r'[^\s@"\'<>:=,;()]{1,64}@[^\s@"\'<>:=,;()]{1,190}\.\w{1,60}')
# A phone number of one of the six countries, maybe grouped. Lazada's order ids are longer.
_PHONE = re.compile(r'(?<![\w.])(?:(?:\+|00)?(?:60|62|63|65|66|84)|0)(?:[ -]?\d){7,11}(?![\w.])')
_AUTH_CODE = re.compile(r'\b0_\d+_\w+')
_LONGEST = 4000


def params(values):
    """Request parameters with the secrets masked; each value is shortened to 500 characters."""
    return {
        name: MASK if name in _SECRET_NAMES else value[:500]
        for name, value in values.items()
    }


def text(value, secrets=()):
    """Text without personal data, and without the given secrets wherever they stand.

    At most the first 4,000 characters: enough to understand a failure.
    """
    value = value[:_LONGEST]
    for secret in secrets:
        if secret:
            value = value.replace(secret, MASK)
    value = _MEMBER.sub(rf'\1"{MASK}"', value)
    value = _QUERY.sub(rf'\1={MASK}', value)
    value = _EMAIL.sub(MASK, value)
    value = _AUTH_CODE.sub(MASK, value)
    return _PHONE.sub(MASK, value)
