"""`make up`: ready when it returns, harmless when repeated, and it heals what was killed."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.harness.clients import SandboxControl
from tools import stack as stack_module
from tools.connect_demo import find_missing
from tools.database import addon_digest
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


def test_a_changed_addon_is_updated_in_the_demo(demo, client, ground):
    name = demo.settings.db_name
    ground.databases.set_note(name, addon='an older one')
    log = demo.settings.log_dir / 'database.log'
    before = log.read_text().count('Loading module lazada_connector')
    assert demo.up() == [demo.server]
    assert log.read_text().count('Loading module lazada_connector') == before + 1
    assert ground.databases.get_note(name) == {'addon': addon_digest(demo.settings)}
    assert demo.up() == []


def test_the_printed_address_login_key_and_log_are_real(demo, client, capsys):
    demo.show()
    shown = capsys.readouterr().out
    for text in (demo.url, demo.sandbox_url, client.key, str(demo.server.log_path)):
        assert text in shown
    assert demo.server.log_path.exists()


RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from tools.settings import Settings
from tools.stack import Stack
work, name, odoo, sandbox = sys.argv[1:]
Stack(replace(Settings.read(), work=Path(work), db_name=name, odoo_port=int(odoo),
              sandbox_port=int(sandbox))).run()
"""


def start_run(demo):
    settings = demo.settings
    return subprocess.Popen(
        [sys.executable, '-c', RUN, settings.work, settings.db_name, str(settings.odoo_port),
         str(settings.sandbox_port)],
        cwd=settings.root, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize('moment', ["Lazada sandbox: starting", "Ctrl-C stops it."])
def test_ctrl_c_stops_what_run_started(demo, moment):
    demo.down()
    run = start_run(demo)
    for line in run.stdout:
        if moment in line:
            break
    os.killpg(run.pid, signal.SIGINT)
    rest = run.stdout.read()
    assert run.wait(60) == 0
    assert "Stopping" in rest
    assert demo.server.process() is None
    assert demo.sandbox.process() is None


def test_run_beside_a_running_demo_leaves_it_running(demo):
    demo.up()
    run = start_run(demo)
    shown = run.stdout.read()
    assert run.wait(60) == 0
    assert "It was already running" in shown
    assert demo.server.process()
    assert demo.sandbox.process()


def test_a_server_that_does_not_answer_is_replaced(demo, client, monkeypatch):
    demo.up()
    monkeypatch.setattr(stack_module, 'ANSWER_SECONDS', 2)
    deaf = demo.server.process()
    deaf.suspend()
    assert demo.up() == [demo.server]
    assert not deaf.is_running()
    assert client.is_accepted()
