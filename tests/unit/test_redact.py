import json

import pytest

from lazada_connector.lazada_api import redact

from .payloads import load

PERSONAL = {
    'first_name': 'Somchai', 'address1': '1 Contoh "Village" Road', 'phone': '+65 9123 4567',
    'customer_email': 'buyer@example.com', 'tax_code': '562562', 'post_code': 500001}


@pytest.mark.parametrize('text', [
    json.dumps({'data': {'orders': [PERSONAL]}, 'code': '0'}),
    json.dumps({'extra': json.dumps(PERSONAL)}),
    json.dumps(PERSONAL)[:40], json.dumps(PERSONAL)[:70],
    'sent to buyer@example.com and +65 9123 4567', 'call 0912345678'])
def test_personal_data_is_masked_even_when_the_text_is_cut(text):
    shown = redact.text(text)
    for value in ('Somchai', 'Contoh', '9123 4567', '912345678', 'buyer@', '562562', '500001'):
        assert value not in shown


def test_secrets_are_masked_wherever_they_stand():
    shown = redact.text(
        'GET /x?access_token=abc&sign=DEF&code=0_1_xyz {"refresh_token": "ghi"} 0_123456_AbC jkl',
        ('jkl', None, ''))
    for value in ('abc', 'DEF', 'xyz', 'ghi', 'AbC', 'jkl'):
        assert value not in shown


def test_what_support_needs_stays():
    text = json.dumps(load('error.16-invalid-order'))
    assert redact.text(text) == text
    lock = load('error.4170')['message']
    assert redact.text(lock) == lock
    assert redact.text('item 1884392091 sku 10044238042') == 'item 1884392091 sku 10044238042'


def test_parameters_lose_their_secrets_only():
    shown = redact.params({'access_token': 'a', 'sign': 'b', 'code': 'c', 'refresh_token': 'd',
                           'order_ids': '[1]', 'payload': 'x' * 900})
    assert {shown[name] for name in ('access_token', 'sign', 'code', 'refresh_token')} == {'***'}
    assert shown['order_ids'] == '[1]'
    assert len(shown['payload']) == 500


def test_a_huge_text_is_cut_before_it_is_searched():
    assert len(redact.text('a' * 8_000_000)) == 4000
    assert len(redact.text('"phone":"' + '\\' * 8_000_000)) < 5000
