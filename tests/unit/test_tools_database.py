"""Dropping databases that somebody is connected to."""
import pytest
from psycopg2.errors import InsufficientPrivilege

from tools import database
from tools.database import Databases


class FakeDatabases(Databases):
    """Answers what the server would; `busy`: how often a vacuum is at work in the database."""

    def __init__(self, path, busy):
        self.path, self.busy, self.dropped = path, busy, False

    def filestore(self, name):
        return self.path / name

    def _execute(self, statement, *names):
        if self.busy:
            self.busy -= 1
            raise InsufficientPrivilege("permission denied to terminate process")
        self.dropped = True


def test_a_vacuum_at_work_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(database.time, 'sleep', lambda _seconds: None)
    databases = FakeDatabases(tmp_path, busy=3)
    (tmp_path / 'name').mkdir()
    databases.drop('name')
    assert databases.dropped and not (tmp_path / 'name').exists()


def test_what_cannot_be_dropped_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(database.time, 'sleep', lambda _seconds: None)
    with pytest.raises(InsufficientPrivilege):
        FakeDatabases(tmp_path, busy=10_000).drop('name')
