"""A shop without a past, and days that pass on Lazada."""
from datetime import timedelta

from .orders_case import OrdersCase


class FreshShopCase(OrdersCase):

    def setUp(self):
        super().setUp()
        self.shop = self.connect_fresh_shop()
        self.make_listing('LZT-TEE')
        self.run_flow('catalogue')
        self.orders = []

    def connect_fresh_shop(self):
        """A shop that has never sold anything: the seeded ones have a past."""
        new = self.sandbox.post('shops', {'site': self.site, 'name': "Fresh"})
        account = self.shop.account_id.copy({'app_key': self.shop.account_id.app_key,
                                             'app_secret': self.shop.account_id.app_secret})
        token = self.sandbox.post(
            'tokens', {'app_key': account.app_key, 'account': new['account']})
        account.write({
            'access_token': token['access_token'], 'refresh_token': token['refresh_token']})
        return self.env['lazada.shop'].create({
            'name': "Fresh", 'account_id': account.id, 'site': self.site,
            'external_id': new['seller_id'], 'last_order_sync': self.env.cr.now()})

    def live_through(self, days=3, per_day=2):
        """Let days pass on Lazada with orders on each, and pull them all; Odoo's time stands."""
        self.sell_for(days, per_day)
        self.shop.last_order_sync = self.env.cr.now() - timedelta(days=days + 1)
        self.sync()
        self.assertEqual(len(self.get_all()), days * per_day)
        self.settle()

    def sell_for(self, days, per_day=1, **values):
        """Let days end now on Lazada, with orders on each; return their ids."""
        self.sandbox.post('clock', {'advance': -days * 86400})
        placed = []
        for _day in range(days):
            placed += [self.buy('LZT-TEE', **values) for _order in range(per_day)]
            self.sandbox.post('clock', {'advance': 86400})
        self.orders += placed
        return placed

    def settle(self):
        """Let the moment of the last pull be long ago: younger orders are not expected yet."""
        flow = self.get_flow()
        flow.cursor_at = self.env.cr.now() + timedelta(minutes=11)
        flow.flush_recordset()

    def get_all(self):
        return self.env['lazada.order'].search([('shop_id', '=', self.shop.id)])

    def lose(self, order_ids):
        """Forget orders and what was made of them, as a restored backup does."""
        for order_id in order_ids:
            order = self.get_order(order_id)
            sale = order.sale_order_id
            order.item_ids.sale_line_id = False
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE sale_order SET lazada_order_id = NULL WHERE id = %s", [sale.id])
            order.unlink()
        self.env.invalidate_all()
