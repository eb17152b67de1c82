"""`make check`: linters, translations, links of the documentation."""

import difflib
import os
import subprocess
import tempfile
from pathlib import Path

from . import postgres
from .console import Stop, say, step
from .database import Databases
from .files import write
from .links import broken_links
from .odoo import Odoo
from .settings import ADDON

# Lines of a translation template that change without a change of its terms
VOLATILE = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Project-Id-Version:')


def run(settings):
    """Run all checks, show what each found; answers the exit code."""
    with postgres.in_use(settings) as (server, _):
        # First, because it has progress lines of its own
        Databases(settings, server, Odoo(settings, server)).template('test')
        failed = sum(not _passes(settings, name, check) for name, check in CHECKS.items())
    say(f"\n{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _passes(settings, name, check):
    with step(name):
        complaint = check(settings)
    if complaint:
        say('\n'.join('    ' + line for line in complaint.splitlines()))
    return not complaint


def _call(settings, *arguments):
    done = subprocess.run([str(settings.python), '-m', *arguments], cwd=settings.root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.strip() or f"exit code {done.returncode}" if done.returncode else ''


def check_ruff(settings):
    return _call(settings, 'ruff', 'check', '--quiet', '.')


def check_pylint(settings):
    return _call(settings, 'pylint', '--rcfile=.pylintrc', '--jobs=2', ADDON)


def check_links(settings):
    pages = [page for page in settings.root.rglob('*.md')
             if not any(part.startswith('.') for part in page.relative_to(settings.root).parts)]
    return '\n'.join(broken_links(settings.root, sorted(pages)))


def check_translations(settings):
    stored = template_path(settings)
    before = _terms(stored.read_text()) if stored.exists() else []
    changes = list(difflib.unified_diff(before, _terms(export_template(settings)),
                                        'stored', 'current', lineterm='', n=1))
    if not changes:
        return ''
    return '\n'.join([f"{stored.relative_to(settings.root)} is not current: make translations",
                      *changes[:20]])


def translations(settings):
    """`make translations`: write the template anew."""
    write(template_path(settings), export_template(settings))
    say(f"Wrote {template_path(settings)}")


def template_path(settings):
    return settings.root / ADDON / 'i18n' / f'{ADDON}.pot'


def _terms(text):
    return [line for line in text.splitlines() if not line.startswith(VOLATILE)]


def export_template(settings):
    """The add-on's translation template, as Odoo exports it from a fresh database."""
    with postgres.in_use(settings) as (server, _), tempfile.TemporaryDirectory() as folder:
        odoo = Odoo(settings, server)
        databases = Databases(settings, server, odoo)
        name = f'{databases.test_prefix}{os.getpid()}_pot'
        databases.copy(databases.template('test'), name)
        path = Path(folder) / f'{ADDON}.pot'
        try:
            config = odoo.write_config(name, name)
            done = subprocess.run(
                odoo.command(config, 'i18n export', '-o', str(path), ADDON),
                env={**os.environ, **odoo.environ}, cwd=settings.root, text=True,
                stdin=subprocess.DEVNULL, capture_output=True)
            config.unlink()
        finally:
            databases.drop(name)
        if done.returncode or not path.exists():
            raise Stop(f"Odoo could not export the terms: {done.stderr[-600:]}",
                       "make setup, then the same again")
        return path.read_text()


CHECKS = {
    "ruff": check_ruff,
    "pylint-odoo": check_pylint,
    "Links of the documentation": check_links,
    "Translations": check_translations,
}
