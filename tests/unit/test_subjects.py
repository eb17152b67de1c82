"""Orders and packages named by a call are known, however many there are."""

import pytest

from .platform import ok

ORDERS = [str(543_701_418_369_495 + number) for number in range(50)]


@pytest.mark.parametrize(('call', 'subjects'), [
    (lambda client: client.call('/order/get', {'order_id': 12}), ('12',)),
    (lambda client: client.call('/orders/items/get', {'order_ids': f"[{','.join(ORDERS)}]"}),
     tuple(ORDERS)),
    (lambda client: client.call('/order/fulfill/pack', {'packReq': {'pack_order_list': [
        {'order_id': 12, 'order_item_list': [34, 35]}, {'order_id': 13, 'order_item_list': []}]}},
        method='POST'), ('12', '13')),
    (lambda client: client.call('/order/package/rts', {'readyToShipReq': {
        'packages': [{'package_id': 'FP1'}, {'package_id': 'FP2'}]}}, method='POST'),
     ('FP1', 'FP2')),
    (lambda client: client.call('/orders/get', {'limit': 5, 'sort_by': 'updated_at'}), ()),
])
def test_a_call_names_its_orders_and_packages(platform_of, client_of, call, subjects):
    records = []
    call(client_of(platform_of(ok()), on_call=records.append))
    assert [record.subjects for record in records] == [subjects]
