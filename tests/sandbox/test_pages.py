"""Seller Center: what a person can click."""
import re

import pytest
import requests

from .conftest import PH, SG

SKU = 'LZ-TEE-BLK-M'


@pytest.fixture
def browser(control):
    """browser(path, **form): the page a person ends up on, forms sent by POST."""
    def open_page(path, status=200, **form):
        answer = requests.request('POST' if form else 'GET', control.url + path, data=form,
                                  timeout=10)
        assert answer.status_code == status, answer.text
        assert 'http' not in re.sub(r'placeholder="[^"]*"|https?://example\.com', '', answer.text)
        return answer
    return open_page


def test_the_shops(browser):
    text = browser('/').text
    assert text.count('Place an order') == 4
    assert '100777' in text and 'ร้านตัวอย่าง' in text


def test_an_order_from_basket_to_door(browser, control):
    tee = control.listing(SKU)
    page = browser(f'/shops/sg/{SG}/orders/new')
    assert tee['seller_sku'] in page.text
    page = browser(f'/shops/sg/{SG}/orders/new', payment='unpaid', shipping='1.99', note='<b>hi',
                   **{f'qty-{tee["sku_id"]}': '2'})
    assert 'The order is placed.' in page.text and '&lt;b&gt;hi' in page.text
    path = page.url.removeprefix(control.url).split('?')[0]
    order_id = path.rsplit('/', 1)[1]
    units = [item['order_item_id'] for item in control.order(order_id)['items']]

    def press(action, status, **form):
        assert f'value="{action}"' in browser(path).text
        browser(path, action=action, unit=units, **form)
        assert control.order(order_id)['statuses'] == [status]
    press('pay', 'pending')
    press('pack', 'packed', provider='J&T')
    package, = control.get(f'/packages?order_id={order_id}')['packages']
    assert package['provider'] == 'J&T' and package['applied'] == {'pack': 1, 'rts': 0, 'repack': 0}
    label = browser(f'/shops/sg/{SG}/packages/{package["package_id"]}/label.pdf')
    assert label.content.startswith(b'%PDF-')
    press('repack', 'repacked')
    press('pack', 'packed')
    press('rts', 'ready_to_ship')
    press('ship', 'shipped')
    press('deliver', 'delivered')
    browser(path, action='ask_return', unit=units)
    assert 'REQUEST_INITIATE' in browser(f'/shops/sg/{SG}/returns').text
    press('confirm', 'confirmed')
    assert control.order(order_id)['totals']['paid'] == '41.79'


def test_units_can_be_chosen(browser, control):
    order_id = control.buy(units=3)['order_id']
    units = [item['order_item_id'] for item in control.order(order_id)['items']]
    path = f'/shops/sg/{SG}/orders/{order_id}'
    browser(path, action='cancel', unit=units[:1])
    browser(path, action='pack', unit=units)
    assert [item['status'] for item in control.order(order_id)['items']] == [
        'canceled', 'packed', 'packed']
    assert 'fits none' in browser(path, 400, action='deliver', unit=units).text
    browser(path, 400, action='explode', unit=units)


def test_cash_on_delivery_and_sold_out(browser, control):
    sku_id = control.listing(SKU)['sku_id']
    form = {f'qty-{sku_id}': '1', 'payment': 'cod'}
    page = browser(f'/shops/sg/{SG}/orders/new', **form)
    order = control.order(page.url.split('?')[0].rsplit('/', 1)[1])
    assert (order['payment_method'], order['statuses']) == ('COD', ['pending'])
    control.post('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': SKU, 'sellable': 0})
    assert 'sold out' in browser(f'/shops/sg/{SG}/orders/new', 400, **form).text
    browser(f'/shops/sg/{SG}/orders/new', 400, payment='paid')
    browser(f'/shops/sg/{SG}/orders/new', 400, **{f'qty-{sku_id}': '-1'})
    browser(f'/shops/sg/{SG}/orders/new', 400, **form, shipping='much')


def test_lists_and_search(browser, control):
    unpaid = control.buy(status='unpaid')['order_id']
    assert unpaid in browser(f'/shops/sg/{SG}/orders?tab=unpaid').text
    assert unpaid not in browser(f'/shops/sg/{SG}/orders?tab=to+pack').text
    assert browser(f'/shops/sg/{SG}/orders?q={unpaid}').text.count('/orders/' + unpaid) == 1
    assert '&lt;script&gt;' not in browser(f'/shops/ph/{PH}/orders').text
    for path in ('/shops/sg/1/orders', f'/shops/sg/{SG}/orders/5',
                 f'/shops/sg/{SG}/packages/FP1/label.pdf'):
        browser(path, 404)


def test_stock_can_be_edited(browser, control):
    sku_id = control.listing(SKU)['sku_id']
    page = browser(f'/shops/sg/{SG}/listings', **{f'stock-{sku_id}': '12',
                                                  f'status-{sku_id}': 'inactive'})
    assert '1 listings saved.' in page.text
    listing = control.listing(SKU)
    assert (listing['sellable'], listing['status']) == (12, 'inactive')
    browser(f'/shops/sg/{SG}/listings', 400, **{f'stock-{sku_id}': 'many'})


def test_cancel_requests_and_returns_are_answered(browser, control):
    order_id = control.buy(units=1)['order_id']
    unit = control.order(order_id)['items'][0]['order_item_id']
    browser(f'/shops/sg/{SG}/orders/{order_id}', action='ask_cancel', unit=unit)
    number = re.search(r'/returns/(\d+)"', browser(f'/shops/sg/{SG}/returns').text)[1]
    browser(f'/shops/sg/{SG}/returns/{number}', action='agree')
    assert control.order(order_id)['statuses'] == ['canceled']
    browser(f'/shops/sg/{SG}/returns/{number}', 400, action='agree')


def test_payouts_and_calls(browser, control, client):
    client.call('sg', '/order/get', {'order_id': '77'})
    assert 'order_id=77' in browser('/calls').text
    assert client.token not in browser('/calls').text
    order_id = control.buy()['order_id']
    control.move(order_id, 'delivered')
    assert 'SGEXAMPL1-20' not in browser(f'/shops/sg/{SG}/payouts').text
    answer = requests.post(f'{control.url}/shops/sg/{SG}/payouts', timeout=10)
    assert 'SGEXAMPL1-20' in answer.text
