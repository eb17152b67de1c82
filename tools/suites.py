"""`make test`: every suite, two at a time, each with pytest's own report."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from . import postgres
from .console import Stop, say, step
from .database import Databases
from .odoo import Odoo
from .processes import free_port

PLAIN, ODOO, PROCESSES = 'plain', 'odoo', 'processes'


@dataclass(frozen=True)
class Suite:
    name: str               # the folder under tests/
    needs: str


# Two lanes for two cores; the suites of a lane run one after the other
LANES = (
    (Suite('unit', PLAIN), Suite('sandbox', PLAIN), Suite('odoo', ODOO)),
    (Suite('system', PROCESSES), Suite('faults', PROCESSES)),
)
NAMES = tuple(suite.name for lane in LANES for suite in lane)
FAST_SECONDS = 3600     # a suite that hangs fails before it stops continuous integration
CLOSING = re.compile(r'^=+ (?P<text>.* in [\d.]+s.*) =+$')


def run(settings, profile, arguments):
    """Run the suites named before `--` (all without names); what follows is given to pytest.

    Answers the exit code: 0 only when every suite ran tests and none failed.
    """
    cut = arguments.index('--') if '--' in arguments else len(arguments)
    names, options = arguments[:cut] or NAMES, arguments[cut + 1:]
    unknown = set(names) - set(NAMES)
    if unknown:
        raise Stop(f"There is no suite {', '.join(sorted(unknown))}.",
                   f"Choose from: {' '.join(NAMES)}")
    lanes = [[suite for suite in lane if suite.name in names] for lane in LANES]
    chosen = [suite for lane in lanes for suite in lane]
    if any(suite.needs == PROCESSES for suite in chosen):
        ensure_browser()
    runner = Runner(settings, profile, options)
    if all(suite.needs == PLAIN for suite in chosen):
        return runner.run(lanes)
    with postgres.in_use(settings) as (server, _):
        runner.prepare(server, chosen)
        return runner.run(lanes)


def bench(settings, arguments):
    """Run tests/bench; it writes bench.json into LOCAL_DIR (see tests/bench)."""
    with postgres.in_use(settings):
        command = [str(settings.python), '-m', 'tests.bench', *arguments]
        return subprocess.run(command, cwd=settings.root).returncode


def ensure_browser():
    """Chromium for the browser tests: installed when root, else the way to get it is told."""
    if shutil.which('chromium'):
        return
    if os.geteuid() or not shutil.which('apt-get'):
        say("  No Chromium: browser tests are skipped. To run them: "
            "sudo apt-get install --no-install-recommends chromium")
        return
    with step("Chromium: installing (for the browser tests)"):
        environ = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
        for command in (['update'], ['install', '--yes', '--no-install-recommends', 'chromium']):
            done = subprocess.run(['apt-get', '-q', *command], env=environ, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                raise Stop("Chromium could not be installed:\n" + done.stdout[-800:],
                           "apt-get install --no-install-recommends chromium")


class Runner:
    def __init__(self, settings, profile, options):
        self.settings = settings
        self.options = list(options)
        self.environ = {**os.environ, 'TEST_PROFILE': profile}
        self.odoo = None
        self.databases = None
        self.results = {}
        self.patience = FAST_SECONDS if profile == 'fast' else None
        self.interrupted = threading.Event()

    def prepare(self, server, chosen):
        """Make the templates first, so that the suites do not wait for each other."""
        self.odoo = Odoo(self.settings, server)
        self.databases = Databases(self.settings, server, self.odoo)
        self.databases.drop_abandoned()
        self.databases.template('test')
        if any(suite.needs == PROCESSES for suite in chosen):
            self.databases.template('demo')

    def run(self, lanes):
        threads = [threading.Thread(target=self._run_lane, args=[lane]) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:       # the suites that run got it too; no other one begins
            self.interrupted.set()
            raise
        say()
        for name, (code, closing, seconds) in self.results.items():
            verdict = {0: 'ok    ', 5: 'EMPTY '}.get(code, 'FAILED')
            say(f"  {verdict} tests/{name:8} {closing} ({seconds:.0f} s)")
        return 1 if any(code for code, *_ in self.results.values()) else 0

    def _run_lane(self, lane):
        for suite in lane:
            if self.interrupted.is_set():
                return
            started = time.monotonic()
            say(f"  tests/{suite.name} …")
            try:
                code, output = self._run_suite(suite)
            except Exception as error:      # a lane must end with a verdict, whatever happened
                code, output = 1, f"tests/{suite.name} could not run: {error!r}"
            closing = [match['text'] for line in output.splitlines()
                       if (match := CLOSING.match(line))]
            self.results[suite.name] = (code, closing[-1] if closing else output[-200:],
                                        time.monotonic() - started)
            say(f"\n---- tests/{suite.name}\n{output}")

    def _run_suite(self, suite):
        if suite.needs == ODOO:
            name = f'{self.databases.test_prefix}{os.getpid()}_odoo'
            self.databases.copy(self.databases.template('test'), name)
            config = self.odoo.write_config(f'pytest-{name}', name, free_port())
            try:
                return self._pytest(suite, '-o', 'addopts=-ra --strict-markers', '--odoo-http',
                                    f'--odoo-config={config}', f'--odoo-database={name}',
                                    '--odoo-log-level=warn', environ=self.odoo.environ)
            finally:
                self.databases.drop(name)
                config.unlink()
        return self._pytest(suite)

    def _pytest(self, suite, *arguments, environ=()):
        """Run one suite; answers pytest's exit code and output."""
        process = subprocess.Popen(
            [str(self.settings.python), '-m', 'pytest', f'tests/{suite.name}', *arguments,
             *self.options],
            cwd=self.settings.root, env={**self.environ, **dict(environ)}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output, _ = process.communicate(timeout=self.patience)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)      # lets the fixtures stop what they started
        try:
            output, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        return 1, f"{output}\ntests/{suite.name} was stopped after {self.patience} s"
