"""`make test` fails when a suite fails or runs nothing."""

from dataclasses import replace

import pytest

from tools import suites
from tools.console import Stop
from tools.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return replace(Settings.read({}), local=tmp_path)


def run(monkeypatch, settings, **results):
    """Run the two plain suites with given exit codes; answers the exit code of all."""
    ran = []

    def pytest_run(runner, suite, *_arguments, **_environ):
        ran.append(suite.name)
        return results[suite.name], '=== 3 passed in 0.10s ==='
    monkeypatch.setattr(suites.Runner, '_pytest', pytest_run)
    return suites.run(settings, 'fast', list(results)), ran


def test_all_green_is_zero(monkeypatch, settings):
    assert run(monkeypatch, settings, unit=0, sandbox=0) == (0, ['unit', 'sandbox'])


@pytest.mark.parametrize('code', [1, 2, 5])
def test_one_failed_or_empty_suite_fails_the_run_and_the_others_still_run(
        monkeypatch, settings, code):
    assert run(monkeypatch, settings, unit=code, sandbox=0) == (1, ['unit', 'sandbox'])


def test_a_suite_that_cannot_run_fails_the_run(monkeypatch, settings):
    def broken(runner, suite, *_arguments, **_environ):
        raise OSError("no such file")
    monkeypatch.setattr(suites.Runner, '_pytest', broken)
    assert suites.run(settings, 'fast', ['unit']) == 1


def test_the_closing_lines_are_shown(monkeypatch, settings, capsys):
    run(monkeypatch, settings, unit=0, sandbox=5)
    summary = capsys.readouterr().out.splitlines()[-2:]
    assert summary[0].startswith('  ok     tests/unit     3 passed in 0.10s')
    assert summary[1].startswith('  EMPTY  tests/sandbox')


def test_a_suite_that_hangs_is_ended_and_fails(monkeypatch, settings, tmp_path, capsys):
    hanging = tmp_path / 'venv' / 'bin' / 'python'
    hanging.parent.mkdir(parents=True)
    hanging.write_text('#!/bin/sh\ntrap "echo cleaned up; exit 2" INT\n'
                       'while true; do sleep 0.05; done\n')
    hanging.chmod(0o755)
    monkeypatch.setattr(suites, 'FAST_SECONDS', 0.3)
    assert suites.run(settings, 'fast', ['unit']) == 1
    shown = capsys.readouterr().out
    assert 'cleaned up' in shown
    assert 'tests/unit was stopped after 0.3 s' in shown


def test_an_unknown_suite_is_told(settings):
    with pytest.raises(Stop, match='There is no suite unitt'):
        suites.run(settings, 'fast', ['unitt'])


def test_without_browser_and_root_the_command_is_told(monkeypatch, capsys):
    monkeypatch.setattr(suites.shutil, 'which', lambda name: None)
    monkeypatch.setattr(suites.os, 'geteuid', lambda: 1000)
    suites.ensure_browser()
    assert 'sudo apt-get install --no-install-recommends chromium' in capsys.readouterr().out


def test_every_folder_of_tests_is_a_suite_or_a_helper(settings):
    folders = {path.name for path in (settings.root / 'tests').iterdir()
               if path.is_dir() and any(path.glob('test_*.py'))}
    assert folders <= set(suites.NAMES)
