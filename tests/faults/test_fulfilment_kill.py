"""A write while the server is killed, or while two people press the same button: the platform
counts each once."""
import threading
from contextlib import contextmanager
from xmlrpc.client import Fault

import pytest

from tests.harness.waiting import wait_until

PACK, RTS, REPACK = '/order/fulfill/pack', '/order/package/rts', '/order/package/repack'
TOO_LATE = "The status of this package does not allow that."
LEASE_SECONDS = 240     # the lease of the killed turn has to expire first


@pytest.fixture(scope='module')
def world(connected_stack):
    return World(connected_stack)


class World:
    """An order of the Singapore shop, on both sides, and a server that dies."""

    def __init__(self, stack):
        self.stack = stack
        self.sandbox = stack.sandbox
        [self.shop] = stack.rpc['lazada.shop'].search_read([('site', '=', 'sg')], ['external_id'])
        self.where = {'site': 'sg', 'seller_id': self.shop['external_id']}
        self.take_order()

    def take_order(self):
        """From now on this is about a new order."""
        answer = self.sandbox.post('orders', {**self.where, 'count': 1, 'units': 2,
                                              'status': 'pending'})
        self.order_id = answer['orders'][0]['order_id']
        self.rpc['lazada.shop'].action_sync_orders([self.shop['id']])
        [self.picking_id] = wait_until(lambda: self.rpc['stock.picking'].search(
            [('sale_id.client_order_ref', '=', self.order_id)]))

    def take_packed_order(self):
        """The same, and it is packed; returns the id of the package in Odoo."""
        self.take_order()
        self.rpc['stock.picking'].action_lazada_pack([self.picking_id])
        self.wait_done('pack')
        [package_id] = self.rpc['lazada.package'].search(
            [('picking_ids', '=', self.picking_id)])
        return package_id

    @property
    def rpc(self):
        return self.stack.rpc

    def die_in(self, path, ask):
        """Let the platform apply the call but answer late; kill the server in between."""
        mark = self.sandbox.get('calls')['last']
        self.sandbox.post('faults', {'path': path, 'kind': 'delay', 'seconds': 8, 'after': True})
        ask()
        wait_until(lambda: any(
            fault['hits'] for fault in self.sandbox.get('faults')['faults']))
        self.stack.kill9()
        self.sandbox.delete('faults')
        self.stack.start_server()
        return mark

    def count_calls(self, mark, path):
        return len([call for call in self.sandbox.get('calls', since=mark)['calls']
                    if call['path'] == path])

    def package(self):
        [package] = self.sandbox.get(
            'packages', **self.where, order_id=self.order_id)['packages']
        return package

    def read(self, *names):
        [values] = self.rpc['stock.picking'].read([self.picking_id], list(names))
        return values

    def commands(self, kind):
        return self.rpc['lazada.command'].search_read(
            [('picking_id', '=', self.picking_id), ('kind', '=', kind)], ['state'])

    def wait_done(self, kind):
        wait_until(lambda: [each['state'] for each in self.commands(kind)] == ['done'],
                   timeout=LEASE_SECONDS, what=f"the end of {kind}: {self.commands(kind)}")

    def applied(self):
        return self.package()['applied']

    @contextmanager
    def writes_held(self, waiting):
        """Nobody gets a command written before the end of the block, which comes when that many
        transactions wait for it: then all of them have seen that nothing was asked for yet."""
        server, database = self.stack.ground.server, self.stack.database
        with server.cursor(database) as holder, server.cursor(database) as watcher:
            holder.execute("BEGIN")
            holder.execute("LOCK TABLE lazada_command_line IN SHARE MODE")
            yield
            wait_until(lambda: _count_waiting(watcher) == waiting,
                       what=f"{waiting} waiting transactions")
            holder.execute("COMMIT")

    def press_together(self, model, button, record_id):
        """Two people press the same button, each in a transaction that does not see the other.

        Returns what was logged meanwhile. The second may be told that it has been done already.
        """
        read, errors = len(self.stack.log), []

        def press(rpc):
            try:
                getattr(rpc[model], button)([record_id])
            except Fault as fault:
                if TOO_LATE not in fault.faultString:
                    errors.append(fault)

        people = [threading.Thread(target=press, args=[self.rpc]) for _each in range(2)]
        with self.writes_held(len(people)):
            for person in people:
                person.start()
        for person in people:
            person.join()
        assert not errors, errors
        return self.stack.log[read:]


