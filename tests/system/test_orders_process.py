"""Orders on a real server: asked twice at once, tokens that end. Kills are in tests/faults."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from xmlrpc.client import Fault

import pytest

from tests.harness.shops import attach, make_goods
from tests.harness.waiting import at_once
from tools.odoo_client import Session

REFRESH = '/auth/token/refresh'
SKU = 'LZP-TEE'


def now():
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


@pytest.fixture(scope='module')
def start():
    return now() - timedelta(seconds=5)


@pytest.fixture(scope='module')
def shop(stack, start):
    make_goods(stack, 'th', SKU)
    return attach(stack, 'th', start)


def snapshot(shop):
    """When every record of the shop was written last."""
    found = {}
    for model, field in (('lazada.order', 'shop_id'), ('lazada.order.item', 'shop_id'),
                         ('sale.order', 'lazada_shop_id'), ('stock.picking', 'lazada_shop_id')):
        for row in shop.rpc[model].search_read([(field, '=', shop.id)], ['write_date']):
            found[model, row['id']] = row['write_date']
    return found, shop.rpc['res.partner'].search_count([])


# === SYNC ORDERS === #

def test_sync_orders_imports_at_once(stack, shop, start):
    [order_id] = shop.buy(sku=SKU)
    shop.sync()
    # A worker may have been faster with the import; the button leaves it to him then.
    stack.wait_until(lambda: shop.is_imported([order_id]))
    [order] = shop.orders([('external_id', '=', order_id)])
    [sale] = shop.rpc['sale.order'].read([order['sale_order_id'][0]], ['state', 'picking_ids'])
    assert sale['state'] == 'sale'
    assert len(sale['picking_ids']) == 1


def test_500_new_orders_cost_few_calls_however_many_turns_it_takes(stack, shop, start):
    mark = stack.sandbox.get('calls')['last']
    ids = shop.buy(count=500, units=2, sku=SKU)
    shop.sync()
    stack.wait_until(lambda: shop.is_imported(ids))
    calls = [call for call in stack.sandbox.get('calls', since=mark)['calls']
             if call['site'] == shop.site]
    counts = Counter(call['path'] for call in calls)
    assert counts['/orders/get'] <= 7, counts
    assert counts['/orders/items/get'] <= 10, counts
    assert not counts['/order/get'] and not counts['/order/items/get']


def test_an_order_arrives_by_itself_when_the_date_is_set_back(stack, shop, start):
    """Only the scheduled actions work here: saving the date wakes them."""
    [order_id] = shop.buy(sku=SKU)
    earlier = start + timedelta(seconds=1)
    shop.rpc['lazada.shop'].write([shop.id], {'last_order_sync': f'{earlier:%Y-%m-%d %H:%M:%S}'})
    stack.wait_until(
        lambda: shop.count_orders(('external_id', '=', order_id), ('sync_state', '=', 'done')))


def test_syncs_at_the_same_time_do_it_once_and_the_next_ones_change_nothing(stack, shop, start):
    # Fresh orders of several units are read twice on purpose; that changes nothing either.
    ids = shop.buy(count=40, units=2, sku=SKU)

    def everything_at_once():
        at_once(shop.sync, shop.sync,
                lambda: stack.rpc.run_cron('lazada_connector.cron_fetch_orders'),
                lambda: stack.rpc.run_cron('lazada_connector.cron_import_orders'))
        stack.wait_until(shop.is_idle)

    everything_at_once()
    orders = shop.orders([('external_id', 'in', ids)])
    assert sorted(order['external_id'] for order in orders) == sorted(ids)
    assert {order['sync_state'] for order in orders} == {'done'}
    stack.check_invariants(since=start)
    before = snapshot(shop)
    everything_at_once()
    assert snapshot(shop) == before


# === TOKENS === #

@pytest.fixture(scope='module')
def cross_border(stack, start):
    """Three shops of one account."""
    login = next(each['login'] for each in stack.sandbox.get('state')['accounts']
                 if each['country'] == 'cb')
    shops = [attach(stack, site, now(), login) for site in ('sg', 'my', 'ph')]
    for shop in shops:
        stack.wait_until(shop.is_idle)
    return shops


def spoil_token(shop):
    shop.rpc['lazada.account'].write([shop.account_id], {'access_token': 'no longer good'})


def token(shop):
    [account] = shop.rpc['lazada.account'].read([shop.account_id], ['access_token', 'state'])
    assert account['state'] == 'connected'
    return account['access_token']


def count_refreshes(stack, mark):
    calls = stack.sandbox.get('calls', since=mark)['calls']
    return len([call for call in calls if call['path'] == REFRESH])


def test_a_token_is_renewed_exactly_once_whatever_the_number_of_workers(stack, cross_border):
    spoil_token(cross_border[0])
    stack.sandbox.post('faults', {'path': REFRESH, 'kind': 'delay', 'seconds': 1})
    mark = stack.sandbox.get('calls')['last']
    at_once(*(shop.sync for shop in cross_border))
    assert count_refreshes(stack, mark) == 1
    assert token(cross_border[0]) != 'no longer good'
    for shop in cross_border:
        assert not shop.flow('fetch_orders')['error_message']


def test_a_new_token_is_kept_though_the_run_that_asked_for_it_failed(stack, cross_border):
    shop = cross_border[0]
    spoil_token(shop)
    # refused once for the token, then the platform is down
    stack.sandbox.post('faults', {
        'path': '/orders/get', 'kind': 'http', 'status': 500, 'times': 0, 'skip': 1,
        'site': shop.site})
    mark = stack.sandbox.get('calls')['last']
    shop.sync()
    assert shop.flow('fetch_orders')['error_message']
    assert token(shop) != 'no longer good'
    stack.sandbox.delete('faults')
    shop.sync()
    assert not shop.flow('fetch_orders')['error_message']
    assert count_refreshes(stack, mark) == 1


def test_connecting_never_waits_for_itself(stack):
    """A fresh token that is refused at once cannot be renewed: its account is being written."""
    state = stack.sandbox.get('state')
    seller = stack.sandbox.post('shops', {'site': 'vn', 'name': "Fresh"})
    session = Session(stack.url, stack.database, 'admin', 'admin')
    session.call('ir.config_parameter', 'set_param', key='web.base.url', value=stack.url)
    [account] = session.call('lazada.account', 'create', vals_list=[{
        'name': "Fresh", 'environment': 'sandbox', 'sandbox_url': stack.sandbox_url,
        'app_key': state['apps'][0]['app_key'], 'app_secret': state['apps'][0]['app_secret']}])
    stack.sandbox.post('faults', {
        'path': '/seller/get', 'kind': 'error', 'code': 'IllegalAccessToken', 'site': 'vn',
        'message': "The specified access token is invalid or expired"})
    action = session.call('lazada.account', 'action_authorize', ids=[account])
    page, _, query = action['url'].partition('?')
    session.post_form(page, {
        **dict(parse_qsl(query)), 'account': seller['account'], 'country': ''})
    [found] = session.call('lazada.account', 'read', ids=[account],
                           fields=['state', 'error_message'])
    assert found['state'] == 'draft'
    assert 'authorisation' in found['error_message']


def test_nothing_of_ours_was_logged_as_a_warning(stack, shop, cross_border):
    assert stack.warnings() == []


# === THE LOG OF CALLS === #

def test_the_calls_of_a_button_that_failed_outlive_what_it_undid(stack, shop):
    [order_id] = shop.buy(sku=SKU)
    shop.sync()
    stack.wait_until(lambda: shop.is_imported([order_id]))
    [order] = shop.orders([('external_id', '=', order_id)])
    path = '/order/reverse/cancel/validate'
    stack.sandbox.post('faults', {
        'path': path, 'kind': 'error', 'code': '998', 'message': 'disabled', 'times': 0})
    try:
        with pytest.raises(Fault):
            shop.rpc['lazada.order'].action_cancel_on_lazada([order['id']])
    finally:
        stack.sandbox.delete('faults')
    calls = shop.rpc['lazada.call'].search_read(
        [('shop_id', '=', shop.id), ('path', '=', path)], ['code', 'subjects'])
    assert calls
    assert {(call['code'], call['subjects']) for call in calls} == {('998', f',{order_id},')}
