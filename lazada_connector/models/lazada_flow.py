# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
import uuid
from datetime import timedelta
from functools import partial

import psycopg2.errors

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from .. import const
from ..exceptions import describe
from ..lazada_api import errors
from ..mappers.text import clean
from .flow_run import CONCURRENCY_ERRORS, FlowRun, LeaseLost, is_infrastructure

_logger = logging.getLogger(__name__)

BACKOFF_SECONDS = (10, 60, 120, 300, 900, 1800, 3600)
ACTIVITY_AFTER_FAILURES = 4
# A lease that ends later was taken before the clock was set back: nobody works there any more,
# or else notices by its token.
LONGEST_LEASE = timedelta(seconds=2 * const.LEASE_SECONDS)


class LazadaFlow(models.Model):
    """The sync state of one shop in one flow, and the lease that says who works on it."""
    _name = 'lazada.flow'
    _description = "Lazada Flow"
    _order = 'shop_id, name'
    _log_access = False

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='shop_id.company_id', store=True, index=True)
    name = fields.Selection(
        [(name, label) for name, (label, _minutes) in const.FLOWS.items()], required=True)
    cursor_at = fields.Datetime(
        help="Everything that changed on Lazada until this time is known here.")
    force_until = fields.Datetime(
        help="Orders read again up to this time are decided again even if nothing changed.")
    due_at = fields.Datetime(index=True)
    running_until = fields.Datetime(help="Somebody works on this flow until then, at most.")
    token = fields.Char(copy=False, groups='base.group_system')
    last_success_at = fields.Datetime()
    failure_count = fields.Integer()
    error_message = fields.Text()

    _shop_name_uniq = models.Constraint(
        'unique(shop_id, name)', "A shop has each flow once.")

    # === SCHEDULING === #

    @api.model
    def _cron_run(self, name):
        """Entry point of the scheduled actions: serve every due flow of that name.

        Never raises after progress: Odoo would call again at once, without a pause.
        """
        cron = self.env['ir.cron']
        # Counted before anything is done: an action whose worker was killed three times without
        # progress is left out by Odoo for its whole interval.
        cron._commit_progress(1)
        self._serve_due(name)
        cron._commit_progress(remaining=0)

    @api.model
    def _serve_due(self, name):
        """Run a turn of every due flow of that name. Return whether there was one."""
        flows = self._find_due(name)
        seconds_left = self.env['ir.cron']._commit_progress(remaining=len(flows))
        for flow in flows:
            flow._serve(min(seconds_left, const.TURN_SECONDS))
            seconds_left = self.env['ir.cron']._commit_progress(1)
            if not seconds_left:
                break
        self._schedule(name)
        return bool(flows)

    @api.model
    def _find_due(self, name):
        """Return the flows of that name that are to be served now, the longest due first."""
        return self.search(self._get_due_domain(name), order='due_at, id')

    @api.model
    def _get_due_domain(self, name):
        now = self.env.cr.now()
        return [
            ('name', '=', name),
            ('due_at', '<=', now),
            '|', '|', ('running_until', '=', False), ('running_until', '<=', now),
            ('running_until', '>', now + LONGEST_LEASE),
            *self._get_runnable_domain(name),
        ]

    @api.model
    def _get_runnable_domain(self, name):
        """Return which flows of that name the scheduled actions may run at all."""
        return [
            ('shop_id.active', '=', True),
            ('shop_id.paused', '=', False),
            ('shop_id.account_id.active', '=', True),
            ('shop_id.account_id.state', '=', 'connected'),
        ]

    def _wake(self, at=None):
        """Make these flows due now (or at `at`) and see to it that their action runs then."""
        if not self:
            return
        self.env.flush_all()
        # A flow at work writes its own state: a collision is expected, and told by who repeats it.
        self.env.cr.execute(SQL(
            """
            UPDATE lazada_flow
               SET due_at = LEAST(due_at, %s)
             WHERE id IN %s
            """, at or self.env.cr.now(), tuple(self.ids)), log_exceptions=False)
        self.invalidate_recordset(['due_at'])
        for name in set(self.mapped('name')):
            self._schedule(name)

    @api.model
    def _schedule(self, name):
        """Trigger the action for the earliest due flow, unless it will run by then anyway."""
        self.env.flush_all()
        flows = self.sudo().search([
            ('name', '=', name), ('due_at', '!=', False), *self._get_runnable_domain(name)])
        if not flows:
            return
        at = min(
            max(flow.due_at, flow.running_until) if flow._is_leased() else flow.due_at
            for flow in flows)
        self._trigger(name, at)

    @api.model
    def _trigger(self, name, at=None):
        """Have the action of that name run at `at` (None: now), unless it will run by then anyway.

        Waits for no lock. A running action deletes its triggers when it ends, and until then they
        are still seen. Such a trigger is locked and does not count; locking it keeps it from being
        deleted before what this transaction writes can be read.
        """
        # Unlike `ref`, this asks the database once per process: push messages come by here.
        cron = self.env['ir.cron'].sudo().browse(self.env['ir.model.data']._xmlid_to_res_id(
            f'lazada_connector.cron_{name}', raise_if_not_found=True))
        now = fields.Datetime.now()
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL(
                    """
                    SELECT id FROM ir_cron_trigger WHERE cron_id = %s AND call_at <= %s
                     LIMIT 1 FOR KEY SHARE SKIP LOCKED
                    """, cron.id, max(at or now, now)), log_exceptions=False)
                pending = self.env.cr.rowcount
        except psycopg2.errors.SerializationFailure:    # deleted since this transaction began
            pending = 0
        # `now` has no fractions of a second; Odoo tells its cron workers at once of triggers that
        # are not in the future, and finds the others within a minute.
        if not pending:
            cron._trigger(at if at and at >= now + timedelta(seconds=1) else None)

    def _rewind(self, at):
        """Move the cursor back to `at` (False: start anew) and run; takes the lease away.

        Everything up to the old cursor is decided again, even what did not change.
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.execute_query(SQL(
            """
            UPDATE lazada_flow
               SET force_until = GREATEST(force_until, cursor_at), cursor_at = %s,
                   resume_at = NULL, page_position = NULL, overlap_read_at = NULL,
                   token = NULL, running_until = NULL
             WHERE id = %s RETURNING id
            """, at or None, self.id))
        self.invalidate_recordset()
        self.shop_id.invalidate_recordset()
        self._wake()

    def _is_unfinished(self):
        """Whether work is left that the scheduled action will do."""
        return self._is_leased() or self._is_due()

    def _is_leased(self):
        """Whether somebody works on this flow, as far as its lease tells."""
        now = self.env.cr.now()
        return bool(self.running_until and now < self.running_until <= now + LONGEST_LEASE)

    def _is_due(self):
        return bool(self.due_at and self.due_at <= self.env.cr.now())

    # === RUNNING === #

    def _run_in_place(self, seconds):
        """Run these flows now, one after the other, for a person who waits.

        Runs as the same user as the scheduled actions, so that a result never depends on who
        pressed the button. Whatever does not fit into `seconds`, those of all flows together, is
        left to them, and so is what they are still busy with by then.
        """
        ends = time.monotonic() + seconds
        self.env['ir.cron']._commit_progress()
        self._wake_now(self.ids)  # not in the person's transaction: flows at work collide with it
        for number, flow in enumerate(self.with_user(SUPERUSER_ID)):
            flow._serve_until(time.monotonic() + (ends - time.monotonic()) / (len(self) - number))

    def _serve_until(self, ends):
        """Run a turn by `ends`, as soon as nobody else works on this flow."""
        while (left := ends - time.monotonic()) > 0 and not self._serve(left):
            time.sleep(min(const.BUSY_SECONDS, left))

    def _serve(self, seconds):
        """Run a turn; even what nobody foresaw leaves the flows behind it alone.

        :return: whether the flow could be taken (False: somebody else works on it)
        """
        try:
            return self._run_flow(seconds)
        except Exception:  # noqa: BLE001 - see above; a lost connection makes rollback raise
            _logger.exception("Lazada flow %s ended unexpectedly", self.id)
            self.env.cr.rollback()
            return True

    def _run_flow(self, seconds=const.TURN_SECONDS):
        """Work one turn on this flow. The seam for a job queue.

        Never raises: a failure is recorded on the flow and leaves the other shops alone.

        :return: whether the flow could be taken (False: somebody else works on it)
        """
        self.ensure_one()
        run = self._take(seconds)
        if not run:
            return False
        try:
            more = getattr(run.flow, f'_run_{self.name}')(run)
            run.commit()
            run.retry(partial(run.flow._release, run, more))
        except LeaseLost:
            _logger.info("Lazada flow %s was taken over", self.id)
        except Exception as error:  # noqa: BLE001 - one shop's failure never stops the others
            self.env.cr.rollback()
            self._give_up(run, error)
        return True

    def _give_up(self, run, error):
        """Record the failure, then tell a person; a failure of that stops nobody either.

        What could not even be recorded is due again when the lease runs out.
        """
        try:
            message = run.retry(partial(self._record_failure, run, error))
            run.retry(partial(self._alert, error, message))
        except Exception:  # noqa: BLE001 - see above
            self.env.cr.rollback()
            _logger.exception("Lazada flow %s: its failure could not be recorded", self.id)

    def _take(self, seconds):
        """Take the lease and commit it. Return the run, or None when somebody else has it."""
        self.env['ir.cron']._commit_progress()
        try:
            locked = self.try_lock_for_update(allow_referencing=True)
            self.invalidate_recordset()
            now = self.env.cr.now()
            if not locked or self._is_leased():
                self.env.cr.rollback()
                return None
            token = uuid.uuid4().hex
            until = now + timedelta(seconds=const.LEASE_SECONDS)
            self.sudo().write({'token': token, 'running_until': until, 'due_at': until})
            self.env['ir.cron']._commit_progress()
        except CONCURRENCY_ERRORS:
            self.env.cr.rollback()
            return None
        company = self.shop_id.company_id
        flow = self.with_context(
            allowed_company_ids=company.ids, tracking_disable=True, lazada_import=True)
        return FlowRun(flow, token, now, seconds)

    def _release(self, run, more=False):
        """Give the lease back after a turn without failure.

        :param more: True, or a time to wait: the work is not finished
        """
        wait = more if isinstance(more, timedelta) else timedelta()
        if not more:
            wait = run.interval
        values = SQL(
            "due_at = LEAST(NULLIF(due_at, running_until), %s)", run.started_at + wait)
        if not more:
            values = SQL("%s, last_success_at = %s", values, self.env.cr.now())
        self._end_run(run, SQL("%s, failure_count = 0, error_message = NULL", values))
        if not more:
            self.shop_id._close_sync_activity(self.name)
        self._schedule(self.name)
        self.env['ir.cron']._commit_progress()

    def _get_interval_minutes(self):
        if self.name == 'fetch_orders':
            return self.shop_id.order_sync_minutes
        return const.FLOWS[self.name][1]

    def _end_run(self, run, assignments):
        self.env.execute_query(SQL(
            """
            UPDATE lazada_flow SET %s, running_until = NULL, token = NULL
             WHERE id = %s AND token = %s RETURNING id
            """, assignments, self.id, run.token))
        self.invalidate_recordset()

    def _record_failure(self, run, error):
        """Say on the flow what happened and when it is tried again. Commits; return the text."""
        run.write_calls()
        failures = self.failure_count + 1
        wait, message = self._judge(error, failures)
        self._end_run(run, SQL(
            "due_at = %s, failure_count = %s, error_message = %s",
            self.env.cr.now() + wait, failures, message))
        if isinstance(error, errors.LazadaAuthError):
            self.shop_id.account_id._mark_expired(message)
        self._schedule(self.name)
        self.env['ir.cron']._commit_progress()
        run.calls.clear()
        return message

    def _alert(self, error, message):
        """Ask a person to act: at once for a lost authorisation, else when it keeps failing."""
        if isinstance(error, errors.LazadaAuthError):
            self.shop_id.account_id._ask_to_authorise(message)
        elif self.failure_count >= ACTIVITY_AFTER_FAILURES:
            self.shop_id._open_sync_activity(self.name, message)
        self.env['ir.cron']._commit_progress()

    def _get_suspended_minutes(self):
        """Return how long to wait when Lazada has switched a call off."""
        return const.SUSPENDED_MINUTES

    def _judge(self, error, failures):
        """Return (how long to wait, what a person reads) after this failure."""
        wait = timedelta(seconds=BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1])
        if isinstance(error, errors.LazadaError):
            if isinstance(error, errors.LazadaSuspendedError):
                wait = timedelta(minutes=self._get_suspended_minutes())
            elif isinstance(error, errors.LazadaThrottleError) and error.retry_after:
                wait = timedelta(seconds=error.retry_after + 1)
            _logger.info("Lazada flow %s (%s) waits: %s", self.id, self.name, error)
            return wait, describe(self.env, error)
        if is_infrastructure(error):
            _logger.info("Lazada flow %s (%s): database busy: %s", self.id, self.name, error)
            return timedelta(minutes=1), self.env._(
                "The database was busy. The work is tried again by itself.")
        _logger.error("Lazada flow %s (%s) failed", self.id, self.name, exc_info=error)
        return wait, self.env._(
            "An unexpected error stopped this run; it is tried again by itself. "
            "Technical message: %s", clean(f"{type(error).__name__}: {error}", 1000))
