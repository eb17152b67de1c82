"""What moves with an order: stock, packages, times."""
import pytest

from .conftest import SG

SKU = 'LZ-TEE-BLK-M'


def buckets(control):
    listing = control.listing(SKU)
    return listing['sellable'], listing['withheld'], listing['occupied']


def test_stock_follows_the_order(control):
    start = control.listing(SKU)['sellable']
    base_occupied = control.listing(SKU)['occupied']
    order_id = control.buy(seller_sku=SKU, units=2, status='unpaid')['order_id']
    assert buckets(control) == (start - 2, 2, base_occupied)
    control.move(order_id, 'pending')
    assert buckets(control) == (start - 2, 0, base_occupied + 2)
    control.move(order_id, 'packed')
    assert buckets(control) == (start - 2, 0, base_occupied + 2)
    control.move(order_id, 'ready_to_ship')
    assert buckets(control) == (start - 2, 0, base_occupied)
    control.move(order_id, 'canceled')
    assert buckets(control) == (start - 2, 0, base_occupied)


def test_a_cancelled_piece_can_be_sold_again(control):
    before = buckets(control)
    order_id = control.buy(seller_sku=SKU, units=2)['order_id']
    items = control.order(order_id)['items']
    control.move(order_id, 'canceled', order_item_ids=[items[0]['order_item_id']])
    assert buckets(control) == (before[0] - 1, before[1], before[2] + 1)
    assert sorted(control.order(order_id)['statuses']) == ['canceled', 'pending']


def test_an_unpaid_order_is_cancelled_after_half_an_hour(control, client):
    before = buckets(control)
    order_id = control.buy(seller_sku=SKU, status='unpaid')['order_id']
    control.post('/clock', {'advance': 1801})
    assert control.order(order_id)['statuses'] == ['canceled']
    assert buckets(control)[0] == before[0]
    item, = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert item['cancel_return_initiator'] == 'system-cancel'


def test_sold_out(control):
    control.post('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': SKU, 'sellable': 3})
    answer = control.post('/orders', {'site': 'sg', 'seller_id': SG, 'count': 3, 'units': 2,
                                      'seller_sku': SKU})
    assert [sorted(each) for each in answer['orders']] == [
        ['order_id', 'order_item_ids'], ['error'], ['error']]
    assert answer['orders'][1] == {'error': 'sold_out'}
    assert control.listing(SKU)['sellable'] == 1


def test_packing_gives_one_package_and_repacking_a_new_one(control):
    order_id = control.buy(units=2)['order_id']
    control.move(order_id, 'packed')
    first = control.order(order_id)['items']
    assert len({item['package_id'] for item in first}) == 1
    assert first[0]['package_id'].startswith('FP') and first[0]['tracking_number']
    control.move(order_id, 'repacked')
    assert {item['package_id'] for item in control.order(order_id)['items']} == {''}
    control.move(order_id, 'packed')
    second = control.order(order_id)['items']
    assert second[0]['package_id'] != first[0]['package_id']
    states = {each['package_id']: each['status'] for each in control.get(
        f'/packages?order_id={order_id}')['packages']}
    assert states == {first[0]['package_id']: 'canceled', second[0]['package_id']: 'packed'}


def test_a_unit_taken_out_leaves_the_package_alive(control):
    order_id = control.buy(units=2)['order_id']
    control.move(order_id, 'packed')
    item = control.order(order_id)['items'][0]['order_item_id']
    control.move(order_id, 'canceled', order_item_ids=[item])
    package, = control.get(f'/packages?order_id={order_id}')['packages']
    assert package['status'] == 'packed' and len(package['order_item_ids']) == 1
    control.move(order_id, 'canceled')
    package, = control.get(f'/packages?order_id={order_id}')['packages']
    assert package['status'] == 'canceled'


def test_lazadas_own_stock_is_not_the_sellers(control):
    before = buckets(control)
    order_id = control.buy(seller_sku=SKU, channel='fbl')['order_id']
    assert buckets(control) == before
    control.move(order_id, 'canceled')
    assert buckets(control) == before


