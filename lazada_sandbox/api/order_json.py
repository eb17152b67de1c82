"""How an order and its items look in an answer: names, types and gaps as captured per country."""
import json
from decimal import Decimal

from ..world.catalogue import shop_sku
from ..world.people import mask, mask_phone

ZERO = Decimal(0)
# The keys of Thai rows of 2018 to 2021; `old_row` orders have no others.
OLD_ITEM_KEYS = (
    'paid_price', 'product_main_image', 'tax_amount', 'voucher_platform', 'reason',
    'product_detail_url', 'promised_shipping_time', 'purchase_order_id', 'voucher_seller',
    'shipping_type', 'created_at', 'voucher_code', 'package_id', 'variation', 'updated_at',
    'purchase_order_number', 'currency', 'shipping_provider_type', 'sku', 'invoice_number',
    'cancel_return_initiator', 'shop_sku', 'is_digital', 'item_price', 'shipping_service_cost',
    'tracking_code_pre', 'tracking_code', 'shipping_amount', 'order_item_id', 'reason_detail',
    'shop_id', 'return_status', 'name', 'shipment_provider', 'voucher_amount',
    'digital_delivery_info', 'extra_attributes', 'order_id', 'status')
GONE = '__missing__'


def visible_units(order):
    return [unit for unit in order.units if unit.item_id not in order.hidden_items]


def shown(unit, now):
    """(status, package) as readers see them now: packing shows up late if so switched."""
    before = unit.shown_before
    if before and now < before['until']:
        return before['status'], None
    return unit.status, unit.package


def header_json(order, now):
    """One order of orders/get and order/get."""
    site = order.shop.place
    voucher = order.voucher_seller + order.voucher_platform
    header = {
        'order_id': order.order_id,
        'order_number': order.order_id,
        'created_at': site.stamp(order.created_at),
        'updated_at': site.stamp(order.updated_at),
        'price': site.price_text(order.price),
        'voucher': site.number(voucher),
        'voucher_seller': site.number(order.voucher_seller),
        'voucher_platform': site.number(order.voucher_platform),
        'voucher_code': order.voucher_code,
        'shipping_fee': site.number(order.shipping),
        'shipping_fee_original': site.number(order.shipping),
        'shipping_fee_discount_seller': site.number(ZERO),
        'shipping_fee_discount_platform': site.number(ZERO),
        'payment_method': order.payment_method,
        'items_count': len(order.units),
        'statuses': list(dict.fromkeys(shown(unit, now)[0] for unit in visible_units(order))),
        'customer_first_name': mask(order.buyer.name),
        'customer_last_name': '',
        'gift_option': bool(order.gift_message),
        'gift_message': order.gift_message,
        'remarks': order.remarks,
        'delivery_info': '',
        'promised_shipping_times': '',
        'warehouse_code': order.units[0].warehouse if order.units else 'dropshipping',
        'national_registration_number': '',
        'tax_code': '0105500000001' if order.tax_invoice and site.code in ('th', 'vn') else '',
        'branch_number': '00000' if order.tax_invoice and site.code == 'th' else '',
        'buyer_note': order.buyer_note,
        'extra_attributes': _extra_attributes(order),
        'address_shipping': address_json(order),
        'address_billing': address_json(order),
    }
    requests = [unit.cancel_request for unit in order.units if unit.cancel_request]
    if requests:
        header['need_cancel_confirm'] = any(request.open for request in requests)
        header['is_cancel_pending'] = any(request.agreed for request in requests)
    if site.code == 'vn' or order.quirk == 'no_split':
        del header['voucher_seller'], header['voucher_platform']
    if order.quirk == 'old_row':
        for key in ('warehouse_code', 'shipping_fee_original', 'shipping_fee_discount_seller',
                    'shipping_fee_discount_platform', 'buyer_note', 'tax_code', 'branch_number'):
            del header[key]
    return override(header, order.overrides)


def address_json(order):
    """Buyer data is masked, except for orders the seller delivers; older rows show the name."""
    buyer, site = order.buyer, order.shop.place
    clear = order.channel == 'sof'
    veil, veil_phone = (str, str) if clear else (mask, mask_phone)
    name_clear = clear or order.quirk in ('old_row', 'unmasked')
    address5 = buyer.address5 if site.code not in ('th', 'my', 'sg') else buyer.post_code
    address = {
        'first_name': buyer.name if name_clear else mask(buyer.name), 'last_name': '',
        'phone': veil_phone(buyer.phone), 'phone2': '',
        'address1': veil(buyer.address1), 'address2': '',
        'address3': veil(buyer.address3), 'address4': veil(buyer.address4),
        'address5': veil(address5),
        'city': buyer.city, 'post_code': buyer.post_code, 'country': site.country,
    }
    if order.quirk == 'old_row':
        address['customer_email'] = ''
    return address


