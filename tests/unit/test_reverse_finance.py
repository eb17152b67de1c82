from datetime import date, datetime

import pytest

from lazada_connector.lazada_api import errors

from .payloads import load
from .platform import ok, reset


def test_what_cancelling_would_mean(platform_of, client_of):
    platform = platform_of(load('order.reverse.cancel.validate'))
    check = client_of(platform).reverse.cancel_validate(12, ['34', 56])
    assert check.tip_type == 'warning' and 'stock' in check.tip
    assert check.reasons[1] == ('10000021', 'Out of Stock')
    assert platform.requests[0].query['order_item_id_list'] == '[34,56]'


def test_cancelling(platform_of, client_of):
    platform = platform_of(load('order.reverse.cancel.create'))
    assert 'cancelled' in client_of(platform).reverse.cancel_create(12, [34], '10000021')
    assert platform.requests[0].query['reason_id'] == '10000021'


def test_a_refused_cancellation_looks_like_a_success(platform_of, client_of):
    body = ok(data={'tip_type': 'error', 'tip_content': 'too late'})
    with pytest.raises(errors.LazadaRequestError, match='too late'):
        client_of(platform_of(body)).reverse.cancel_create(12, [34], '1')


@pytest.mark.parametrize('call', [
    lambda reverse: reverse.cancel_create(12, [34], '1'),
    lambda reverse: reverse.cancel_decide(12, True),
    lambda reverse: reverse.act('agreeReturn', 12, [34])])
def test_writes_are_not_repeated_although_they_are_gets(platform_of, client_of, call):
    platform = platform_of(reset)
    with pytest.raises(errors.LazadaTransportError):
        call(client_of(platform).reverse)
    assert [request.method for request in platform.requests] == ['GET']


def test_deciding_and_acting(platform_of, client_of):
    platform = platform_of(ok(data={}))
    reverse = client_of(platform).reverse
    reverse.cancel_decide(12, False, reason_code='R1')
    reverse.act('refuseReturn', 12, ['34'], reason_id='5002', comment='used')
    first, second = (request.query for request in platform.requests)
    assert (first['agree_cancel'], first['reason_code']) == ('false', 'R1')
    assert (second['action'], second['reverse_order_item_ids'], second['comment']) == (
        'refuseReturn', '[34]', 'used')
    assert 'image_info' not in second


def test_returns_come_page_by_page(platform_of, client_of):
    def page(request):
        first = (int(request.query['page_no']) - 1) * 2
        return ok(result={'success': True, 'total': 5, 'items': [
            {'reverse_order_id': n} for n in range(first, min(first + 2, 5))]})

    platform = platform_of(page)
    pages = list(client_of(platform).reverse.pages(
        modified_after=datetime(2024, 11, 19, 7, 6, 40), limit=2))
    assert [row['reverse_order_id'] for page in pages for row in page.returns] == list(range(5))
    assert pages[0].total == 5
    query = platform.requests[0].query
    assert query['ReverseOrderLineModifiedTimeRangeStart'] == '1732000000000'
    assert 'ReverseOrderLineModifiedTimeRangeEnd' not in query


@pytest.mark.parametrize('fixture', ['th-return', 'doc'])
def test_captured_returns_come_once(platform_of, client_of, fixture):
    body = load(f'reverse.getreverseordersforseller.{fixture}')
    pages = list(client_of(platform_of(body)).reverse.pages(created_after=datetime(2018, 1, 1)))
    assert [page.returns for page in pages] == [body['result']['items']]


def test_return_detail_and_reasons(platform_of, client_of):
    body = load('order.reverse.return.detail.list')
    assert client_of(platform_of(body)).reverse.detail(658960600102233) == body['data']
    reasons = client_of(platform_of(load('order.reverse.reason.list'))).reverse.reasons(1)
    assert reasons[0] == ('5001', 'Not an item from this shop')


def test_payouts(platform_of, client_of):
    platform = platform_of(load('finance.payout.status.get'))
    payout, = client_of(platform).finance.payouts(date(2018, 1, 1))
    assert payout['statement_number'] == 'SG103EF-2018-0108'
    assert platform.requests[0].query['created_after'] == '2018-01-01'


def test_transactions_come_in_pages_and_windows(platform_of, client_of):
    def page(request):
        rows = [{'n': f"{request.query['start_time']}/{n}"} for n in range(5)]
        offset, limit = int(request.query['offset']), int(request.query['limit'])
        return ok(data=rows[offset:offset + limit])

    platform = platform_of(page)
    pages = list(client_of(platform).finance.transactions(
        date(2026, 1, 1), date(2026, 12, 31), limit=2))
    assert len([row for page in pages for row in page.transactions]) == 15
    windows = sorted({(page.start, page.end) for page in pages})
    assert windows[0][0] == date(2026, 1, 1) and windows[-1][1] == date(2026, 12, 31)
    assert all((end - start).days < 179 for start, end in windows)
    assert all((later[0] - earlier[1]).days == 1
               for earlier, later in zip(windows, windows[1:], strict=False))
    assert platform.requests[0].query['trans_type'] == '-1'


def test_repeating_transaction_pages_are_refused(platform_of, client_of):
    body = ok(data=[{'n': 1}, {'n': 2}])
    with pytest.raises(errors.LazadaPagingError):
        list(client_of(platform_of(body)).finance.transactions(
            date(2026, 1, 1), date(2026, 1, 2), limit=2))


def test_warehouses_and_seller(platform_of, client_of):
    platform = platform_of(load('seller.warehouse.get.multi'))
    assert [one['code'] for one in client_of(platform).warehouses.get()] == [
        'dropshipping', 'MY10EXM-WH-10002']
    assert platform.requests[0].query['addressTypes'] == '["warehouse"]'
    assert client_of(platform_of(load('seller.get'))).seller.get()['seller_id'] == 1000399001
