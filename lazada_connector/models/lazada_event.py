# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import logging
from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .. import const
from ..mappers.push import map_push

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

DEFAULT_DAYS_KEPT = 7
# What the messages are about; other types are kept and shown by their number.
SUBJECTS = {
    '0': _lt("Order"), '1': _lt("Product Check"), '2': _lt("Chat"), '3': _lt("Product Created"),
    '4': _lt("Product Changed"), '5': _lt("Product Deleted"), '6': _lt("Low Stock"),
    '7': _lt("Video"), '8': _lt("Authorisation Ends"), '10': _lt("Cancellation or Return"),
    '11': _lt("Promotion"), '12': _lt("Category Tree"), '13': _lt("Shop Status"),
    '14': _lt("Package"), '19': _lt("Chat Session"), '21': _lt("Review"),
}
# How often storing is tried: a collision leaves a newer snapshot that shows the other's row.
ATTEMPTS = 3


class LazadaEvent(models.Model):
    """One push message: a hint which pull to run. Its content is never taken for the truth.

    The rows are written by the webhook and worked off by the flow of their name; between the two
    there is no lock, because a message has to be answered within half a second.
    """
    _name = 'lazada.event'
    _description = "Lazada Push Message"
    _order = 'id desc'
    _rec_name = 'subject'
    _log_access = False

    dedupe_key = fields.Char(required=True, help="Digest of app key and message.")
    account_id = fields.Many2one('lazada.account', index=True, ondelete='cascade')
    shop_id = fields.Many2one('lazada.shop', ondelete='cascade')
    company_id = fields.Many2one('res.company', index=True)
    message_type = fields.Char("Type", help="Lazada's number of the kind of message.")
    subject = fields.Char(compute='_compute_subject')
    flow_name = fields.Char("Flow", help="The flow that this message asks for.")
    order_external_id = fields.Char("Order ID", index='btree_not_null')
    seller_external_id = fields.Char("Seller ID")
    raw_status = fields.Char("Lazada's Own Status")
    sent_at = fields.Datetime("Sent")
    expires_at = fields.Datetime("Authorisation Ends")
    received_at = fields.Datetime("Received", required=True, index=True)
    state = fields.Selection(
        [('todo', "Waiting"), ('done', "Done"), ('ignored', "Ignored")],
        required=True, default='todo',
        help="Ignored: of a seller that is no shop here, or of a kind that asks for nothing.")
    body = fields.Text("Message")

    _dedupe_uniq = models.Constraint('unique(dedupe_key)', "A message is kept once.")
    _waiting_idx = models.Index("(flow_name, shop_id, received_at) WHERE state = 'todo'")
    _shop_idx = models.Index('(shop_id, flow_name, received_at)')

    @api.depends('message_type')
    def _compute_subject(self):
        for event in self:
            subject = SUBJECTS.get(event.message_type)
            event.subject = (
                self.env._(subject) if subject  # pylint: disable=translation-not-lazy
                else self.env._("Type %s", event.message_type or '?'))

    # === RECEIVING === #

    @api.model
    def _receive(self, account, body):
        """Store one verified message and wake the action that pulls what it is about.

        Waits for nobody's lock; a message that is here already changes nothing.

        :param bytes body: as it arrived
        :raise psycopg2.OperationalError: the database is too busy just now
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                vals = self._prepare_vals(account, body)
                if self._insert(vals) and vals['state'] == 'todo':
                    self.env['lazada.flow']._trigger(vals['flow_name'])
                return
            except psycopg2.errors.SerializationFailure:
                self.env.cr.rollback()
                if attempt == ATTEMPTS:
                    raise

    @api.model
    def _prepare_vals(self, account, body):
        message = map_push(body) or {}
        message_type = message.get('message_type')
        shop = self._find_shop(account, message)
        flow_name = const.PUSH_FLOWS.get(message_type)
        wanted = shop and flow_name in const.FLOWS
        seller_ids = message.get('seller_ids')
        return {
            'dedupe_key': hashlib.sha256(account.app_key.encode() + b':' + body).hexdigest(),
            'account_id': account.id,
            'shop_id': shop.id or None,
            'company_id': shop.company_id.id or None,
            'message_type': None if message_type is None else str(message_type),
            'flow_name': flow_name,
            'order_external_id': message.get('order_external_id') or None,
            'seller_external_id': seller_ids[0] if seller_ids else None,
            'raw_status': message.get('raw_status') or None,
            'sent_at': message.get('sent_at'),
            'expires_at': message.get('expires_at'),
            'received_at': self.env.cr.now(),
            'state': 'todo' if wanted else 'ignored',
            'body': message.get('text'),
        }

    @api.model
    def _find_shop(self, account, message):
        """Return the shop a message is about, or none.

        An app has one address for all its sellers, so the shop may belong to another account of
        the same app. The site is left out by some messages; the seller id then has to do.
        """
        shops = self.env['lazada.shop']
        for seller_id in message.get('seller_ids', ()):
            domain = [
                ('external_id', '=', seller_id), ('endpoint', '=', account.endpoint),
                ('account_id.app_key', '=', account.app_key)]
            if message['site']:
                domain.append(('site', '=', message['site']))
            found = shops.search_fetch(domain, ['company_id'], limit=2)
            if len(found) == 1:
                return found
        return shops

    @api.model
    def _insert(self, vals):
        """Return whether the message is new. Gives up soon where somebody holds a lock."""
        return bool(self.env.execute_query(SQL(
            "SET LOCAL lock_timeout = %s;"
            "INSERT INTO lazada_event (%s) VALUES %s ON CONFLICT DO NOTHING RETURNING id",
            const.PUSH_LOCK_MILLISECONDS,
            SQL(", ").join(map(SQL.identifier, vals)), tuple(vals.values()))))

    # === WORKING OFF === #

    @api.model
    def _get_waiting(self, flow, until):
        """Return the messages that have waited for this flow since `until` or before.

        By SQL, because a domain compares whole seconds, and `until` is when the pull began.
        """
        self.flush_model()
        rows = self.env.execute_query(SQL("SELECT id %s", self._from_waiting(flow, until)))
        return self.browse([id_ for (id_,) in rows])

    @api.model
    def _from_waiting(self, flow, until):
        return SQL(
            "FROM lazada_event WHERE shop_id = %s AND flow_name = %s AND state = 'todo'"
            " AND received_at <= %s", flow.shop_id.id, flow.name, until)

    @api.model
    def _close(self, flow, until, order_external_ids=None):
        """Mark what waited for this flow until `until`; with ids, of these orders only."""
        orders = SQL() if order_external_ids is None else SQL(
            "AND order_external_id IN %s", tuple(order_external_ids))
        self.flush_model()
        closed = self.env.execute_query(SQL(
            """
            UPDATE lazada_event SET state = 'done'
             WHERE id IN (SELECT id %s %s) RETURNING message_type
            """, self._from_waiting(flow, until), orders))
        self.invalidate_model(['state'])
        if any(message_type == const.PUSH_REVERSE for (message_type,) in closed):
            flow.shop_id._get_flow('returns')._wake()

    @api.autovacuum
    def _gc_events(self):
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'lazada_connector.event_days', DEFAULT_DAYS_KEPT))
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.search([('received_at', '<', limit)], limit=10_000)
        old.unlink()
        return len(old), len(old)
