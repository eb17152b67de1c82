"""docker-compose.yml offers the same stack as `make run`."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from tools.database import DEMO_MODULES
from tools.settings import ADDON, ROOT, Settings


@pytest.fixture(scope='module')
def compose():
    return yaml.safe_load((ROOT / 'docker-compose.yml').read_text())


@pytest.fixture(scope='module')
def services(compose):
    return compose['services']


def defaults(value):
    """Replace `${NAME:-default}` by its default, as Compose does without variables."""
    return re.sub(r'\$\{\w+:-([^}]*)\}', r'\1', str(value))


def test_the_images_are_the_official_ones(services):
    assert {name: service['image'] for name, service in services.items()} == {
        'db': 'postgres:16', 'odoo': 'odoo:19', 'sandbox': 'odoo:19', 'company': 'odoo:19',
        'connect': 'odoo:19'}


def test_every_mounted_folder_exists_and_every_volume_is_declared(compose, services):
    for service in services.values():
        for volume in service.get('volumes', ()):
            source = volume.split(':')[0]
            if source.startswith('.'):
                assert (ROOT / source).is_dir(), source
            else:
                assert source in compose['volumes']


def test_the_addon_is_where_the_image_looks_for_addons(services):
    assert f'./{ADDON}:/mnt/extra-addons/{ADDON}:ro' in services['odoo']['volumes']


def test_odoo_installs_what_make_run_installs(services):
    [init] = [word for word in services['odoo']['command'] if word.startswith('--init=')]
    assert set(init.removeprefix('--init=').split(',')) == {ADDON, *DEMO_MODULES}
    assert f'--database={Settings.read({}).db_name}' in services['odoo']['command']


def test_the_shops_are_connected_once_the_demo_company_is_there(services):
    command = services['company']['command'][-1]
    mounts = dict(volume.split(':')[:2] for volume in services['company']['volumes'])
    script = command.rpartition('< ')[2]
    folder = next(folder for folder, place in mounts.items() if script.startswith(f'{place}/'))
    assert (ROOT / folder / Path(script).name).is_file()
    wanted = services['connect']['depends_on']['company']['condition']
    assert wanted == 'service_completed_successfully'


def test_odoo_reaches_the_database(services):
    odoo, database = services['odoo']['environment'], services['db']
    assert odoo['USER'] == database['environment']['POSTGRES_USER']
    assert odoo['PASSWORD'] == database['environment']['POSTGRES_PASSWORD']
    [port] = map(defaults, database['ports'])
    assert port == f"{odoo['HOST']}:{defaults(odoo['PORT'])}:5432"


def test_the_default_ports_are_those_of_make_run(services):
    settings = Settings.read({})
    assert f'--http-port={settings.odoo_port}' in map(defaults, services['odoo']['command'])
    sandbox = [defaults(word) for word in services['sandbox']['entrypoint']]
    assert sandbox[sandbox.index('--port') + 1] == str(settings.sandbox_port)
    connect = [defaults(word) for word in services['connect']['entrypoint']]
    assert f'--odoo=http://127.0.0.1:{settings.odoo_port}' in connect
    assert f'--sandbox=http://127.0.0.1:{settings.sandbox_port}' in connect


def test_everything_that_uses_the_sandbox_shares_its_network(services):
    for name in ('odoo', 'sandbox', 'connect'):
        assert services[name]['network_mode'] == 'host'


def test_services_depend_on_services_that_exist_and_report_their_health(services):
    for service in services.values():
        for name, wanted in service.get('depends_on', {}).items():
            assert name in services
            if wanted['condition'] == 'service_healthy':
                assert services[name]['healthcheck']['test'][0] == 'CMD'


def test_connecting_needs_only_the_standard_library():
    """The image has none of the packages of requirements.txt that the other tools need."""
    own = {'console', 'odoo_client', 'connect_demo'}
    standard = {'argparse', 'contextlib', 'http', 'json', 'sys', 'threading', 'time', 'urllib'}
    for name in own:
        tree = ast.parse((ROOT / 'tools' / f'{name}.py').read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                found = {node.module.split('.')[0]}
            elif isinstance(node, ast.Import):
                found = {alias.name.split('.')[0] for alias in node.names}
            else:
                continue
            assert found <= own | standard, name
