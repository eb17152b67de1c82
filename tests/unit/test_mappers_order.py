"""Headers and items, with every captured payload mapped without loss."""

from datetime import datetime
from decimal import Decimal

import pytest

from lazada_connector.mappers.money import parse_money
from lazada_connector.mappers.order import map_item, map_order
from lazada_connector.mappers.values import BadValue

from .payloads import load, names


def site_of(name):
    return next((site for site in ('th', 'vn') if f'.{site}-' in name), 'sg')


def headers():
    for name in [*names('orders.get'), *names('order.get')]:
        data = load(name)['data']
        for payload in data.get('orders', [data]) if 'order_id' not in data else [data]:
            yield pytest.param(payload, site_of(name), id=f"{name}-{payload['order_id']}")


def items():
    for name in [*names('orders.items.get'), *names('order.items.get')]:
        for row in load(name)['data']:
            for payload in row.get('order_items', [row]):
                yield pytest.param(payload, site_of(name), id=f"{name}-{payload['order_item_id']}")


@pytest.mark.parametrize('payload, site', list(headers()))
def test_captured_headers_lose_nothing(payload, site):
    order = map_order(payload, site)
    assert order['external_id'] == str(payload['order_id'])
    assert order['order_number'] == str(payload['order_number'])
    assert order['header_total'] == parse_money(payload['price'])
    assert order['buyer_total'] == (
        parse_money(payload['price']) - parse_money(payload['voucher'])
        + parse_money(payload['shipping_fee']))
    assert order['items_count'] == int(payload['items_count'])
    assert order['raw_statuses'] == payload['statuses']
    assert order['payment_method'] == payload['payment_method']
    assert order['ordered_at'] <= order['remote_updated_at']
    assert order['customer_name'].startswith(payload['customer_first_name'].strip())
    for kind in ('shipping', 'billing'):
        raw, mapped = payload[f'address_{kind}'], order[kind]
        assert mapped['raw_street'] == ' '.join(raw['address1'].split())
        assert mapped['raw_phone'] == raw['phone']
        assert mapped['country_code'] == {'Thailand': 'TH', 'Vietnam': 'VN', 'Singapore': 'SG'}[
            raw['country']]
        assert mapped['zip'] == raw['post_code']


@pytest.mark.parametrize('payload, site', list(items()))
def test_captured_items_lose_nothing(payload, site):
    item = map_item(payload, site)
    for key, name in {
        'external_id': 'order_item_id', 'order_external_id': 'order_id', 'raw_status': 'status',
        'seller_sku': 'sku', 'shop_sku': 'shop_sku', 'currency': 'currency',
        'tracking_number': 'tracking_code', 'package_external_id': 'package_id',
        'shipment_provider': 'shipment_provider', 'shipping_type': 'shipping_type',
        'reason': 'reason', 'return_status': 'return_status',
    }.items():
        assert item[key] == str(payload[name]).strip(), key
    for name in ('item_price', 'paid_price', 'voucher_seller', 'voucher_platform',
                 'voucher_amount', 'shipping_amount'):
        assert item[name] == parse_money(payload[name]), name
    assert item['status'] != 'unknown'
    assert item['channel'] == 'seller'
    assert item['sku_external_id'].isdecimal()
    assert item['image_url'] == payload['product_main_image']


@pytest.mark.parametrize('header, rows', [
    ('orders.get.th-2018', 'orders.items.get.th-2018'),
    ('orders.get.th-2021-pending', 'order.items.get.th-2021-pending'),
    ('order.get.th-2021-canceled', 'order.items.get.th-2021-canceled')])
def test_captured_headers_agree_with_their_items(header, rows):
    data = load(header)['data']
    orders = [map_order(one, 'th') for one in data.get('orders', [data])]
    found = [map_item(item, 'th') for row in load(rows)['data']
             for item in row.get('order_items', [row])]
    checked = 0
    for order in orders:
        units = [item for item in found if item['order_external_id'] == order['external_id']]
        if not units:
            continue
        checked += 1
        assert order['items_count'] == len(units)
        assert order['header_total'] == sum(item['item_price'] for item in units)
        assert order['shipping_total'] == sum(item['shipping_amount'] for item in units)
        assert order['voucher_seller_total'] == sum(item['voucher_seller'] for item in units)
        assert set(order['raw_statuses']) == {item['raw_status'] for item in units}
    assert checked


