# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One turn of one flow: its lease, its time and the API calls it made. Not a record."""
import logging
import random
import time
from datetime import timedelta

import psycopg2
import psycopg2.errors

from odoo.tools import SQL

from .. import const

_logger = logging.getLogger(__name__)

# They do not heal inside a transaction: roll back everything, wait a moment, do it again.
# A unique violation is one of them: the other worker's row is visible to the next snapshot.
CONCURRENCY_ERRORS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.UniqueViolation,
)
MAX_ATTEMPTS = 5


def is_infrastructure(error):
    """Whether the database, and not the work itself, is the cause: nothing to blame an order for.

    A value too large for an index is reported like a full disk, but is the order's own doing; so
    is a unique violation that all attempts have met: nobody else is about to make that row.
    """
    return isinstance(
        error, (*CONCURRENCY_ERRORS, psycopg2.OperationalError, psycopg2.InterfaceError),
    ) and not isinstance(
        error, (psycopg2.errors.ProgramLimitExceeded, psycopg2.errors.UniqueViolation))


class LeaseLost(Exception):
    """Another worker owns the flow now; whatever was not committed is its business."""


class FlowRun:
    """Work on a leased flow. Every commit goes through `commit`, which is fenced by the token."""

    def __init__(self, flow, token, started_at, seconds):
        self.flow = flow
        self.env = flow.env
        self.token = token
        self.started_at = started_at
        self.deadline = time.monotonic() + seconds
        self._longest_wait = None
        self.calls = []

    @property
    def out_of_time(self):
        return time.monotonic() >= self.deadline

    def come_back_within(self, wait):
        """Have the next run not later than after `wait`, whatever the flow's interval."""
        self._longest_wait = min(wait, self._longest_wait or wait)

    @property
    def interval(self):
        """The time until the next run, as things stand now."""
        interval = timedelta(minutes=self.flow._get_interval_minutes())
        return min(interval, self._longest_wait or interval)

    def client(self):
        """Return an API client of the flow's shop; close it with `with`."""
        return self.flow.shop_id._get_client(on_call=self.calls.append)

    def commit(self, **values):
        """Commit the work and `values` of the flow, if the lease is still ours.

        :raise LeaseLost: the lease expired and somebody else took it; nothing was committed
        """
        self.write_calls()
        self.env.flush_all()
        assignments = [
            SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()]
        lease = self.env.cr.now() + timedelta(seconds=const.LEASE_SECONDS)
        # Whoever wakes the flow meanwhile collides with this: expected, and told by `retry`.
        self.env.cr.execute(SQL(
            """
            UPDATE lazada_flow
               SET due_at = CASE WHEN due_at = running_until THEN %(lease)s ELSE due_at END,
                   running_until = %(lease)s %(others)s
             WHERE id = %(id)s AND token = %(token)s
            """,
            lease=lease,
            others=SQL(", %s", SQL(", ").join(assignments)) if assignments else SQL(),
            id=self.flow.id,
            token=self.token,
        ), log_exceptions=False)
        if not self.env.cr.rowcount:
            self.env.cr.rollback()
            raise LeaseLost(self.flow.id)
        self.env['ir.cron']._commit_progress()
        self.calls.clear()

    def attempt(self, work, *args, **values):
        """Return `work(*args)` done in one committed transaction, repeated when it collides."""
        def step():
            result = work(*args)
            self.commit(**values)
            return result

        return self.retry(step)

    def retry(self, step):
        """Return `step()`, a whole transaction with its commit; repeated when it collides."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return step()
            except CONCURRENCY_ERRORS as error:
                self.env.cr.rollback()
                if attempt == MAX_ATTEMPTS:
                    raise
                _logger.info(
                    "Lazada flow %s: attempt %s collided (%s), trying again",
                    self.flow.id, attempt, type(error).__name__)
                time.sleep(random.uniform(0, min(1.0, 0.05 * 2 ** attempt)))

    def rollback(self):
        self.env.cr.rollback()

    def release(self):
        """Leave the lock-free state behind before waiting for Lazada: no open transaction."""
        self.env['ir.cron']._commit_progress()

    def ask(self):
        """Release before a call, and return the database's time: its answer is that new at least.

        Not the time of the transaction, which may have begun long before.
        """
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        [asked_at] = self.env.cr.fetchone()
        self.release()
        return asked_at

    def write_calls(self):
        """Log the API calls made since the last commit; they are forgotten by the next one."""
        if self.calls:
            shop = self.flow.shop_id
            self.env['lazada.call']._log(self.calls, shop.account_id, shop)
