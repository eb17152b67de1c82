"""A running stack of a test's own: a database, an Odoo server and a sandbox, on free ports.

PostgreSQL is shared with the demo of the same LOCAL_DIR; nothing else is.
"""

import itertools
import os
import re
import signal
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil

from tools import connect_demo, postgres
from tools.database import Databases
from tools.odoo import Odoo
from tools.odoo_client import Session
from tools.processes import Background, free_port
from tools.settings import ADDON, Settings

from .clients import OdooRpc, SandboxControl
from .invariants import Invariants, server_query
from .waiting import PATIENCE, wait_until

_numbers = itertools.count(1)
LOG_LINE = re.compile(r'^\S+ \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<message>.*)')


@contextmanager
def ground():
    """What every stack stands on: settings with a work folder of their own, and PostgreSQL."""
    settings = Settings.read()
    with tempfile.TemporaryDirectory(prefix='lazada-test-') as folder:
        settings = replace(settings, work=Path(folder))
        with postgres.in_use(settings) as (server, users):
            yield Ground(settings, server, users)


class Ground:
    """Databases and stacks for tests; names carry the process number, so runs do not meet."""

    def __init__(self, settings, server, users):
        self.settings = settings
        self.server = server
        self.users = users
        self.odoo = Odoo(settings, server)
        self.databases = Databases(settings, server, self.odoo)

    @contextmanager
    def database_name(self):
        """A name for a database, which is dropped at the end if somebody made it."""
        name = f'{self.databases.test_prefix}{os.getpid()}_{next(_numbers)}'
        try:
            yield name
        finally:
            self.databases.drop(name)

    @contextmanager
    def database(self, kind='test'):
        """A fresh copy of a template (see `Databases.template`), or with None an empty one."""
        with self.database_name() as name:
            if kind:
                self.databases.copy(self.databases.template(kind), name)
            else:
                self.databases.create_empty(name)
            yield name

    @contextmanager
    def stack(self, kind='test', seed=1, start=True, arguments=()):
        """A running stack on a fresh database; `arguments` are those of its Odoo server."""
        with self.database(kind) as name:
            stack = RunningStack(self, name, seed, arguments)
            try:
                if start:
                    stack.start()
                yield stack
            finally:
                stack.stop()


