"""The measuring side of `import_orders`: runs inside an Odoo process with an `env`."""
import random
import statistics
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

import psutil

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.models import lazada_flow
from odoo.addons.lazada_connector.models.flow_run import CONCURRENCY_ERRORS, FlowRun

from lazada_sandbox.platform import Platform
from lazada_sandbox.server import SandboxServer
from tests.harness.clients import SandboxControl

SKUS = [f'BENCH-{number:03}' for number in range(200)]
HOT = SKUS[:5]
BATCH = 20


@contextmanager
def platform():
    server = SandboxServer(Platform(1))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield SandboxControl(server.url)
    finally:
        server.shutdown()
        server.server_close()


class Bench:
    """A connected shop with 200 products; orders of two of them each."""

    def __init__(self, env, sandbox, site='th'):
        self.env, self.sandbox, self.random = env, sandbox, random.Random(1)
        state = sandbox.get('state')
        self.seller = next(shop for shop in state['shops'] if shop['site'] == site)
        self.products = self._ensure_products()
        self.shop = self._connect(state)
        for sku in SKUS:
            sandbox.post('listings', {**self.address, 'seller_sku': sku, 'sellable': 1_000_000,
                                      'price': '19.99'})
        self.env.cr.commit()
        self.run('catalogue')

    @property
    def address(self):
        return {'site': self.seller['site'], 'seller_id': self.seller['seller_id']}

    def _ensure_products(self):
        products = self.env['product.product'].search([('default_code', 'in', SKUS)])
        if not products:
            products = self.env['product.product'].create([
                {'name': sku, 'default_code': sku, 'is_storable': True, 'taxes_id': False}
                for sku in SKUS])
            warehouse = self.env['lazada.shop']._get_warehouse(self.env.company)
            for product in products:
                self.env['stock.quant']._update_available_quantity(
                    product, warehouse.lot_stock_id, 1_000_000)
        return products

    def _connect(self, state):
        login = next(account for account in state['accounts']
                     if self.seller['seller_id'] in account['seller_ids'])
        app = state['apps'][0]
        token = self.sandbox.post(
            'tokens', {'app_key': app['app_key'], 'account': login['login']})
        account = self.env['lazada.account'].create({
            'name': "Bench", 'environment': 'sandbox', 'sandbox_url': self.sandbox.url,
            'app_key': app['app_key'], 'app_secret': app['app_secret'],
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        return self.env['lazada.shop'].create({
            'name': f"Bench {self.seller['site']}", 'account_id': account.id,
            'site': self.seller['site'], 'external_id': self.seller['seller_id'],
            'last_order_sync': self.env.cr.now().replace(microsecond=0)})

    def place(self, count, skus=SKUS, units=2):
        for _number in range(count):
            chosen = self.random.sample(skus, 2)
            answer = self.sandbox.post('orders', {
                **self.address, 'status': 'pending',
                'items': [{'seller_sku': chosen[unit % 2]} for unit in range(units)]})
            assert 'order_id' in answer['orders'][0], answer

    def run(self, name):
        flow = self.shop._get_flow(name)
        while True:
            assert flow._run_flow(30), "the flow is busy"
            flow.invalidate_recordset()
            if flow.due_at > self.env.cr.now():
                return

    def import_orders(self, count, settled=False, **values):
        """Place orders, then time fetch and import. Return (seconds, SQL statements).

        :param settled: let them get older first: units read as soon as they were sold are read
            once more by the next run, which would be charged for them
        """
        self.place(count, **values)
        if settled:
            time.sleep(const.SAME_SECOND_MARGIN + 1)
        before = self.env.cr.sql_log_count
        start = time.perf_counter()
        self.run('fetch_orders')
        self.run('import_orders')
        seconds = time.perf_counter() - start
        return seconds, self.env.cr.sql_log_count - before

    def plain(self, count, batch=BATCH):
        """Odoo alone: customers, orders, confirmation. Return seconds."""
        start = time.perf_counter()
        for first in range(0, count, batch):
            partners = self.env['res.partner'].create([{
                'name': f"Buyer {first + number}", 'street': "1 Road", 'city': "Bangkok",
                'phone': '66812345678', 'zip': '10110', 'country_id': self.env.ref('base.th').id,
            } for number in range(batch)])
            orders = self.env['sale.order'].create([{
                'partner_id': partner.id, 'warehouse_id': self.shop.warehouse_id.id,
                'pricelist_id': self.shop.pricelist_id.id, 'team_id': self.shop.team_id.id,
                'order_line': [
                    (0, 0, {'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 19.99})
                    for product in self.random.sample(list(self.products), 2)],
            } for partner in partners])
            orders.action_confirm()
            self.env.cr.commit()
        return time.perf_counter() - start

    def last_rows(self, count):
        """What the last `count` sales orders consist of."""
        self.env.invalidate_all()
        orders = self.env['sale.order'].search([], order='id desc', limit=count)
        moves = orders.picking_ids.move_ids
        return {
            'confirmed': len(orders.filtered(lambda order: order.state == 'sale')),
            'customers': len(orders.partner_id), 'lines': len(orders.order_line),
            'deliveries': len(orders.picking_ids), 'moves': len(moves),
            'reserved': len(moves.filtered(lambda move: move.state == 'assigned')),
        }


def measure_import(env, pairs, orders):
    with platform() as sandbox:
        bench = Bench(env, sandbox)
        large = min(
            bench.import_orders(1, settled=True, units=300)[0] for _turn in range(3))
        bench.import_orders(BATCH)
        bench.plain(BATCH)
        imported, plain, single, sql = [], [], [], []
        for _pair in range(pairs):
            seconds, statements = bench.import_orders(orders)
            imported.append(seconds / orders * 1000)
            sql.append(statements / orders)
            ours = bench.last_rows(orders)
            plain.append(bench.plain(orders) / orders * 1000)
            theirs = bench.last_rows(orders)
            assert ours == theirs == {
                'confirmed': orders, 'customers': orders, 'lines': 2 * orders,
                'deliveries': orders, 'moves': 2 * orders, 'reserved': 2 * orders,
            }, (ours, theirs)
            single.append(bench.plain(orders // 2, batch=1) / (orders // 2) * 1000)
    return {
        'import_ms': statistics.median(imported), 'plain_ms': statistics.median(plain),
        'single_ms': statistics.median(single), 'sql': statistics.median(sql),
        'large_s': large,
    }


def measure_growth(env, orders, early=500, late=5_000, many=20_000):
    """What the orders stored already add. What was sold in the last minutes, which every pull reads
    again, is left out: nobody sells 5,000 orders in them.
    """
    process = psutil.Process()
    with platform() as sandbox, patch.multiple(
            const, CURSOR_OVERLAP_MINUTES=0, SHORT_OVERLAP_MINUTES=0):
        bench = Bench(env, sandbox, 'sg')
        few = statistics.median(
            bench.import_orders(orders)[0] / orders * 1000 for _turn in range(early // orders))
        early_mb = process.memory_info().rss / 2**20
        for _turn in range((late - early) // 500):
            bench.import_orders(500)
        late_mb = process.memory_info().rss / 2**20
        _load(env, bench.shop, many - late)
        at_many = statistics.median(
            bench.import_orders(orders)[0] / orders * 1000 for _turn in range(5))
    return {'few_ms': few, 'many_ms': at_many, 'early_mb': early_mb, 'late_mb': late_mb}


def _load(env, shop, count):
    """Copy finished orders of the mirror by SQL, with their units and sales orders' numbers."""
    env.cr.execute("""
        INSERT INTO lazada_order (shop_id, company_id, external_id, order_number, status,
                                  sync_state, items_state, ordered_at, remote_updated_at, digest)
             SELECT %s, %s, 'copy' || n, 'copy' || n, 'delivered', 'done', 'read',
                    now() - n * interval '1 minute', now() - n * interval '1 minute', md5(n::text)
               FROM generate_series(1, %s) n""", (shop.id, shop.company_id.id, count))
    env.cr.execute("""
        INSERT INTO lazada_order_item (order_id, shop_id, company_id, external_id, status, channel,
                                       seller_sku, item_price)
             SELECT o.id, o.shop_id, o.company_id, o.external_id || '-' || n, 'delivered',
                    'seller', 'BENCH-001', 19.99
               FROM lazada_order o, generate_series(1, 2) n
              WHERE o.shop_id = %s AND o.external_id LIKE 'copy%%'""", (shop.id,))
    env.cr.execute("ANALYZE")
    env.cr.commit()


def measure_hot_skus(env, method, orders):
    """Two shops, two workers, five products: how often batches collide, and that all ends well."""
    with platform() as sandbox:
        benches = [Bench(env, sandbox, site) for site in ('ph', 'my')]
        benches[0].shop.warehouse_id.out_type_id.reservation_method = method
        for bench in benches:
            bench.place(orders, skus=HOT)
            bench.run('fetch_orders')
        env.cr.commit()
        shops = [bench.shop for bench in benches]
        CountingRun.collisions = 0
        with patch.object(lazada_flow, 'FlowRun', CountingRun):
            seconds = _time_workers(env.cr.dbname, shops)
        env.invalidate_all()
        mirrored = env['lazada.order'].search([('shop_id', 'in', [shop.id for shop in shops])])
        done = mirrored.filtered(lambda order: order.sync_state == 'done')
        attention = mirrored.filtered(
            lambda order: order.sync_state == 'attention'
            and set(order.item_ids.mapped('seller_sku')) <= set(SKUS))
        benches[0].shop.warehouse_id.out_type_id.reservation_method = 'at_confirm'
        for shop in shops:
            shop.account_id.active = False
        env.cr.commit()
    return {
        'orders_per_second': len(done) / seconds, 'collisions': CountingRun.collisions,
        'attention': len(attention)}


def _time_workers(database, shops):
    start = time.perf_counter()
    workers = [
        threading.Thread(target=_import_all, args=(database, shop.id)) for shop in shops]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


class CountingRun(FlowRun):
    """Counts how often a batch had to be repeated."""
    collisions = 0

    def retry(self, step):
        def counted():
            try:
                return step()
            except CONCURRENCY_ERRORS:
                CountingRun.collisions += 1
                raise
        return super().retry(counted)


def _import_all(database, shop_id):
    with Registry(database).cursor() as cr:
        flow = api.Environment(cr, SUPERUSER_ID, {})['lazada.shop'].browse(
            shop_id)._get_flow('import_orders')
        while True:
            assert flow._run_flow(30)
            flow.invalidate_recordset()
            if flow.due_at > cr.now():
                return
