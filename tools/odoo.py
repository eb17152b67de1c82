"""How Odoo is called: its configuration file, its environment, one-off runs."""

import os
import re
import subprocess
from pathlib import Path

from .console import Stop
from .files import write

LAUNCHER = Path(__file__).parent / 'bin' / 'odoo-bin'
BAD_LINE = re.compile(r'^\S+ \S+ \d+ (ERROR|CRITICAL) ')
EXCEPTION = re.compile(r'^[\w.]*(Error|Exception|Violation)\b.*: .')


class Odoo:
    """Odoo with this repository's add-ons on one PostgreSQL server."""

    def __init__(self, settings, server):
        self.settings = settings
        self.server = server

    @property
    def environ(self):
        return self.server.environ | {
            'PYTHONPATH': os.pathsep.join([str(self.settings.odoo_path), str(self.settings.root)]),
            'PYTHONUNBUFFERED': '1',
            'ODOO_RC': os.devnull,
        }

    def write_config(self, name, database, port=None):
        """Write a configuration file for one database; answers its path."""
        settings = self.settings
        options = {
            'addons_path': settings.root,
            'data_dir': settings.data_dir,
            'db_name': database,
            'dbfilter': f'^{re.escape(database)}$',
            'db_host': self.server.host,
            'db_port': self.server.port,
            'db_user': self.server.user,
            'list_db': False,
            'workers': 0,
            'http_interface': '127.0.0.1',
            'http_port': port or 8069,
            'http_enable': bool(port),
        }
        if self.server.password:
            options['db_password'] = self.server.password
        path = settings.run_dir / f'{name}.conf'
        write(path, '[options]\n' + ''.join(f'{key} = {value}\n' for key, value in options.items()),
              mode=0o600)
        return path

    def command(self, config, subcommand, *arguments):
        """`subcommand` is one of Odoo's ('server'), or two words of it ('i18n export')."""
        return [str(self.settings.python), str(LAUNCHER), *subcommand.split(), '-c', str(config),
                *arguments]

    def modules(self, database, *arguments, log):
        """Install or update modules and stop; the log is kept and read for errors."""
        return self._once(database, 'server', *arguments, '--stop-after-init', '--no-http',
                          '--max-cron-threads=0', log=log)

    def neutralize(self, database, *, log):
        """Make a copy of a database harmless, as Odoo does it."""
        return self._once(database, 'neutralize', log=log)

    def _once(self, database, subcommand, *arguments, log):
        config = self.write_config(f'once-{database}', database)
        done, text = self._run(self.command(config, subcommand, *arguments), log)
        config.unlink()
        errors = [line for line in text.splitlines() if BAD_LINE.match(line)]
        if done.returncode or errors:
            raise Stop("Odoo could not prepare the database:\n    " + self._find_reason(text),
                       f"Read {log}")
        return text

    @staticmethod
    def _find_reason(text):
        """The lines of a log that say most: its last exception, else its last lines."""
        lines = text.splitlines()
        starts = [number for number, line in enumerate(lines) if EXCEPTION.match(line)]
        return '\n    '.join(lines[starts[-1]:][:4] if starts else lines[-3:])

    def script(self, database, text, *, log):
        """Run Python code with an `env` (odoo shell); answers what it printed."""
        config = self.write_config(f'once-{database}', database)
        command = self.command(config, 'shell', '--no-http', '--log-level=warn')
        done, output = self._run(command, log, text)
        config.unlink()
        if done.returncode or 'Traceback (most recent call last)' in output:
            raise Stop("A preparing script failed:\n    " + output.strip()[-600:], f"Read {log}")
        return done.stdout

    def _run(self, command, log, text=None):
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, 'ab+') as file:
            start = file.seek(0, os.SEEK_END)
            done = subprocess.run(
                command, env={**os.environ, **self.environ}, cwd=self.settings.root,
                input=text or '', text=True, stderr=file,
                stdout=subprocess.PIPE if text else file)
            file.seek(start)
            return done, file.read().decode(errors='replace')
