"""Push messages in real processes: two workers, an import going on, locks held by others."""
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.harness.pushes import PushedShop, Repeating, keep_pace, percentile, request
from tests.harness.shops import Shop
from tests.harness.waiting import wait_until

SKU = 'PUSH-TEE'
MESSAGES, PER_SECOND = 300, 25


@pytest.fixture(scope='module')
def stack(ground):
    with ground.stack('test', start=False) as stack:
        stack.start_sandbox()
        stack.start_server('--workers=2')
        yield stack


@pytest.fixture(scope='module')
def start():
    """From when on orders are expected in Odoo: the platform has older ones."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


@pytest.fixture(scope='module')
def shop(stack, start):
    shop = PushedShop(stack)
    shop.sell(SKU)
    shop.open()
    wait_until(lambda: shop.rpc['lazada.flow'].search_count(
        [('shop_id', '=', shop.id), ('last_success_at', '=', False),
         ('name', '!=', 'reconcile')]) == 0)     # compared at night
    return shop


@contextmanager
def locked(ground, stack, statement):
    """Hold the locks that a statement takes, as another worker would."""
    with ground.server.cursor(stack.database) as cursor:
        cursor.execute('BEGIN')
        cursor.execute(statement)
        yield
        cursor.execute('ROLLBACK')


def check_invariants(stack, shop, start):
    """The fault is over: two runs later everything is in its place."""
    synced = Shop(stack, shop.id, shop.account_id, shop.site, shop.seller_id)
    for _run in range(2):
        synced.sync()
        wait_until(synced.is_idle)
    stack.check_invariants(since=start)


def state_of(shop, order_id):
    found = shop.rpc['lazada.order'].search_read(
        [('external_id', '=', order_id)], ['sync_state'])
    return found and found[0]['sync_state']


def test_an_order_arrives_by_itself(stack, shop):
    stack.sandbox.post('push', {'app_key': shop.app['app_key'], 'url': shop.url})
    [order_id] = shop.buy(SKU)
    # the action's own interval is an hour
    wait_until(lambda: state_of(shop, order_id) == 'done')
    stack.sandbox.post('push', {'app_key': shop.app['app_key'], 'stop': True})


def test_replays_cost_one_fetch(stack, shop):
    [order_id] = shop.buy(SKU)
    mark = stack.sandbox.get('calls')['last']
    body = shop.write(1, order_id)
    answers = keep_pace(lambda _number: shop.send(body), range(200), per_second=1000)
    assert {status for status, _seconds in answers} == {200}
    wait_until(lambda: state_of(shop, order_id) == 'done')
    paths = [call['path'] for call in stack.sandbox.get('calls', since=mark)['calls']]
    assert paths.count('/orders/get') <= 1
    assert paths.count('/orders/items/get') + paths.count('/order/get') <= 1


def test_f94_no_message_is_lost_and_none_waits_while_orders_are_imported(stack, shop, start):
    orders = shop.buy(SKU, 50)
    before = shop.count()

    def send(number):
        """A message, or for every tenth number a request that touches no database."""
        if number % 10:
            return shop.send(shop.write(1000 + number, orders[number % 50]))
        return request(stack.url, 'GET', '/web/health')

    with Repeating(lambda: shop.buy(SKU, 5), every=1):
        answers = keep_pace(send, range(MESSAGES), PER_SECOND)
    assert {status for status, _seconds in answers} == {200}
    assert shop.count() - before == MESSAGES * 9 // 10
    seconds = [seconds for _status, seconds in answers]
    plain = [value for number, value in enumerate(seconds) if number % 10 == 0]
    pushed = [value for number, value in enumerate(seconds) if number % 10]
    # Whoever waits for a lock waits for a batch of orders: a second and more.
    assert percentile(pushed, 0.99) < 0.5 + 2 * percentile(plain, 0.99)
    wait_until(lambda: shop.count(state='todo') == 0)
    wait_until(lambda: {state_of(shop, order_id) for order_id in orders} == {'done'})
    [flow] = shop.rpc['lazada.flow'].search_read(
        [('shop_id', '=', shop.id), ('name', '=', 'fetch_orders')], ['error_message'])
    assert not flow['error_message']
    check_invariants(stack, shop, start)


@pytest.mark.parametrize('number, statement', list(enumerate([
    "SELECT FROM lazada_flow FOR NO KEY UPDATE",
    "UPDATE lazada_flow SET due_at = now()",
    "DELETE FROM ir_cron_trigger",
    "SELECT FROM ir_cron FOR NO KEY UPDATE",
    "UPDATE lazada_account SET access_expires_at = now()",
    "UPDATE lazada_shop SET short_code = 'X'"])))
def test_locks_of_the_usual_work_are_not_waited_for(ground, stack, shop, number, statement):
    body = shop.write(90_000 + number, '1')
    with locked(ground, stack, statement):
        assert shop.send(body) == 200


def test_f94_a_lock_that_cannot_be_passed_is_answered_at_once(ground, stack, shop, start):
    body = shop.write(77, '1')
    with locked(ground, stack, "LOCK TABLE lazada_event"):
        assert shop.send(body) == 503
    assert shop.send(body) == 200
    check_invariants(stack, shop, start)


def test_the_same_message_from_many_hands_is_kept_once(shop):
    before = shop.count()
    body = shop.write(99, '1')
    answers = keep_pace(lambda _number: shop.send(body), range(64), per_second=10_000)
    assert {status for status, _seconds in answers} == {200}
    assert shop.count() - before == 1
