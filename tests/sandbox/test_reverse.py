"""Cancellations, returns, payouts."""
import time

import pytest

from .conftest import SG, compact
from .test_fulfilment import same_shape
from .test_shapes import load

SKU = 'LZ-TEE-BLK-M'
VALIDATE, CREATE = '/order/reverse/cancel/validate', '/order/reverse/cancel/create'
LIST = '/reverse/getreverseordersforseller'
UPDATE = '/order/reverse/return/update'


def order_of(control, status='pending', **more):
    bought = control.buy(seller_sku=SKU, **more)
    if status != 'pending':
        control.move(bought['order_id'], status)
    return bought['order_id'], bought['order_item_ids']


def cancel(client, order_id, items, reason='10000019', path=CREATE):
    params = {'order_id': order_id, 'order_item_id_list': compact([int(each) for each in items])}
    return client.call('sg', path, {**params, **({'reason_id': reason} if path == CREATE else {})})


def case_of(control, kind='/returns', **more):
    """A delivered order with an open return: (order_id, case)."""
    order_id, items = order_of(control, 'delivered', units=more.pop('units', 1))
    return order_id, control.post(kind, {'site': 'sg', 'seller_id': SG, 'order_id': order_id,
                                         **more})


def test_seller_cancels(client, control):
    order_id, items = order_of(control, units=2)
    body = cancel(client, order_id, items[:1], path=VALIDATE)
    same_shape(body, load('order.reverse.cancel.validate'))
    body = cancel(client, order_id, items[:1])
    same_shape(body, load('order.reverse.cancel.create'))
    assert body['data']['tip_type'] == 'success'
    assert [item['status'] for item in control.order(order_id)['items']] == ['canceled', 'pending']
    read = client.call('sg', '/order/items/get', {'order_id': order_id})['data'][0]
    assert read['cancel_return_initiator'] == 'cancellation-seller' and read['reason']
    assert control.get('/calls')['counters']['cancel'] == 1


def test_a_packed_unit_takes_its_package_along(client, control):
    order_id, items = order_of(control, 'packed', units=2)
    cancel(client, order_id, items[:1])
    assert control.order(order_id)['statuses'] == ['canceled']


@pytest.mark.parametrize('reason, zero', [('10000019', False), ('10000021', True)])
def test_out_of_stock_zeroes_the_listing(client, control, reason, zero):
    order_id, items = order_of(control)
    cancel(client, order_id, items, reason)
    assert (control.listing(SKU)['sellable'] == 0) is zero


def test_refused_cancellations(client, control):
    order_id, items = order_of(control, 'shipped')
    for body in (cancel(client, order_id, items), cancel(client, order_id, items, '1'),
                 cancel(client, order_id, items, path=VALIDATE)):
        assert (body['code'], body['data']['tip_type']) == ('0', 'error')
    assert control.order(order_id)['statuses'] == ['shipped']
    assert cancel(client, order_id, ['5'])['code'] == '20'
    assert cancel(client, '5', ['5'])['code'] == '16'


def test_a_buyers_wish_to_cancel(client, control):
    for agree, reason, statuses in (('true', '', ['canceled']), ('false', '5001', ['packed'])):
        order_id, _items = order_of(control, 'packed')
        case = control.post('/cancel_requests', {'site': 'sg', 'seller_id': SG,
                                                 'order_id': order_id})
        header = client.call('sg', '/order/get', {'order_id': order_id})['data']
        item, = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
        assert header['need_cancel_confirm'] is True and item['need_cancel_confirm'] is True
        assert item['cancel_trigger_time'] > time.time() * 1000
        params = {'reverse_order_id': item['reverse_order_id'], 'agree_cancel': agree,
                  **({'reason_code': reason} if reason else {})}
        path = '/order/reverse/cancel/seller/decide'
        assert client.call('sg', path, params)['code'] == '0'
        assert control.order(order_id)['statuses'] == statuses
        assert client.call('sg', path, params)['code'] == '114'
        assert case['request_type'] == 'CANCEL'


def test_no_answer_means_yes(client, control):
    order_id, _items = order_of(control, 'packed')
    control.post('/cancel_requests', {'site': 'sg', 'seller_id': SG, 'order_id': order_id,
                                      'hours': 2})
    control.post('/clock', {'advance': 7100})
    assert control.order(order_id)['statuses'] == ['packed']
    control.post('/clock', {'advance': 101})
    assert control.order(order_id)['statuses'] == ['canceled']


