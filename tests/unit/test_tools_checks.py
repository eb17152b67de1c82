"""`make check` fails when one check complains, and the others still run."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from tools import checks
from tools.settings import Settings


@pytest.fixture
def settings(monkeypatch, tmp_path):
    @contextmanager
    def in_use(settings):
        yield None, None
    monkeypatch.setattr(checks.postgres, 'in_use', in_use)
    monkeypatch.setattr(checks.Databases, 'template', lambda self, kind: kind)
    return replace(Settings.read({}), root=tmp_path)


def test_all_clean_is_zero(monkeypatch, settings, capsys):
    monkeypatch.setattr(checks, 'CHECKS', {'a': lambda settings: '', 'b': lambda settings: ''})
    assert checks.run(settings) == 0
    assert capsys.readouterr().out.splitlines()[-1] == '2 passed, 0 failed'


def test_a_complaint_is_shown_and_fails(monkeypatch, settings, capsys):
    monkeypatch.setattr(checks, 'CHECKS', {
        'a': lambda settings: 'line 1 is wrong', 'b': lambda settings: ''})
    assert checks.run(settings) == 1
    shown = capsys.readouterr().out
    assert '    line 1 is wrong' in shown
    assert '  b …' in shown
    assert shown.splitlines()[-1] == '1 passed, 1 failed'


def test_ruff_and_pylint_see_what_is_wrong(settings):
    tree = Settings.read()
    (settings.root / 'bad.py').write_text('import os\n')
    linters = replace(tree, root=settings.root)
    assert 'F401' in checks.check_ruff(linters)
    addon = settings.root / checks.ADDON
    addon.mkdir()
    (addon / '__init__.py').touch()
    (addon / '__manifest__.py').write_text("{'name': 'x', 'version': '1.0'}\n")
    (settings.root / '.pylintrc').write_text((tree.root / '.pylintrc').read_text())
    complaint = checks.check_pylint(linters)
    assert 'manifest-version-format' in complaint
    assert 'manifest-required-key' in complaint


def test_a_page_with_a_broken_link_is_found_and_hidden_folders_are_not_read(settings):
    (settings.root / 'docs').mkdir()
    (settings.root / 'docs' / 'page.md').write_text('[x](gone.md)')
    (settings.root / '.local').mkdir()
    (settings.root / '.local' / 'page.md').write_text('[x](gone.md)')
    assert checks.check_links(settings) == 'docs/page.md: gone.md'


@pytest.mark.parametrize('stored, fine', [
    ('"POT-Creation-Date: 2020-01-01"\nmsgid "a"\n', True),
    ('"POT-Creation-Date: 2020-01-01"\nmsgid "b"\n', False),
    (None, False),
])
def test_the_stored_template_must_have_the_current_terms(monkeypatch, settings, stored, fine):
    monkeypatch.setattr(checks, 'export_template',
                        lambda settings: '"POT-Creation-Date: 2026-05-05"\nmsgid "a"\n')
    if stored:
        checks.write(checks.template_path(settings), stored)
    complaint = checks.check_translations(settings)
    assert (complaint == '') is fine
    if not fine:
        assert 'make translations' in complaint