def test_header_details():
    order = map_order(load('orders.get.doc-allfields')['data']['orders'][0], 'sg')
    assert order['ordered_at'] == datetime(2018, 2, 9, 14, 44, 30)
    assert (order['need_cancel_confirm'], order['is_cancel_pending']) == (True, True)
    assert (order['tax_code'], order['branch_number'], order['buyer_note']) == (
        '562562', '2222', 'red color')
    assert order['voucher_seller_total'] == 0
    vietnam = map_order(load('order.get.vn-2023')['data'], 'vn')
    assert vietnam['voucher_seller_total'] is None and vietnam['voucher_platform_total'] is None
    assert vietnam['warehouse_code'] == 'dropshipping'
    assert vietnam['buyer_total'] == 41000


@pytest.mark.parametrize('text, expected', [
    ('{"TaxInvoiceRequested":true}', True), ('{"TaxInvoiceRequested":"true"}', True),
    ('{"TaxInvoiceRequested":false}', False), ('', False), ('null', False), (None, False),
    ('{broken', False), ('[1]', False), ({'TaxInvoiceRequested': True}, True),
    ('[' * 10**5, False)])
def test_a_wanted_tax_invoice_is_seen(text, expected):
    assert map_order({'order_id': 1, 'extra_attributes': text}, 'th')[
        'tax_invoice_requested'] is expected


def test_a_bare_header_is_mapped_and_a_nameless_one_refused():
    order = map_order({'order_id': 5}, 'th')
    assert order['order_number'] == '5'
    assert order['ordered_at'] is None and order['raw_statuses'] == []
    assert order['shipping']['country_code'] == 'TH'
    odd = map_order({'order_id': 5, 'updated_at': 'soon', 'items_count': 'two'}, 'th')
    assert (odd['remote_updated_at'], odd['items_count']) == (None, 0)
    for count, known in ((2**31 - 1, 2**31 - 1), (2**31, 0), (99999999999, 0), ('9' * 5000, 0)):
        assert map_order({'order_id': 5, 'items_count': count}, 'th')['items_count'] == known
    with pytest.raises(BadValue, match='order_id is missing'):
        map_order({}, 'th')
    with pytest.raises(BadValue, match='order_item_id is missing'):
        map_item({}, 'th')
    with pytest.raises(BadValue, match='not an amount'):
        map_order({'order_id': 1, 'price': 'NaN'}, 'th')


def test_hostile_text_is_inert():
    item = map_item({'order_item_id': 1, 'name': '=HYPERLINK("x")\nb', 'variation': ' a :  b ',
                     'product_detail_url': 'javascript:alert(1)'}, 'th')
    assert item['name'] == '\'=HYPERLINK("x") b'
    assert item['variation'] == 'a : b'
    assert item['product_url'] == ''
    order = map_order({'order_id': 1, 'buyer_note': '@x\0', 'customer_first_name': '+1'}, 'th')
    assert (order['buyer_note'], order['customer_name']) == ("'@x", "'+1")


def item(**payload):
    return map_item({'order_item_id': 1, **payload}, 'sg')


@pytest.mark.parametrize('payload, item_id, sku_id', [
    ({'shop_sku': '263327724_TH-406994783'}, '263327724', '406994783'),
    ({'shop_sku': '1884392091_SGAMZ-10044238042'}, '1884392091', '10044238042'),
    ({'shop_sku': 'OE702HLAA8FFXGANMY-17933918'}, '', '17933918'),
    ({'shop_sku': 'BE494HLAAUE3SGAMZ-39898', 'sku_id': '666', 'product_id': 12345}, '12345', '666'),
    ({'shop_sku': ''}, '', ''), ({}, '', '')])