class RunningStack:
    """One Odoo server and one sandbox. `kill9` and `restart` act on the Odoo server."""

    def __init__(self, ground, database, seed=1, arguments=(), node=''):
        self.ground = ground
        self.database = database
        self.seed = seed
        self.arguments = arguments
        self.node = node
        self.port = free_port()
        self.sandbox_port = free_port()
        self._admin = None
        self._server = Background(f'odoo-{database}{node}', ground.settings)
        self._sandbox = Background(f'sandbox-{database}', ground.settings)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    @property
    def sandbox_url(self):
        return f'http://127.0.0.1:{self.sandbox_port}'

    @property
    def sandbox(self):
        return SandboxControl(self.sandbox_url)

    @property
    def rpc(self):
        """Odoo as admin; a client for one thread."""
        rpc = OdooRpc(self.url, self.database, uid=self._admin)
        self._admin = rpc.uid
        return rpc

    def login(self, login, password):
        return OdooRpc(self.url, self.database, login, password)

    def start(self):
        self.start_sandbox()
        self.start_server()

    def start_sandbox(self):
        self._sandbox.start([str(self.ground.settings.python), '-m', 'lazada_sandbox', '--port',
                             str(self.sandbox_port), '--seed', str(self.seed)])
        self._wait_answer(self._sandbox, f'{self.sandbox_url}/_control/state')

    def start_server(self, *arguments):
        """Start Odoo; `arguments` are added to its command line."""
        odoo = self.ground.odoo
        config = odoo.write_config(self.database + self.node, self.database, self.port)
        command = odoo.command(
            config, 'server', f'--gevent-port={free_port()}', *self.arguments, *arguments)
        self._server.start(command, environ=odoo.environ,
                           pass_fds=[self.ground.users.fileno()])
        self._wait_answer(self._server, f'{self.url}/web/health')

    @contextmanager
    def second_node(self):
        """Another Odoo server on the same database and the same sandbox."""
        node = RunningStack(self.ground, self.database, self.seed, self.arguments, node='-2')
        node.sandbox_port = self.sandbox_port
        try:
            node.start_server()
            yield node
        finally:
            node.stop_server()

    def connect(self):
        """Connect the sandbox's shops through the consent page; returns when they are imported."""
        odoo = Session(self.url, self.database, 'admin', 'admin')
        connect_demo.connect(odoo, self.sandbox_url)
        connect_demo.wait_imported(odoo, self.sandbox_url)

    def execute(self, statement, *values):
        """Run SQL in a transaction of its own; the rows it answers."""
        with self.ground.server.cursor(self.database) as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def end_leases(self):
        """Let the time pass for which those that were killed hold their flows."""
        self.execute(
            "UPDATE lazada_flow SET running_until = now() AT TIME ZONE 'UTC', "
            "due_at = LEAST(due_at, now() AT TIME ZONE 'UTC') WHERE running_until IS NOT NULL")
        self.execute(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) "
            "SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data "
            "WHERE model = 'ir.cron' AND module = 'lazada_connector'")
        self.wake_crons()

    def wake_crons(self):
        """Have every node look for scheduled actions that are due, as a trigger does."""
        with self.ground.server.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.database])

    def wait_done(self, predicate, timeout=PATIENCE):
        """Wait for scheduled actions; new workers look for them after a minute, here at once."""
        def is_done():
            self.wake_crons()
            return predicate()
        return wait_until(is_done, timeout=timeout, every=0.5)

    def check_invariants(self, settled=True, **about):
        """Check what must hold on both sides (see `Invariants`)."""
        query = server_query(self.ground.server, self.database)
        Invariants(query, self.sandbox, **about).check(settled)

    def cpu_seconds(self):
        """Processor time that the Odoo server and its workers have used."""
        server = self._server.process()
        times = [process.cpu_times() for process in [server, *server.children(recursive=True)]]
        return sum(each.user + each.system for each in times)

    def kill9(self):
        """End the Odoo server with all its workers at once, as a power cut would."""
        process = self._server.process()
        family = [process, *process.children(recursive=True)]
        os.killpg(process.pid, signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)

    def kill9_workers(self):
        """End the workers alone, as the master does when they reach a limit; it makes new ones."""
        workers = [each for each in self._server.process().children()
                   if 'gevent' not in each.cmdline()]
        for worker in workers:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        psutil.wait_procs(workers, timeout=10)

    def drop_connections(self):
        """Cut every connection to the database, and those on which the server waits for news."""
        server = self._server.process()
        names = [f'odoo-{process.pid}' for process in [server, *server.children(recursive=True)]]
        with self.ground.server.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' "  # not a vacuum that happens to be at work
                "AND (datname = %s OR application_name = ANY(%s))", [self.database, names])

    @contextmanager
    def database_gone(self):
        """Nobody is connected to the database any more, nor can connect, for the block."""
        allow = f'ALTER DATABASE "{self.database}" ALLOW_CONNECTIONS '
        with self.ground.server.cursor() as cursor:
            cursor.execute(allow + 'false')
            try:
                self.drop_connections()
                yield
            finally:
                cursor.execute(allow + 'true')

    def is_running(self):
        return bool(self._server.process())

    def upgrade(self):
        """Upgrade the add-on in the database, as another process does while the server runs."""
        databases = self.ground.databases
        self.ground.odoo.modules(self.database, '-u', ADDON, log=databases.log)

    def restart(self):
        self.stop_server()
        self.start_server()

    def stop(self):
        self.stop_server()
        self._sandbox.stop()

    def stop_server(self):
        self._server.stop()

    def stop_sandbox(self):
        self._sandbox.stop()

    @staticmethod
    def wait_until(predicate, **kwargs):
        return wait_until(predicate, **kwargs)

    @property
    def log(self):
        """What Odoo has logged so far."""
        return self._server.log_path.read_text(errors='replace')

    def warnings(self):
        """Log lines of WARNING and above from the add-on's own loggers."""
        return own_warnings(self.log)

    def _wait_answer(self, background, url, timeout=120):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and background.process():
            try:
                with urllib.request.urlopen(url, timeout=10):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"{background.name} does not answer:\n{background.tail(40)}")


def own_warnings(log, name='lazada_connector'):
    """Lines of a log text, WARNING or worse, whose logger or message names the add-on."""
    found = []
    for line in log.splitlines():
        match = LOG_LINE.match(line)
        if match and match['level'] in ('WARNING', 'ERROR', 'CRITICAL') \
                and (name in match['logger'] or name in match['message']):
            found.append(line)
    return found
