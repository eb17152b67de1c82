"""F11, F50, F51, F58 and F59: several workers on several nodes, and a database in their way."""

from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from psycopg2.errors import DeadlockDetected

from tests.harness.pushes import Repeating
from tests.harness.waiting import at_once, wait_until

from .conftest import SKU

FETCH, REFRESH = '/orders/get', '/auth/token/refresh'


@pytest.fixture(scope='module')
def stack(ground):
    """Three workers for requests and two for scheduled actions; locks are not waited for long."""
    with ground.stack('test', start=False, arguments=('--workers=3',)) as stack:
        stack.execute(f'ALTER DATABASE "{stack.database}" SET lock_timeout = 2000')
        stack.start()
        yield stack


@pytest.fixture(autouse=True)
def settled(stack, shops, start):
    """After each fault: it is over, two runs later everything is in its place."""
    yield
    stack.sandbox.delete('faults')
    for _run in range(2):
        at_once(*(shop.sync for shop in shops))
    for shop in shops:
        wait_until(shop.is_idle)
    stack.check_invariants(since=start)


def count_calls(stack, mark, path, shop=None):
    return len([call for call in stack.sandbox.get('calls', since=mark)['calls']
                if call['path'] == path and (
                    not shop or call['seller_id'] == shop.seller_id)])


def wait_logged(stack, text, since=0):
    return wait_until(lambda: text in stack.log[since:], what=f"the log line {text!r}")


# === TOKENS === #

def test_f11_workers_that_see_the_token_end_at_once_renew_it_once_and_all_go_on(stack, shops):
    ids = {shop.site: shop.buy(sku=SKU) for shop in shops}
    account = stack.rpc['lazada.account']
    account.write([shops[0].account_id], {'access_token': 'no longer good'})
    stack.sandbox.post('faults', {'path': REFRESH, 'kind': 'delay', 'seconds': 1})
    mark = stack.sandbox.get('calls')['last']
    at_once(*(shop.sync for shop in shops))
    for shop in shops:
        wait_until(lambda shop=shop: shop.is_imported(ids[shop.site]))
        assert not shop.flow('fetch_orders')['error_message']
    assert count_calls(stack, mark, REFRESH) == 1
    [values] = account.read([shops[0].account_id], ['access_token', 'state'])
    assert values['state'] == 'connected' and values['access_token'] != 'no longer good'


# === THE SAME ORDERS === #

def test_f50_two_nodes_import_the_same_orders_at_once(stack, shops):
    """The lease is taken from the one, in the middle of a batch, and the other begins it too."""
    shop = shops[0]
    ids = shop.buy(count=40, units=2, sku=SKU)
    with stack.second_node() as node:
        both = [shop, replace(shop, stack=node)]
        for number in range(3):
            first, second = both[number % 2], both[1 - number % 2]
            with Repeating(first.sync, every=1):
                wait_until(lambda: steal_lease(stack, shop) or shop.is_imported(ids), every=0.05)
                second.sync()
        wait_until(lambda: shop.is_imported(ids))
        assert 'was taken over' in stack.log + node.log
        assert not node.warnings()


def steal_lease(stack, shop):
    return stack.execute(
        "UPDATE lazada_flow SET token = NULL, running_until = NULL, "
        "due_at = now() AT TIME ZONE 'UTC' WHERE shop_id = %s AND name = 'import_orders' "
        "AND token IS NOT NULL RETURNING id", shop.id)


# === COLLISIONS === #

@contextmanager
def transaction(stack):
    """A transaction of somebody else, rolled back in the end."""
    with stack.ground.server.cursor(stack.database) as cursor:
        cursor.execute("BEGIN")
        yield cursor
        cursor.execute("ROLLBACK")


def lock_flow(cursor, shop):
    """Lock what the importer writes last; answers whether it is at work."""
    cursor.execute("SELECT id FROM lazada_flow WHERE shop_id = %s AND name = 'import_orders' "
                   "AND token IS NOT NULL FOR UPDATE", [shop.id])
    return bool(cursor.fetchall())


