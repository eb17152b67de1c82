"""Stamps, locks and digests."""

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager

from .console import say


def digest(*parts):
    """A short hash of texts, bytes and file contents (Path)."""
    total = hashlib.sha256()
    for part in parts:
        if hasattr(part, 'read_bytes'):
            part = part.read_bytes()
        elif isinstance(part, str):
            part = part.encode()
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:12]


def write(path, text, mode=0o644):
    """Write a whole file or nothing, so that an interrupted run leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + '.new')
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w') as file:
        file.write(text)
    partial.replace(path)


def is_stamped(path, value):
    return path.exists() and path.read_text() == value


@contextmanager
def lock(path, shared=False):
    """Hold a file lock; the system frees it when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with open(path, 'a') as file:
        if not _try_lock(file, kind):
            say(f"  Waiting for another command that uses {path.parent}")
            fcntl.flock(file, kind)
        yield file


def _try_lock(file, kind, patience=2):
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