def test_a_return_from_request_to_refund(client, control):
    order_id, case = case_of(control, units=2)
    listed = client.call('sg', LIST, {'page_no': '1', 'page_size': '10'})
    same_shape(listed, load('reverse.getreverseordersforseller.th-return'))
    entry = listed['result']['items'][0]
    assert (listed['result']['total'], str(entry['reverse_order_id'])) == (
        1, case['reverse_order_id'])
    assert entry['reverse_order_lines'][0]['refund_amount'] == 1990
    detail = client.call('sg', '/order/reverse/return/detail/list', {
        'reverse_order_id': case['reverse_order_id']})
    same_shape(detail, load('order.reverse.return.detail.list'))
    assert control.order(order_id)['statuses'] == ['delivered']
    lines = [int(line['reverse_order_line_id']) for line in case['lines']]

    def act(action, **more):
        return client.call('sg', UPDATE, {
            'reverse_order_id': case['reverse_order_id'], 'action': action,
            'reverse_order_item_ids': compact(lines), **more})['code']
    assert act('agreeRefund') == '114'
    assert [act(action) for action in ('agreeReturn', 'confirmDelivery', 'agreeRefund')] == [
        '0', '0', '0']
    assert control.order(order_id)['statuses'] == ['returned']
    item = client.call('sg', '/order/items/get', {'order_id': order_id})['data'][0]
    assert (item['cancel_return_initiator'], item['return_status']) == (
        'return-customer', 'shipped_back')
    history = client.call('sg', '/order/reverse/return/history/list', {
        'reverse_order_line_id': str(lines[0]), 'page_size': '2', 'page_number': '2'})['data']
    assert history['page_info']['total'] == 4 and len(history['list']) == 2
    assert control.get('/calls')['counters']['return_agreeRefund'] == 2


def test_refusing_a_return_needs_reason_and_comment(client, control):
    _order, case = case_of(control)
    line = case['lines'][0]['reverse_order_line_id']
    reasons = client.call('sg', '/order/reverse/reason/list', {'reverse_order_line_id': line})
    same_shape(reasons, load('order.reverse.reason.list'))
    base = {'reverse_order_id': case['reverse_order_id'], 'action': 'refuseReturn',
            'reverse_order_item_ids': f'[{line}]'}
    reason = str(reasons['data'][0]['reason_id'])
    for more, code in (({}, '108'), ({'reason_id': reason}, '109'),
                       ({'reason_id': reason, 'comment': 'used'}, '0')):
        assert client.call('sg', UPDATE, {**base, **more})['code'] == code
    assert control.get('/returns')['returns'][0]['lines'][0]['status'] == 'REQUEST_REJECT'
    assert client.call('sg', UPDATE, {**base, 'action': 'x'})['code'] == '107'
    assert client.call('sg', UPDATE, {**base, 'reverse_order_id': '5'})['code'] == '106'
    assert client.call('sg', UPDATE, {**base, 'action': 'agreeReturn',
                                      'reverse_order_item_ids': '[5]'})['code'] == '112'


def test_refund_without_return(client, control):
    order_id, case = case_of(control, only_refund=True)
    path = '/order/reverse/onlyrefund/seller/decide'
    base = {'reverse_order_id': case['reverse_order_id'],
            'reverse_order_line_id': case['lines'][0]['reverse_order_line_id']}
    assert client.call('sg', path, {**base, 'action': 'startDispute'})['code'] == '109'
    assert client.call('sg', path, {**base, 'action': 'startDispute', 'comment': 'no',
                                    'image_info': '[]'})['code'] == '0'
    assert client.call('sg', path, {**base, 'action': 'agreeRefund'})['code'] == '0'
    line = control.get('/returns')['returns'][0]['lines'][0]
    assert (line['status'], line['dispute']) == ('REFUND_SUCCESS', True)
    assert control.order(order_id)['statuses'] == ['delivered']


