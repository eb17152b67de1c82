"""Setting up: resumes, says what is wrong, costs nothing when it is complete."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from tools import environment
from tools.console import Stop
from tools.settings import ROOT, Settings


@pytest.fixture
def settings(tmp_path):
    return replace(Settings.read({}), local=tmp_path)


class Recorder:
    """Stands in for the slow steps; `interrupt` names the one at which Ctrl-C is pressed."""

    def __init__(self, monkeypatch, settings):
        self.calls = []
        self.interrupt = None
        for name in ('_create_venv', '_pip'):
            monkeypatch.setattr(environment, name, self.make(name))
        monkeypatch.setattr(environment, '_make_odoo', lambda settings: None)
        self.settings = settings

    def make(self, name):
        def call(*_arguments):
            self.calls.append(name)
            if name == self.interrupt:
                raise KeyboardInterrupt
            if name == '_create_venv':
                self.settings.python.parent.mkdir(parents=True, exist_ok=True)
                self.settings.python.with_name('pip').touch()
                self.settings.python.unlink(missing_ok=True)
                self.settings.python.symlink_to(sys.executable)
        return call


def test_an_interrupted_setup_continues_where_it_stopped(monkeypatch, settings):
    recorder = Recorder(monkeypatch, settings)
    recorder.interrupt = '_pip'
    with pytest.raises(KeyboardInterrupt):
        environment.set_up(settings)
    recorder.interrupt = None
    environment.set_up(settings)
    assert recorder.calls == ['_create_venv', '_pip', '_pip']


def test_a_complete_setup_does_nothing(monkeypatch, settings):
    recorder = Recorder(monkeypatch, settings)
    environment.set_up(settings)
    done = list(recorder.calls)
    environment.set_up(settings)
    assert recorder.calls == done


def test_another_python_gets_an_environment_of_its_own(monkeypatch, settings, tmp_path):
    recorder = Recorder(monkeypatch, settings)
    environment.set_up(settings)
    other = tmp_path / 'python3.12'
    other.touch()
    monkeypatch.setattr(environment.sys, 'executable', str(other))
    monkeypatch.setattr(environment.sys, 'version', '3.12')
    environment.set_up(settings)
    assert recorder.calls == ['_create_venv', '_pip'] * 2


def test_changed_requirements_are_installed(monkeypatch, settings, tmp_path):
    recorder = Recorder(monkeypatch, settings)
    environment.set_up(settings)
    (tmp_path / 'requirements.txt').write_text('another==1')
    monkeypatch.setattr(environment, 'ROOT', tmp_path)
    environment.set_up(settings)
    assert recorder.calls == ['_create_venv', '_pip', '_pip']


def test_a_full_disk_is_told(monkeypatch, settings):
    usage = shutil.disk_usage('/')
    monkeypatch.setattr(environment.shutil, 'disk_usage', lambda path: usage._replace(free=10**9))
    with pytest.raises(Stop, match='1.0 GB left') as stop:
        environment.set_up(settings)
    assert 'LOCAL_DIR=' in stop.value.next_step


def test_a_folder_that_cannot_be_made_is_told(settings, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(Stop, match='cannot be written'):
        environment.set_up(replace(settings, local=tmp_path / 'file' / 'below'))


def test_pip_without_a_network_is_told(settings, tmp_path):
    fake = tmp_path / 'pip'
    fake.write_text('#!/bin/sh\necho "ERROR: Could not find a version of thing"; exit 1\n')
    fake.chmod(0o755)
    with pytest.raises(Stop, match='Could not find a version of thing') as stop:
        environment._call_pip([str(fake)], 'install', 'thing')
    assert 'network' in stop.value.next_step


def test_a_given_folder_without_odoo_is_told(settings, tmp_path):
    with pytest.raises(Stop, match='holds no Odoo'):
        environment._make_odoo(replace(settings, odoo_home=tmp_path))


def test_a_given_checkout_is_used(settings, tmp_path):
    (tmp_path / 'odoo').mkdir()
    (tmp_path / 'odoo' / 'release.py').touch()
    given = replace(settings, odoo_home=tmp_path)
    environment._make_odoo(given)
    assert given.odoo_path == tmp_path


def test_another_python_version_is_refused_before_anything_else():
    code = ("import sys, runpy; sys.version_info = (3, 9, 1); sys.argv = ['tools', 'run']; "
            "runpy.run_module('tools', run_name='__main__')")
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, text=True, capture_output=True,
                          env={**os.environ, 'LOCAL_DIR': '/nowhere'})
    assert done.returncode == 1
    assert 'is 3.9' in done.stderr
    assert 'make PYTHON=python3.11 run' in done.stderr
