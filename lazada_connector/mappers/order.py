# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Order headers (`/orders/get`, `/order/get`) and their items, one row per unit sold."""

import json
import re
from decimal import Decimal

from .datetimes import optional_datetime
from .money import optional_money, parse_money
from .partner import map_address
from .status import normalise
from .text import clean, code, inert, one_line
from .values import as_dict, parse_bool, parse_id, required_id, web_url

_SHOP_SKU = re.compile(r'(?:(?P<item>[0-9]+)_[^-]*|.*)-(?P<sku>[0-9]+)')
CHOICE = 70100                      # shipped by the seller, whatever the other marks say
_LAZADA_SHIPS = (70000, 70020)
_PRESALE = ('presale', 'pre_sale', 'pre-sale')
_NOBODY = ('null-null',)
_LARGEST = 2 ** 31 - 1              # what a database keeps as an integer


def map_order(payload, site):
    """The header of an order.

    Moments are naive UTC, amounts Decimal in the currency of the items (the header names none).
    voucher_seller_total and voucher_platform_total are None when Lazada does not split the voucher;
    a moment that cannot be read is None. Raises BadValue for a missing id or a malformed amount.
    """
    price = parse_money(payload.get('price'))
    voucher = parse_money(payload.get('voucher'))
    shipping = parse_money(payload.get('shipping_fee'))
    statuses = payload.get('statuses')
    return {
        'external_id': required_id(payload, 'order_id'),
        'order_number': parse_id(payload.get('order_number')) or parse_id(payload.get('order_id')),
        'ordered_at': optional_datetime(payload.get('created_at'), site),
        'remote_updated_at': optional_datetime(payload.get('updated_at'), site),
        'header_total': price,
        'voucher_total': voucher,
        'voucher_seller_total': optional_money(payload, 'voucher_seller'),
        'voucher_platform_total': optional_money(payload, 'voucher_platform'),
        'shipping_total': shipping,
        'buyer_total': price - voucher + shipping,
        'payment_method': one_line(payload.get('payment_method')),
        'items_count': _number(payload.get('items_count')),
        'raw_statuses': [code(raw) for raw in statuses[:20]] if isinstance(statuses, list) else [],
        'warehouse_code': code(payload.get('warehouse_code')),
        'buyer_note': inert(payload.get('buyer_note')),
        'gift_message': inert(payload.get('gift_message')),
        'remarks': inert(payload.get('remarks')),
        'tax_code': one_line(payload.get('tax_code')),
        'branch_number': one_line(payload.get('branch_number')),
        'national_registration_number': one_line(payload.get('national_registration_number')),
        'tax_invoice_requested': _tax_invoice_requested(payload.get('extra_attributes')),
        'is_cancel_pending': parse_bool(payload.get('is_cancel_pending')),
        'need_cancel_confirm': parse_bool(payload.get('need_cancel_confirm')),
        'customer_name': _full_name(payload),
        'shipping': map_address(as_dict(payload.get('address_shipping')), site),
        'billing': map_address(as_dict(payload.get('address_billing')), site),
    }


def _full_name(payload):
    first, last = (clean(payload.get(f'customer_{part}_name')) for part in ('first', 'last'))
    return one_line(f'{first} {last}')


def _tax_invoice_requested(text):
    """`extra_attributes` is JSON text, "", "null" or null."""
    try:
        attributes = json.loads(text or '{}') if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return False
    return parse_bool(as_dict(attributes).get('TaxInvoiceRequested'))


