"""What the tests of orders share: two products that are sold, and ways to look at the outcome."""
from datetime import timedelta

from odoo import fields

from .common import LazadaCase


class OrdersCase(LazadaCase):

    def setUp(self):
        super().setUp()
        self.tee = self.make_product('LZT-TEE', stock=1000)
        self.mug = self.make_product('LZT-MUG', stock=1000)
        self.make_listing('LZT-TEE', price='19.99')
        self.make_listing('LZT-MUG', price='1152.00')

    def truth(self, order_id, shop=None):
        """The order as the platform knows it."""
        shop = shop or self.shop
        [order] = self.sandbox.get(
            'orders', site=shop.site, seller_id=shop.external_id, order_id=order_id)['orders']
        return order

    def override(self, order_id, shop=None, **body):
        """Force members of what the platform answers; the order counts as changed."""
        shop = shop or self.shop
        return self.sandbox.post(
            f'orders/{shop.site}/{shop.external_id}/{order_id}/override', body)

    def break_calls(self, path, kind='http', times=1, **options):
        self.sandbox.post('faults', {'path': path, 'kind': kind, 'times': times, **options})

    def paths_since(self, mark):
        return [call['path'] for call in self.calls_since(mark)]

    def get_sale(self, order_id, shop=None):
        return self.get_order(order_id, shop).sale_order_id

    def get_flow(self, name='fetch_orders', shop=None):
        return (shop or self.shop)._get_flow(name)

    def set_cursor(self, shop=None, **ago):
        """Pretend that the orders were read completely until some time ago."""
        flow = self.get_flow(shop=shop)
        flow.cursor_at = self.env.cr.now().replace(microsecond=0) - timedelta(**ago)
        flow.overlap_read_at = False
        flow.flush_recordset()
        return flow.cursor_at

    def end_runs(self):
        """Let the turns of the past be over: nothing is due, nobody was woken."""
        later = self.env.cr.now() + timedelta(hours=1)
        self.env['lazada.flow'].search([]).write({'due_at': later, 'running_until': False})
        self.env['ir.cron.trigger'].search([]).unlink()
        self.env.flush_all()

    def assert_woken(self, name='fetch_orders', shop=None):
        """The flow is due now and its scheduled action will be called, once."""
        flow = self.get_flow(name, shop)
        flow.invalidate_recordset()
        self.assertLess(flow.due_at, fields.Datetime.now() + timedelta(seconds=1))
        self.assertEqual(self._count_triggers(name), 1)

    def assert_asleep(self, name='fetch_orders', shop=None):
        flow = self.get_flow(name, shop)
        flow.invalidate_recordset()
        self.assertGreater(flow.due_at, fields.Datetime.now() + timedelta(minutes=1))
        self.assertEqual(self._count_triggers(name), 0)

    def _count_triggers(self, name):
        return self.env['ir.cron.trigger'].search_count([
            ('cron_id', '=', self.env.ref(f'lazada_connector.cron_{name}').id)])
