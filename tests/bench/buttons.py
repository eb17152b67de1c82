"""How long the buttons of packing and printing keep a person waiting while Lazada is slow.

Lazada takes three seconds for every call of fulfilment; the buttons must not wait for it. Measured
is the request behind the button, as the browser sends it.
"""
import time

from tests.harness.waiting import wait_until
from tools.odoo_client import Session

from .figures import Figure

LAZADA_SECONDS = 3
BOUND_SECONDS = 2
ORDERS = 20
PACK, RTS, LABEL = '/order/fulfill/pack', '/order/package/rts', '/order/package/document/get'


def measure(ground):
    with ground.stack('demo') as stack:
        stack.connect()
        warehouse = Warehouse(stack, ORDERS)
        for path in (PACK, RTS, LABEL):
            stack.sandbox.post('faults', {
                'path': path, 'kind': 'delay', 'times': 0, 'seconds': LAZADA_SECONDS})
        one, *others = warehouse.picking_ids
        figures = [
            warehouse.press("Pack, one delivery", 'action_lazada_pack', [one]),
            warehouse.press(f"Pack, {len(others)} deliveries", 'action_lazada_pack', others),
            warehouse.press("Print labels that are on their way", 'action_lazada_print_labels',
                            warehouse.picking_ids),
        ]
        wait_until(warehouse.has_labels, timeout=600)
        figures += [
            warehouse.press("Print one label", 'action_lazada_print_labels', [one]),
            warehouse.print_all(),
            warehouse.press("Validate, one delivery", 'button_validate', [one]),
        ]
    return figures


class Warehouse:
    """Confirmed orders of the Singapore shop of the demo, and a person who presses buttons."""

    def __init__(self, stack, count):
        self.stack, self.rpc = stack, stack.rpc
        self.session = Session(stack.url, stack.database, 'admin', 'admin')
        [shop] = self.rpc['lazada.shop'].search_read([('site', '=', 'sg')], ['external_id'])
        answer = stack.sandbox.post('orders', {
            'site': 'sg', 'seller_id': shop['external_id'], 'count': count, 'units': 1,
            'status': 'pending', 'seller_sku': 'LZ-BAG-TOTE'})
        order_ids = [order['order_id'] for order in answer['orders']]
        self.rpc['lazada.shop'].action_sync_orders([shop['id']])
        domain = [('sale_id.client_order_ref', 'in', order_ids)]
        wait_until(lambda: self.rpc['stock.picking'].search_count(domain) == count, timeout=300)
        self.picking_ids = self.rpc['stock.picking'].search(domain)

    def press(self, name, button, ids, model='stock.picking'):
        started = time.perf_counter()
        self.session.call(model, button, ids=ids)
        seconds = time.perf_counter() - started
        return Figure(f"{name}: the screen waits", seconds, 's', bound=BOUND_SECONDS)

    def print_all(self):
        """The dialogue's own button: the file of all labels, without its download."""
        action = self.session.call(
            'stock.picking', 'action_lazada_print_labels', ids=self.picking_ids)
        return self.press(f"Print {len(self.picking_ids)} labels", 'action_print',
                          [action['res_id']], model=action['res_model'])

    def has_labels(self):
        return self.rpc['lazada.package'].search_count([
            ('picking_ids', 'in', self.picking_ids), ('label_state', '=', 'ready'),
        ]) == len(self.picking_ids)