def _count_waiting(cursor):
    cursor.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted "
        "AND relation = 'lazada_command_line'::regclass "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
    return cursor.fetchone()[0]


def test_f54_killed_after_the_packing(world):
    mark = world.die_in(
        PACK, lambda: world.rpc['stock.picking'].action_lazada_pack([world.picking_id]))
    assert world.package()['applied']['pack'] == 1
    wait_until(lambda: [each['state'] for each in world.commands('pack')] == ['done'],
               timeout=LEASE_SECONDS)
    assert world.count_calls(mark, PACK) == 1
    assert world.package()['applied']['pack'] == 1
    values = world.read('carrier_tracking_ref', 'lazada_package_status', 'lazada_push_state')
    assert values['carrier_tracking_ref'] == world.package()['tracking_number']
    assert values['lazada_package_status'] == 'shipment_arranged'
    assert values['lazada_push_state'] == 'done'
    wait_until(lambda: world.rpc['ir.attachment'].search_count([
        ('res_model', '=', 'stock.picking'), ('res_id', '=', world.picking_id)]) == 1)


def test_killed_after_ready_to_ship(world):
    mark = world.die_in(
        RTS, lambda: world.rpc['stock.picking'].button_validate([world.picking_id]))
    wait_until(lambda: [each['state'] for each in world.commands('rts')] == ['done'],
               timeout=LEASE_SECONDS)
    assert world.count_calls(mark, RTS) == 1
    assert world.package()['applied'] == {'pack': 1, 'rts': 1, 'repack': 0}
    assert not world.stack.warnings(), world.stack.warnings()


def test_killed_after_the_undoing(world):
    package_id = world.take_packed_order()
    mark = world.die_in(REPACK, lambda: world.rpc['lazada.package'].action_repack([package_id]))
    world.stack.end_leases()
    world.wait_done('repack')
    assert world.count_calls(mark, REPACK) == 1
    assert world.applied() == {'pack': 1, 'rts': 0, 'repack': 1}
    [package] = world.rpc['lazada.package'].read([package_id], ['status', 'label_state'])
    assert package['status'] == 'cancelled'
    assert world.read('lazada_package_status')['lazada_package_status'] == 'pending'
    assert not world.stack.warnings(), world.stack.warnings()


# === TWO PEOPLE AT ONCE === #
# Both transactions begin before either is through. The database lets one write the command; the
# other cannot see it, fails to serialize, and is repeated by Odoo as a whole.

def press_together(world, model, button, record_id, kind, path):
    """Two people press a button at the same moment: one call, whoever comes second."""
    mark = world.sandbox.get('calls')['last']
    log = world.press_together(model, button, record_id)
    assert 'SERIALIZATION_FAILURE' in log, "they did not meet"
    world.wait_done(kind)
    assert world.count_calls(mark, path) == 1
    return world.applied()


def test_two_people_pack_at_once(world):
    world.take_order()
    assert press_together(
        world, 'stock.picking', 'action_lazada_pack', world.picking_id, 'pack', PACK,
    ) == {'pack': 1, 'rts': 0, 'repack': 0}


def test_two_people_undo_at_once(world):
    package_id = world.take_packed_order()
    assert press_together(
        world, 'lazada.package', 'action_repack', package_id, 'repack', REPACK,
    ) == {'pack': 1, 'rts': 0, 'repack': 1}


def test_two_people_report_ready_to_ship_at_once(world):
    package_id = world.take_packed_order()
    assert press_together(
        world, 'lazada.package', 'action_ready_to_ship', package_id, 'rts', RTS,
    ) == {'pack': 1, 'rts': 1, 'repack': 0}
