"""A market day: buyers in three shops and the merchant sell the same goods at the same time.

`Market` keeps the truth beside Odoo and the platform: how many pieces of a product are left after
everything that was accepted anywhere. What a listing offers beyond that is an excess, added up as
units × seconds.
"""
import random
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager

SITES = ('sg', 'my', 'ph')
CYCLE_SECONDS = 10      # from the beginning of one synchronisation to that of the next
RACE_SECONDS = 15       # a stock run every 10 s, and what it takes
PATHS = ('/orders/get', '/orders/items/get', '/product/stock/sellable/update')
FAULTS = (
    {'kind': 'http', 'status': 500}, {'kind': 'reset'}, {'kind': 'reset', 'after': True},
    {'kind': 'error', 'code': '901', 'message': 'The request is too frequent'},
    {'kind': 'error', 'code': 'SYS_ERROR', 'message': 'system error'},
    {'kind': 'delay', 'seconds': 1},
)


class Market:
    """Three shops, `products` products in one warehouse. `seed` decides what happens.

    race: how many seconds a sale may be unknown elsewhere; without it as long as cycles take here.
    Lazada sends its push messages, as it does to every shop that is set up by the guide.
    """

    def __init__(self, stack, seed, products=50, race=None):
        self.stack = stack
        self.race = race
        self.random = random.Random(seed)
        self.rpc, self.sandbox = stack.rpc, stack.sandbox
        self.skus = [f'MARKET-{number:03}' for number in range(products)]
        self.left = {}                          # sku -> pieces nobody has bought; truth
        self.changes = defaultdict(list)        # sku -> (moment, where, units sold)
        self.returned = defaultdict(list)       # sku -> (moment, shop, units of canceled orders)
        self.counts = Counter()
        self.violations = []
        self.excess = 0.0
        self.cycles = []                        # how many seconds each took
        self.sales, self.orders = [], []        # Odoo: (id, sku, units) · Lazada: (shop, id, …)
        self.lock = threading.Lock()

    # === SETTING UP === #

    def open(self):
        """Connect the shops, stock the warehouse, list everything and switch stock sync on."""
        self.warehouse = self._first('stock.warehouse', ['lot_stock_id', 'company_id'])
        self.annex = self.rpc['stock.warehouse'].create({'name': "Annex", 'code': 'ANNEX'})
        self.partner = self.rpc['res.partner'].create({'name': "Walk-in customer"})
        self.products = dict(zip(self.skus, self.rpc['product.product'].create([{
            'name': sku, 'default_code': sku, 'is_storable': True, 'taxes_id': False}
            for sku in self.skus]), strict=True))
        for sku in self.skus:
            self.left[sku] = 0
            self._receive(sku, self.random.randint(5, 30))
        self.shops = [self._connect(site) for site in SITES]
        self.shop_ids = [shop['id'] for shop in self.shops]
        self._subscribe()
        for shop in self.shops:
            for sku in self.skus:
                self.sandbox.post('listings', {
                    **shop['address'], 'seller_sku': sku, 'sellable': 0, 'price': '10.00'})
            self.rpc['lazada.shop'].action_sync_catalogue([shop['id']])
            self.stack.wait_until(
                lambda shop=shop: self._count_linked(shop) == len(self.skus),
                what=f"linking the listings of {shop['address']['site']}")
            self.rpc['lazada.shop'].action_mapping_report([shop['id']])
            self.rpc['lazada.shop'].write([shop['id']], {'stock_sync': True})
        self.settle()

    def _connect(self, site):
        shop = self.sandbox.post('shops', {'site': site, 'name': f"Market {site}"})
        app = self.sandbox.get('state')['apps'][0]
        token = self.sandbox.post('tokens', {'app_key': app['app_key'], 'account': shop['account']})
        account = self.rpc['lazada.account'].create({
            'name': f"Market {site}", 'environment': 'sandbox',
            'sandbox_url': self.stack.sandbox_url, 'app_key': app['app_key'],
            'app_secret': app['app_secret'], 'access_token': token['access_token'],
            'refresh_token': token['refresh_token']})
        shop_id = self.rpc['lazada.shop'].create({
            'name': f"Market {site}", 'account_id': account, 'site': site,
            'external_id': shop['seller_id'], 'warehouse_id': self.warehouse['id']})
        return {'id': shop_id, 'address': {'site': site, 'seller_id': shop['seller_id']}}

    def _subscribe(self):
        """Have push messages sent; the app's one address serves all three accounts."""
        [account] = self.rpc['lazada.account'].search_read(
            [('shop_ids', '=', self.shop_ids[0])], ['app_key', 'webhook_token'])
        self.sandbox.post('push', {
            'app_key': account['app_key'],
            'url': f"{self.stack.url}/lazada/webhook/{account['webhook_token']}"})

    def _count_linked(self, shop):
        return self.rpc['lazada.listing'].search_count([
            ('shop_id', '=', shop['id']), ('link_state', '=', 'linked'),
            ('seller_sku', 'in', self.skus)])

    def _first(self, model, fields):
        return self.rpc[model].search_read([], fields, limit=1)[0]

    # === A DAY === #

    def run(self, events, pause):
        """Let `events` random things happen, `pause` seconds apart on average.

        What was tried in vain, such as buying what is sold out, is no event.
        """
        with (self._in_background(self._watch, 0.25),
              self._in_background(self._synchronise, CYCLE_SECONDS)):
            happen = {
                self._buy: 50, self._sell: 20, self._cancel_lazada: 8, self._cancel_sale: 5,
                self._receive_some: 6, self._move_out: 3, self._deliver: 4, self._break: 4}
            while self.happened < events:
                event = self.random.choices(list(happen), list(happen.values()))[0]
                self.counts[event.__name__.strip('_')] += bool(event())
                time.sleep(self.random.expovariate(1 / pause) if pause else 0)
        self.sandbox.delete('faults')

    def _buy(self):
        shop, sku = self.random.choice(self.shops), self.random.choice(self.skus)
        units = self.random.choice((1, 1, 1, 2, 3))
        with self.lock:
            [answer] = self.sandbox.post('orders', {
                **shop['address'], 'seller_sku': sku, 'units': units})['orders']
            if 'error' in answer:
                self.counts['sold out'] += 1
                return False
            self._take(sku, units, shop['id'])
        self.orders.append((shop, answer['order_id'], sku, units))
        return True

    def _take(self, sku, units, where):
        """Note a sale; one that nobody can deliver must be explained by a race.

        With a sale elsewhere, or with Lazada itself, which offers the pieces of a canceled order
        again in the shop that had sold them, also those that an earlier race has left nobody.
        """
        self.left[sku] -= units
        now, race = time.monotonic(), self.race_seconds
        unknown = [moment for moment, other, _units in self.changes[sku] if other != where]
        unknown += [moment for moment, shop, _units in self.returned[sku] if shop == where]
        if self.left[sku] < 0 and not any(now - moment < race for moment in unknown):
            before = ", ".join(
                f"{count} {what} in {other} {now - moment:.0f} s before"
                for what, moves in (("sold", self.changes), ("canceled", self.returned))
                for moment, other, count in moves[sku][-5:])
            self.violations.append(
                f"{units} × {sku} sold in {where} with {self.left[sku]} left; {before}")
        self.changes[sku].append((now, where, units))

    def _sell(self):
        sku, units = self.random.choice(self.skus), self.random.choice((1, 1, 2, 4))
        if self.left[sku] < units:
            return False
        sale = self.rpc['sale.order'].create({
            'partner_id': self.partner, 'warehouse_id': self.warehouse['id'],
            'order_line': [(0, 0, {
                'product_id': self.products[sku], 'product_uom_qty': units})]})
        self.rpc['sale.order'].action_confirm([sale])
        with self.lock:
            self._take(sku, units, 'odoo')
        self.sales.append((sale, sku, units))
        return True

    def _cancel_sale(self):
        sale = self._pop(self.sales)
        if not sale:
            return False
        self.rpc['sale.order'].action_cancel([sale[0]])
        self._give_back(sale[1], sale[2])
        return True

    def _cancel_lazada(self):
        order = self._pop(self.orders)
        if not order:
            return False
        shop, order_id, sku, units = order
        address = shop['address']
        with self.lock:
            self.sandbox.post(
                f"orders/{address['site']}/{address['seller_id']}/{order_id}/status",
                {'status': 'canceled'})
            self.left[sku] += units
            self.returned[sku].append((time.monotonic(), shop['id'], units))
        return True

    def _deliver(self):
        sale = self._pop(self.sales)
        if not sale:
            return False
        pickings = self.rpc['stock.picking'].search([
            ('sale_id', '=', sale[0]), ('state', '=', 'assigned')])
        if not pickings:
            self.sales.append(sale)
            return False
        self.rpc['stock.picking'].button_validate(pickings)
        return True

    def _receive_some(self):
        self._receive(self.random.choice(self.skus), self.random.randint(3, 15))
        return True

    def _receive(self, sku, units):
        suppliers = self.rpc.ref('stock.stock_location_suppliers')
        self._transfer(sku, units, suppliers, self.warehouse['lot_stock_id'][0], 'incoming')
        self._give_back(sku, units)

    def _move_out(self):
        sku, units = self.random.choice(self.skus), self.random.randint(1, 4)
        if self.left[sku] < units:
            return False
        [annex] = self.rpc['stock.warehouse'].read([self.annex], ['lot_stock_id'])
        if not self._transfer(sku, units, self.warehouse['lot_stock_id'][0],
                              annex['lot_stock_id'][0], 'internal'):
            return False
        with self.lock:
            self._take(sku, units, 'odoo')
        return True

    def _transfer(self, sku, units, source, target, code):
        """Move goods at once; False, and nothing moved, when they are promised to others."""
        [picking_type] = self.rpc['stock.picking.type'].search([
            ('code', '=', code), ('warehouse_id', '=', self.warehouse['id'])], limit=1)
        picking = self.rpc['stock.picking'].create({
            'picking_type_id': picking_type, 'location_id': source, 'location_dest_id': target,
            'move_ids': [(0, 0, {
                'product_id': self.products[sku], 'product_uom_qty': units,
                'location_id': source, 'location_dest_id': target})]})
        self.rpc['stock.picking'].action_confirm([picking])
        self.rpc['stock.picking'].action_assign([picking])
        [state] = self.rpc['stock.picking'].read([picking], ['state'])
        if state['state'] != 'assigned':
            self.rpc['stock.picking'].action_cancel([picking])
            return False
        self.rpc['stock.picking'].button_validate([picking])
        return True

    def _give_back(self, sku, units):
        with self.lock:
            self.left[sku] += units

    def _break(self):
        self.sandbox.post('faults', {
            'path': self.random.choice(PATHS), 'times': self.random.choice((1, 1, 2, 4)),
            **self.random.choice(FAULTS)})
        return True

    def _pop(self, things):
        return things.pop(self.random.randrange(len(things))) if things else None

    # === WATCHING === #

    @contextmanager
    def _in_background(self, work, every):
        stop, errors = threading.Event(), []

        def repeat():
            rpc, due = self.stack.rpc, time.monotonic() + every
            while not stop.wait(max(due - time.monotonic(), 0)):
                due = time.monotonic() + every
                try:
                    work(rpc)
                except Exception as error:      # told by the test, not by a thread's traceback
                    errors.append(error)
                    return

        thread = threading.Thread(target=repeat, daemon=True)
        self._watched_at = time.monotonic()
        thread.start()
        yield
        stop.set()
        thread.join(60)
        assert not errors, errors

    def _synchronise(self, rpc):
        began_at = time.monotonic()
        rpc['lazada.shop'].action_sync_orders(self.shop_ids)
        rpc['lazada.shop'].action_sync_inventory(self.shop_ids)
        self.cycles.append(time.monotonic() - began_at)

    @property
    def happened(self):
        """The number of events so far."""
        return self.counts.total() - self.counts['sold out']

    @property
    def race_seconds(self):
        """How long a sale may be unknown elsewhere: longer where a cycle takes longer."""
        if self.race:
            return self.race
        longest = max(self.cycles[-10:], default=0)
        return max(RACE_SECONDS, 1.25 * (CYCLE_SECONDS + longest))

    def _watch(self, _rpc):
        with self.lock:
            beyond = sum(
                max(offered - max(self.left[sku], 0), 0)
                for _shop, sku, offered in self._read_offers())
            now = time.monotonic()
            self.excess += beyond * (now - self._watched_at)
            self._watched_at = now

    def _read_offers(self):
        for shop in self.shops:
            for listing in self.sandbox.get('listings', **shop['address'])['listings']:
                if listing['seller_sku'] in self.left:
                    yield shop, listing['seller_sku'], listing['sellable']

    def allowed(self, race_seconds=RACE_SECONDS):
        """Unit-seconds that races account for: each unit sold, for every listing elsewhere."""
        return race_seconds * sum(
            sold * (len(SITES) - (where != 'odoo')) for where, sold in self._get_sales())

    def allowed_for_odoo(self):
        """The same, strictly: 15 seconds for each unit that was sold in Odoo, and no more."""
        return RACE_SECONDS * sum(sold for where, sold in self._get_sales() if where == 'odoo')

    def _get_sales(self):
        return [(where, sold) for changes in self.changes.values()
                for _moment, where, sold in changes]

    # === THE END === #

    def settle(self):
        """Wait until Odoo and the platform agree on every listing; tell what differs if not."""
        try:
            self.stack.wait_until(
                self._agrees, timeout=300, every=1, what="agreement on every listing")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._tell_state()}") from error

    def _agrees(self):
        self._synchronise(self.rpc)
        waiting = self.rpc['lazada.order'].search_count(
            [('shop_id', 'in', self.shop_ids), ('sync_state', '=', 'todo')])
        return not waiting and not self.differences()

    def _tell_state(self):
        """What a person would look at: what differs, the flows, orders and listings at fault."""
        mine = [('shop_id', 'in', self.shop_ids)]
        differences = self.differences()
        products = [self.products[sku] for sku in {sku for _shop, sku, *_rest in differences}]
        return '\n'.join(map(str, [
            "(shop, SKU, left, offered, last sent):", *differences,
            *self.rpc['stock.quant'].search_read(
                [('product_id', 'in', products), ('location_id.usage', '=', 'internal')],
                ['product_id', 'location_id', 'quantity', 'reserved_quantity']),
            *self.rpc['stock.move'].search_read(
                [('product_id', 'in', products), ('state', 'not in', ('done', 'cancel'))],
                ['product_id', 'state', 'origin', 'product_uom_qty', 'quantity', 'picking_id']),
            *self.rpc['lazada.order.item'].search_read(
                [*mine, ('product_id', 'in', products), ('status', '=', 'to_pack')],
                ['order_id', 'seller_sku', 'raw_status', 'sale_line_id']),
            *self.rpc['lazada.flow'].search_read(mine, [
                'shop_id', 'name', 'due_at', 'running_until', 'failure_count', 'error_message']),
            *self.rpc['lazada.order'].search_read(
                [*mine, ('sync_state', 'in', ('todo', 'attention'))],
                ['external_id', 'sync_state', 'issue_key', 'items_state']),
            *self.rpc['lazada.listing'].search_read(
                [*mine, ('push_state', 'not in', ('done', False))],
                ['seller_sku', 'available_qty', 'offer_qty', 'lazada_qty', 'push_state',
                 'push_message', 'push_retry_at']),
        ]))

    def differences(self):
        """Return the listings on which the truth, the platform and Odoo are not one."""
        known = {(row['shop_id'][0], row['seller_sku']): row['last_pushed_qty']
                 for row in self.rpc['lazada.listing'].search_read(
                     [('shop_id', 'in', self.shop_ids), ('seller_sku', 'in', self.skus)],
                     ['shop_id', 'seller_sku', 'last_pushed_qty'])}
        return [
            (shop['id'], sku, max(self.left[sku], 0), offered, known[shop['id'], sku])
            for shop, sku, offered in self._read_offers()
            if not max(self.left[sku], 0) == offered == known[shop['id'], sku]]

    def missing(self):
        """Pieces that were sold and are not there, and those that Odoo tells somebody about."""
        told = self.rpc['lazada.order'].search_read(
            [('shop_id', 'in', self.shop_ids), ('oversold_qty', '>', 0)], ['oversold_qty'])
        return (sum(-min(left, 0) for left in self.left.values()),
                sum(order['oversold_qty'] for order in told))
