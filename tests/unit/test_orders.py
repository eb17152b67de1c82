import itertools
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazada_connector.lazada_api import LazadaClient, errors, transport
from lazada_connector.lazada_api import orders as orders_api

from .payloads import load
from .platform import Request, error, ok, reset
from .shop import START, Shop


class Straight(LazadaClient):
    """A client without a network: calls go straight to a function of the Request."""

    def __init__(self, answer):
        super().__init__('k', 's', site='th', sleep=lambda _seconds: None)
        self.answer = answer

    def call(self, path, params=None, *, method='GET', absolute=False):
        params = {name: str(value) for name, value in params.items() if value not in (None, '')}
        body = self.answer(Request(method, path, params, {}, {}))
        if body['code'] != '0':
            raise errors.from_code(body['code'], body['message'], endpoint=path)
        return body


def read(shop, **options):
    """The ids in the order they were yielded."""
    pages = Straight(shop).orders.pages(update_after=START, **options)
    return [order['order_id'] for page in pages for order in page.orders]


def test_the_request_sorts_by_the_bound_in_shop_time(platform_of, client_of):
    platform = platform_of(load('orders.get.empty'))
    orders = client_of(platform).orders
    assert list(orders.pages(update_after=datetime(2024, 11, 1, 0, 0, 0, 500),
                             update_before=datetime(2024, 11, 2, 0, 0, 0, 500),
                             status='pending')) == []
    sent = platform.requests[0].query
    assert {name: sent[name] for name in sent if name not in (
        'app_key', 'access_token', 'timestamp', 'sign_method', 'sign')} == {
        # A second more at both ends: whether bounds are inclusive is not documented.
        'update_after': '2024-11-01T06:59:59+07:00', 'update_before': '2024-11-02T07:00:02+07:00',
        'sort_by': 'updated_at', 'sort_direction': 'ASC', 'status': 'pending', 'limit': '100',
        'offset': '0'}
    list(orders.pages(created_after=START))
    assert platform.requests[1].query['sort_by'] == 'created_at'
    with pytest.raises(ValueError, match='needed'):
        orders.pages(update_before=START)


@pytest.mark.parametrize('fixture, orders, total', [
    ('orders.get.th-2018', 6, None), ('orders.get.vn-2023', 2, 2),
    ('orders.get.th-2021-pending', 1, None), ('orders.get.doc-allfields', 1, 500)])
def test_captured_pages_come_once(platform_of, client_of, fixture, orders, total):
    """Also from a server that answers every offset alike."""
    pages = list(client_of(platform_of(load(fixture))).orders.pages(update_after=START))
    assert [(len(page.orders), page.offset, page.count_total) for page in pages] == [
        (orders, 0, total)]
    assert pages[0].orders == load(fixture)['data']['orders']


