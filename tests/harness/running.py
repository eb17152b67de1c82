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
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tools import connect_demo, postgres
from tools.database import Databases
from tools.odoo import Odoo
from tools.odoo_client import Session
from tools.processes import Background, free_port
from tools.settings import Settings

from .clients import OdooRpc, SandboxControl
from .waiting import wait_until

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
    def stack(self, kind='test', seed=1, start=True):
        """A running stack on a fresh database."""
        with self.database(kind) as name:
            stack = RunningStack(self, name, seed)
            try:
                if start:
                    stack.start()
                yield stack
            finally:
                stack.stop()


class RunningStack:
    """One Odoo server and one sandbox. `kill9` and `restart` act on the Odoo server."""

    def __init__(self, ground, database, seed=1):
        self.ground = ground
        self.database = database
        self.seed = seed
        self.port = free_port()
        self.sandbox_port = free_port()
        self._server = Background(f'odoo-{database}', ground.settings)
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
        """Odoo as admin."""
        return self.login('admin', 'admin')

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
        config = odoo.write_config(self.database, self.database, self.port)
        self._server.start(odoo.command(config, 'server', *arguments), environ=odoo.environ,
                           pass_fds=[self.ground.users.fileno()])
        self._wait_answer(self._server, f'{self.url}/web/health')

    def connect(self):
        """Connect the sandbox's shops through the consent page; returns when they are imported."""
        odoo = Session(self.url, self.database, 'admin', 'admin')
        connect_demo.connect(odoo, self.sandbox_url)
        connect_demo.wait_imported(odoo, self.sandbox_url)

    def cpu_seconds(self):
        """Processor time that the Odoo server and its workers have used."""
        server = self._server.process()
        times = [process.cpu_times() for process in [server, *server.children(recursive=True)]]
        return sum(each.user + each.system for each in times)

    def kill9(self):
        """End the Odoo server at once, as a power cut would."""
        process = self._server.process()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)

    def restart(self):
        self._server.stop()
        self.start_server()

    def stop(self):
        self._server.stop()
        self._sandbox.stop()

    def stop_sandbox(self):
        self._sandbox.stop()

    @staticmethod
    def wait_until(predicate, timeout=60, **kwargs):
        return wait_until(predicate, timeout, **kwargs)

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