def test_five_hundred_orders_of_two_units_fit(control):
    answer = control.post('/orders', {'site': 'sg', 'seller_id': SG, 'count': 500, 'units': 2})
    assert len({order['order_id'] for order in answer['orders']}) == 500
    truth = control.get(f'/orders?site=sg&seller_id={SG}')['orders']
    bought = {order['order_id'] for order in answer['orders']}
    mine = [order for order in truth if order['order_id'] in bought]
    assert all(order['importable'] and order['linked'] and len(order['items']) == 2
               for order in mine)


@pytest.mark.parametrize('channel, flags', [
    ('fbl', (1, 0, 0, 'Own Warehouse', 70020)), ('sof', (0, 1, 0, 'Dropshipping', None)),
    ('digital', (0, 0, 1, 'Dropshipping', None)), ('choice', (1, 0, 0, 'Own Warehouse', 70100)),
    ('pickup', (0, 0, 0, 'Dropshipping', None)), ('seller', (0, 0, 0, 'Dropshipping', None))])
def test_channels_show_on_the_items(control, client, channel, flags):
    order_id = control.buy(channel=channel)['order_id']
    item, = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert (item['is_fbl'], item['delivery_option_sof'], item['is_digital'],
            item['shipping_type'], item.get('biz_group')) == flags
    assert ('pick_up_store_info' in item) is (channel == 'pickup')


def test_a_presale_says_what_is_not_paid_until_it_is(control, client):
    order_id = control.buy(presale=True, stage_pay_status='unpaid final payment')['order_id']

    def stages():
        item, = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
        return item['status'], item['order_type'], item['stage_pay_status']
    assert stages() == ('pending', 'PreSale', 'unpaid final payment')
    before = control.order(order_id)
    assert not before['importable']
    control.post('/clock', {'advance': 1})
    control.post(f'/orders/sg/{SG}/{order_id}/pay', {})
    assert stages() == ('pending', 'PreSale', '')
    after = control.order(order_id)
    assert after['importable'] and after['updated_at'] > before['updated_at']


def test_money_adds_up_to_the_cent(control, client):
    order_id = control.buy(shipping='40.00', items=[
        {'seller_sku': SKU, 'item_price': '1220', 'voucher_seller': '3.33'},
        {'seller_sku': SKU, 'item_price': '2500', 'voucher_platform': '137.80'},
        {'seller_sku': SKU, 'item_price': '0.01'}])['order_id']
    header = client.call('sg', '/order/get', {'order_id': order_id})['data']
    items = client.call('sg', '/order/items/get', {'order_id': order_id})['data']
    assert header['price'] == '3,720.01'
    assert (header['voucher'], header['voucher_seller'], header['voucher_platform']) == (
        141.13, 3.33, 137.8)
    assert header['shipping_fee'] == 40.0
    assert round(sum(item['shipping_amount'] for item in items), 2) == 40.0
    assert [item['paid_price'] for item in items] == [1216.67, 2362.2, 0.01]
    assert control.order(order_id)['totals']['paid'] == '3618.88'


def test_the_same_order_id_in_two_shops(control):
    where = {}
    for order in control.get('/orders')['orders']:
        where.setdefault(order['order_id'], set()).add((order['site'], order['seller_id']))
    assert [shops for shops in where.values() if len(shops) > 1]
    order_id = control.buy()['order_id']
    assert control.buy('my', order_id=order_id)['order_id'] == order_id


def test_control_says_what_is_wrong(control):
    import requests
    for path, body, status in (
            ('/orders', {'site': 'sg'}, 400), ('/orders', {'site': 'sg', 'seller_id': '1'}, 404),
            ('/orders', {'site': 'sg', 'seller_id': SG, 'seller_sku': 'NO'}, 404),
            ('/orders', {'site': 'sg', 'seller_id': SG, 'channel': 'x'}, 400),
            ('/behaviour', {'no_such': 1}, 400), ('/faults', {'kind': 'x'}, 400),
            ('/tokens', {'account': 'x'}, 404), ('/shops', {'site': 'xx'}, 400),
            (f'/orders/sg/{SG}/5/status', {'status': 'packed'}, 404),
            ('/listings', {'site': 'sg', 'seller_id': SG, 'seller_sku': SKU, 'status': 'x'}, 400)):
        answer = requests.post(f'{control.url}/_control{path}', json=body, timeout=5)
        assert answer.status_code == status and answer.json()['error']
    answer = requests.post(f'{control.url}/_control/reset', data='{', timeout=5)
    assert answer.status_code == 400
