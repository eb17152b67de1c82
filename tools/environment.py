"""`make setup`: a virtual environment and Odoo 19 in LOCAL_DIR, from nothing.

Runs with the machine's own Python and the standard library only. Every part has a stamp that is
written after it succeeded, so that a run after Ctrl-C continues where the last one ended.
"""

import os
import shutil
import subprocess
import sys

from . import apt
from .console import Stop, step
from .files import digest, is_stamped, lock, write
from .settings import ROOT

ODOO_PACKAGE = 'odoo-19'
# The web client's icons and scripts are links into these packages. Font Awesome comes from the
# machine's own release: sid's 7.x has other file names than the 4.7 Odoo asks for.
SID_PACKAGES = (
    ODOO_PACKAGE, 'libjs-jquery', 'libjs-jquery-form', 'libjs-underscore', 'fonts-roboto-unhinted',
    'fonts-montserrat', 'fonts-inconsolata', 'fonts-ocr-b', 'fonts-glyphicons-halflings',
)
RELEASE_PACKAGES = ('fonts-font-awesome',)
NEEDED_GIGABYTES = 3


def set_up(settings):
    """Make the environment complete; costs nothing when it already is."""
    _check_folder(settings)
    with lock(settings.local / 'setup.lock'):
        _make_venv(settings)
        _make_odoo(settings)


def _check_folder(settings):
    try:
        settings.local.mkdir(parents=True, exist_ok=True)
        writable = os.access(settings.local, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise Stop(f"{settings.local} cannot be written by this user.",
                   "Choose another folder: LOCAL_DIR=$HOME/lazada make run")
    free = shutil.disk_usage(settings.local).free / 1e9
    if free < NEEDED_GIGABYTES and not settings.python.exists():
        raise Stop(f"{settings.local} has {free:.1f} GB left; {NEEDED_GIGABYTES} GB are needed.",
                   "Free some space, or choose another folder: LOCAL_DIR=/big/disk make run")


# ---- Python packages -------------------------------------------------------------------------

def _make_venv(settings):
    requirements = ROOT / 'requirements.txt'
    wanted = digest(requirements, sys.version)
    stamp = settings.venv / 'complete'
    if is_stamped(stamp, wanted):
        return
    same_python = os.path.realpath(settings.python) == os.path.realpath(sys.executable)
    if not same_python or not (settings.venv / 'bin' / 'pip').exists():
        with step("Python environment"):
            _create_venv(settings)
    with step("Python packages"):
        _pip(settings, 'install', '--requirement', requirements)
    write(stamp, wanted)


def _create_venv(settings):
    shutil.rmtree(settings.venv, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401  Debian packs it apart from Python
        bare = []
    except ImportError:
        bare = ['--without-pip']
    done = subprocess.run([sys.executable, '-m', 'venv', *bare, settings.venv],
                          capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"No virtual environment could be made: {(done.stderr or done.stdout).strip()}",
                   "Free some disk space or install python3-venv, then run the same again.")
    if bare:
        _borrow_pip(settings)


def _borrow_pip(settings):
    """Debian's Python without python3-venv: pip comes from the package that ensurepip would use."""
    store = apt.PrivateApt(settings.local / 'odoo' / 'apt')
    release = apt.codename()
    store.prepare(('sid', release))
    store.update()
    [deb] = store.download([f'python3-pip-whl/{release}'])
    folder = settings.local / 'odoo' / 'pip'
    apt.unpack(deb, folder)
    [wheel] = folder.glob('usr/share/python-wheels/pip-*.whl')
    _call_pip([settings.python, wheel / 'pip'], 'install', 'pip')


def _pip(settings, *arguments):
    _call_pip([settings.python, '-m', 'pip'], *arguments)


def _call_pip(pip, *arguments):
    done = subprocess.run(
        [*pip, '--quiet', '--disable-pip-version-check', '--no-input', *arguments],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if 'ERROR' in line] \
            or done.stdout.splitlines()
        raise Stop("pip could not install the packages:\n    " + "\n    ".join(lines[-4:]),
                   "Check the network and the disk, then run the same again: "
                   "what is already here is kept.")


# ---- Odoo ------------------------------------------------------------------------------------

def _make_odoo(settings):
    if settings.odoo_home:
        if not (settings.odoo_home / 'odoo' / 'release.py').is_file():
            raise Stop(f"ODOO_HOME={settings.odoo_home} holds no Odoo (no odoo/release.py).",
                       "Point ODOO_HOME to an Odoo 19 checkout, or unset it.")
        return
    wanted = digest(*SID_PACKAGES, *RELEASE_PACKAGES)
    stamp = settings.local / 'odoo' / 'complete'
    if is_stamped(stamp, wanted):
        return
    release = apt.codename()
    store = apt.PrivateApt(settings.local / 'odoo' / 'apt')
    with step("Odoo 19: looking up Debian's packages"):
        store.prepare(('sid', release))
        store.update()
    with step("Odoo 19: downloading (130 MB)"):
        debs = store.download([*(f'{name}/sid' for name in SID_PACKAGES),
                               *(f'{name}/{release}' for name in RELEASE_PACKAGES)])
    with step("Odoo 19: unpacking"):
        for deb in debs:
            apt.unpack(deb, settings.odoo_root)
    write(stamp, wanted)
    shutil.rmtree(store.folder)


def odoo_version(settings):
    """What decides whether a prepared database fits: the release file and the package's build."""
    release = settings.odoo_path / 'odoo' / 'release.py'
    build = settings.odoo_root / 'usr/share/doc' / ODOO_PACKAGE / 'changelog.Debian.gz'
    return digest(release, *([build] if not settings.odoo_home and build.exists() else []))
