"""`make up`: ready when it returns, harmless when repeated, and it heals what was killed."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.harness.clients import SandboxControl
from tools.connect_demo import find_missing
from tools.odoo_client import Json2
from tools.processes import free_port
from tools.stack import Stack


@pytest.fixture(scope='module')
def demo(ground):
    """The demo on ports and in a database of its own."""
    with ground.database_name() as name:
        stack = Stack(replace(ground.settings, db_name=name, odoo_port=free_port(),
                              sandbox_port=free_port()))
        stack.up()
        yield stack
        stack.down()


@pytest.fixture
def client(demo):
    key = (demo.settings.run_dir / 'api-key').read_text().strip()
    return Json2(demo.url, demo.settings.db_name, key)


@contextmanager
def killed(*backgrounds):
    for background in backgrounds:
        process = background.process()
        process.kill()
        process.wait(10)
    yield


def count_orders(client):
    return client.call('lazada.order', 'search_count', domain=[])


def test_the_four_shops_are_connected_and_their_orders_imported(demo, client):
    shops = client.call('lazada.shop', 'search_read', domain=[], fields=['site', 'external_id'])
    world = SandboxControl(demo.sandbox_url).get('state')
    assert {(shop['site'], shop['external_id']) for shop in shops} == {
        (shop['site'], shop['seller_id']) for shop in world['shops']}
    assert len(shops) == 4
    assert count_orders(client) == sum(shop['orders'] for shop in world['shops'])
    assert client.call('sale.order', 'search_count', domain=[
        ('lazada_order_id', '!=', False), ('state', '=', 'sale')]) >= 70


def test_a_second_call_starts_nothing_and_changes_nothing(demo, client):
    before = count_orders(client), demo.server.process().pid, demo.sandbox.process().pid
    assert demo.up() == []
    assert (count_orders(client), demo.server.process().pid, demo.sandbox.process().pid) == before


def test_it_comes_up_again_after_a_kill_of_everything(demo, client):
    before = count_orders(client)
    with killed(demo.server, demo.sandbox):
        assert demo.up() == [demo.sandbox, demo.server]
    assert count_orders(client) >= before
    assert find_missing(client, demo.sandbox_url) == ''


def test_it_comes_up_again_after_a_kill_of_odoo(demo, client):
    with killed(demo.server):
        assert demo.up() == [demo.server]
    assert client.is_accepted()


def test_the_printed_address_login_key_and_log_are_real(demo, client, capsys):
    demo.show()
    shown = capsys.readouterr().out
    for text in (demo.url, demo.sandbox_url, client.key, str(demo.server.log_path)):
        assert text in shown
    assert demo.server.log_path.exists()
