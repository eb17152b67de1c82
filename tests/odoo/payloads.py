"""Orders as Lazada sends them, made by hand: for tests that need no platform."""
import itertools
from datetime import datetime, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7))
# The day on which these orders are placed, and the one on which they have to be shipped.
ORDER_DAY = f'{datetime.now(BANGKOK) - timedelta(days=3):%Y-%m-%d}'
SHIP_DAY = f'{datetime.now(BANGKOK) + timedelta(days=3):%Y-%m-%d}'

_numbers = itertools.count(700_000_000_000_001, 1_000_000)

ADDRESS = {
    'first_name': 'Somchai Jaidee', 'last_name': '', 'phone': '66812345678', 'phone2': '',
    'address1': '99/1 Sukhumvit Road', 'address2': '', 'address3': 'กรุงเทพมหานคร/ Bangkok',
    'address4': 'คลองเตย/ Khlong Toei', 'address5': '10110', 'city': 'คลองเตย/ Khlong Toei',
    'post_code': '10110', 'country': 'Thailand',
}


def make_item(order_id, number, sku='SKU', price='10.00', **values):
    """One unit; `values` override keys of the payload."""
    return {
        'order_id': order_id, 'order_item_id': order_id + 100 * number, 'status': 'pending',
        'sku': sku, 'shop_sku': f'1{abs(hash(sku)) % 10**6}_TH-2{abs(hash(sku)) % 10**6}',
        'name': f"Item {sku}", 'variation': '', 'item_price': price, 'paid_price': price,
        'voucher_seller': 0, 'voucher_platform': 0, 'voucher_amount': 0, 'shipping_amount': 0,
        'currency': 'THB', 'package_id': '', 'tracking_code': '', 'shipment_provider': '',
        'shipping_type': 'Dropshipping', 'warehouse_code': 'dropshipping', 'is_fbl': 0,
        'is_digital': 0, 'delivery_option_sof': 0, 'tax_amount': 0, 'buyer_id': '3000001',
        'sla_time_stamp': f'{SHIP_DAY}T23:59:59+07:00', **values,
    }


def make_order(items=({},), address=None, **values):
    """Return (header, units) of an order; each of `items` overrides keys of its unit."""
    order_id = next(_numbers)
    units = [make_item(order_id, number, **item) for number, item in enumerate(items, 1)]
    header = {
        'order_id': order_id, 'order_number': order_id,
        'created_at': f'{ORDER_DAY} 10:00:00 +0700', 'updated_at': f'{ORDER_DAY} 10:05:00 +0700',
        'price': '0.00', 'voucher': 0, 'voucher_seller': 0, 'voucher_platform': 0,
        'shipping_fee': 0, 'payment_method': 'COD', 'items_count': len(units),
        'statuses': sorted({unit['status'] for unit in units}),
        'customer_first_name': 'S***i', 'customer_last_name': '', 'buyer_note': '',
        'gift_message': '', 'remarks': '', 'tax_code': '', 'branch_number': '',
        'extra_attributes': '{"TaxInvoiceRequested":false}',
        'address_shipping': {**ADDRESS, **(address or {})},
        'address_billing': {**ADDRESS, **(address or {})}, **values,
    }
    return header, units
