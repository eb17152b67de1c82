"""Packages, returns, payouts, stock refusals."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from lazada_connector.mappers.finance import map_payout, map_transaction, row_digest
from lazada_connector.mappers.order import map_item
from lazada_connector.mappers.package import map_packages, map_trace
from lazada_connector.mappers.reverse import map_return
from lazada_connector.mappers.stock import is_campaign_lock, locked_until
from lazada_connector.mappers.values import BadValue

from .payloads import load


def unit(number, package, status='packed', **more):
    return map_item(
        {'order_item_id': number, 'package_id': package, 'status': status, **more}, 'th')


def test_packages_are_read_off_the_items():
    packages = map_packages([
        unit(1, 'FP1', tracking_code='T1', shipment_provider='LEX TH'), unit(2, ''),
        unit(3, 'FP2', 'ready_to_ship', delivery_option_sof=1), unit(4, 'FP1', tracking_code='T1')])
    assert packages == [
        {'external_id': 'FP1', 'item_external_ids': ['1', '4'], 'tracking_number': 'T1',
         'provider': 'LEX TH', 'raw_status': 'packed', 'status': 'shipment_arranged',
         'own_fleet': False},
        {'external_id': 'FP2', 'item_external_ids': ['3'], 'tracking_number': '', 'provider': '',
         'raw_status': 'ready_to_ship', 'status': 'ready_to_ship', 'own_fleet': True}]


@pytest.mark.parametrize('statuses, expected', [
    (('shipped', 'packed'), 'confirmed'), (('delivered', 'shipped'), 'shipped'),
    (('canceled', 'packed'), 'confirmed'), (('canceled', 'canceled'), 'cancelled'),
    (('brand new',), 'manual')])
def test_a_package_is_as_far_as_its_slowest_live_item(statuses, expected):
    package, = map_packages([unit(n, 'FP1', status) for n, status in enumerate(statuses, 1)])
    assert package['status'] == expected


def test_the_captured_2018_items_share_packages():
    units = [map_item(item, 'th') for group in load('orders.items.get.th-2018')['data']
             for item in group['order_items']]
    packages = map_packages(units)
    assert max(len(package['item_external_ids']) for package in packages) == 2
    assert {one for package in packages for one in package['item_external_ids']} == {
        one['external_id'] for one in units if one['package_external_id']}


def test_trace_events_are_in_order():
    modules = load('logistic.order.trace')['result']['module']
    events = map_trace(modules, 'th')
    assert [event['status'] for event in events] == ['shipped', 'delivered']
    assert events[0]['happened_at'] == datetime(2023, 6, 16, 4, 33, 20)
    assert events[1]['location'] == 'Bangkok'
    history = modules[0]['package_detail_info_list'][0]['logistic_detail_info_list']
    history += [{'status_code': 'X'}, {'status_code': 'Y'}]
    assert [event['raw_status'] for event in map_trace(modules, 'th')][:2] == ['X', 'Y']
    assert map_trace(None, 'th') == []


@pytest.mark.parametrize('payload', [
    load('reverse.getreverseordersforseller.th-return')['result']['items'][0],
    load('order.reverse.return.detail.list')['data']], ids=['list', 'detail'])
def test_both_calls_tell_the_same_about_a_return(payload):
    found = map_return(payload, 'th')
    line, = found.pop('lines')
    assert found == {'external_id': '658960600102233', 'order_external_id': '913820649395107',
                     'request_type': 'RETURN', 'to_seller': True, 'shipping_type': 'PICK_UP'}
    assert line['order_item_external_id'] == '913820649595107'
    assert line['refund_amount'] == line['item_price'] == Decimal('199')
    assert (line['sku_external_id'], line['buyer_external_id']) == ('404892551', '100112802233')
    assert line['requested_at'] == datetime(2018, 11, 5, 6, 40)
    assert line['respond_by_at'] == datetime(2018, 11, 8, 6, 40)
    assert line['raw_status'] == 'REQUEST_INITIATE'


def test_amounts_of_returns_are_hundredths_except_in_vietnam():
    payload = {'reverse_order_id': 1, 'reverse_order_lines': [
        {'reverse_order_line_id': 2, 'refund_amount': '10000'}]}
    amounts = {site: map_return(payload, site)['lines'][0]['refund_amount']
               for site in ('sg', 'my', 'ph', 'th', 'id', 'vn')}
    assert amounts.pop('vn') == 10000
    assert set(amounts.values()) == {100}
    with pytest.raises(BadValue):
        map_return({}, 'sg')
    map_return(load('reverse.getreverseordersforseller.doc')['result']['items'][0], 'th')


def test_a_payout():
    payload = load('finance.payout.status.get')['data'][0]
    payout = map_payout(payload, 'sg')
    assert (payout['external_id'], payout['payout'], payout['currency'], payout['is_paid']) == (
        'SG103EF-2018-0108', Decimal('15.00'), '', False)
    assert payout['created_at'] == datetime(2018, 1, 7, 18, 31, 21)
    assert payout['item_revenue'] + payout['other_revenue_total'] - payout['fees_total'] == (
        payout['subtotal1'])


@pytest.mark.parametrize('text, amount, currency', [
    ('99303.00 VND', '99303.00', 'VND'), ('3,962.41 EUR', '3962.41', 'EUR'), ('-5.00', '-5.00', ''),
    ('', '0', '')])
def test_a_payout_may_name_its_currency(text, amount, currency):
    payout = map_payout({'statement_number': 'X', 'payout': text, 'paid': '1'}, 'vn')
    assert (payout['payout'], payout['currency'], payout['is_paid']) == (
        Decimal(amount), currency, True)
    with pytest.raises(BadValue):
        map_payout({'statement_number': 'X', 'payout': 'a lot of VND'}, 'vn')


def test_transactions():
    rows = load('finance.transaction.details.get.one-order')['data']
    mapped = [map_transaction(row, 'th') for row in rows]
    assert [one['amount'] for one in mapped][:3] == [
        Decimal('288.00'), Decimal('-14.40'), Decimal('-6.16')]
    assert mapped[1]['vat_amount'] == Decimal('-0.94')
    assert (mapped[0]['fee_type'], mapped[0]['fee_name']) == ('13', 'Item Price Credit')
    assert mapped[0]['transaction_date'] == date(2026, 11, 12)
    assert (mapped[0]['statement_start'], mapped[0]['statement_end']) == (
        date(2026, 11, 9), date(2026, 11, 15))
    assert mapped[0]['order_item_external_id'] == '915187423608233'
    assert len({one['external_id'] for one in mapped}) == len(rows)
    assert not any(one['is_paid'] for one in mapped)
    assert map_transaction({'amount': '-2,251.57', 'statement': 'soon'}, 'th')['amount'] == Decimal(
        '-2251.57')
    assert map_transaction(load('finance.transaction.details.get')['data'][0], 'sg')['wht_included']


def test_being_paid_does_not_make_another_transaction():
    row = load('finance.transaction.details.get.one-order')['data'][0]
    assert row_digest(row) == row_digest({**row, 'paid_status': 'paid'})
    assert row_digest(row) != row_digest({**row, 'amount': '288.01'})


def test_campaign_locks():
    body = load('error.4170')
    assert locked_until(body['code'], body['message'], 'th') == datetime(2026, 3, 29, 16, 59, 59)
    assert locked_until('4170', 'locked', 'th') is None
    assert locked_until('212', body['message'], 'th') is None
    detail = load('product.stock.sellable.update.error-501')['detail'][0]
    assert is_campaign_lock('501', detail['message'])
    assert is_campaign_lock('4170', '')
    assert not is_campaign_lock('501', 'Update product failed')
