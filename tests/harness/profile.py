"""How much the randomised suites do: the fast profile of `make test`, the full one of
`make test-long` (environment variable TEST_PROFILE)."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    name: str
    kills: int              # kill -9 at random points of one synchronisation
    property_steps: int     # steps of the stateful property test
    market_events: int      # random events of the oversell simulation
    money_orders: int       # random orders whose totals are compared


PROFILES = {
    'fast': Profile('fast', kills=20, property_steps=2_000, market_events=300, money_orders=40),
    'long': Profile('long', kills=500, property_steps=10_000, market_events=5_000,
                    money_orders=1_000),
}
PROFILE = PROFILES[os.environ.get('TEST_PROFILE') or 'fast']
