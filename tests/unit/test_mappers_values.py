"""Money, moments and text: exact or refused, never guessed."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazada_connector.lazada_api import SITES
from lazada_connector.mappers.datetimes import optional_datetime, parse_datetime
from lazada_connector.mappers.money import optional_money, parse_int, parse_money
from lazada_connector.mappers.text import clean, inert, is_masked, one_line
from lazada_connector.mappers.values import BadValue, is_order_id, parse_bool, parse_id, web_url


@pytest.mark.parametrize('value, expected', [
    (543701418369495, True), ('543701418369495', True), (5.437e14, True), ('', False),
    (None, False), ('12-3', False), ('9' * 41, False), (True, False)])
def test_numbers_of_orders_are_digits_and_no_more_than_fit(value, expected):
    assert is_order_id(value) is expected


@pytest.mark.parametrize('value, expected', [
    ('1,152.00', '1152.00'), ('4,720.00', '4720.00'), ('1,234,567.89', '1234567.89'),
    (25000.0, '25000.0'), (Decimal('25000.0'), '25000.0'), (17, '17'), ('17', '17'), ('.5', '.5'),
    ('5.', '5'), ('-2,251.57', '-2251.57'), ('+1', '1'), ('1e3', '1000'), ('1.5E-2', '0.015'),
    (' 3.30 ', '3.30'), ('', '0'), (None, '0'), ('null', '0'), (0.1, '0.1')])
def test_amounts_are_read_exactly(value, expected):
    assert parse_money(value) == Decimal(expected)


@pytest.mark.parametrize('value', [
    'NaN', 'inf', float('nan'), float('inf'), Decimal('NaN'), Decimal('-Infinity'), '1,15', '1,1,1',
    '1.000,00', '12 THB', 'abc', '.', '-', 'e5', '1e999', '٣', '1_000', [1], {}, True, '±0.01',
    '9' * 30])
def test_what_is_no_amount_is_refused_with_its_value(value):
    with pytest.raises(BadValue, match='not an amount'):
        parse_money(value)
    assert issubclass(BadValue, ValueError)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10**12,
                   max_value=10**12))
def test_an_amount_survives_every_notation(amount):
    assert parse_money(f'{amount:,}') == parse_money(f'{amount}') == parse_money(amount) == amount


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.booleans(), st.binary()))
def test_any_value_is_an_amount_or_refused(value):
    try:
        assert parse_money(value).is_finite()
    except BadValue:
        assert value not in (None, '')


def test_whole_numbers():
    assert [parse_int(value) for value in (2, '2', 2.0, '2.00', '1,000', '', None)] == [
        2, 2, 2, 2, 1000, 0, 0]
    with pytest.raises(BadValue, match='whole'):
        parse_int('2.5')
    assert optional_money({}, 'a') is None
    assert optional_money({'a': ''}, 'a') is None
    assert optional_money({'a': 0}, 'a') == 0


@pytest.mark.parametrize('value, expected', [
    ('2018-10-13 22:03:53 +0700', datetime(2018, 10, 13, 15, 3, 53)),
    ('2018-02-09T22:44:30+08:00', datetime(2018, 2, 9, 14, 44, 30)),
    ('2018-02-09T22:44:30.123Z', datetime(2018, 2, 9, 22, 44, 30)),
    (1539443033, datetime(2018, 10, 13, 15, 3, 53)),
    ('1539443033', datetime(2018, 10, 13, 15, 3, 53)),
    (1539443033123, datetime(2018, 10, 13, 15, 3, 53)),
    ('1539443033123', datetime(2018, 10, 13, 15, 3, 53)),
    (Decimal('1539443033.0'), datetime(2018, 10, 13, 15, 3, 53)),
    ('16 Sep 2026', datetime(2026, 9, 15, 17)),
    ('2026-08-04 02:20:11', datetime(2026, 8, 3, 19, 20, 11)),
    ('2026-08-04 02:20', datetime(2026, 8, 3, 19, 20)),
    ('2026-08-04', datetime(2026, 8, 3, 17)),
    ('', None), (None, None), ('null', None), (0, None), ('0', None)])
def test_every_date_format_is_understood(value, expected):
    assert parse_datetime(value, 'th') == expected


def test_a_missing_offset_is_the_sites():
    moments = {site: parse_datetime('2026-08-04 08:00:00', site) for site in SITES}
    assert {site for site, moment in moments.items() if moment.hour == 0} == {'sg', 'my', 'ph'}
    assert {site for site, moment in moments.items() if moment.hour == 1} == {'th', 'vn', 'id'}
    assert parse_datetime('2026-08-04 08:00:00', SITES['sg']) == moments['sg']


@pytest.mark.parametrize('value', [
    'shipping_time', '2026-13-01', '2026-02-30 10:00:00', '16 Xyz 2026', 10**15, -5, '0001-01-01',
    True, '2026-08-04 25:00:00', '12:00'])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(BadValue, match='not a date'):
        parse_datetime(value, 'th')
    assert optional_datetime(value, 'th') is None


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)), st.sampled_from(sorted(SITES)))
def test_a_moment_survives_every_format(moment, site):
    local = moment + SITES[site].utc_offset
    hours = SITES[site].utc_offset // timedelta(hours=1)
    seconds = int((moment - datetime(1970, 1, 1)).total_seconds())
    for text in (f'{local:%Y-%m-%d %H:%M:%S} +0{hours}00', f'{local:%Y-%m-%dT%H:%M:%S}+0{hours}:00',
                 f'{local:%Y-%m-%d %H:%M:%S}', seconds, seconds * 1000, f'{seconds}000'):
        assert parse_datetime(text, site) == moment


@given(st.one_of(st.text(), st.integers(), st.floats()))
def test_any_value_is_a_moment_or_refused(value):
    try:
        moment = parse_datetime(value, 'sg')
    except BadValue:
        return
    assert moment is None or moment.tzinfo is None


def test_text_is_cleaned():
    assert clean(None) == ''
    assert clean(' a\0b\ud800c\x07d \n') == 'abcd'
    assert clean('a\u202eb\u2066c\u2069d\ufeff') == 'abcd'
    assert clean('one\r\ntwo\rthree\u2028four\tfive') == 'one\ntwo\nthree\nfour\tfive'
    assert clean('👩‍👩‍👧 ไทย עברית') == '👩‍👩‍👧 ไทย עברית'
    assert clean('a' * 5000, 10) == 'a' * 9 + '…'
    assert clean('abc', 3) == 'abc'
    assert clean(17) == '17'


@given(st.text(st.characters()), st.one_of(st.none(), st.integers(1, 20)))
def test_clean_text_is_storable_and_stays_clean(value, max_length):
    text = clean(value, max_length)
    text.encode('utf-8')
    assert '\0' not in text
    assert not re.search('[\u202a-\u202e\u2066-\u2069]', text)
    assert clean(text, max_length) == text
    assert max_length is None or len(text) <= max_length


@pytest.mark.parametrize('value', [
    '=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\u202e=1', '＝1'])
def test_no_spreadsheet_sees_a_formula(value):
    assert inert(value).startswith("'")


@given(st.text(), st.one_of(st.none(), st.integers(1, 20)))
def test_inert_text_never_starts_a_formula(value, max_length):
    text = inert(value, max_length)
    assert not text.startswith(('=', '+', '-', '@', '\t', '\r'))
    assert inert(text, max_length) == text
    assert '\n' not in one_line(value)


def test_ordinary_text_is_untouched():
    for text in ('áo dài', '<script>alert(1)</script>', '{{7*7}}', '%s ${x}', 'a=b', "O'Neil"):
        assert inert(text) == text


def test_masks_are_recognised():
    assert all(map(is_masked, ('J***n', '66********69', '1***0', 'L*m', '****')))
    assert not any(map(is_masked, ('', None, 'Somchai', '6591234567')))


@pytest.mark.parametrize('value, expected', [
    (543701418369495, '543701418369495'), ('98108', '98108'), (Decimal('98108.0'), '98108'),
    (98108.0, '98108'), (None, ''), ('', ''), ('null', ''), (0, '0'), (' FP1 ', 'FP1')])
def test_ids_are_text(value, expected):
    assert parse_id(value) == expected


def test_booleans_and_addresses():
    assert all(map(parse_bool, (True, 'true', 'True', 1, '1')))
    assert not any(map(parse_bool, (False, 'false', 0, '0', '', None, 'yes')))
    assert web_url('//th-live.slatic.net/p/1.jpg') == 'https://th-live.slatic.net/p/1.jpg'
    for bad in ('javascript:alert(1)', 'http://a b', '', None, 'data:x', 'https://x/"onload='):
        assert web_url(bad) == ''
