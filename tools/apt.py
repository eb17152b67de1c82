"""Debian packages without installing them: a private apt configuration, unpacked in a folder.

Needs no root. The machine's own package source is copied with another suite, so that its mirror,
keys and proxy settings are used as they are and no host name is written down here.
"""

import platform
import re
import shutil
import subprocess
from pathlib import Path

from .console import Stop

ETC = Path('/etc/apt')
ONE_LINE = re.compile(r'\s*deb\s+(?P<rest>[^#]*)')
OPTION = re.compile(r'\[(?P<options>[^\]]*)\]\s*')


def codename():
    """The machine's Debian release ('bookworm')."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    if release.get('ID') != 'debian' or not shutil.which('apt-get'):
        raise Stop(
            "This machine has no Debian apt, from which Odoo 19 would be taken.",
            "Point ODOO_HOME to an Odoo 19 checkout (ODOO_HOME=/path/to/odoo make run), "
            "or use the containers: docker compose up")
    return release.get('VERSION_CODENAME', 'stable')


def _stanzas(text):
    """The stanzas of a deb822 file, each as {field: value}; comments and disabled ones left out."""
    for block in re.split(r'\n\s*\n', text):
        lines = [line for line in block.splitlines() if not line.startswith('#')]
        fields, name = {}, None
        for line in lines:
            if line[:1].isspace() and name:         # a continued value, such as an embedded key
                fields[name] += '\n' + line
            elif ':' in line:
                name, _, value = line.partition(':')
                name = name.strip().lower()
                fields[name] = value.strip()
        if fields and fields.get('enabled', 'yes').lower() not in ('no', 'false'):
            yield fields


def _one_line(text):
    """The `deb` lines of a classic sources.list, in the form of `_stanzas`."""
    for line in text.splitlines():
        match = ONE_LINE.match(line)
        if not match:
            continue
        options = OPTION.match(match['rest'])
        words = OPTION.sub('', match['rest'], count=1).split()
        if len(words) < 2:
            continue
        fields = {'types': 'deb', 'uris': words[0], 'suites': words[1]}
        for option in (options['options'].split() if options else ()):
            name, _, value = option.partition('=')
            fields[name.lower()] = value.replace(',', ' ')
        yield fields


def find_source(release, etc=ETC):
    """The machine's own source of its release: {'uris': …, 'signed-by': …}."""
    candidates = []
    for path in sorted(etc.glob('sources.list.d/*.sources')):
        candidates += _stanzas(path.read_text())
    for path in [etc / 'sources.list', *sorted(etc.glob('sources.list.d/*.list'))]:
        if path.is_file():
            candidates += _one_line(path.read_text())
    for fields in candidates:
        # `stable` names the same archive; `bookworm-security` does not
        if {release, 'stable'} & set(fields.get('suites', '').split()[:1]) \
                and 'deb' in fields.get('types', '').split():
            return fields
    raise Stop(f"apt on this machine has no source for Debian {release}.",
               f"Add Debian's {release} source to {etc}/sources.list.d, then run the same again.")


def write_sources(folder, source, suites):
    """Write one private source with the given suites; `source` as `find_source` gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['Types: deb', f"URIs: {source['uris']}", f"Suites: {' '.join(suites)}",
             'Components: main']
    names = {'signed-by': 'Signed-By', 'trusted': 'Trusted'}
    lines += [f"{label}: {source[name]}" for name, label in names.items() if name in source]
    (folder / 'private.sources').write_text('\n'.join(lines) + '\n')


class PrivateApt:
    """apt-get with its own sources, lists and cache in `folder`."""

    def __init__(self, folder):
        self.folder = folder

    def prepare(self, suites, etc=ETC):
        for name in ('parts', 'state/lists/partial', 'cache/archives/partial', 'debs'):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / 'state/status').touch()
        write_sources(self.folder / 'parts', find_source(codename(), etc), suites)

    def _run(self, *arguments):
        options = {
            'Dir::Etc::SourceList': '/dev/null',
            'Dir::Etc::SourceParts': self.folder / 'parts',
            'Dir::Etc::Preferences': '/dev/null',
            'Dir::Etc::PreferencesParts': self.folder / 'none',
            'Dir::State': self.folder / 'state',
            'Dir::State::Lists': self.folder / 'state/lists',
            'Dir::State::status': self.folder / 'state/status',
            'Dir::Cache': self.folder / 'cache',
            'APT::Sandbox::User': 'root',
            'Acquire::Retries': 2,
            'Acquire::Languages': 'none',
        }
        command = ['apt-get', '-q', *(f'-o{name}={value}' for name, value in options.items()),
                   *arguments]
        done = subprocess.run(command, cwd=self.folder / 'debs', text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # `update` exits 0 when the network is away: its messages tell
        if done.returncode or re.search(r'^(E|Err):', done.stdout, re.MULTILINE):
            complaint = [line for line in done.stdout.splitlines()
                         if line.startswith(('E:', 'Err:', 'W:'))][-3:]
            raise Stop("apt could not fetch packages:\n    " + "\n    ".join(complaint),
                       "Check the network (and apt's proxy settings), then run the same again: "
                       "what is already here is kept.")

    def update(self):
        self._run('update')

    def download(self, packages):
        """Fetch packages given as 'name/suite'; answers the paths of the .deb files."""
        self._run('download', *packages)
        names = [package.partition('/')[0] for package in packages]
        return [max((self.folder / 'debs').glob(f'{name}_*.deb'), key=lambda p: p.stat().st_mtime)
                for name in names]


def unpack(deb, root):
    root.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(['dpkg-deb', '-x', deb, root], capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"{deb.name} could not be unpacked: {done.stderr.strip()}",
                   f"Free some disk space, delete {deb}, then run the same again.")