def item_json(order, unit, now):
    """One unit of order/items/get."""
    shop, site = order.shop, order.shop.place
    status, package = shown(unit, now)
    item = {
        'order_item_id': unit.item_id,
        'order_id': order.order_id,
        'status': status,
        'sku': unit.seller_sku,
        'shop_sku': shop_sku(shop, unit.listing),
        'sku_id': str(unit.listing.sku_id),
        'product_id': str(unit.listing.product.item_id),
        'name': unit.name,
        'variation': unit.variation,
        'package_id': package.package_id if package else '',
        'tracking_code': package.tracking_number if package else '',
        'tracking_code_pre': '',
        'shipment_provider': _provider(site, package),
        'warehouse_code': unit.warehouse,
        'product_main_image': f'https://{site.code}-live.slatic.net/p/{unit.listing.sku_id:032d}'
                              '.jpg',
        'product_detail_url': f'https://www.{site.domain}/products/i'
                              f'{unit.listing.product.item_id}-s{unit.listing.sku_id}.html'
                              '?urlFlag=true&mp=1',
        'created_at': site.stamp(unit.created_at),
        'updated_at': site.stamp(unit.updated_at),
        'reason': unit.reason, 'reason_detail': '',
        'cancel_return_initiator': unit.initiator,
        'return_status': unit.return_status,
        'invoice_number': '', 'purchase_order_id': '', 'purchase_order_number': '',
        'promised_shipping_time': '',
        'sla_time_stamp': site.iso(_ship_by(site, order.created_at)),
        'fulfillment_sla': 'NEXT_DAY', 'priority_fulfillment_tag': '',
        'order_type': 'PreSale' if order.presale else 'Normal', 'order_flag': 'NORMAL',
        'stage_pay_status': order.stage_pay_status,
        'shop_id': shop.name,
        'buyer_id': order.buyer.buyer_id if site.code in ('th', 'ph') else str(
            order.buyer.buyer_id),
        'digital_delivery_info': 'buyer@example.com' if order.channel == 'digital' else '',
        'extra_attributes': '', 'gift_wrapping': '', 'personalization': '',
        **_money(order, unit, site),
        **_channel(order),
    }
    if order.paid_at:
        item['payment_time'] = order.paid_at * 1000
    if unit.cancel_request:
        item.update(
            need_cancel_confirm=unit.cancel_request.open,
            is_cancel_pending=unit.cancel_request.agreed,
            cancel_trigger_time=unit.cancel_request.deadline * 1000,
            reverse_order_id=str(unit.cancel_request.reverse_order_id))
    if order.quirk == 'no_split':
        for key in ('voucher_seller', 'voucher_platform'):
            del item[key]
    if order.quirk == 'old_row':
        item = {key: item[key] for key in OLD_ITEM_KEYS}
    return override(item, unit.overrides)


def _money(order, unit, site):
    voucher = unit.voucher_seller + unit.voucher_platform
    amounts = {
        'item_price': unit.item_price,
        'paid_price': unit.item_price - voucher,
        'voucher_amount': voucher,
        'voucher_seller': unit.voucher_seller,
        'voucher_platform': unit.voucher_platform,
        'voucher_seller_lpi': ZERO, 'voucher_platform_lpi': ZERO,
        'wallet_credits': unit.wallet_credits,
        'shipping_amount': unit.shipping,
        'shipping_fee_original': unit.shipping,
        'shipping_fee_discount_seller': ZERO, 'shipping_fee_discount_platform': ZERO,
        'shipping_service_cost': ZERO,
        'tax_amount': ZERO,
    }
    return {
        **{key: site.number(amount) for key, amount in amounts.items()},
        'currency': site.currency,
        'voucher_code': order.voucher_code,
        'voucher_code_seller': order.voucher_code if unit.voucher_seller else '',
        'voucher_code_platform': order.voucher_code if unit.voucher_platform else '',
    }


def _channel(order):
    """The fields that tell who ships."""
    channel = order.channel
    lazada_ships = channel in ('fbl', 'choice')
    return {
        'shipping_type': 'Own Warehouse' if lazada_ships else 'Dropshipping',
        'shipping_provider_type': {
            'sof': 'seller_own_fleet', 'pickup': 'pickup_in_store',
            'digital': 'digital'}.get(channel, 'standard'),
        'is_fbl': int(lazada_ships),
        'is_digital': int(channel == 'digital'),
        'delivery_option_sof': int(channel == 'sof'),
        'is_reroute': 0,
        **({'biz_group': 70100 if channel == 'choice' else 70020} if lazada_ships else {}),
        **({'pick_up_store_info': {
            'pick_up_store_address': 'Contoh Center', 'pick_up_store_name': 'Contoh',
            'pick_up_store_open_hour': ['Sunday 9:00-18:00'], 'pick_up_store_code': 'd4b04804',
        }} if channel == 'pickup' else {}),
    }


def _provider(site, package):
    """Plain in most countries; items of some show a compound text."""
    if package is None:
        return ''
    if site.code in ('my', 'id', 'vn'):
        return f'Drop-off: {package.provider}, Delivery: J&T'
    return package.provider


def _ship_by(site, created_at):
    """The last second of the second day after the order, in the shop's country."""
    day = site.local(created_at + 2 * 86400).replace(hour=23, minute=59, second=59)
    return int(day.timestamp())


def _extra_attributes(order):
    if order.quirk == 'no_extra':
        return ''
    return json.dumps({'TaxInvoiceRequested': order.tax_invoice}, separators=(',', ':'))


def override(body, changes):
    """Members a script forced: nested objects are merged, `__missing__` removes a member."""
    for key, value in changes.items():
        if value == GONE:
            body.pop(key, None)
        elif isinstance(value, dict) and isinstance(body.get(key), dict):
            override(body[key], value)
        else:
            body[key] = value
    return body
