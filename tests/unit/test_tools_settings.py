"""Ports and folders from the environment."""

import pytest

from tools.console import Stop
from tools.settings import ROOT, Settings


def test_defaults():
    settings = Settings.read({})
    assert (settings.odoo_port, settings.sandbox_port) == (8069, 8090)
    assert settings.local == ROOT / '.local'
    assert settings.db_name == 'lazada'
    assert settings.pg_host is None
    assert settings.odoo_home is None


def test_every_variable_is_read(tmp_path):
    settings = Settings.read({
        'ODOO_PORT': '9001', 'SANDBOX_PORT': '9002', 'LOCAL_DIR': str(tmp_path), 'DB_NAME': 'mine',
        'PGHOST': 'db.example', 'ODOO_HOME': '/opt/odoo'})
    assert (settings.odoo_port, settings.sandbox_port) == (9001, 9002)
    assert settings.local == tmp_path
    assert settings.db_name == 'mine'
    assert settings.pg_host == 'db.example'
    assert str(settings.odoo_path) == '/opt/odoo'


def test_a_relative_folder_is_inside_the_repository():
    assert Settings.read({'LOCAL_DIR': 'elsewhere'}).local == ROOT / 'elsewhere'


@pytest.mark.parametrize('value', ['http', '0', '70000', '-1'])
def test_a_port_that_is_none_is_told(value):
    with pytest.raises(Stop, match='which is no port'):
        Settings.read({'ODOO_PORT': value})
