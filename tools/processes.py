"""Background processes with a record on disk, told apart from later ones with the same number."""

import json
import os
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass

import psutil

from .console import Stop
from .files import write


@dataclass
class Background:
    """One named process, its record `<name>.json` and its log `<name>.log`."""

    name: str
    settings: object

    @property
    def record_path(self):
        return self.settings.run_dir / f'{self.name}.json'

    @property
    def log_path(self):
        return self.settings.log_dir / f'{self.name}.log'

    def record(self):
        try:
            return json.loads(self.record_path.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def process(self):
        """The live process, or None."""
        record = self.record()
        try:
            process = psutil.Process(record['pid'])
            alive = process.create_time() == record['started'] \
                and process.status() != psutil.STATUS_ZOMBIE
        except (KeyError, psutil.NoSuchProcess):
            return None
        return process if alive else None

    def start(self, command, *, environ=None, pass_fds=(), **about):
        """Start `command` in a session of its own; `about` is kept in the record."""
        self.settings.log_dir.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, 'ab') as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.settings.root,
                env={**os.environ, **(environ or {})}, start_new_session=True, pass_fds=pass_fds)
        started = psutil.Process(child.pid).create_time()
        write(self.record_path, json.dumps({'pid': child.pid, 'started': started, **about}))
        return child

    def stop(self, patience=15):
        """End the process and its children; answers whether it was running."""
        process = self.process()
        if process:
            family = [process, *process.children(recursive=True)]
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.terminate()
            _, alive = psutil.wait_procs(family, timeout=patience)
            for survivor in alive:
                with suppress(psutil.NoSuchProcess):
                    survivor.kill()
            psutil.wait_procs(alive, timeout=5)
        self.record_path.unlink(missing_ok=True)
        return bool(process)

    def tail(self, lines=12):
        try:
            return '\n'.join(self.log_path.read_text(errors='replace').splitlines()[-lines:])
        except FileNotFoundError:
            return ''


def is_port_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True


def require_port(port, variable):
    if not is_port_free(port):
        raise Stop(f"Port {port} is taken by another program.",
                   f"Choose another one, for example {variable}={port + 100} make run")


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
