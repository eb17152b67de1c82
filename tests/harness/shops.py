"""Shops attached to a running stack as scripts do it, and goods to sell in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(eq=False)
class Shop:
    """A connected shop: ids in Odoo, key on the platform."""

    stack: object
    id: int
    account_id: int
    site: str
    seller_id: str

    @property
    def rpc(self):
        return self.stack.rpc

    def sync(self):
        """Press Sync Orders."""
        return self.rpc['lazada.shop'].action_sync_orders([self.id])

    def pull_again(self, minutes=1):
        """Set the date of the last sync back; the scheduled actions do the rest."""
        since = self.flow('fetch_orders')['cursor_at']
        since = datetime.fromisoformat(since) - timedelta(minutes=minutes)
        self.rpc['lazada.shop'].write([self.id], {'last_order_sync': f'{since}'})

    def buy(self, count=1, units=1, sku=None, status='pending'):
        """Buyers buy; the ids of their orders."""
        body = {'site': self.site, 'seller_id': self.seller_id, 'count': count, 'units': units,
                'status': status, **({'seller_sku': sku} if sku else {})}
        return [order['order_id'] for order in self.stack.sandbox.post('orders', body)['orders']]

    def flow(self, name):
        [flow] = self.rpc['lazada.flow'].search_read(
            [('shop_id', '=', self.id), ('name', '=', name)])
        return flow

    def orders(self, domain=(), fields=('external_id', 'sync_state', 'sale_order_id')):
        return self.rpc['lazada.order'].search_read(
            [('shop_id', '=', self.id), *domain], list(fields))

    def count_orders(self, *domain):
        return self.rpc['lazada.order'].search_count([('shop_id', '=', self.id), *domain])

    def count_sales(self):
        return self.rpc['sale.order'].search_count([('lazada_shop_id', '=', self.id)])

    def is_idle(self):
        """Nothing is left to do and nobody works."""
        flows = [self.flow(name) for name in ('fetch_orders', 'import_orders')]
        return not self.count_orders(('sync_state', '=', 'todo')) and all(
            flow['last_success_at'] and not flow['error_message'] and not flow['running_until']
            for flow in flows)

    def is_imported(self, order_ids):
        """Whether each of these orders has become a sales order."""
        return self.count_orders(
            ('external_id', 'in', list(order_ids)), ('sync_state', '=', 'done'),
        ) == len(set(order_ids))


def attach(stack, site, since=None, login=None):
    """Give Odoo tokens for the seeded seller of `site` and make the shop. It pulls at once.

    login: of the platform, to be used by several shops; by default a new account is made.
    """
    state = stack.sandbox.get('state')
    seller = next(shop for shop in state['shops'] if shop['site'] == site)
    login = login or next(account['login'] for account in state['accounts']
                          if seller['seller_id'] in account['seller_ids'])
    app = state['apps'][0]
    known = stack.rpc['lazada.account'].search(
        [('name', '=', login), ('sandbox_url', '=', stack.sandbox_url)])
    account = known[0] if known else _make_account(stack, login, app)
    [shop] = stack.rpc['lazada.shop'].create([{
        'name': f'{site} of {login}', 'account_id': account, 'site': site,
        'external_id': seller['seller_id'],
        **({'last_order_sync': f'{since:%Y-%m-%d %H:%M:%S}'} if since else {})}])
    return Shop(stack, shop, account, site, seller['seller_id'])


def _make_account(stack, login, app):
    token = stack.sandbox.post('tokens', {'app_key': app['app_key'], 'account': login})
    [account] = stack.rpc['lazada.account'].create([{
        'name': login, 'environment': 'sandbox', 'sandbox_url': stack.sandbox_url,
        'app_key': app['app_key'], 'app_secret': app['app_secret'],
        'access_token': token['access_token'], 'refresh_token': token['refresh_token']}])
    return account


def make_goods(stack, site, sku, pieces=10_000):
    """A product with stock in Odoo, and its listing on the platform."""
    [product] = stack.rpc['product.product'].create([{
        'name': f'Product {sku}', 'default_code': sku, 'is_storable': True}])
    [warehouse] = stack.rpc['stock.warehouse'].search_read([], ['lot_stock_id'], limit=1)
    stack.rpc['stock.quant'].create([{
        'product_id': product, 'location_id': warehouse['lot_stock_id'][0],
        'inventory_quantity_auto_apply': pieces}], context={'inventory_mode': True})
    [goods] = stack.rpc['product.product'].read([product], ['qty_available'])
    assert goods['qty_available'] == pieces
    list_goods(stack, site, sku, pieces)
    return product


def make_shelves(stack, site, skus, pieces=10_000):
    """Products of one shop, offered on the platform, each on a shelf of its own: the first on the
    last shelf, so that the way along the shelves is not the order of the skus."""
    rpc = stack.rpc
    [shop] = rpc['lazada.shop'].search_read([('site', '=', site)], ['warehouse_id'])
    [warehouse] = rpc['stock.warehouse'].read([shop['warehouse_id'][0]], ['lot_stock_id'])
    for number, sku in enumerate(skus):
        [product] = rpc['product.product'].create([{
            'name': f'Product {sku}', 'default_code': sku, 'is_storable': True}])
        [shelf] = rpc['stock.location'].create([{
            'name': f'Shelf {len(skus) - number}', 'location_id': warehouse['lot_stock_id'][0]}])
        rpc['stock.quant'].create([{
            'product_id': product, 'location_id': shelf,
            'inventory_quantity_auto_apply': pieces}], context={'inventory_mode': True})
        list_goods(stack, site, sku, pieces)


def list_goods(stack, site, sku, pieces=10_000):
    """Offer on the platform what Odoo knows already."""
    seller = next(shop for shop in stack.sandbox.get('state')['shops'] if shop['site'] == site)
    stack.sandbox.post('listings', {
        'site': site, 'seller_id': seller['seller_id'], 'seller_sku': sku, 'sellable': pieces,
        'price': '19.99'})
