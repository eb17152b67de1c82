"""Who may import what: imports only go down."""

import ast
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2] / 'lazada_connector'
IO_MODULES = {
    'aiohttp', 'asyncio', 'ftplib', 'http', 'io', 'os', 'pathlib', 'psycopg2', 'requests', 'shutil',
    'smtplib', 'socket', 'ssl', 'subprocess', 'tempfile', 'threading', 'time', 'urllib', 'urllib3'}
# layer -> what it must not import; our own modules as `lazada_connector.…`
FORBIDDEN = {
    'lazada_api': {'odoo', 'lazada_connector'},
    'mappers': {'odoo', *IO_MODULES, 'lazada_connector.models', 'lazada_connector.wizards',
                'lazada_connector.controllers', 'lazada_connector.const',
                'lazada_connector.exceptions', 'lazada_connector.lazada_api.client',
                'lazada_connector.lazada_api.transport'},
    'const.py': {'odoo', 'requests', 'urllib3', 'lazada_connector'},
    'exceptions.py': {'requests', 'lazada_connector.models', 'lazada_connector.mappers',
                      'odoo.http', 'odoo.models', 'odoo.addons'},
    'models': {'requests', 'urllib3', 'lazada_connector.controllers', 'lazada_connector.wizards',
               'odoo.http.request'},
    'wizards': {'requests', 'urllib3', 'lazada_connector.lazada_api', 'lazada_connector.mappers'},
    'controllers': {'requests', 'urllib3', 'lazada_connector.mappers',
                    'lazada_connector.lazada_api'},
}
ALLOWED = {
    'lazada_api': {'lazada_connector.lazada_api'},
    'controllers': {'lazada_connector.lazada_api.signing'},
}


def imports(source, module):
    """The absolute names a module imports. `module`: its own dotted name's parts, file included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(module[:len(module) - node.level]) if node.level else []
            base += (node.module or '').split('.') if node.module else []
            yield from ('.'.join([*base, alias.name]) for alias in node.names)


def within(name, roots):
    return any(name == root or name.startswith(f'{root}.') for root in roots)


def offences(layer, source, module):
    return [name for name in imports(source, module)
            if within(name, FORBIDDEN[layer]) and not within(name, ALLOWED.get(layer, ()))]


def files():
    for layer in FORBIDDEN:
        place = ADDON / layer
        for path in [place] if place.is_file() else sorted(place.rglob('*.py')):
            yield pytest.param(layer, path, id=str(path.relative_to(ADDON)))


@pytest.mark.parametrize('layer, path', list(files()))
def test_imports_only_go_down(layer, path):
    module = ('lazada_connector', *path.relative_to(ADDON).with_suffix('').parts)
    assert offences(layer, path.read_text('utf-8'), module) == []


@pytest.mark.parametrize('layer, file, source', [
    ('lazada_api', 'client', 'import odoo'), ('lazada_api', 'client', 'from odoo import models'),
    ('lazada_api', 'client', 'from ..mappers import order'),
    ('mappers', 'order', 'import requests'), ('mappers', 'order', 'import time'),
    ('mappers', 'order', 'from ..models import lazada_shop'),
    ('mappers', 'order', 'from ..lazada_api.client import LazadaClient'),
    ('models', 'shop', 'def f():\n    import requests'),
    ('models', 'shop', 'from odoo.http import request'),
    ('wizards', 'w', 'from ..lazada_api import errors'),
    ('controllers', 'c', 'from ..lazada_api import LazadaClient'),
    ('controllers', 'c', 'from lazada_connector.mappers import order')])
def test_the_rule_sees_offences(layer, file, source):
    assert offences(layer, source, ('lazada_connector', layer, file))


def test_the_rule_lets_the_allowed_through():
    assert not offences('controllers', 'from ..lazada_api.signing import sign_push',
                        ('lazada_connector', 'controllers', 'webhook'))
    assert not offences('mappers', 'from ..lazada_api.regions import get_site\nimport re',
                        ('lazada_connector', 'mappers', 'order'))
