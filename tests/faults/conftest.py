from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.fixtures import (  # noqa: F401
    browser,
    connected_stack,
    demo_stack,
    fresh_stack,
    ground,
    page,
    stack,
)
from tests.harness.shops import attach, list_goods, make_goods
from tests.harness.waiting import wait_until

SKU = 'FAULTS'
SITES = ('sg', 'my', 'ph')


@pytest.fixture(scope='module')
def start():
    """From when on orders are expected in Odoo: the platform has older ones."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(seconds=5)


@pytest.fixture(scope='module')
def shops(stack, start):  # noqa: F811
    """Three shops of one cross-border account that sell the same product."""
    login = next(account['login'] for account in stack.sandbox.get('state')['accounts']
                 if account['country'] == 'cb')
    make_goods(stack, SITES[0], SKU)
    for site in SITES[1:]:
        list_goods(stack, site, SKU)
    shops = [attach(stack, site, start, login) for site in SITES]
    for shop in shops:
        wait_until(shop.is_idle)
    return shops