def test_product_ids_come_from_their_fields_or_from_shop_sku(payload, item_id, sku_id):
    mapped = item(**payload)
    assert (mapped['item_external_id'], mapped['sku_external_id']) == (item_id, sku_id)


@pytest.mark.parametrize('payload, channel, choice', [
    ({'shipping_type': 'Dropshipping', 'is_fbl': 0}, 'seller', False),
    ({'is_fbl': '1'}, 'fbl', False),
    ({'shipping_type': 'Own Warehouse'}, 'fbl', False),
    ({'biz_group': '70020'}, 'fbl', False),
    ({'biz_group': 70000}, 'fbl', False),
    ({'biz_group': 70100, 'is_fbl': 1, 'shipping_type': 'Own Warehouse'}, 'seller', True),
    ({'biz_group': '70100', 'delivery_option_sof': '1'}, 'own_fleet', True),
    ({'delivery_option_sof': 1}, 'own_fleet', False),
    ({'shipping_provider_type': 'SELLER_OWN_FLEET'}, 'own_fleet', False),
    ({'is_digital': 1}, 'digital', False),
    ({'shipping_provider_type': 'digital'}, 'digital', False),
    ({'shipping_provider_type': 'pickup_in_store'}, 'pickup', False),
    ({'pick_up_store_info': {'pick_up_store_code': 'x'}}, 'pickup', False),
    ({'pick_up_store_info': {'pick_up_store_code': ''}}, 'seller', False),
    ({'biz_group': 'odd'}, 'seller', False)])
def test_who_ships(payload, channel, choice):
    mapped = item(**payload)
    assert (mapped['channel'], mapped['is_choice']) == (channel, choice)


@pytest.mark.parametrize('payload, seller, platform', [
    ({'voucher_amount': 10, 'voucher_seller': 7, 'voucher_platform': 3}, 7, 3),
    ({'voucher_amount': 10, 'voucher_seller': 7}, 7, 3),
    ({'voucher_amount': 10, 'voucher_platform': '3.00'}, 7, 3),
    ({'voucher_amount': 10}, 10, 0),
    ({'voucher_amount': 10, 'voucher_code': 'X'}, 10, 0),
    ({'voucher_amount': 10, 'voucher_code_platform': 'Y'}, 0, 10),
    ({'voucher_amount': 10, 'voucher_code_platform': 'Y', 'voucher_code_seller': 'X'}, 10, 0),
    ({'voucher_amount': 0, 'voucher_platform': 3}, 0, 3),
    ({'voucher_seller': 0, 'voucher_platform': 0}, 0, 0), ({}, 0, 0)])
def test_who_bears_the_voucher_is_decided_once(payload, seller, platform):
    mapped = item(**payload)
    assert (mapped['voucher_seller'], mapped['voucher_platform']) == (seller, platform)
    assert mapped['voucher_amount'] == payload.get('voucher_amount', 0)
    assert all(isinstance(mapped[name], Decimal) for name in ('voucher_seller', 'voucher_platform'))


def test_item_moments_and_flags():
    mapped = map_item(load('order.items.get.doc-allfields')['data'][0], 'sg')
    assert mapped['ship_by_at'] == datetime(2019, 6, 24, 15, 59, 59)
    assert mapped['paid_at'] == datetime(2023, 10, 13, 10, 36, 14)
    assert mapped['cancel_trigger_at'] == datetime(2025, 8, 5, 8, 17, 22)
    assert mapped['need_cancel_confirm'] is True
    assert mapped['reverse_order_external_id'] == '704947701379284'
    assert (mapped['biz_group'], mapped['is_choice'], mapped['buyer_external_id']) == (
        70100, True, '1001')
    assert item(cancel_return_initiator='null-null')['cancel_initiator'] == ''
    assert item(stage_pay_status=None)['stage_pay_status'] == ''
    for order_type, presale in (
            ('PreSale', True), ('PRESALE', True), ('Normal', False), (None, False)):
        assert item(order_type=order_type)['is_presale'] is presale
    assert item(sla_time_stamp='soon')['ship_by_at'] is None
    assert 'is_gift' not in mapped
