"""Databases: prepared templates, and quick copies of them.

Installing Odoo's modules takes most of a minute; copying a database takes a second. A template is
kept for each (Odoo build, content of the add-on) and every database is a copy of one.
"""

import ast
import json
import os
import shutil
import time

import psutil
from psycopg2 import sql
from psycopg2.errors import InsufficientPrivilege

from .console import Stop, step
from .environment import odoo_version
from .files import digest, lock
from .settings import ADDON

# Beside what the add-on depends on: the demo company's chart of accounts and GST
DEMO_MODULES = ('l10n_sg',)
DEMO_SCRIPT = """
from tools import demo_company
demo_company.build(env)
env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
"""
DEMO_FILES = ('tools/demo_company.py', 'lazada_sandbox/world/demo_catalogue.json')
DROP_SECONDS = 60
# Files that never reach the database
UNSEEN = ('static', 'lazada_api', 'mappers', '__pycache__')

NEW_IDENTITY = """
    UPDATE ir_config_parameter SET value = gen_random_uuid()::text
    WHERE key IN ('database.uuid', 'database.secret')
"""


def addon_digest(settings, name=ADDON):
    """Changes when a file does that an update of the add-on would read."""
    folder = settings.root / name
    files = sorted(path for path in folder.rglob('*') if path.is_file()
                   and path.suffix not in ('.pyc', '.pot', '.md', '.rst')
                   and not set(path.relative_to(folder).parts) & set(UNSEEN))
    return digest(*(part for path in files for part in (str(path.relative_to(folder)), path)))


def addon_depends(settings, name=ADDON):
    manifest = (settings.root / name / '__manifest__.py').read_text()
    return tuple(ast.literal_eval(manifest)['depends'])


class Databases:
    """The databases of one LOCAL_DIR (or of one given server)."""

    def __init__(self, settings, server, odoo):
        self.settings = settings
        self.server = server
        self.odoo = odoo
        owner = 'lazada'
        if settings.pg_host:        # another LOCAL_DIR may use the same server
            owner += '_' + digest(str(settings.local))[:6]
        self.prefix = f'{owner}_template'
        self.test_prefix = f'{owner}_test_'         # followed by the test run's process number

    # ---- plain operations ----------------------------------------------------------------

    def exists(self, name):
        with self.server.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return bool(cursor.fetchone())

    def names(self, prefix):
        with self.server.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
                           [prefix])
            return [name for [name] in cursor.fetchall()]

    def filestore(self, name):
        return self.settings.data_dir / 'filestore' / name

    def copy(self, source, name):
        """A new database equal to `source`, with an identity of its own."""
        partial = f'{name}_new'
        self.drop(partial)
        self._execute("CREATE DATABASE {} TEMPLATE {}", partial, source)
        with self.server.cursor(partial) as cursor:
            cursor.execute(NEW_IDENTITY)
        if self.filestore(source).exists():
            # Odoo never changes a stored file in place, so a hard link is a copy
            shutil.copytree(self.filestore(source), self.filestore(partial), copy_function=os.link)
        self.rename(partial, name)

    def create_empty(self, name):
        self._execute("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)

    def drop_abandoned(self):
        """Drop the databases of test runs that were killed."""
        for name in self.names(self.test_prefix):
            number = name.removeprefix(self.test_prefix).partition('_')[0]
            if number.isdigit() and not psutil.pid_exists(int(number)):
                self.drop(name)

    def rename(self, old, new):
        """Only a complete database gets its final name; files first, the name last."""
        shutil.rmtree(self.filestore(new), ignore_errors=True)
        if self.filestore(old).exists():
            self.filestore(old).rename(self.filestore(new))
        self._execute("ALTER DATABASE {} RENAME TO {}", old, new)

    def drop(self, name):
        """Drop a database, whoever is connected to it."""
        for seconds_left in reversed(range(DROP_SECONDS)):
            try:
                self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
                break
            except InsufficientPrivilege:   # PostgreSQL itself cleans up in it; not for long
                if not seconds_left:
                    raise
                time.sleep(1)
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def _execute(self, statement, *names):
        with self.server.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def get_note(self, name):
        """The small dict kept as the database's comment."""
        with self.server.cursor() as cursor:
            cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                           "WHERE datname = %s", [name])
            row = cursor.fetchone()
        return json.loads(row[0]) if row and row[0] else {}

    def set_note(self, name, **note):
        with self.server.cursor() as cursor:
            cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(json.dumps(note))))

    # ---- templates -----------------------------------------------------------------------

    def template(self, kind):
        """The name of a complete template, made if it is missing.

        `plain` has only what the add-on depends on, `plain_demo` also Odoo's own demo data;
        `test` has the add-on, `demo` also the demo company.
        """
        odoo_demo = kind == 'plain_demo'
        modules = addon_depends(self.settings) + DEMO_MODULES
        base_key = digest(odoo_version(self.settings), *modules)
        base = f"{self.prefix}_{'plaindemo' if odoo_demo else 'plain'}_{base_key}"
        with lock(self.settings.local / 'templates.lock'):
            self._ensure(base, None, modules,
                         f"Odoo modules {'with' if odoo_demo else 'without'} demo data",
                         *(['--with-demo'] if odoo_demo else []))
            if kind in ('plain', 'plain_demo'):
                return base
            inputs = [base_key, addon_digest(self.settings)]
            if kind == 'demo':
                inputs += [self.settings.root / path for path in DEMO_FILES]
            name = f'{self.prefix}_{kind}_{digest(*inputs)}'
            self._ensure(name, base, (ADDON,), f"{ADDON} for the {kind} databases",
                         script=DEMO_SCRIPT if kind == 'demo' else None)
        return name

    def _ensure(self, name, base, modules, title, *arguments, script=None):
        if self.exists(name):
            return
        family = name.rpartition('_')[0] + '_'
        for old in self.names(family):
            self.drop(old)
        partial = f'{family}new'
        with step(f"Database: installing {title}"):
            if base:
                self.copy(base, partial)
            else:
                self.create_empty(partial)
            self.odoo.modules(partial, '-i', ','.join(modules), *arguments, log=self.log)
            self._check_installed(partial, modules)
            if script:
                self.odoo.script(partial, script, log=self.log)
            self.rename(partial, name)

    def _check_installed(self, name, modules):
        with self.server.cursor(name) as cursor:
            cursor.execute("SELECT name FROM ir_module_module WHERE state = 'installed' "
                           "AND name IN %s", [tuple(modules)])
            missing = set(modules) - {found for [found] in cursor.fetchall()}
        if missing:
            raise Stop(f"Odoo did not install {', '.join(sorted(missing))}.", f"Read {self.log}")

    @property
    def log(self):
        return self.settings.log_dir / 'database.log'

    # ---- the demo ------------------------------------------------------------------------

    def ensure_demo(self, stop_server):
        """The demo database, up to date with the add-on's files.

        `stop_server` is called before the database is changed under a running server.
        """
        name, wanted = self.settings.db_name, addon_digest(self.settings)
        if not self.exists(name):
            template = self.template('demo')
            with step(f"Database: creating {name}"):
                self.copy(template, name)
                self.set_note(name, addon=wanted)
        elif self.get_note(name).get('addon') != wanted:
            stop_server()
            with step(f"Database: updating {ADDON}"):
                self.odoo.modules(name, '-u', ADDON, log=self.log)
                self.set_note(name, addon=wanted)
