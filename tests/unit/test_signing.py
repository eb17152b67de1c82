"""Vectors computed with the platform's own published SDK."""

import pytest

from lazada_connector.lazada_api import sign, sign_push

BASE = {'app_key': '123456', 'access_token': '50000000000testtoken', 'timestamp': '1732172400000',
        'sign_method': 'sha256'}
STOCK = ('<Request><Product><Skus><Sku><ItemId>234234234</ItemId><SkuId>234</SkuId>'
         '<SellableQuantity>20</SellableQuantity></Sku></Skus></Product></Request>')
PACK = ('{"pack_order_list":[{"order_item_list":[560694402292001],"order_id":560694402192001}],'
        '"delivery_type":"dropship","shipping_allocate_type":"TFS"}')


@pytest.mark.parametrize('secret, path, params, expected', [
    ('helloworld', '/order/get', {
        'app_key': '123456', 'access_token': 'test', 'timestamp': '1517820392000',
        'sign_method': 'sha256', 'order_id': '1234'},
     '4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A'),
    ('secret_abc123', '/orders/get', {
        **BASE, 'partner_id': 'lazop-sdk-python-20181207',
        'created_after': '2024-11-01T00:00:00+07:00', 'limit': '100', 'offset': '0',
        'sort_by': 'updated_at', 'sort_direction': 'ASC', 'status': 'pending'},
     'F0C1CBCC73BD4251C4489B606FE2D22F76AFD140131CBECABE27B618F13AA497'),
    ('secret_abc123', '/auth/token/create', {
        'app_key': '123456', 'timestamp': '1732172400000', 'sign_method': 'sha256',
        'code': '0_123456_AbCdEf'},
     'E9C633A2DFD3BDE6E76BB5777534B98B9162EE8F914C9B5CCFB1E45B819E2533'),
    ('secret_abc123', '/product/stock/sellable/update', {**BASE, 'payload': STOCK},
     '2245840E57B1E1639459C1649F876DC90A29C9ED9590F144DD0E13CDDE01BD84'),
    ('secret_abc123', '/order/fulfill/pack', {**BASE, 'packReq': PACK},
     '6F15A4ADEBF312B3D1A729A6BE05BB96846BB96987151E21963BB3C55C6976D6'),
    ('secret_abc123', '/products/get', {
        **BASE, 'filter': 'all', 'sku_seller_list': '["เสื้อ-01","áo dài"]'},
     '93E1D81CBF34823A60A69993DEB95DAF707D9C32400C811F76D4884BF47CC418'),
    ('1234', '/test/api', {'foo': '1', 'bar': '2', 'foo_bar': '3', 'foobar': '4'},
     '988085883BF9D32D251478D23122C7ECC91518CDF63BA22F792000A378F52409'),
    ('secret_abc123', '/reverse/getreverseordersforseller', {
        **BASE, 'page_no': '1', 'page_size': '50',
        'ReverseOrderLineModifiedTimeRangeStart': '1732000000000',
        'ReverseOrderLineModifiedTimeRangeEnd': '1732172400000'},
     '5F633CFB6A53585D5FB9ABC9FA90D1A51AD2BC522A174BCCBB3CBB4293A28978'),
])
def test_requests_are_signed_like_the_platform_sdk(secret, path, params, expected):
    assert sign(secret, path, params) == expected
    assert sign(secret, path, {**params, 'sign': 'left out'}) == expected


def test_push_messages_are_signed_over_app_key_and_raw_body():
    body = (b'{"seller_id":"1234567","message_type":0,"data":{"order_status":"unpaid",'
            b'"trade_order_id":"260422900198363","trade_order_line_id":"260422900298363",'
            b'"status_update_time":1603698638},"timestamp":1603766859530,"site":"lazada_vn"}')
    assert sign_push('123456', 'secret_abc123', body) == (
        '0e2f30571cb29dff4caad62a798c995db8387433d78f18963e189eb00c7aa9ed')
