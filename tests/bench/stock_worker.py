"""The measuring side of `stock`: runs inside an Odoo process with an `env`."""
import statistics
import time

from tests.bench.orders_worker import platform

PATH = '/product/stock/sellable/update'


class Bench:
    """A shop with `count` listings, each with a product of the same reference and some stock."""

    def __init__(self, env, sandbox, count):
        self.env, self.sandbox, self.count = env, sandbox, count
        self.shop = self._connect()
        address = {'site': self.shop.site, 'seller_id': self.shop.external_id}
        sandbox.post('listings', {**address, 'seller_sku': 'BENCH', 'count': count,
                                  'sellable': 5, 'price': '19.99'})
        self.products = self._make_products()
        env.cr.commit()

    def _connect(self):
        seller = self.sandbox.post('shops', {'site': 'th', 'name': "Bench"})
        app = self.sandbox.get('state')['apps'][0]
        token = self.sandbox.post(
            'tokens', {'app_key': app['app_key'], 'account': seller['account']})
        account = self.env['lazada.account'].create({
            'name': "Bench", 'environment': 'sandbox', 'sandbox_url': self.sandbox.url,
            'app_key': app['app_key'], 'app_secret': app['app_secret'],
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        return self.env['lazada.shop'].create({
            'name': "Bench", 'account_id': account.id, 'site': 'th',
            'external_id': seller['seller_id'],
            'last_order_sync': self.env.cr.now().replace(microsecond=0)})

    def _make_products(self):
        products = self.env['product.product'].create([{
            'name': f"Bench {number}", 'default_code': f'BENCH-{number:05}',
            'is_storable': True, 'taxes_id': False} for number in range(1, self.count + 1)])
        place = self.shop.warehouse_id.lot_stock_id
        self.env['stock.quant'].create([
            {'product_id': product.id, 'location_id': place.id, 'quantity': 10}
            for product in products])
        return products

    def run(self, name):
        """Run a flow to its end; return (seconds, API calls)."""
        flow, mark = self.shop._get_flow(name), self.sandbox.get('calls')['last']
        self.env.cr.commit()
        start = time.perf_counter()
        while True:
            assert flow._run_flow(30), "the flow is busy"
            flow.invalidate_recordset()
            if flow.due_at > self.env.cr.now():
                break
        seconds = time.perf_counter() - start
        assert not flow.error_message, flow.error_message
        return seconds, self.sandbox.get('calls', since=mark)['calls']

    def versions(self):
        """The row versions of the shop's listings: a write gives a row a new one."""
        self.env.cr.execute(
            "SELECT id, xmin FROM lazada_listing WHERE shop_id = %s", [self.shop.id])
        return dict(self.env.cr.fetchall())

    def change(self, count):
        """Receive one piece of `count` products."""
        for quant in self.env['stock.quant'].search(
                [('product_id', 'in', self.products[:count].ids),
                 ('location_id', '=', self.shop.warehouse_id.lot_stock_id.id)]):
            quant.quantity += 1

    def push(self):
        self.run('fetch_orders')
        seconds, calls = self.run('stock')
        # Lazada refuses more than 50 a second; those calls carried nothing and are not counted
        return seconds, len([
            call for call in calls if call['path'] == PATH and call['code'] != 'ApiCallLimit'])


def measure(env, count=10_000):
    with platform() as sandbox:
        bench = Bench(env, sandbox, count)
        seconds, calls = bench.run('catalogue')
        found = {'first_ms': seconds * 1000 / count, 'first_calls': len(calls),
                 'unlinked': env['lazada.listing'].search_count([
                     ('shop_id', '=', bench.shop.id), ('seller_sku', '=like', 'BENCH-%'),
                     ('link_state', '!=', 'linked')])}
        before = bench.versions()
        bench.shop.last_catalogue_sync = False
        bench.run('catalogue')
        after = bench.versions()
        found['rewritten'] = sum(after[key] != version for key, version in before.items())
        found.update(_measure_quantities(bench))
        found.update(_measure_cycles(bench))
        bench.shop.account_id.active = False
        env.cr.commit()
    return found


def _measure_quantities(bench):
    """Compute the same products' quantities both ways, in turn, and compare them."""
    ours, plain = [], []
    products = bench.products.with_context(warehouse_id=bench.shop.warehouse_id.id)
    for _turn in range(5):
        bench.env.invalidate_all()
        start = time.perf_counter()
        [stocks] = bench.shop._read_stocks(bench.products).values()
        quantities = {product_id: stock.sellable() for product_id, stock in stocks.items()}
        ours.append(time.perf_counter() - start)
        bench.env.invalidate_all()
        start = time.perf_counter()
        expected = {product.id: product.free_qty for product in products}
        plain.append(time.perf_counter() - start)
    differing = sum(quantities.get(key, 0) != value for key, value in expected.items())
    return {'ours_s': statistics.median(ours), 'free_qty_s': statistics.median(plain),
            'differing': differing}


def _measure_cycles(bench):
    bench.shop.action_mapping_report()
    bench.shop.stock_sync = True
    found = {}
    found['all_s'], found['all_calls'] = bench.push()
    found['none_s'], found['none_calls'] = bench.push()
    bench.change(1)
    found['one_s'], found['one_calls'] = bench.push()
    bench.change(1000)
    found['many_s'], found['many_calls'] = bench.push()
    return found
