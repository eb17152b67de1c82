"""The embedded PostgreSQL comes up again whatever happened to it."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.harness.waiting import wait_until
from tools.postgres import Embedded, Server


@pytest.fixture(scope='module')
def cluster(tmp_path_factory):
    embedded = Embedded(tmp_path_factory.mktemp('pg'))
    embedded.ensure_running()
    yield embedded
    embedded.stop()


def write_number(server, number):
    with server.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS numbers (number int)")
        cursor.execute("INSERT INTO numbers VALUES (%s)", [number])


def read_numbers(server):
    with server.cursor() as cursor:
        cursor.execute("SELECT number FROM numbers ORDER BY number")
        return [number for [number] in cursor.fetchall()]


@pytest.fixture
def server(cluster):
    server = Server(str(cluster.sockets), '5432', 'postgres')
    cluster.ensure_running()
    with server.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS numbers")
    return server


def kill_postmaster(cluster):
    process = cluster._postmaster()
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: not process.is_running(), timeout=10)


def test_a_running_server_is_left_as_it_is(cluster, server):
    before = cluster._postmaster().pid
    cluster.ensure_running()
    assert cluster._postmaster().pid == before


def test_what_was_committed_survives_a_kill(cluster, server):
    write_number(server, 1)
    kill_postmaster(cluster)
    cluster.ensure_running()
    assert read_numbers(server) == [1]


def test_a_backend_that_outlived_its_server_is_in_nobodys_way(cluster, server):
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
        backend.suspend()       # it cannot notice that its server has gone
        kill_postmaster(cluster)
        cluster.ensure_running()
        write_number(server, 2)
        assert not backend.is_running() or backend.status() == psutil.STATUS_ZOMBIE
    assert read_numbers(server) == [2]


def test_a_lock_file_with_the_number_of_another_process_is_in_nobodys_way(cluster, server):
    kill_postmaster(cluster)
    innocent = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
    try:
        lock = cluster.data / 'postmaster.pid'
        lines = lock.read_text().splitlines()
        lock.write_text('\n'.join([str(innocent.pid), *lines[1:]]) + '\n')
        cluster.ensure_running()
        write_number(server, 3)
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()
    assert read_numbers(server) == [3]


def test_a_stopped_server_starts_again(cluster, server):
    write_number(server, 4)
    cluster.stop()
    assert cluster._postmaster() is None
    cluster.ensure_running()
    assert read_numbers(server) == [4]


def test_an_interrupted_creation_is_begun_again(tmp_path):
    embedded = Embedded(tmp_path)
    (tmp_path / 'pg.new').mkdir()
    (tmp_path / 'pg.new' / 'PG_VERSION').write_text('18')
    server = embedded.ensure_running()
    try:
        with server.cursor() as cursor:
            cursor.execute("SELECT current_user, rolcreatedb FROM pg_roles "
                           "WHERE rolname = current_user")
            assert cursor.fetchone() == ('odoo', True)
    finally:
        embedded.stop()


def test_a_long_path_is_no_obstacle(tmp_path):
    folder = tmp_path / ('long' * 25)
    folder.mkdir()
    embedded = Embedded(folder)
    server = embedded.ensure_running()
    try:
        with server.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        embedded.stop()
    assert embedded.sockets.stat().st_mode & 0o077 == 0


def test_only_its_owner_may_enter_the_socket_folder(cluster):
    assert os.stat(cluster.data).st_mode & 0o077 == 0


def test_stopping_twice_is_harmless(cluster, server):
    cluster.stop()
    cluster.stop()
    assert cluster._postmaster() is None
