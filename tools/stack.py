"""`make run`, `make up`, `make down`: the demo, from its database to its imported orders."""

import signal
import time
import urllib.request

from . import connect_demo, postgres
from .console import Stop, say, step
from .database import Databases
from .files import lock, write
from .odoo import Odoo
from .odoo_client import Json2, Session
from .processes import Background, require_port

API_KEY_SCRIPT = """
from datetime import datetime, timedelta
admin = env.ref('base.user_admin')
keys = env['res.users.apikeys'].with_user(admin)
expiry = datetime.now() + timedelta(days=80)
print('API-KEY', keys._generate('rpc', 'Demo', expiry))
env.cr.commit()
"""
START_SECONDS = 120
ANSWER_SECONDS = 30
DEMO_LOGINS = 2         # one cross-border login and a local one


class Stack:
    """The demo of one LOCAL_DIR."""

    def __init__(self, settings):
        self.settings = settings
        self.server = Background('odoo', settings)
        self.sandbox = Background('sandbox', settings)

    @property
    def url(self):
        return f'http://localhost:{self.settings.odoo_port}'

    @property
    def sandbox_url(self):
        return f'http://127.0.0.1:{self.settings.sandbox_port}'

    # ---- up ------------------------------------------------------------------------------

    def up(self):
        """Start what is missing; returns when the seeded orders are in Odoo.

        Answers the processes this call started. A failure stops them again.
        """
        started = []
        try:
            self._bring_up(started)
        except BaseException:       # Ctrl-C too
            self._stop(started)
            raise
        return started

    def _bring_up(self, started):
        """Add to `started` each process that is started."""
        with lock(self.settings.run_dir / 'stack.lock'), \
                postgres.in_use(self.settings) as (server, users):
            self._require_ports()
            odoo = Odoo(self.settings, server)
            Databases(self.settings, server, odoo).ensure_demo(stop_server=self.server.stop)
            self._start_sandbox(started)
            self._start_server(odoo, users, started)
            self._import_orders(self._ensure_api_key(odoo))

    def _import_orders(self, client):
        if self._needs_connection(client):
            with step("Lazada: connecting the demo shops"):
                session = Session(self.url, self.settings.db_name, 'admin', 'admin')
                connect_demo.connect(session, self.sandbox_url)
        if connect_demo.find_missing(client, self.sandbox_url):
            with step("Lazada: importing the orders"):
                connect_demo.wait_imported(client, self.sandbox_url, self.server.process)

    def _is_current(self, background, port, url, **about):
        """Whether the process runs as wanted and answers; one that does not is stopped."""
        if not background.process():
            return False
        if {'port': port, **about}.items() <= background.record().items() and _answers(url):
            return True
        background.stop()
        return False

    def _require_ports(self):
        """Complain about a taken port before the minutes that a first database takes."""
        for background, port, variable in (
                (self.sandbox, self.settings.sandbox_port, 'SANDBOX_PORT'),
                (self.server, self.settings.odoo_port, 'ODOO_PORT')):
            if not (background.process() and background.record().get('port') == port):
                require_port(port, variable)

    def _start_sandbox(self, started):
        port = self.settings.sandbox_port
        url = f'http://127.0.0.1:{port}/_control/state'
        if self._is_current(self.sandbox, port, url):
            return
        with step("Lazada sandbox: starting"):
            started.append(self.sandbox)
            self.sandbox.start([str(self.settings.python), '-m', 'lazada_sandbox', '--port',
                                str(port), '--seed', '1'], port=port)
            self._wait_answer(self.sandbox, url)

    def _start_server(self, odoo, users, started):
        port, database = self.settings.odoo_port, self.settings.db_name
        url = f'http://127.0.0.1:{port}/web/login'
        about = {'database': database, 'host': odoo.server.host}
        if self._is_current(self.server, port, url, **about):
            return
        with step("Odoo: starting"):
            started.append(self.server)
            config = odoo.write_config('odoo', database, port)
            # The server inherits the lock of PostgreSQL's users: it is needed as long as this runs
            self.server.start(odoo.command(config, 'server'), environ=odoo.environ,
                              pass_fds=[users.fileno()], port=port, **about)
            self._wait_answer(self.server, url)

    def _wait_answer(self, background, url):
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            if not background.process() or time.monotonic() > deadline:
                raise Stop(f"{background.name} did not start:\n{background.tail()}",
                           f"Read {background.log_path}")
            time.sleep(0.3)

    def _ensure_api_key(self, odoo):
        """A JSON-2 client with the key of admin, which is made once for each demo database."""
        path, database = self.settings.run_dir / 'api-key', self.settings.db_name
        if path.exists():
            client = Json2(self.url, database, path.read_text().strip())
            if client.is_accepted():
                return client
        with step("Odoo: making an API key"):
            output = odoo.script(database, API_KEY_SCRIPT,
                                 log=self.settings.log_dir / 'database.log')
        [key] = [line.split()[1] for line in output.splitlines() if line.startswith('API-KEY')]
        write(path, key + '\n', mode=0o600)
        return Json2(self.url, database, key)

    def _needs_connection(self, client):
        """Whether a seller login of the sandbox at this address is not connected (any more)."""
        accounts = client.call('lazada.account', 'search_read', fields=['state'], domain=[
            ('environment', '=', 'sandbox'), ('sandbox_url', '=', self.sandbox_url)])
        return sum(account['state'] == 'connected' for account in accounts) < DEMO_LOGINS

    def show(self):
        key = (self.settings.run_dir / 'api-key').read_text().strip()
        say(f"""
  Odoo                  {self.url}   (login admin, password admin)
  Lazada Seller Center  {self.sandbox_url}
  API key (JSON-2)      {key}
  Logs                  {self.server.log_path}
                        {self.sandbox.log_path}""")

    # ---- run, down -----------------------------------------------------------------------

    def run(self):
        """Like `up`, then wait; Ctrl-C (or SIGTERM) stops what this call started."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        started = []
        try:
            started = self.up()
            self.show()
            if started:
                self._watch(started)
            else:
                say("\n  It was already running; `make down` stops it.")
        except KeyboardInterrupt:
            say("\n  Stopping")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)    # a second Ctrl-C leaves nothing behind
            self._stop(started)

    def _watch(self, started):
        say("\n  Ctrl-C stops it.")
        while all(background.process() for background in started):
            time.sleep(0.5)
        broken = next(background for background in started if not background.process())
        raise Stop(f"{broken.name} stopped:\n{broken.tail()}", f"Read {broken.log_path}")

    def down(self):
        with lock(self.settings.run_dir / 'stack.lock'):
            with step("Stopping"):
                self._stop([self.server, self.sandbox])

    def _stop(self, started):
        for background in reversed(started):
            background.stop()
        postgres.stop_if_unused(self.settings)


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):
            return True
    except OSError:
        return False
