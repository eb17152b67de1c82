"""Stock that never oversells, with real processes, random events and random failures."""
import os

import pytest

from tests.harness.profile import PROFILE

from .oversell import Market

SEED = int(os.environ.get('MARKET_SEED') or 20261111)


@pytest.fixture(scope='module')
def market(ground):
    with ground.stack('test') as stack:
        market = Market(stack, SEED)
        market.open()
        market.run(PROFILE.market_events, pause=0.2)
        market.race_at_the_end = market.race_seconds
        market.settle()
        yield market


def test_enough_happened_of_everything(market):
    assert min(market.counts[name] for name in (
        'buy', 'sell', 'cancel_lazada', 'cancel_sale', 'receive_some', 'move_out', 'deliver',
        'break')) > 0


def test_after_the_day_everybody_agrees_on_every_listing(market):
    assert market.differences() == []


def test_what_was_offered_too_much_is_explained_by_races(market):
    allowed = market.allowed(market.race_at_the_end)
    assert market.excess < allowed, (market.excess, allowed, market.counts)


def test_no_order_was_accepted_beyond_a_race(market):
    assert market.violations == []


def test_every_piece_that_is_missing_is_reported(market):
    missing, told = market.missing()
    assert told == missing
