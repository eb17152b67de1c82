"""F53, F55 and F57: workers that are killed, cut off from the database, or ended by a limit."""

import os
import random
import time

import pytest

from tests.harness.profile import PROFILE
from tests.harness.waiting import wait_until

from .conftest import SKU

ORDERS = 1_000
POWER_CUTS = 4          # one of so many kills ends the server, the others its workers
LIMIT = 10              # seconds
ITEMS = '/orders/items/get'


@pytest.fixture(scope='module')
def stack(ground):
    with ground.stack('test', arguments=('--workers=2',)) as stack:
        yield stack


@pytest.fixture(autouse=True)
def settled(stack, shops, start):
    """After each fault: it is over, two runs later everything is in its place."""
    yield
    stack.sandbox.delete('faults')
    for shop in shops * 2:
        shop.sync()
        wait_until(shop.is_idle)
    stack.check_invariants(since=start)


def wait_imported(stack, ids):
    """ids: {shop: orders}"""
    for shop, orders in ids.items():
        stack.wait_done(lambda shop=shop, orders=orders: shop.is_imported(orders))


def test_f53_killed_anywhere_in_1000_orders_and_started_again_there_are_exactly_1000(
        stack, shops, start):
    seed = int(os.environ.get('TEST_SEED') or random.randrange(10 ** 6))
    print(f"TEST_SEED={seed}")
    chance = random.Random(seed)
    shop = shops[0]
    known, sold = count(stack)
    ids = shop.buy(count=ORDERS, sku=SKU)
    points = sorted(chance.randrange(2 * ORDERS) for _kill in range(PROFILE.kills))
    shop.pull_again()
    killed = set()

    def has_come_to(point):
        """Whether so much is done and somebody is at work: a kill has to end a run."""
        runs, done = find_runs(stack), sum(count(stack)) - known - sold
        if not runs:
            # Killed three times before it began anything, an action is left out for its interval.
            stack.end_leases()
        return done == 2 * ORDERS or (done >= point and runs)

    for number, point in enumerate(points, 1):
        stack.wait_done(lambda point=point: has_come_to(point), timeout=300)
        time.sleep(chance.uniform(0, 0.3))
        if number % POWER_CUTS:
            stack.kill9_workers()
        else:
            stack.kill9()
        killed.update(find_runs(stack))
        stack.check_invariants(settled=False, since=start)
        if not stack.is_running():
            stack.start_server()
        stack.end_leases()
    print(f"{PROFILE.kills} kills ended {len(killed)} runs")
    assert len(killed) >= PROFILE.kills // 2
    stack.wait_done(lambda: has_come_to(2 * ORDERS), timeout=300)
    wait_imported(stack, {shop: ids})
    assert count(stack) == [known + ORDERS, sold + ORDERS]


def find_runs(stack):
    """The tokens of the runs that hold a lease; killed ones hold it until it ends."""
    return {token for [token] in stack.execute(
        "SELECT token FROM lazada_flow WHERE running_until > now() AT TIME ZONE 'UTC' "
        "AND name IN ('fetch_orders', 'import_orders')")}


def count(stack):
    """Orders in the mirror, and sales orders made of them."""
    return list(stack.execute(
        "SELECT (SELECT count(*) FROM lazada_order), "
        "(SELECT count(*) FROM sale_order WHERE lazada_shop_id IS NOT NULL)")[0])


def test_f55_the_database_goes_away_again_and_again(stack, shops):
    """What a fail-over, a pool that drops its connections and a restart look like from here."""
    shop = shops[0]
    ids = shop.buy(count=100, sku=SKU)
    for _cut in range(3):
        sold = count(stack)[1]
        shop.pull_again()
        stack.wait_done(lambda sold=sold: count(stack)[1] > sold)
        stack.drop_connections()
        stack.end_leases()
    assert not shop.is_imported(ids), "the cuts came in the middle"
    with stack.database_gone():
        wait_until(lambda: not stack.is_running())  # Odoo ends itself; somebody starts it again
    stack.start_server()
    stack.end_leases()
    wait_imported(stack, {shop: ids})
    orders = shop.orders([('external_id', 'in', ids)], ['failure_count'])
    assert {order['failure_count'] for order in orders} == {0}


def test_f55_the_lock_of_a_running_action_is_lost_and_its_flow_runs_once(stack, shops):
    """Odoo's lock on the action goes with its connection: another worker may begin it too."""
    slow, other = shops[:2]
    ids = {shop: shop.buy(sku=SKU) for shop in (slow, other)}
    mark = stack.sandbox.get('calls')['last']
    stack.sandbox.post('faults', {
        'path': ITEMS, 'kind': 'delay', 'seconds': 8, 'seller_id': slow.seller_id})
    slow.pull_again()
    wait_until(lambda: stack.sandbox.get('faults')['faults'][0]['hits'])
    assert stack.execute("""
        SELECT pg_terminate_backend(lock.pid) FROM pg_locks lock
          JOIN pg_database base ON base.oid = lock.database    -- tables of copies have the same id
         WHERE base.datname = current_database() AND lock.relation = 'ir_cron'::regclass
           AND lock.mode = 'RowShareLock' AND lock.granted""")
    other.pull_again()
    wait_imported(stack, {other: ids[other]})
    # Calls are listed when they are answered: the slow one is not yet, and is the only one.
    assert not [call for call in stack.sandbox.get('calls', since=mark)['calls']
                if call['path'] == ITEMS and call['seller_id'] == slow.seller_id]
    wait_imported(stack, {slow: ids[slow]})


def test_f57_workers_ended_by_a_limit_blame_no_order_and_stop_no_shop(stack, shops):
    """Odoo leaves an action out for its interval that was ended three times without progress."""
    ids = {shop: shop.buy(count=20, sku=SKU) for shop in shops}
    stack.stop_server()
    stack.start_server(f'--limit-time-real-cron={LIMIT}')
    seen = len(stack.log)
    for shop in shops:
        stack.sandbox.post('faults', {
            'path': ITEMS, 'kind': 'delay', 'seconds': 2 * LIMIT, 'seller_id': shop.seller_id})
        shop.pull_again()
    for hanging in range(1, len(shops) + 1):
        stack.wait_done(lambda hanging=hanging: sum(
            fault['hits'] for fault in stack.sandbox.get('faults')['faults']) == hanging)
        if hanging == 1:
            wait_until(lambda: f'timeout after {LIMIT}s' in stack.log[seen:])
        else:
            stack.kill9_workers()   # what Odoo did above, without the wait
    stack.wait_done(lambda: "'Lazada: fetch orders'" in stack.log[seen:].rpartition(' alive')[2])
    stack.restart()
    stack.end_leases()
    wait_imported(stack, ids)
    assert ') timed out' not in stack.log[seen:]
    for shop, orders in ids.items():
        found = shop.orders([('external_id', 'in', orders)], ['failure_count', 'issue_code'])
        assert {(each['failure_count'], each['issue_code']) for each in found} == {(0, False)}
