"""A shop whose orders are put into the mirror by hand: no platform, no commits, fast."""
from odoo.tests import TransactionCase, tagged

from .payloads import make_order


@tagged('post_install', '-at_install')
class OfflineCase(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env['lazada.account'].create({
            'name': "Offline", 'environment': 'sandbox', 'sandbox_url': 'http://127.0.0.1:9',
            'app_key': '1', 'app_secret': 'secret', 'access_token': 'token'})
        cls.shop = cls.make_shop('th')
        cls.set_rate('THB')
        cls.products = {sku: cls.make_product(sku) for sku in ('A', 'B')}

    @classmethod
    def make_shop(cls, site, **values):
        return cls.env['lazada.shop'].create({
            'name': f"Offline {site}", 'account_id': cls.account.id, 'site': site,
            'external_id': f'seller-{site}', **values})

    @classmethod
    def make_product(cls, sku, **values):
        return cls.env['product.product'].create({
            'name': f"Product {sku}", 'default_code': sku, 'is_storable': True,
            'taxes_id': False, 'invoice_policy': 'order', **values})

    @classmethod
    def set_rate(cls, code, rate=2.0):
        currency = cls.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', code)])
        currency.active = True
        if currency != cls.env.company.currency_id and not currency.rate_ids:
            cls.env['res.currency.rate'].create({
                'currency_id': currency.id, 'rate': rate, 'name': '2020-01-01'})

    def mirror(self, header, units, shop=None):
        """Put an order into the mirror and return it, decided but not imported."""
        shop = shop or self.shop
        Order = self.env['lazada.order'].with_context(
            lazada_import=True, tracking_disable=True)
        return Order._mirror(
            shop, [header], {str(header['order_id']): units}, self.env.cr.now())

    def import_order(self, header=None, units=None, shop=None):
        """Mirror an order and import it in this transaction; an issue is kept on it."""
        if header is None:
            header, units = make_order()
        order = self.mirror(header, units, shop)
        if order.sync_state == 'todo':
            order._import()
        return order
