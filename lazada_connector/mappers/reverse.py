# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Returns, refunds and cancellations, from the list call and from the detail call."""

from decimal import Decimal

from ..lazada_api.regions import get_site
from .datetimes import optional_datetime
from .money import parse_money
from .text import code, one_line
from .values import as_dict, as_rows, parse_bool, parse_id, required_id

_WHOLE_UNITS = ('vn',)      # everywhere else these calls count in hundredths


def map_return(payload, site):
    """One reverse order with its lines, one per unit.

    request_type: CANCEL · RETURN · ONLY_REFUND as Lazada sends it; to_seller: the goods come back
    to the seller, not to a warehouse of Lazada. Raises BadValue for a missing id or a malformed
    amount.
    """
    lines = payload.get('reverse_order_lines') or payload.get('reverseOrderLineDTOList')
    return {
        'external_id': required_id(payload, 'reverse_order_id'),
        'order_external_id': parse_id(payload.get('trade_order_id')),
        'request_type': code(payload.get('request_type')).upper(),
        'to_seller': parse_bool(payload.get('is_rtm')),
        'shipping_type': code(payload.get('shipping_type')),
        'lines': [_map_line(line, get_site(site)) for line in as_rows(lines)],
    }


def _map_line(line, site):
    product = as_dict(line.get('product')) or as_dict(line.get('productDTO'))
    buyer = as_dict(line.get('buyer'))
    return {
        'external_id': required_id(line, 'reverse_order_line_id'),
        'order_item_external_id': parse_id(line.get('trade_order_line_id')),
        'raw_status': code(line.get('reverse_status')),
        'ofc_status': code(line.get('ofc_status')),
        'refund_amount': _amount(line.get('refund_amount'), site),
        'item_price': _amount(line.get('item_unit_price'), site),
        'refund_needed': parse_bool(line.get('is_need_refund')),
        'reason_code': parse_id(line.get('reason_code')),
        'reason': one_line(line.get('reason_text')),
        'refund_payment_method': one_line(line.get('refund_payment_method')),
        'quality_check': code(line.get('whqc_decision')),
        'is_dispute': parse_bool(line.get('is_dispute')),
        'seller_sku': code(line.get('seller_sku_id')),
        'shop_sku': code(line.get('platform_sku_id')),
        'sku_external_id': parse_id(product.get('product_sku') or product.get('sku')),
        'item_external_id': parse_id(product.get('product_id')),
        'tracking_number': code(line.get('tracking_number')),
        'buyer_external_id': parse_id(buyer.get('buyer_id') or buyer.get('user_id')),
        'respond_by_at': optional_datetime(line.get('sla'), site),
        'requested_at': optional_datetime(line.get('return_order_line_gmt_create'), site),
        'remote_updated_at': optional_datetime(line.get('return_order_line_gmt_modified'), site),
    }


def _amount(value, site):
    amount = parse_money(value)
    return amount if site.code in _WHOLE_UNITS else amount / Decimal(100)