def test_filters_and_pages_of_the_reverse_list(client, control):
    cases = [case_of(control)[1] for _each in range(3)]
    control.post('/returns', {'site': 'sg', 'seller_id': SG, 'status': 'RTM_SHIPPING_BACK',
                              'reverse_order_id': cases[0]['reverse_order_id']})

    def found(**params):
        body = client.call('sg', LIST, {'page_no': '1', 'page_size': '50', **params})
        assert body['code'] == '0', body
        return [str(each['reverse_order_id']) for each in body['result']['items']]
    ids = [case['reverse_order_id'] for case in cases]
    assert found() == ids and found(page_no='2', page_size='2') == ids[2:]
    assert found(reverse_status_list='["RTM_SHIPPING_BACK"]') == ids[:1]
    assert found(request_type_list='["CANCEL"]') == []
    assert found(trade_order_id=cases[1]['order_id']) == ids[1:2]
    assert found(return_to_type='RTW') == []
    now = int(time.time() * 1000)
    assert found(ReverseOrderLineModifiedTimeRangeStart=str(now + 60_000)) == []
    assert found(ReverseOrderLineModifiedTimeRangeStart=str(now - 60_000),
                 ReverseOrderLineModifiedTimeRangeEnd=str(now + 60_000)) == ids
    assert client.call('sg', LIST, {'page_no': '0', 'page_size': '5'})['code'] == '120'
    control.post('/behaviour', {'reverse_amounts': 'units'})
    body = client.call('sg', LIST, {'page_no': '1', 'page_size': '1'})
    assert body['result']['items'][0]['reverse_order_lines'][0]['refund_amount'] == 19


def test_payouts(client, control):
    control.post('/payouts', {'site': 'sg', 'seller_id': SG})
    bought = control.buy(shipping='3.00', items=[
        {'seller_sku': SKU, 'item_price': '1000.00', 'voucher_seller': '10'}])
    control.move(bought['order_id'], 'delivered')
    made = control.post('/payouts', {'site': 'sg', 'seller_id': SG, 'extra': [
        {'fee_type': 80, 'fee_name': 'Penalty', 'amount': '-5'}]})
    today = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 86400))
    body = client.call('sg', '/finance/payout/status/get', {'created_after': today})
    same_shape(body, load('finance.payout.status.get'))
    row = body['data'][-1]
    # 1000 - 10 voucher - 5 % and 2.12 % of 990 - 5 penalty; shipping passes through
    assert row['payout'] == '914.51 SGD' and made['closing_balance'] == '914.51'
    assert (row['item_revenue'], row['other_revenue_total'], row['fees_total'], row['subtotal1'],
            row['subtotal2']) == ('1000.00', '3.00', '88.49', '914.51', '914.51')
    control.post('/behaviour', {'payout_currency_suffix': False, 'fees_total_sign': 'negative'})
    row = client.call('sg', '/finance/payout/status/get', {'created_after': today})['data'][-1]
    assert (row['payout'], row['fees_total']) == ('914.51', '-88.49')


def test_fee_lines(client, control):
    bought = control.buy(items=[{'seller_sku': SKU, 'item_price': '2000.00'}])
    control.move(bought['order_id'], 'delivered')
    day = [time.strftime('%Y-%m-%d', time.gmtime(time.time() + shift * 86400))
           for shift in (-1, 1, -181)]
    path = '/finance/transaction/details/get'
    params = {'start_time': day[0], 'end_time': day[1], 'trade_order_id': bought['order_id']}
    body = client.call('sg', path, params)
    same_shape(body, load('finance.transaction.details.get.one-order'))
    assert [(row['fee_type'], row['amount']) for row in body['data']] == [
        ('13', '2,000.00'), ('16', '-100.00'), ('3', '-42.40')]
    assert client.call('sg', path, {**params, 'trans_type': '16'})['data'][0]['fee_type'] == '16'
    assert len(client.call('sg', path, {**params, 'limit': '2', 'offset': '2'})['data']) == 1
    control.move(bought['order_id'], 'returned')
    refunds = client.call('sg', path, params)['data'][3:]
    assert [(row['fee_type'], row['amount']) for row in refunds] == [
        ('14', '-2,000.00'), ('15', '100.00')]
    for wrong, code in (({'start_time': day[2]}, '1000012'), ({'trans_type': 'x'}, '1000014'),
                        ({'start_time': 'x'}, '17'), ({'limit': '501'}, '19')):
        assert client.call('sg', path, {**params, **wrong})['code'] == code
