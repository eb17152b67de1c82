"""How long the buttons of packing and printing keep a person waiting while Lazada is slow.

Lazada takes three seconds for every call of fulfilment; the buttons must not wait for it. Measured
is the request behind the button, as the browser sends it, for a day's two hundred deliveries; what
comes out of the printer is read page by page.
"""
import io
import time

import pypdf

from tests.harness.shops import make_shelves
from tests.harness.waiting import wait_until
from tools.odoo_client import Session

from .figures import Figure

LAZADA_SECONDS = 3
BOUND_SECONDS = 2
ORDERS = 200
CALLS = 10      # of twenty orders each
SKUS = ('BENCH-A', 'BENCH-B')
PACK, RTS, LABEL = '/order/fulfill/pack', '/order/package/rts', '/order/package/document/get'


def measure(ground):
    with ground.stack('demo') as stack:
        stack.connect()
        one, *many = Warehouse.fill(stack, ORDERS + 1)
        warehouse = Warehouse(stack, many)
        warehouse.slow_down(PACK, RTS, LABEL)
        figures = [
            warehouse.press("Pack, one delivery", 'action_lazada_pack', [one]),
            *warehouse.pack_all(),
            warehouse.press("Print labels that are on their way", 'action_lazada_print_labels',
                            many),
        ]
        warehouse.slow_down(PACK, RTS)      # or two hundred labels would take ten minutes
        wait_until(warehouse.has_labels, timeout=600)
        figures += [
            warehouse.press("Print one label", 'action_lazada_print_labels', many[:1]),
            *warehouse.print_all('location'),
            *warehouse.print_all('order'),
            Figure("labels attached to their deliveries", warehouse.count_labels(), '',
                   bound=-ORDERS),
            warehouse.press("Validate, one delivery", 'button_validate', [one]),
        ]
    return figures


class Warehouse:
    """Deliveries of the Singapore shop of the demo, and a person who presses buttons."""

    def __init__(self, stack, picking_ids):
        self.stack, self.rpc, self.picking_ids = stack, stack.rpc, picking_ids
        self.session = Session(stack.url, stack.database, 'admin', 'admin')

    @staticmethod
    def fill(stack, count):
        """Sell so many orders, of two products by turns; their deliveries."""
        make_shelves(stack, 'sg', SKUS)
        [shop] = stack.rpc['lazada.shop'].search_read([('site', '=', 'sg')], ['external_id'])
        order_ids = []
        for number in range(count):
            answer = stack.sandbox.post('orders', {
                'site': 'sg', 'seller_id': shop['external_id'], 'count': 1, 'units': 1,
                'status': 'pending', 'seller_sku': SKUS[number % len(SKUS)]})
            order_ids += [order['order_id'] for order in answer['orders']]
        stack.rpc['lazada.shop'].action_sync_orders([shop['id']])
        domain = [('sale_id.client_order_ref', 'in', order_ids), ('state', '=', 'assigned')]
        wait_until(lambda: stack.rpc['stock.picking'].search_count(domain) == count, timeout=300)
        return stack.rpc['stock.picking'].search(domain)

    def slow_down(self, *paths):
        self.stack.sandbox.delete('faults')
        for path in paths:
            self.stack.sandbox.post('faults', {
                'path': path, 'kind': 'delay', 'times': 0, 'seconds': LAZADA_SECONDS})

    def press(self, name, button, ids, model='stock.picking', before=None):
        started = time.perf_counter()
        if before:
            before()
        self.session.call(model, button, ids=ids)
        seconds = time.perf_counter() - started
        return Figure(f"{name}: the screen waits", seconds, 's', bound=BOUND_SECONDS)

    def pack_all(self):
        """Select all and pack; afterwards, how often Lazada was asked for it."""
        wait_until(lambda: self.count_calls(0, PACK), timeout=60)   # the one before is through
        mark = self.stack.sandbox.get('calls')['last']
        figure = self.press(
            f"Pack, {len(self.picking_ids)} deliveries", 'action_lazada_pack', self.picking_ids)
        wait_until(self.is_packed, timeout=600)
        return [figure, Figure(f"calls to pack {len(self.picking_ids)} deliveries",
                               self.count_calls(mark, PACK), 'calls', bound=CALLS)]

    def print_all(self, order_by):
        """The dialogue's own button for the file of all labels, and what stands in that file."""
        action = self.session.call(
            'stock.picking', 'action_lazada_print_labels', ids=self.picking_ids)
        model, wizard = action['res_model'], [action['res_id']]

        def choose():
            self.session.call(model, 'web_save', ids=wizard, vals_list={'order_by': order_by},
                              specification={})

        name = f"Print {len(self.picking_ids)} labels by {order_by}"
        figure = self.press(name, 'action_print', wizard, model=model, before=choose)
        file = self.session.download(f'/web/content/{model}/{wizard[0]}/file/labels.pdf')
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file)).pages]
        numbers = self.get_numbers(order_by)
        right = sum(number in page for number, page in zip(numbers, pages, strict=True))
        return [figure, Figure(f"pages in their place, by {order_by}", right, 'pages',
                               bound=-len(numbers))]

    def get_numbers(self, order_by):
        """The tracking numbers in the order in which their labels should come."""
        pickings = self.rpc['stock.picking'].read(
            self.picking_ids, ['carrier_tracking_ref', 'lazada_order_number', 'move_line_ids'])
        if order_by == 'order':
            pickings.sort(key=lambda picking: picking['lazada_order_number'])
        else:
            lines = {line['id']: line for line in self.rpc['stock.move.line'].read(
                [each for picking in pickings for each in picking['move_line_ids']],
                ['location_id', 'product_id'])}
            pickings.sort(key=lambda picking: (*(
                lines[picking['move_line_ids'][0]][name][1]
                for name in ('location_id', 'product_id')), picking['id']))
        return [picking['carrier_tracking_ref'] for picking in pickings]

    def count_calls(self, mark, path):
        return len([call for call in self.stack.sandbox.get('calls', since=mark)['calls']
                    if call['path'] == path])

    def is_packed(self):
        return not self.rpc['stock.picking'].search_count([
            ('id', 'in', self.picking_ids), ('lazada_push_state', '!=', 'done')])

    def has_labels(self):
        return self.rpc['lazada.package'].search_count([
            ('picking_ids', 'in', self.picking_ids), ('label_state', '=', 'ready'),
        ]) == len(self.picking_ids)

    def count_labels(self):
        """Deliveries with exactly one PDF."""
        files = self.rpc['ir.attachment'].search_read([
            ('res_model', '=', 'stock.picking'), ('res_id', 'in', self.picking_ids),
            ('mimetype', '=', 'application/pdf')], ['res_id'])
        owners = [file['res_id'] for file in files]
        return sum(owners.count(picking_id) == 1 for picking_id in self.picking_ids)
