import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazada_connector.mappers import status

from .payloads import load

NORMALISED = {'unpaid', 'to_pack', 'to_ship', 'shipped', 'delivered', 'completed', 'returning',
              'returned', 'lost', 'cancelled', 'unknown'}
PACKAGE = {'pending', 'confirmed', 'ready_to_ship', 'shipment_arranged', 'shipped', 'delivered',
           'cancelled', 'pickup_failed', 'manual', 'failed_delivery', 'returned', 'lost', 'damaged'}


@pytest.mark.parametrize('raw, expected', [
    ('unpaid', 'unpaid'), ('pending', 'to_pack'), ('repacked', 'to_pack'), ('packed', 'to_ship'),
    ('ready_to_ship_pending', 'to_ship'), ('READY_TO_SHIP_PENDING', 'to_ship'),
    ('ready_to_ship', 'to_ship'), ('shipped', 'shipped'), ('delivered', 'delivered'),
    ('confirmed', 'completed'), ('canceled', 'cancelled'), ('CANCELLED', 'cancelled'),
    ('failed', 'returning'), ('failed_delivery', 'returning'), ('shipped_back', 'returning'),
    ('shipped_back_success', 'returned'), ('shipped_back_failed', 'lost'), ('returned', 'returned'),
    ('lost', 'lost'), ('lost_by_3pl', 'lost'), ('damaged_by_3pl', 'lost'),
    ('package_scrapped', 'lost'), ('INFO_ST_DOMESTIC_OUT_FOR_DELIVERY', 'shipped'),
    ('INFO_ST_DOMESTIC_BACK_TO_SHIPPER', 'returned'), ('INFO_ST_BRAND_NEW', 'shipped'),
    ('INFO_ST_NEED_REVIEW', 'unknown'), ('topack', 'unknown'), ('', 'unknown'), (None, 'unknown'),
    ('brand new', 'unknown')])
def test_item_statuses(raw, expected):
    assert status.normalise(raw) == expected


@given(st.one_of(st.text(), st.none(), st.integers(), st.sampled_from(sorted(status.ITEM_STATUS))))
def test_every_string_has_a_status(raw):
    assert status.normalise(raw) in NORMALISED
    assert status.package_status(raw) in PACKAGE
    assert status.order_status([status.normalise(raw)]) in NORMALISED


def test_the_tables_hold_known_values_only():
    assert set(status.ITEM_STATUS.values()) <= NORMALISED
    assert set(status.PACKAGE_STATUS.values()) <= PACKAGE
    assert all(raw == raw.lower() for raw in {**status.ITEM_STATUS, **status.PACKAGE_STATUS})


@pytest.mark.parametrize('items, expected', [
    (['delivered', 'to_pack', 'cancelled'], 'to_pack'), (['shipped', 'to_ship'], 'to_ship'),
    (['unpaid', 'shipped'], 'unpaid'), (['shipped', 'returning'], 'shipped'),
    (['returning', 'lost'], 'returning'), (['returned', 'lost'], 'lost'),
    (['delivered', 'returned'], 'returned'), (['completed', 'delivered'], 'delivered'),
    (['completed', 'unknown'], 'completed'), (['unknown', 'cancelled'], 'unknown'),
    (['cancelled', 'cancelled'], 'cancelled'), ([], 'unknown')])
def test_an_order_is_as_urgent_as_its_most_urgent_item(items, expected):
    assert status.order_status(items) == expected


def test_every_documented_package_status_is_known():
    for raw in load('enum.package_status'):
        assert raw.lower() in status.PACKAGE_STATUS, raw


@pytest.mark.parametrize('raw, tracking, expected', [
    ('pending', '', 'pending'), ('packed', '', 'confirmed'), ('packed', 'T1', 'shipment_arranged'),
    ('READY_TO_SHIP', '', 'ready_to_ship'), ('READY_TO_SHIP', 'T1', 'shipment_arranged'),
    ('shipped', 'T1', 'shipped'), ('DELIVERED', 'T1', 'delivered'),
    ('CANCELLED', 'T1', 'cancelled'),
    ('INFO_ST_DOMESTIC_PICKUP_SIGN_IN_FAILURE', 'T1', 'pickup_failed'),
    ('DELIVER_FAILED', '', 'failed_delivery'), ('LOST_BY_3PL', '', 'lost'),
    ('DAMAGE_BY_3PL', '', 'damaged'), ('INFO_ST_NEED_REVIEW', '', 'manual'), ('new', '', 'manual')])
def test_package_statuses(raw, tracking, expected):
    assert status.package_status(raw, tracking) == expected
