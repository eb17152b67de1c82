"""The fixtures of the suites that run real processes."""

import pytest

from . import browser as browsers
from .running import ground as make_ground


@pytest.fixture(scope='session')
def ground():
    with make_ground() as ground:
        yield ground


@pytest.fixture(scope='module')
def stack(ground):
    """A running stack without demo data, shared by the tests of a module."""
    with ground.stack('test') as stack:
        yield stack


@pytest.fixture(scope='module')
def demo_stack(ground):
    """A running stack with demo data, shared by the tests of a module."""
    with ground.stack('demo') as stack:
        yield stack


@pytest.fixture(scope='module')
def connected_stack(ground):
    """A running demo whose shops are connected and whose orders are imported."""
    with ground.stack('demo') as stack:
        stack.connect()
        yield stack


@pytest.fixture
def fresh_stack(ground):
    """A running stack without demo data, for one test alone."""
    with ground.stack('test') as stack:
        yield stack


@pytest.fixture(scope='session')
def browser():
    if not browsers.CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    with browsers.browser() as chromium:
        yield chromium


@pytest.fixture
def page(browser):
    """A fresh browser page; the test fails on uncaught errors and errors in its console."""
    context = browser.new_context(viewport={'width': 1400, 'height': 900})
    page = context.new_page()
    page.set_default_timeout(90_000)
    errors = browsers.ConsoleErrors(page)
    yield page
    context.close()
    assert not errors.found, "the browser's console shows: " + '\n'.join(errors.found)