def map_item(payload, site):
    """One unit of an order.

    item_price: list price, tax included, before vouchers. voucher_seller, voucher_platform: who
    bears which part of the voucher (see `_vouchers`); voucher_amount: as sent. channel: who ships:
    seller · own_fleet (seller, without Lazada's courier) · fbl · digital · pickup.
    Raises BadValue for a missing id or a malformed amount.
    """
    item_id, sku_id = _product_ids(payload)
    voucher_seller, voucher_platform = _vouchers(payload)
    biz_group = _number(payload.get('biz_group'))
    return {
        'external_id': required_id(payload, 'order_item_id'),
        'order_external_id': parse_id(payload.get('order_id')),
        'raw_status': code(payload.get('status')),
        'status': normalise(payload.get('status')),
        'seller_sku': code(payload.get('sku')),
        'shop_sku': code(payload.get('shop_sku')),
        'sku_external_id': sku_id,
        'item_external_id': item_id,
        'name': one_line(payload.get('name')),
        'variation': one_line(payload.get('variation')),
        'item_price': parse_money(payload.get('item_price')),
        'paid_price': parse_money(payload.get('paid_price')),
        'voucher_seller': voucher_seller,
        'voucher_platform': voucher_platform,
        'voucher_amount': parse_money(payload.get('voucher_amount')),
        'shipping_amount': parse_money(payload.get('shipping_amount')),
        'wallet_credits': parse_money(payload.get('wallet_credits')),
        'currency': code(payload.get('currency')).upper(),
        'package_external_id': parse_id(payload.get('package_id')),
        'tracking_number': code(payload.get('tracking_code')),
        'shipment_provider': one_line(payload.get('shipment_provider')),
        'shipping_type': code(payload.get('shipping_type')),
        'warehouse_code': code(payload.get('warehouse_code')),
        'channel': _channel(payload, biz_group),
        'is_choice': biz_group == CHOICE,
        'biz_group': biz_group,
        'order_type': code(payload.get('order_type')),
        'order_flag': code(payload.get('order_flag')),
        'is_presale': clean(payload.get('order_type')).lower() in _PRESALE,
        'stage_pay_status': code(payload.get('stage_pay_status')),
        'ship_by_at': optional_datetime(payload.get('sla_time_stamp'), site),
        'paid_at': optional_datetime(payload.get('payment_time'), site),
        'reason': one_line(payload.get('reason')),
        'cancel_initiator': _initiator(payload.get('cancel_return_initiator')),
        'return_status': code(payload.get('return_status')),
        'need_cancel_confirm': parse_bool(payload.get('need_cancel_confirm')),
        'cancel_trigger_at': optional_datetime(payload.get('cancel_trigger_time'), site),
        'reverse_order_external_id': parse_id(payload.get('reverse_order_id')),
        'buyer_external_id': parse_id(payload.get('buyer_id')),
        'image_url': web_url(payload.get('product_main_image')),
        'product_url': web_url(payload.get('product_detail_url')),
    }


def _product_ids(payload):
    """(product id, SKU id); rows without them name both in shop_sku: `<item>_<SITE>-<sku>`."""
    found = _SHOP_SKU.fullmatch(code(payload.get('shop_sku')))
    item, sku = (found['item'] or '', found['sku']) if found else ('', '')
    return parse_id(payload.get('product_id')) or item, parse_id(payload.get('sku_id')) or sku


def _vouchers(payload):
    """(the seller's part, Lazada's part) of the voucher.

    When only one part is given the other is the rest of voucher_amount. Old rows give no part at
    all: then the voucher is Lazada's if only Lazada's code is named, else the seller's, so that
    what the seller earns is never overstated.
    """
    total = parse_money(payload.get('voucher_amount'))
    seller, platform = (
        optional_money(payload, 'voucher_seller'), optional_money(payload, 'voucher_platform'))
    if seller is None and platform is None:
        only_lazada = clean(payload.get('voucher_code_platform')) and not clean(
            payload.get('voucher_code_seller'))
        return (Decimal(0), total) if only_lazada else (total, Decimal(0))
    if seller is None:
        return max(total - platform, Decimal(0)), platform
    if platform is None:
        return seller, max(total - seller, Decimal(0))
    return seller, platform


def _channel(payload, biz_group):
    carrier = clean(payload.get('shipping_provider_type')).lower()
    own_fleet = parse_bool(payload.get('delivery_option_sof')) or carrier == 'seller_own_fleet'
    if biz_group != CHOICE:
        if parse_bool(payload.get('is_digital')) or carrier == 'digital':
            return 'digital'
        if carrier == 'pickup_in_store' or _has_store(payload.get('pick_up_store_info')):
            return 'pickup'
        if _lazada_ships(payload, biz_group):
            return 'fbl'
    return 'own_fleet' if own_fleet else 'seller'


def _lazada_ships(payload, biz_group):
    return (parse_bool(payload.get('is_fbl')) or biz_group in _LAZADA_SHIPS
            or clean(payload.get('shipping_type')).lower() == 'own warehouse')


def _has_store(info):
    return any(as_dict(info).values())


def _number(value):
    """A counter or group as int; 0 when absent, not a number or one that counts nothing real:
    nothing depends on it alone."""
    text = parse_id(value)
    number = int(text) if text.isdecimal() else 0
    return number if number <= _LARGEST else 0


def _initiator(value):
    text = one_line(value)
    return '' if text in _NOBODY else text
