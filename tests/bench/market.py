"""A market day of 5,000 events: how much is offered beyond what is there, and for how long.

A piece sold in one place is still offered in the others until the next run. `RACE_SECONDS` for each
such piece and listing is what that may add up to.
"""
import os

from tests.system.oversell import RACE_SECONDS, Market

from .figures import Figure

EVENTS = 5_000
SEED = int(os.environ.get('MARKET_SEED') or 20261111)


def measure(ground):
    with ground.stack('test', arguments=('--workers=2',)) as stack:
        market = Market(stack, SEED, race=RACE_SECONDS)
        market.open()
        market.run(EVENTS, pause=0.1)
        market.settle()
        for line in market.violations:
            print(line)
        missing, told = market.missing()
        differing = len(market.differences())
    return [
        Figure("random events", market.happened, 'events', bound=-EVENTS),
        Figure.compare(
            "offered beyond what was there", market.excess, 'unit-seconds',
            "sold elsewhere, 15 s for each piece and listing", market.allowed(), bound=1),
        Figure.compare(
            "offered beyond what was there", market.excess, 'unit-seconds',
            "sold in Odoo, 15 s for each piece", market.allowed_for_odoo(), bound=1),
        Figure("orders accepted beyond a race", len(market.violations), 'orders', bound=0),
        Figure("pieces missing that nobody is told about", abs(missing - told), '', bound=0),
        Figure("listings that differ at the end", differing, '', bound=0),
    ]
