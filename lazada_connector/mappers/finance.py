# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Payout statements and the fee and credit lines behind them."""

import hashlib
import json
import re

from ..lazada_api.regions import get_site
from .datetimes import optional_datetime
from .money import parse_money
from .text import clean, code, one_line
from .values import parse_bool, parse_id, required_id

_WITH_CURRENCY = re.compile(r'(?P<amount>[^A-Za-z]*?)\s*(?P<currency>[A-Za-z]{3})?')
_DAY_RANGE = re.compile(r'(.+?) - (.+)')
_AMOUNTS = (
    'opening_balance', 'item_revenue', 'other_revenue_total', 'fees_total', 'subtotal1', 'refunds',
    'fees_on_refunds_total', 'subtotal2', 'shipment_fee', 'shipment_fee_credit',
    'guarantee_deposit', 'closing_balance',
)


def map_payout(payload, site):
    """One statement: its amounts as Decimal under Lazada's own names, plus

    external_id, payout (Decimal), currency ('' when the payout names none), is_paid, created_at and
    remote_updated_at (naive UTC). Raises BadValue for a missing number or a malformed amount.
    """
    found = _WITH_CURRENCY.fullmatch(clean(payload.get('payout')))
    return {
        'external_id': required_id(payload, 'statement_number'),
        'created_at': optional_datetime(payload.get('created_at'), site),
        'remote_updated_at': optional_datetime(payload.get('updated_at'), site),
        'is_paid': parse_bool(payload.get('paid')),
        'payout': parse_money(found['amount'] if found else payload.get('payout')),
        'currency': (found['currency'] or '').upper() if found else '',
        **{name: parse_money(payload.get(name)) for name in _AMOUNTS},
    }


def map_transaction(payload, site):
    """One fee (negative) or credit (positive).

    amount includes the tax, of which vat_amount is the part. external_id: a digest of the whole
    row, since Lazada's transaction_number is not unique; equal rows have equal ids.
    statement: Lazada's text ("11 May 2016 - 17 May 2016"); statement_start, statement_end: its
    days, None when it reads otherwise. Raises BadValue for a malformed amount.
    """
    start, end = _days(payload.get('statement'), site)
    return {
        'external_id': row_digest(payload),
        'order_external_id': parse_id(payload.get('order_no')),
        'order_item_external_id': parse_id(payload.get('orderItem_no')),
        'item_status': code(payload.get('orderItem_status')),
        'fee_type': parse_id(payload.get('fee_type')),
        'fee_name': one_line(payload.get('fee_name')),
        'transaction_type': one_line(payload.get('transaction_type')),
        'transaction_number': code(payload.get('transaction_number')),
        'amount': parse_money(payload.get('amount')),
        'vat_amount': parse_money(payload.get('VAT_in_amount')),
        'wht_amount': parse_money(payload.get('WHT_amount')),
        'wht_included': clean(payload.get('WHT_included_in_amount')).lower() == 'yes',
        'is_paid': clean(payload.get('paid_status')).lower() == 'paid',
        'transaction_date': _day(payload.get('transaction_date'), site),
        'statement': one_line(payload.get('statement')),
        'statement_start': start,
        'statement_end': end,
        'seller_sku': code(payload.get('seller_sku')),
        'shop_sku': code(payload.get('lazada_sku')),
        'reference': one_line(payload.get('reference')),
        'details': one_line(payload.get('details')),
        'comment': one_line(payload.get('comment')),
        'payment_reference': one_line(payload.get('payment_ref_id')),
    }


# What changes when a statement is paid does not make another row.
_CHANGING = ('paid_status', 'payment_ref_id', 'orderItem_status')


def row_digest(payload):
    """The identity of a transaction: 64 hex digits over everything in it that does not change."""
    lasting = {name: str(value) for name, value in payload.items() if name not in _CHANGING}
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()


def _days(text, site):
    found = _DAY_RANGE.fullmatch(clean(text))
    return (_day(found[1], site), _day(found[2], site)) if found else (None, None)


def _day(text, site):
    """The calendar day in the shop's country, whatever it is in UTC."""
    moment = optional_datetime(text, site)
    return moment and (moment + get_site(site).utc_offset).date()
