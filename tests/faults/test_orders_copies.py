"""F63 and F64: a database that is yesterday's, and a copy that must keep quiet."""

import xmlrpc.client
from datetime import timedelta

import pytest

from tests.harness.running import RunningStack
from tests.harness.shops import attach, make_goods

from .conftest import SKU

PACK, RTS = '/order/fulfill/pack', '/order/package/rts'
WRITES = {PACK, RTS, '/order/package/repack', '/product/stock/sellable/update'}
DAY = timedelta(minutes=20)     # long enough for the reconciliation to expect what was in it
CRONS = ('fetch_orders', 'import_orders', 'fulfilment', 'stock', 'catalogue', 'health',
         'reconcile', 'backfill')


@pytest.fixture(scope='module')
def shop(stack, start):
    """A shop in which a day passes: the platform's clock goes behind ours until its end."""
    stack.sandbox.post('clock', {'advance': -DAY.total_seconds()})
    make_goods(stack, 'sg', SKU)
    shop = attach(stack, 'sg', start - DAY)
    stack.wait_done(shop.is_idle)
    return shop


def import_one(stack, shop):
    [order_id] = shop.buy(sku=SKU)
    shop.sync()
    stack.wait_done(lambda: shop.is_imported([order_id]))
    return order_id


def get_picking(shop, order_id):
    [picking] = shop.rpc['stock.picking'].search_read(
        [('sale_id.client_order_ref', '=', order_id)],
        ['carrier_tracking_ref', 'lazada_package_status'])
    return picking


def pack(stack, shop, order_id):
    shop.rpc['stock.picking'].action_lazada_pack([get_picking(shop, order_id)['id']])
    stack.wait_done(lambda: get_picking(shop, order_id)['carrier_tracking_ref'])


def get_applied(stack, order_id):
    return [package['applied'] for package in stack.sandbox.get(
        'packages', order_id=order_id)['packages']]


def get_paths(stack, mark):
    return {call['path'] for call in stack.sandbox.get('calls', since=mark)['calls']}


def end_the_day(stack):
    """Let the platform's clock show our time again, if nobody did yet."""
    stack.sandbox.post('clock', {'advance': -stack.sandbox.get('state')['clock']['advance']})


def test_f63_a_restored_backup_gets_its_day_back_and_sends_nothing_twice(stack, shop, start):
    databases = stack.ground.databases
    old = import_one(stack, shop)
    stack.stop_server()
    with stack.ground.database_name() as backup:
        databases.copy(stack.database, backup)
        stack.start_server()
        new = import_one(stack, shop)
        for order_id in (old, new):
            pack(stack, shop, order_id)
        shop.rpc['stock.picking'].button_validate([get_picking(shop, old)['id']])
        stack.wait_done(lambda: get_applied(stack, old) == [{'pack': 1, 'rts': 1, 'repack': 0}])
        stack.stop_server()
        databases.drop(stack.database)
        databases.rename(backup, stack.database)
    stack.sandbox.post('clock', {'advance': DAY.total_seconds()})
    # Not the pull, the comparison alone has to find the day.
    stack.execute("UPDATE lazada_flow SET cursor_at = now() AT TIME ZONE 'UTC' "
                  "WHERE name = 'fetch_orders'")
    stack.execute("UPDATE lazada_flow SET due_at = CASE name WHEN 'reconcile' THEN "
                  "now() AT TIME ZONE 'UTC' ELSE now() AT TIME ZONE 'UTC' + interval '1 hour' END")
    mark = stack.sandbox.get('calls')['last']
    stack.start_server()
    assert not shop.count_orders(('external_id', '=', new)), "the backup is of the day before"
    stack.rpc.run_cron('lazada_connector.cron_reconcile')
    stack.wait_done(lambda: shop.is_imported([old, new]))
    for order_id in (old, new):
        assert get_picking(shop, order_id)['lazada_package_status'] == 'shipment_arranged'
        shop.rpc['stock.picking'].action_lazada_pack([get_picking(shop, order_id)['id']])
    shop.rpc['stock.picking'].button_validate([get_picking(shop, old)['id']])
    for _run in range(2):
        shop.sync()
        stack.rpc.run_cron('lazada_connector.cron_fulfilment')
    stack.wait_done(shop.is_idle)
    assert not get_paths(stack, mark) & WRITES
    assert [applied['pack'] for applied in get_applied(stack, new)] == [1]
    stack.check_invariants(since=start - DAY)


def test_f64_a_neutralized_copy_calls_nobody(stack, shop, start):
    order_id = import_one(stack, shop)
    picking_id = get_picking(shop, order_id)['id']
    stack.stop_server()
    with stack.ground.database_name() as name:
        stack.ground.databases.copy(stack.database, name)
        stack.ground.odoo.neutralize(name, log=stack.ground.databases.log)
        copy = RunningStack(stack.ground, name)
        copy.sandbox_port = stack.sandbox_port
        mark = stack.sandbox.get('calls')['last']
        shop.buy(sku=SKU)
        try:
            copy.start_server()
            try_everything(copy, shop, picking_id)
        finally:
            copy.stop_server()
    assert get_paths(stack, mark) == set()
    stack.start_server()
    end_the_day(stack)
    for _run in range(2):
        shop.sync()
        stack.wait_done(shop.is_idle)
    stack.check_invariants(since=start - DAY)


def try_everything(copy, shop, picking_id):
    rpc = copy.rpc
    copy.execute("UPDATE lazada_flow SET due_at = now() AT TIME ZONE 'UTC'")
    for cron in CRONS:
        rpc.run_cron(f'lazada_connector.cron_{cron}')
    for model, button, record in (
            ('lazada.shop', 'action_sync_orders', shop.id),
            ('lazada.shop', 'action_sync_catalogue', shop.id),
            ('lazada.account', 'action_test_connection', shop.account_id)):
        with pytest.raises(xmlrpc.client.Fault):
            rpc[model].__getattr__(button)([record])
    rpc['stock.picking'].action_lazada_pack([picking_id])
    rpc['stock.picking'].button_validate([picking_id])
    rpc.run_cron('lazada_connector.cron_fulfilment')
