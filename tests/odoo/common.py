"""A connected shop on a sandbox of its own; flows run through the real client over loopback."""
import threading
from contextlib import contextmanager

from odoo.tests import TransactionCase, tagged

from lazada_sandbox.platform import Platform
from lazada_sandbox.server import SandboxServer
from tests.harness.clients import SandboxControl

SEED = 1


@tagged('post_install', '-at_install')
class LazadaCase(TransactionCase):
    """Commits of the code under test become savepoints of the test's own transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = cls._start_sandbox()
        cls.site = 'th'
        cls.shop = cls.connect_shop(cls.site)

    @classmethod
    def _start_sandbox(cls):
        cls.platform = Platform(SEED)
        server = SandboxServer(cls.platform)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def stop():
            server.shutdown()
            server.server_close()
            thread.join(10)

        cls.addClassCleanup(stop)
        return SandboxControl(server.url)

    @classmethod
    def connect_shop(cls, site, company=None, **values):
        """Return a shop of the seeded world, connected by tokens, without its seeded orders."""
        state = cls.sandbox.get('state')
        seller = next(shop for shop in state['shops'] if shop['site'] == site)
        login = next(
            account for account in state['accounts']
            if seller['seller_id'] in account['seller_ids'])
        app = state['apps'][0]
        token = cls.sandbox.post(
            'tokens', {'app_key': app['app_key'], 'account': login['login']})
        account = cls.env['lazada.account'].create({
            'name': f"Sandbox {site}", 'environment': 'sandbox', 'sandbox_url': cls.sandbox.url,
            'app_key': app['app_key'], 'app_secret': app['app_secret'],
            'access_token': token['access_token'], 'refresh_token': token['refresh_token'],
            'company_id': company.id if company else cls.env.company.id,
        })
        return cls.env['lazada.shop'].create({
            'name': f"Shop {site}", 'account_id': account.id, 'site': site,
            'external_id': seller['seller_id'],
            'company_id': company.id if company else cls.env.company.id,
            'last_order_sync': cls.env.cr.now(), **values,
        })

    def setUp(self):
        super().setUp()
        self.sandbox.post('reset', {'seed': SEED})

    # === THE PLATFORM === #

    def make_listing(self, sku, shop=None, **values):
        shop = shop or self.shop
        return self.sandbox.post('listings', {
            'site': shop.site, 'seller_id': shop.external_id, 'seller_sku': sku,
            'sellable': 1000, **values})

    def make_product(self, sku, stock=0, **values):
        product = self.env['product.product'].create({
            'name': f"Product {sku}", 'default_code': sku, 'is_storable': True,
            'taxes_id': False, **values})
        if stock:
            self.env['stock.quant']._update_available_quantity(
                product, self.shop.warehouse_id.lot_stock_id, stock)
        return product

    def buy(self, *items, shop=None, **values):
        """Buy `items` (dicts, or SKUs) and return the order id."""
        shop = shop or self.shop
        items = [item if isinstance(item, dict) else {'seller_sku': item} for item in items]
        answer = self.sandbox.post('orders', {
            'site': shop.site, 'seller_id': shop.external_id, 'items': items,
            'status': 'pending', **values})
        return answer['orders'][0]['order_id']

    def move(self, order_id, status, item_ids=None, shop=None):
        shop = shop or self.shop
        body = {'status': status}
        if item_ids:
            body['order_item_ids'] = item_ids
        return self.sandbox.post(
            f'orders/{shop.site}/{shop.external_id}/{order_id}/status', body)

    def calls_since(self, mark):
        return self.sandbox.get('calls', since=mark)['calls']

    def mark(self):
        return self.sandbox.get('calls')['last']

    # === RUNNING === #

    @contextmanager
    def committing(self):
        """Give an environment in which the code under test may commit."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr, su=True)

    def run_flow(self, name, shop=None, turns=20):
        """Run turns of a flow until nothing is left of it now, as its action would."""
        shop = shop or self.shop
        with self.committing() as env:
            flow = env['lazada.shop'].browse(shop.id)._get_flow(name)
            for _turn in range(turns):
                self.assertTrue(flow._run_flow(), "the flow is busy")
                flow.invalidate_recordset()
                if flow.due_at > env.cr.now():
                    break
        return shop._get_flow(name)

    def sync(self, shop=None):
        """Fetch and import, as the two scheduled actions do."""
        self.run_flow('fetch_orders', shop)
        self.run_flow('import_orders', shop)

    def get_order(self, order_id, shop=None):
        return self.env['lazada.order'].search([
            ('shop_id', '=', (shop or self.shop).id), ('external_id', '=', str(order_id))])
