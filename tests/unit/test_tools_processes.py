"""Background processes, locks and files of the tools."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from tools import files
from tools.console import Stop, step
from tools.processes import Background, free_port, is_port_free, require_port
from tools.settings import Settings

SLEEP = [sys.executable, '-c', 'import time; time.sleep(60)']


@pytest.fixture
def background(tmp_path):
    background = Background('sleeper', replace(Settings.read({}), local=tmp_path))
    yield background
    background.stop()


def test_a_started_process_is_found_and_stopped(background):
    background.start(SLEEP, port=1)
    assert background.process()
    assert background.record()['port'] == 1
    assert background.stop()
    assert background.process() is None


def test_a_killed_process_is_noticed(background):
    child = background.start(SLEEP)
    child.kill()
    child.wait()
    assert background.process() is None
    assert not background.stop()


def test_another_process_with_the_same_number_is_left_alone(background):
    background.start(SLEEP)
    innocent = subprocess.Popen(SLEEP)
    pid, started = background.record()['pid'], psutil.Process(innocent.pid).create_time()
    background.record_path.write_text(json.dumps({'pid': innocent.pid, 'started': started - 1}))
    try:
        assert background.process() is None
        background.stop()
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()
        psutil.Process(pid).kill()


def test_children_are_stopped_too(background):
    code = ("import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', "
            "'import time; time.sleep(60)']); print(child.pid, flush=True); time.sleep(60)")
    background.start([sys.executable, '-c', code])
    while not background.tail().strip():
        pass
    child = psutil.Process(int(background.tail()))
    background.stop()
    assert not child.is_running()


def test_a_taken_port_is_told_with_the_variable():
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Stop, match=f'Port {port} is taken') as stop:
            require_port(port, 'ODOO_PORT')
    assert 'ODOO_PORT=' in stop.value.next_step


def test_a_free_port_is_free():
    assert is_port_free(free_port())


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / 'stamp'
    files.write(path, 'old')
    with pytest.raises(TypeError):
        files.write(path, None)
    assert path.read_text() == 'old'


def test_a_secret_is_written_for_its_owner_only(tmp_path):
    files.write(tmp_path / 'key', 'secret', mode=0o600)
    assert (tmp_path / 'key').stat().st_mode & 0o077 == 0


def test_a_shared_lock_keeps_an_exclusive_one_out_until_its_last_holder_has_gone(tmp_path):
    path = tmp_path / 'lock'
    with files.lock(path, shared=True) as first:
        heir = subprocess.Popen(SLEEP, pass_fds=[first.fileno()])
    try:
        with open(path, 'a') as other:
            assert not files._try_lock(other, files.fcntl.LOCK_EX, patience=0)
            heir.kill()
            heir.wait()
            assert files._try_lock(other, files.fcntl.LOCK_EX, patience=0)
    finally:
        heir.kill()
        heir.wait()


def test_a_digest_tells_where_one_part_ends():
    assert files.digest('ab', 'c') != files.digest('a', 'bc')


def test_a_step_prints_its_seconds_and_its_failure(capsys):
    with step("Good"):
        pass
    with pytest.raises(OSError), step("Bad"):
        raise OSError
    good, bad = capsys.readouterr().out.splitlines()
    assert good.startswith("  Good … 0.") and good.endswith(" s")
    assert "Bad … failed after 0." in bad


def test_the_secret_files_are_not_kept_by_git(tmp_path):
    assert '.local/' in (Settings.read({}).root / '.gitignore').read_text().splitlines()
    assert os.path.basename(Settings.read({}).local) == '.local'
