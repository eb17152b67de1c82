import pytest

from lazada_connector.mappers.partner import map_address

from .payloads import load


def address(name):
    data = load(name)['data']
    return data.get('orders', [data])[0]['address_shipping']


def test_thailand():
    mapped = map_address(address('order.get.th-2021-canceled'), 'th')
    assert mapped == {
        'name': 'สมปอง ตัวอย่าง', 'phone': '', 'phone2': '', 'street': '', 'street2': '',
        'city': 'บางซื่อ/ Bang Sue', 'state_name': '', 'zip': '10800', 'country_code': 'TH',
        'country_known': True, 'state_names': [],
        'masked': True, 'raw_name': 'สมปอง ตัวอย่าง', 'raw_phone': '66********53',
        'raw_street': '1******************6'}


def test_thai_states_are_shown_by_their_latin_name_and_known_by_both():
    mapped = map_address({'address3': 'กรุงเทพมหานคร/ Bangkok'}, 'th')
    assert mapped['state_name'] == 'Bangkok'
    assert mapped['state_names'] == ['กรุงเทพมหานคร', 'Bangkok']


def test_vietnam_keeps_the_ward():
    mapped = map_address({
        'first_name': 'n', 'address1': '12 Lê Lợi', 'address3': 'Hà Nội',
        'address4': 'Quận Hà Đông',
        'address5': 'Phường Mộ Lao', 'city': 'Quận Hà Đông', 'post_code': '', 'country': 'Vietnam',
        'phone': '84912345611'}, 'vn')
    assert mapped['street2'] == 'Phường Mộ Lao'
    assert (mapped['city'], mapped['state_name'], mapped['zip']) == ('Quận Hà Đông', 'Hà Nội', '')
    assert (mapped['phone'], mapped['masked']) == ('84912345611', False)


def test_singapore_has_no_state_and_a_post_code_somewhere():
    mapped = map_address(address('orders.get.doc-allfields'), 'sg')
    assert (mapped['city'], mapped['state_name'], mapped['zip']) == ('Singapore', '', '500001')
    assert mapped['street'] == '1 CONTOH VILLAGE ROAD, 11'
    assert (mapped['phone'], mapped['phone2'], mapped['masked']) == ('', '', True)
    assert map_address({'city': 'Singapore-Singapore-500001'}, 'sg')['zip'] == '500001'


@pytest.mark.parametrize('site', ['my', 'id', 'ph', 'th'])
def test_the_post_code_may_stand_in_address5(site):
    mapped = map_address({'address5': '47301', 'post_code': ''}, site)
    assert (mapped['zip'], mapped['street2']) == ('47301', '')


def test_the_third_level_and_the_district_help_to_find_the_door():
    mapped = map_address({
        'address2': 'Block B', 'address5': 'Barangay 7', 'addressDistrict': 'North',
        'address4': 'Makati', 'address3': 'Metro Manila'}, 'ph')
    assert mapped['street2'] == 'Block B, Barangay 7, North'
    assert (mapped['city'], mapped['state_name']) == ('Makati', 'Metro Manila')


@pytest.mark.parametrize('country, site, expected', [
    ('Vietnam', 'sg', 'VN'), ('Viet Nam', 'vn', 'VN'), ('', 'ph', 'PH'), ('Atlantis', 'id', 'ID')])
def test_the_country_is_always_set(country, site, expected):
    assert map_address({'country': country}, site)['country_code'] == expected


def test_masked_text_stays_out_of_phone_and_street_only():
    mapped = map_address({'first_name': 'J***n', 'phone': '66********69', 'address1': 's***2',
                          'address3': 'H****i', 'address4': 'Q***g', 'address5': 'P***o'}, 'vn')
    assert [mapped[key] for key in ('phone', 'street', 'street2', 'city', 'state_name')] == [''] * 5
    assert (mapped['name'], mapped['raw_phone'], mapped['raw_street']) == (
        'J***n', '66********69', 's***2')
    assert mapped['masked']


@pytest.mark.parametrize('phone, expected', [
    ('+6591234567', '6591234567'), ('65 9123-4567', '65 9123-4567'), ('(02) 8123 4567',
     '(02) 8123 4567'), ('=cmd', ''), ('6****67', ''), ('', ''), (None, ''), ('call me', '')])
def test_phones_are_numbers_or_nothing(phone, expected):
    assert map_address({'phone': phone}, 'sg')['phone'] == expected


def test_hostile_addresses_are_inert():
    mapped = map_address({'first_name': '=1', 'address1': '@x\0\nb', 'city': '-2', 'address4': None,
                          'address3': ['x'], 'post_code': '=1234'}, 'my')
    assert (mapped['name'], mapped['street'], mapped['city'], mapped['zip']) == (
        "'=1", "'@x b", "'-2", '')
