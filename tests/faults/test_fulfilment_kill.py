"""kill -9 between Lazada's answer and the commit: the platform counts each write once."""
import pytest

from tests.harness.waiting import wait_until

PACK, RTS = '/order/fulfill/pack', '/order/package/rts'
LEASE_SECONDS = 240     # the lease of the killed turn has to expire first


@pytest.fixture(scope='module')
def world(connected_stack):
    return World(connected_stack)


class World:
    """One order of the Singapore shop, on both sides, and a server that dies."""

    def __init__(self, stack):
        self.stack = stack
        self.sandbox = stack.sandbox
        [self.shop] = stack.rpc['lazada.shop'].search_read([('site', '=', 'sg')], ['external_id'])
        self.where = {'site': 'sg', 'seller_id': self.shop['external_id']}
        answer = self.sandbox.post('orders', {**self.where, 'count': 1, 'units': 2,
                                              'status': 'pending'})
        self.order_id = answer['orders'][0]['order_id']
        stack.rpc['lazada.shop'].action_sync_orders([self.shop['id']])
        [self.picking_id] = wait_until(lambda: stack.rpc['stock.picking'].search(
            [('sale_id.client_order_ref', '=', self.order_id)]))

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
