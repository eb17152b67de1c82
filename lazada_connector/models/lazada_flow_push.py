# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Push messages make flows due, and the pull of orders reads what they named."""
import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .. import const
from ..lazada_api import errors
from .flow_run import CONCURRENCY_ERRORS

_logger = logging.getLogger(__name__)

UNKNOWN_ORDER = '16'
UNKNOWN_AGAIN = timedelta(minutes=1)
# Orders that no push announced, the youngest of them this old, before pushes count as stopped.
MISSED_ORDERS = 3
MISSED_AFTER = timedelta(minutes=15)
# Nobody misses pushes any more: they were switched off on purpose.
FORGET_AFTER = timedelta(days=30)
INTERVAL_WITHOUT_PUSH = timedelta(minutes=15)


class LazadaFlow(models.Model):
    _inherit = 'lazada.flow'

    last_push_at = fields.Datetime("Last Push Message")
    push_missing = fields.Boolean(help="Orders come in that no push message announced.")
    remote_status = fields.Char("Status on Lazada", help="What Lazada last said of the shop.")

    # === WAKING === #

    @api.model
    def _find_due(self, name):
        self._wake_pushed(name)
        return super()._find_due(name)

    @api.model
    def _wake_pushed(self, name):
        """Make the flows due that messages wait for; a failing one keeps to its own pace.

        Done here and not where messages arrive: the row is written by whoever runs the flow, and
        a message must wait for nobody.
        """
        self._let_messages_settle(name)
        try:
            self.env.execute_query(SQL(
                """
                UPDATE lazada_flow SET due_at = %(now)s
                 WHERE id IN (
                       SELECT flow.id FROM lazada_flow AS flow
                        WHERE flow.name = %(name)s AND COALESCE(flow.failure_count, 0) = 0
                          AND (flow.due_at IS NULL OR flow.due_at > %(now)s)
                          AND EXISTS (
                              SELECT 1 FROM lazada_event AS event
                               WHERE event.shop_id = flow.shop_id AND event.state = 'todo'
                                 AND event.flow_name = flow.name)
                          FOR NO KEY UPDATE SKIP LOCKED)
             RETURNING id
                """, now=self.env.cr.now(), name=name))
            self.env['ir.cron']._commit_progress()
        except CONCURRENCY_ERRORS:  # whoever works on it closes the messages
            self.env.cr.rollback()
        self.invalidate_model(['due_at'])

    @api.model
    def _let_messages_settle(self, name):
        """Wait a moment for its companions: Lazada sends a message for every unit of an order.

        The oldest counts: where messages never end, it has waited for the last run already.
        """
        [[oldest]] = self.env.execute_query(SQL(
            "SELECT min(received_at) FROM lazada_event WHERE flow_name = %s AND state = 'todo'",
            name))
        if not oldest:
            return
        settled = oldest + timedelta(seconds=const.PUSH_SETTLE_SECONDS)
        seconds = (settled - self.env.cr.now()).total_seconds()
        self.env['ir.cron']._commit_progress()
        if seconds > 0:
            time.sleep(min(seconds, const.PUSH_SETTLE_SECONDS))
            self.env['ir.cron']._commit_progress()

    def _release(self, run, more=False):
        if not more:
            self.env['lazada.event']._close(self, run.started_at)
        return super()._release(run, more)

    # === ORDERS === #

    def _run_fetch_orders(self, run):
        """Pull what changed, then read the orders that were pushed and not part of it."""
        if super()._run_fetch_orders(run) or self._read_pushed_orders(run):
            return True
        self._watch_pushes(run)
        return False

    def _read_pushed_orders(self, run):
        """Read every order that a message named and the window did not bring.

        :return: whether some are left for the next turn
        """
        unread, unknown = self._get_pushed_orders(run)
        if not unread and not unknown:
            return False
        with run.client() as client:
            for start in range(0, len(unread), const.ITEMS_PER_CALL):
                if run.out_of_time:
                    return True
                self._reread_pushed(run, client, unread[start:start + const.ITEMS_PER_CALL])
            while unknown:
                if run.out_of_time:
                    return True
                read = self._fetch_pushed(run, client, unknown[:const.ITEMS_PER_CALL])
                unknown = unknown[len(read):]
        run.attempt(self.shop_id._get_flow('import_orders')._wake)
        return False

    def _get_pushed_orders(self, run):
        """Return (mirrored orders not read since the turn began, ids that are not mirrored)."""
        events = self.env['lazada.event']._get_waiting(self, run.started_at)
        named = list(dict.fromkeys(filter(None, events.mapped('order_external_id'))))
        orders = self.env['lazada.order'].search([
            ('shop_id', '=', self.shop_id.id), ('external_id', 'in', named)])
        unread = orders.filtered(
            lambda order: not order.items_read_at or order.items_read_at < run.started_at)
        known = set(orders.mapped('external_id'))
        return unread, [external_id for external_id in named if external_id not in known]

    def _reread_pushed(self, run, client, orders):
        external_ids = orders.mapped('external_id')
        asked_at = run.ask()
        answer = client.orders.items(external_ids)
        self._mirror_answer(run, [], orders, answer.items, asked_at)
        run.attempt(self.env['lazada.event']._close, self, run.started_at, external_ids)

    def _fetch_pushed(self, run, client, external_ids):
        """Fetch the first of these orders, as many as there is time for; return their ids."""
        read = self._read_headers(run, client, external_ids)
        headers = list(filter(None, read.values()))
        if len(headers) < len(read):  # Lazada may show a new order some seconds late
            run.come_back_within(UNKNOWN_AGAIN)
        asked_at = run.ask()
        answer = client.orders.items(header['order_id'] for header in headers)
        self._mirror_answer(run, headers, self.env['lazada.order'], answer.items, asked_at)
        run.attempt(self.env['lazada.event']._close, self, run.started_at, list(read))
        return list(read)

    def _read_headers(self, run, client, external_ids):
        """Read headers, a call each, until the turn is over; at least one.

        :return: {external id: header, or None when this shop has no such order}
        """
        headers = {}
        run.release()
        for external_id in external_ids:
            if headers and run.out_of_time:
                break
            headers[external_id] = self._get_header(client, external_id)
        return headers

    def _get_header(self, client, external_id):
        """Return the header of one order, None when this shop has no such order."""
        try:
            return client.orders.get(external_id)
        except errors.LazadaRequestError as error:
            if error.code != UNKNOWN_ORDER:
                raise
            _logger.info("Lazada flow %s: order %s is unknown", self.id, external_id)
            return None

    # === MISSING PUSHES === #

    def _watch_pushes(self, run):
        """Notice that pushes have stopped: orders come in, and none of them was announced."""
        last = self._get_last_push()
        if not last:
            return
        now = self.env.cr.now()
        forgotten = now - last > FORGET_AFTER
        missing = not forgotten and self.env['lazada.order'].search_count([
            ('shop_id', '=', self.shop_id.id),
            ('ordered_at', '>', last + MISSED_AFTER), ('ordered_at', '<=', now - MISSED_AFTER),
        ], limit=MISSED_ORDERS) >= MISSED_ORDERS
        run.attempt(self._note_pushes, None if forgotten else last, missing)
        if missing:
            run.come_back_within(INTERVAL_WITHOUT_PUSH)

    def _get_last_push(self):
        [[newest]] = self.env.execute_query(SQL(
            "SELECT max(received_at) FROM lazada_event WHERE shop_id = %s AND flow_name = %s",
            self.shop_id.id, self.name))
        return max(filter(None, (self.last_push_at, newest)), default=None)

    def _note_pushes(self, last, missing):
        if self.push_missing and not missing:
            self.shop_id._close_push_activity()
        elif missing and not self.push_missing:
            self.shop_id._open_push_activity(last)
        self.env.execute_query(SQL(
            "UPDATE lazada_flow SET last_push_at = %s, push_missing = %s WHERE id = %s"
            " RETURNING id", last, missing, self.id))
        self.invalidate_recordset()

    # === AUTHORISATION AND SHOP STATUS === #

    def _run_health(self, run):
        more = super()._run_health(run)
        self._answer_expiry(run)
        self._read_remote_status(run)
        return more

    def _get_last_message(self, run, message_type):
        return self.env['lazada.event']._get_waiting(self, run.started_at).filtered(
            lambda event: event.message_type == message_type).sorted('received_at')[-1:]

    def _answer_expiry(self, run):
        """Lazada says that the authorisation ends: renew it, or else tell a person once."""
        message = self._get_last_message(run, const.PUSH_EXPIRY)
        account = self.shop_id.account_id
        ends_at = message.expires_at
        if not message or (ends_at and account.access_expires_at
                           and account.access_expires_at > ends_at):
            return
        run.release()
        if not account._renew_now():
            account._ask_to_authorise(self.env._(
                "Lazada says that this authorisation ends on %s, and it could not be renewed. "
                "Press Re-authorise before; nothing is lost.",
                fields.Date.to_string(ends_at) if ends_at else self.env._("a near date")))

    def _read_remote_status(self, run):
        """Show what Lazada says of the shop, as long as it is not simply open."""
        message = self._get_last_message(run, const.PUSH_SHOP_STATUS)
        if not message and self.remote_status in (False, 'active', 'normal'):
            return
        with run.client() as client:
            run.release()
            status = str(client.seller.get().get('status') or '').lower()
        if status in ('', 'active') and message:
            status = message.raw_status
        run.attempt(self._write_remote_status, status)

    def _write_remote_status(self, status):
        self.env.execute_query(SQL(
            "UPDATE lazada_flow SET remote_status = %s WHERE id = %s RETURNING id",
            status or None, self.id))
        self.invalidate_recordset()
