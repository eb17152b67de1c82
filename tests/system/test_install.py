"""Installing, updating and removing the add-on leaves a clean log and a clean database."""

import pytest

from tests.harness.running import own_warnings
from tools import checks
from tools.console import Stop
from tools.settings import ADDON

SCHEMA = """
    SELECT table_name, column_name, data_type, is_nullable
      FROM information_schema.columns
     WHERE table_name LIKE 'lazada%%' OR column_name LIKE 'lazada%%'
     UNION ALL
    SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE tablename LIKE 'lazada%%'
     UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''
      FROM pg_constraint WHERE conrelid::regclass::text LIKE 'lazada%%'
     ORDER BY 1, 2, 3
"""
RECORDS = """
    SELECT data.name, data.model, data.res_id, data.noupdate, view.arch_db::text
      FROM ir_model_data AS data
      LEFT JOIN ir_ui_view AS view ON data.model = 'ir.ui.view' AND view.id = data.res_id
     WHERE data.module = %s
     ORDER BY 1, 2
"""
UNINSTALL = f"""
env['ir.module.module'].search([('name', '=', {ADDON!r})]).button_immediate_uninstall()
print('REMOVED')
"""


@pytest.fixture
def log(tmp_path):
    return tmp_path / 'odoo.log'


def snapshot(ground, database):
    with ground.server.cursor(database) as cursor:
        cursor.execute(SCHEMA)
        schema = cursor.fetchall()
        cursor.execute(RECORDS, [ADDON])
        return {'schema': schema, 'records': cursor.fetchall()}


def state(ground, database):
    with ground.server.cursor(database) as cursor:
        cursor.execute("SELECT state FROM ir_module_module WHERE name = %s", [ADDON])
        return cursor.fetchone()[0]


def test_it_installs_on_an_empty_database(ground, log):
    with ground.database(None) as database:
        text = ground.odoo.modules(database, '-i', ADDON, log=log)
        assert state(ground, database) == 'installed'
    assert own_warnings(text) == []


def test_it_installs_with_demo_data(ground, log):
    with ground.database('plain_demo') as database:
        text = ground.odoo.modules(database, '-i', ADDON, '--with-demo', log=log)
        with ground.server.cursor(database) as cursor:
            cursor.execute("SELECT demo FROM ir_module_module WHERE name = %s", [ADDON])
            assert cursor.fetchone() == (True,)
    assert own_warnings(text) == []


def test_an_update_changes_nothing(ground, log):
    with ground.database('test') as database:
        before = snapshot(ground, database)
        text = ground.odoo.modules(database, '-u', ADDON, log=log)
        after = snapshot(ground, database)
    assert before['records'], "the snapshot sees the add-on's records"
    assert after == before
    assert own_warnings(text) == []


def test_it_can_be_removed_and_installed_again(ground, log):
    with ground.database('test') as database:
        assert 'REMOVED' in ground.odoo.script(database, UNINSTALL, log=log)
        removing = log.read_text()
        assert snapshot(ground, database) == {'schema': [], 'records': []}
        assert state(ground, database) == 'uninstalled'
        text = ground.odoo.modules(database, '-i', ADDON, log=log)
        assert state(ground, database) == 'installed'
    assert own_warnings(removing) == []
    assert own_warnings(text) == []


def test_it_refuses_to_work_beside_another_lazada_connector(ground, log, tmp_path):
    other = tmp_path / 'addons' / 'sale_lazada'
    other.mkdir(parents=True)
    (other / '__init__.py').touch()
    (other / '__manifest__.py').write_text(
        "{'name': 'Other', 'version': '19.0.1.0.0', 'license': 'LGPL-3', 'author': 'x'}")
    path = f'--addons-path={other.parent},{ground.settings.root}'
    with ground.database('plain') as database:
        ground.odoo.modules(database, path, '-i', 'sale_lazada', log=log)
        with pytest.raises(Stop, match=r'\(sale_lazada\) already connects'):
            ground.odoo.modules(database, path, '-i', ADDON, log=log)
        assert state(ground, database) != 'installed'
        assert snapshot(ground, database)['schema'] == []


def test_the_translation_template_is_current(ground):
    assert checks.check_translations(ground.settings) == ''
