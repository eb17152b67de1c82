"""Reading the machine's own apt sources, whatever their form."""

import pytest

from tools import apt
from tools.console import Stop

MODERN = """\
Types: deb
# a comment inside a stanza
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian.gpg
"""


@pytest.fixture
def etc(tmp_path):
    (tmp_path / 'sources.list.d').mkdir()
    return tmp_path


def put(etc, name, text):
    (etc / name).write_text(text)
    return etc


def test_the_stanza_of_the_release_is_taken_from_a_file_with_several(etc):
    put(etc, 'sources.list.d/a.sources', MODERN.split('\n\n')[1] + '\n\n' + MODERN)
    source = apt.find_source('bookworm', etc)
    assert source['uris'] == 'http://mirror.example/debian'
    assert source['signed-by'] == '/usr/share/keyrings/debian.gpg'


def test_a_disabled_stanza_is_passed_over(etc):
    put(etc, 'sources.list.d/a.sources', MODERN.replace('Types', 'Enabled: no\nTypes', 1))
    with pytest.raises(Stop, match="no source for Debian bookworm"):
        apt.find_source('bookworm', etc)


def test_a_source_without_packages_is_passed_over(etc):
    put(etc, 'sources.list.d/a.sources', MODERN.replace('Types: deb', 'Types: deb-src'))
    with pytest.raises(Stop):
        apt.find_source('bookworm', etc)


def test_a_key_inside_the_stanza_is_kept(etc):
    key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END-----'
    put(etc, 'sources.list.d/a.sources',
        MODERN.replace('Signed-By: /usr/share/keyrings/debian.gpg', key, 1))
    source = apt.find_source('bookworm', etc)
    apt.write_sources(etc / 'private', source, ['sid'])
    assert '\n abc\n' in (etc / 'private' / 'private.sources').read_text()


@pytest.mark.parametrize('line', [
    'deb http://mirror.example/debian bookworm main contrib',
    'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main  # mine',
    'deb\thttp://mirror.example/debian/ stable main',
])
def test_a_classic_line_is_read(etc, line):
    put(etc, 'sources.list', f'# deb http://other.example/ bookworm main\n\n{line}\n')
    source = apt.find_source('bookworm', etc)
    assert source['uris'].startswith('http://mirror.example/debian')
    assert source.get('signed-by', '/k.gpg') == '/k.gpg'


def test_options_of_a_classic_line_are_read(etc):
    put(etc, 'sources.list', 'deb [ signed-by=/k.gpg trusted=yes ] http://m.example/ bookworm main')
    source = apt.find_source('bookworm', etc)
    assert (source['signed-by'], source['trusted']) == ('/k.gpg', 'yes')


def test_the_private_source_has_other_suites_and_the_same_mirror(etc):
    put(etc, 'sources.list.d/a.sources', MODERN)
    apt.write_sources(etc / 'private', apt.find_source('bookworm', etc), ['sid', 'bookworm'])
    text = (etc / 'private' / 'private.sources').read_text()
    assert text.splitlines() == [
        'Types: deb', 'URIs: http://mirror.example/debian', 'Suites: sid bookworm',
        'Components: main', 'Signed-By: /usr/share/keyrings/debian.gpg']


def test_a_machine_without_debian_is_told_its_ways_out(monkeypatch):
    monkeypatch.setattr(apt.platform, 'freedesktop_os_release', lambda: {'ID': 'fedora'})
    with pytest.raises(Stop) as stop:
        apt.codename()
    assert 'ODOO_HOME' in stop.value.next_step
    assert 'docker compose' in stop.value.next_step
