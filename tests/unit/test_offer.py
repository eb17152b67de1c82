"""How much a listing offers, by which rule, and from which of several warehouses."""
import pytest

from lazada_connector.mappers.offer import OfferRules, distribute, offer, whole_units


@pytest.mark.parametrize('units, rules, expected', [
    (10, {}, (10, ())),
    (0, {}, (0, ())),
    (-3, {}, (0, ())),
    (10, {'set_to_zero': True}, (0, ('set_to_zero',))),
    (2, {'last_units': 2}, (0, ('last_units',))),
    (3, {'last_units': 2}, (3, ())),
    (10, {'share_percent': 35}, (3, ('share',))),
    (10, {'buffer_qty': 2}, (8, ('buffer',))),
    (10, {'buffer_percent': 35}, (6, ('buffer',))),
    (10, {'share_percent': 50, 'buffer_qty': 2}, (3, ('share', 'buffer'))),
    (10, {'max_qty': 4}, (4, ('max_qty',))),
    (10, {'buffer_qty': 2, 'max_qty': 4}, (4, ('max_qty',))),
    (10, {'buffer_qty': 7, 'max_qty': 4}, (3, ('buffer',))),
    (4, {'max_qty': 4}, (4, ())),
    (1, {'buffer_qty': 5}, (0, ('buffer',))),
])
def test_the_rule_that_limits_an_offer_is_named(units, rules, expected):
    assert offer(units, OfferRules(**rules)) == expected


def test_whole_units_of_a_bundle():
    assert [whole_units(pieces, 3) for pieces in (-1, 0, 2, 3, 8.9999999)] == [-1, 0, 0, 1, 3]


@pytest.mark.parametrize('quantity, units, expected', [
    (7, {'a': 3, 'b': 4}, {'a': 3, 'b': 4}),
    (9, {'a': 3, 'b': 4}, {'a': 3, 'b': 4}),
    (5, {'a': 3, 'b': 4}, {'a': 2, 'b': 3}),
    (1, {'a': 3, 'b': 3}, {'a': 1, 'b': 0}),
    (0, {'a': 3, 'b': 0}, {'a': 0, 'b': 0}),
    (0, {'a': 0, 'b': 0}, {'a': 0, 'b': 0}),
    (3, {False: 8}, {False: 3}),
])
def test_a_quantity_is_distributed_once(quantity, units, expected):
    parts = distribute(quantity, units)
    assert parts == expected
    assert sum(parts.values()) == min(quantity, sum(units.values()))


def test_no_part_is_more_than_there_is():
    for quantity in range(40):
        units = {'a': 1, 'b': 0, 'c': 13, 'd': 7}
        parts = distribute(quantity, units)
        assert sum(parts.values()) == min(quantity, 21)
        assert all(0 <= parts[place] <= units[place] for place in units)
