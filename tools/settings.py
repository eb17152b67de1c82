"""Ports and folders, from environment variables (see CONTRIBUTING.md)."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from .console import Stop

ROOT = Path(__file__).resolve().parents[1]
ADDON = 'lazada_connector'


def _port(environ, name, default):
    value = environ.get(name) or default
    try:
        port = int(value)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise Stop(f"{name} is {value!r}, which is no port.", f"{name}={default} make run")
    return port


@dataclass(frozen=True)
class Settings:
    local: Path
    odoo_port: int
    sandbox_port: int
    db_name: str
    odoo_home: Path | None = None       # a given Odoo 19 checkout
    pg_host: str | None = None          # a given PostgreSQL server
    work: Path | None = None            # where records and logs go, if not into LOCAL_DIR
    root: Path = field(default=ROOT)

    @classmethod
    def read(cls, environ=os.environ):
        return cls(
            local=(ROOT / (environ.get('LOCAL_DIR') or '.local')).absolute(),
            odoo_port=_port(environ, 'ODOO_PORT', 8069),
            sandbox_port=_port(environ, 'SANDBOX_PORT', 8090),
            db_name=environ.get('DB_NAME') or 'lazada',
            odoo_home=Path(environ['ODOO_HOME']).absolute() if environ.get('ODOO_HOME') else None,
            pg_host=environ.get('PGHOST') or None,
        )

    @property
    def venv(self):
        return self.local / 'venv'

    @property
    def python(self):
        return self.venv / 'bin' / 'python'

    @property
    def odoo_root(self):
        """Where Debian's packages are unpacked."""
        return self.local / 'odoo' / 'root'

    @property
    def odoo_path(self):
        """The folder that holds the `odoo` package."""
        return self.odoo_home or self.odoo_root / 'usr' / 'lib' / 'python3' / 'dist-packages'

    @property
    def data_dir(self):
        """Odoo's file store and sessions."""
        return self.local / 'data'

    @property
    def run_dir(self):
        """Process records, configuration files and the API key."""
        return (self.work or self.local) / 'run'

    @property
    def log_dir(self):
        return (self.work or self.local) / 'log'