def write_meanwhile(stack, shop, is_over):
    with Repeating(lambda: stack.execute(
            "UPDATE lazada_flow SET due_at = due_at WHERE shop_id = %s", shop.id), every=0.05):
        wait_until(is_over)


def hold_too_long(stack, shop, is_over):
    with transaction(stack) as cursor:
        wait_until(lambda: lock_flow(cursor, shop), every=0.02)
        wait_until(is_over)


def lock_in_the_other_order(stack, shop, is_over):
    """Lock the flow, then what the importer wrote before it comes to the flow."""
    while not is_over():
        with transaction(stack) as cursor:
            wait_until(lambda cursor=cursor: lock_flow(cursor, shop), every=0.02)
            pid = cursor.connection.info.backend_pid
            wait_until(lambda pid=pid: stack.execute(
                "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", pid),
                every=0.02)
            with suppress(DeadlockDetected):    # mostly it is the importer's turn to be ended
                cursor.execute("SELECT id FROM lazada_order WHERE shop_id = %s AND "
                               "sync_state = 'todo' FOR UPDATE", [shop.id])


@pytest.mark.parametrize('collision, disturb', [
    ('SerializationFailure', write_meanwhile),
    ('LockNotAvailable', hold_too_long),
    ('DeadlockDetected', lock_in_the_other_order),
])
def test_f51_a_collision_is_repeated_and_blames_no_order(stack, shops, collision, disturb):
    shop = shops[0]
    ids = shop.buy(count=40, sku=SKU)
    seen = len(stack.log)
    shop.pull_again()
    disturb(stack, shop, lambda: f'collided ({collision})' in stack.log[seen:])
    wait_until(lambda: shop.is_imported(ids))
    orders = shop.orders([('external_id', 'in', ids)], ['failure_count', 'issue_code'])
    assert {(order['failure_count'], order['issue_code']) for order in orders} == {(0, False)}


# === THE SCHEDULER === #

REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON lazada_order FOR EACH ROW
        WHEN (NEW.shop_id = {0}) EXECUTE FUNCTION refuse();
    CREATE TRIGGER refuse BEFORE UPDATE ON lazada_flow FOR EACH ROW
        WHEN (NEW.shop_id = {0} AND NEW.failure_count > OLD.failure_count)
        EXECUTE FUNCTION refuse();
"""


def test_f58_a_failure_after_progress_is_no_hot_loop(stack, shops):
    """The others are served; of one neither the orders nor the failure can be written."""
    bad, *others = shops
    ids = {shop.site: shop.buy(sku=SKU) for shop in shops}
    stack.execute(REFUSE.format(bad.id))
    mark, seen = stack.sandbox.get('calls')['last'], len(stack.log)
    for shop in shops:
        shop.pull_again()
    wait_logged(stack, 'its failure could not be recorded', seen)
    for shop in others:
        wait_until(lambda shop=shop: shop.is_imported(ids[shop.site]))
    # Odoo repeats an action that says that work is left, or fails, for as long as that takes.
    wait_until(lambda: not stack.execute(
        "SELECT 1 FROM ir_cron_trigger WHERE call_at <= now() AT TIME ZONE 'UTC'"))
    assert count_calls(stack, mark, FETCH, bad) <= 2
    stack.execute("DROP FUNCTION refuse() CASCADE")
    stack.end_leases()
    stack.wait_done(lambda: bad.is_imported(ids[bad.site]))


def test_f59_an_upgrade_pauses_the_scheduled_actions_and_new_workers_go_on(stack, shops):
    shop = shops[0]
    stack.execute(
        "UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'lazada_connector'")
    mark, seen = stack.sandbox.get('calls')['last'], len(stack.log)
    ids = shop.buy(count=20, sku=SKU)
    shop.pull_again()
    wait_logged(stack, 'because of modules to install/upgrade/remove', seen)
    assert count_calls(stack, mark, FETCH) == 0
    stack.upgrade()
    stack.kill9_workers()
    stack.wait_done(lambda: shop.is_imported(ids))