@pytest.mark.parametrize('total', [True, False])
@pytest.mark.parametrize('count', [0, 1, 99, 100, 101, 199, 500])
def test_every_order_comes_once_from_a_shop_that_rests(count, total):
    shop = Shop({number: number for number in range(count)}, total=total)
    assert read(shop) == list(range(count))
    assert len(shop.requests) <= max(1, -(-count // 99) + 1)


def test_500_new_orders_cost_at_most_seven_calls():
    shop = Shop(dict.fromkeys(range(500), 7))
    assert sorted(read(shop)) == list(range(500))
    assert len(shop.requests) <= 7


def read_in_turns(shop, turns, **options):
    """The ids, and each turn takes the given number of pages; the last one takes the rest."""
    position, found = None, []
    for size in [*turns, None]:
        pages = Straight(shop).orders.pages(update_after=START, position=position, **options)
        for page in itertools.islice(pages, size):
            found += [order['order_id'] for order in page.orders]
            position = json.loads(json.dumps(page.position))
    return found


@pytest.mark.parametrize('turns', [[1], [2], [3], [4], [5], [1, 1, 1, 1]])
def test_a_reading_that_goes_on_later_costs_no_more(turns):
    """Also where all orders have the same time."""
    shop = Shop(dict.fromkeys(range(500), 7))
    assert sorted(read_in_turns(shop, turns)) == list(range(500))
    assert len(shop.requests) <= 7


def test_a_place_to_go_on_holds_nothing_that_a_database_refuses(platform_of, client_of):
    rows = [{'order_id': '1\x00', 'updated_at': '2026-11-01 10:00:00 +0800\x00\ud800'}]
    [page] = client_of(platform_of(
        {'code': '0', 'data': {'countTotal': 1, 'count': 1, 'orders': rows}},
    )).orders.pages(update_after=START)
    assert page.orders == rows
    assert page.position['anchor'].isascii() and page.position['anchor'].isprintable()


def test_a_reading_that_goes_on_in_a_second_beyond_the_cap_comes_to_its_end():
    shop = Shop({number: 7 for number in range(6000)} | {7000: 8},
                statuses={number: 'shipped' for number in range(3000)})
    position, found = None, set()
    for _turn in range(20):
        pages = Straight(shop).orders.pages(update_after=START, position=position)
        for number, page in enumerate(pages, 1):
            found.update(order['order_id'] for order in page.orders)
            if number >= 10 and page.position != position:
                position = page.position
                break
        else:
            break
    else:
        pytest.fail("each turn ends where the one before did")
    assert found == {*range(6000), 7000}


@pytest.mark.parametrize('total', [True, False])
def test_a_reading_that_goes_on_where_a_second_was_crowded_and_is_not_any_more(total):
    shop = Shop({number: 7 for number in range(6000)}, total=total)
    position = None
    with pytest.raises(errors.LazadaPagingError):
        for page in Straight(shop).orders.pages(update_after=START):
            position = page.position
    for number in range(3000):
        shop.times[number] = 100 + number // 1000
    pages = Straight(shop).orders.pages(update_after=START, position=position)
    assert {order['order_id'] for page in pages for order in page.orders} == set(range(6000))


def test_orders_at_both_ends_of_a_window_come_once_however_bounds_are_meant():
    for exclusive in (False, True):
        shop = Shop({number: number for number in range(10)}, exclusive=exclusive)
        start, end = START + timedelta(seconds=3), START + timedelta(seconds=6)
        pages = Straight(shop).orders.pages(update_after=start, update_before=end)
        assert [order['order_id'] for page in pages for order in page.orders] == [3, 4, 5, 6]


def test_an_order_behind_one_that_moves_is_not_jumped_over():
    shop = Shop({number: number for number in range(250)})
    shop.before = lambda number: shop.touch(5) if number == 1 else None
    assert set(read(shop)) == set(range(250))


def test_a_window_beyond_the_offset_cap_is_continued():
    for exclusive in (False, True):
        shop = Shop({number: number // 3 for number in range(12_000)}, exclusive=exclusive)
        assert set(read(shop)) == set(range(12_000))
        assert all(int(params['offset']) <= 5000 for params in shop.requests)


def test_one_second_beyond_the_cap_is_read_by_status():
    for exclusive in (False, True):
        shop = Shop({number: 7 for number in range(6000)} | {6999: 6, 7000: 8},
                    statuses={number: 'shipped' for number in range(3000)}, exclusive=exclusive)
        assert set(read(shop)) == {*range(6000), 6999, 7000}


@pytest.mark.parametrize('total', [True, False])
def test_one_second_that_no_filter_divides_is_refused(total):
    shop = Shop({number: 7 for number in range(6000)}, total=total)
    with pytest.raises(errors.LazadaPagingError):
        read(shop)
    with pytest.raises(errors.LazadaPagingError):
        read(shop, status='pending')


def test_statuses_that_no_filter_knows_are_not_lost_silently():
    shop = Shop({number: 7 for number in range(6000)},
                statuses={number: ('shipped', 'brand_new')[number % 2] for number in range(6000)})
    with pytest.raises(errors.LazadaPagingError, match='3000 of 6000'):
        read(shop)


def test_a_page_that_ends_too_early_is_read_again():
    shop = Shop({number: number for number in range(150)})
    answers = []

    def flaky(request):
        answers.append(shop(request))
        if len(answers) == 2:
            answers[-1]['data']['orders'] = []
        return answers[-1]

    pages = Straight(flaky).orders.pages(update_after=START)
    assert {order['order_id'] for page in pages for order in page.orders} == set(range(150))


def test_a_server_that_repeats_its_page_is_not_believed():
    """Offsets are ignored: the window starts anew at the last time seen, which makes progress."""
    shop = Shop({number: number for number in range(250)})

    def stuck(request):
        request.query['offset'] = '0'
        return shop(request)

    pages = Straight(stuck).orders.pages(update_after=START)
    assert {order['order_id'] for page in pages for order in page.orders} == set(range(250))
    shop.times = dict.fromkeys(range(250), 7)
    with pytest.raises(errors.LazadaPagingError):
        list(Straight(stuck).orders.pages(update_after=START))


@pytest.mark.parametrize('time', ['', 'yesterday'])
def test_orders_without_a_time_are_read_as_far_as_no_restart_is_needed(time):
    shop = Shop({number: number for number in range(150)})
    shop.order = lambda order_id: {'order_id': order_id, 'updated_at': time}
    assert len(read(shop)) == 150
    calls = len(shop.requests)
    shop.before = lambda number: shop.touch(5) if number == calls + 1 else None
    with pytest.raises(errors.LazadaPagingError, match='no updated_at'):
        read(shop)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_order_is_lost_while_the_pages_shift(data):
    """Orders change between any two requests; each must be seen at least once."""
    seconds = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=40))
    limit = data.draw(st.integers(2, 7))
    moves = data.draw(st.lists(st.tuples(
        st.integers(0, 12), st.integers(0, len(seconds) - 1)), max_size=8))
    shop = Shop(dict(enumerate(seconds)), total=data.draw(st.booleans()),
                exclusive=data.draw(st.booleans()))

    def move(number):
        for at, order_id in moves:
            if at == number:
                shop.touch(order_id)

    shop.before = move
    turns = data.draw(st.lists(st.integers(1, 3), max_size=3))
    assert set(read_in_turns(shop, turns, limit=limit)) == set(shop.times)


# --- items ---

def groups(order_ids):
    return ok(data=[
        {'order_id': int(one), 'order_number': int(one), 'order_items': [{'order_item_id': one}]}
        for one in reversed(order_ids)])


def asked(request):
    return request.params['order_ids'].strip('[]').split(',')


def test_items_come_in_fifties_and_are_found_by_id(platform_of, client_of):
    platform = platform_of(lambda request: groups(asked(request)))
    ids = [str(10 ** 15 + number) for number in range(120)]
    answer = client_of(platform).orders.items([*ids, ids[0]])
    assert answer.items == {one: [{'order_item_id': one}] for one in ids}
    assert answer.missing == {}
    assert [len(asked(request)) for request in platform.requests] == [50, 50, 20]


def test_captured_items_are_indexed_by_order(platform_of, client_of):
    body = load('orders.items.get.th-2018')
    ids = [group['order_id'] for group in body['data']]
    answer = client_of(platform_of(body)).orders.items(ids)
    assert answer.items == {str(group['order_id']): group['order_items'] for group in body['data']}


def test_bad_ids_are_found_by_halving(platform_of, client_of):
    bad = {'3', '77'}

    def answer(request):
        return error('37', 'One of the order ids is wrong') if bad & set(asked(request)) else (
            groups(asked(request)))

    platform = platform_of(answer)
    found = client_of(platform).orders.items(range(1, 101))
    assert set(found.items) == {str(one) for one in range(1, 101)} - bad
    assert set(found.missing) == bad
    assert all(error.code == '37' for error in found.missing.values())
    assert len(platform.requests) < 30


@pytest.mark.parametrize('code', ['6', '15', 'ServiceTimeout', 'E999'])
def test_an_order_that_lazada_cannot_read_costs_nobody_else(platform_of, client_of, code):
    def answer(request):
        return error(code, 'internal error') if '7' in asked(request) else groups(asked(request))

    found = client_of(platform_of(answer)).orders.items(range(1, 51))
    assert set(found.items) == {str(one) for one in range(1, 51)} - {'7'}
    assert set(found.missing) == {'7'}


def test_a_platform_that_cannot_read_any_order_is_not_asked_for_ever(
        platform_of, client_of, monkeypatch):
    monkeypatch.setattr(orders_api, '_PATIENCE', 0.0)
    platform = platform_of(error('E999', 'internal error'))
    found = client_of(platform).orders.items(range(1, 101))
    assert len(found.missing) == 100
    assert len(platform.requests) == 2


def test_an_answer_too_large_is_asked_for_in_parts(platform_of, client_of, monkeypatch):
    monkeypatch.setitem(transport.exchange.__kwdefaults__, 'max_bytes', 400)
    found = client_of(platform_of(lambda request: groups(asked(request)))).orders.items(range(8))
    assert len(found.items) == 8


def test_a_chunk_that_does_not_answer_is_missing_and_the_rest_goes_on(platform_of, client_of):
    def answer(request, handler):
        return reset(request, handler) if '1' in asked(request) else groups(asked(request))

    found = client_of(platform_of(answer)).orders.items(range(1, 61))
    assert set(found.missing) == {str(one) for one in range(1, 51)}
    assert set(found.items) == {str(one) for one in range(51, 61)}
    assert found.missing['1'].retryable


def test_a_ban_ends_the_asking(platform_of, client_of):
    platform = platform_of(error('ApiCallLimit', 'this ban will last 600 seconds'))
    found = client_of(platform).orders.items(range(120))
    assert len(found.missing) == 120
    assert len(platform.requests) == 1


def test_orders_left_out_of_the_answer_are_missing(platform_of, client_of):
    found = client_of(platform_of(lambda request: groups(asked(request)[:1]))).orders.items([1, 2])
    assert list(found.items) == ['1']
    assert found.missing['2'].retryable


@pytest.mark.parametrize('code', ['IllegalAccessToken', 'InsufficientPermission', '56'])
def test_other_refusals_go_up(platform_of, client_of, code):
    with pytest.raises(errors.LazadaApiError):
        client_of(platform_of(error(code))).orders.items([1])


def test_a_list_that_is_none_is_a_bad_answer(platform_of, client_of):
    client = client_of(platform_of(ok(data={'orders': 'none'})))
    with pytest.raises(errors.LazadaTransportError):
        list(client.orders.pages(update_after=START))
    assert orders_api.ITEMS_PER_CALL == 50
