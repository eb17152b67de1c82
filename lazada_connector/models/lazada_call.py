# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models

from ..exceptions import to_user_error
from ..lazada_api import errors

DEFAULT_DAYS_KEPT = 14


class LazadaCall(models.Model):
    """One API call. Parameters arrive redacted; bodies only of failures."""
    _name = 'lazada.call'
    _description = "Lazada API Call"
    _order = 'id desc'
    _rec_name = 'path'
    _log_access = False

    account_id = fields.Many2one('lazada.account', index=True, ondelete='cascade')
    shop_id = fields.Many2one('lazada.shop', index='btree_not_null', ondelete='cascade')
    company_id = fields.Many2one('res.company', index=True)
    at = fields.Datetime("Time", required=True, index=True)
    method = fields.Char()
    path = fields.Char(index=True)
    params = fields.Text("Parameters")
    subjects = fields.Text(
        "Orders and Packages", help="Their ids on Lazada, as far as the call names them.")
    code = fields.Char()
    http_status = fields.Integer("HTTP")
    duration_ms = fields.Integer("Duration (ms)")
    request_id = fields.Char("Request ID", index='btree_not_null')
    error = fields.Char()
    body = fields.Text("Answer", help="Kept for failures only, without personal data.")

    @api.model
    def _log(self, records, account, shop=None):
        """Write the collected `CallRecord`s, one row a call."""
        company = (shop or account).company_id
        self.sudo().create([{
            'account_id': account.id,
            'shop_id': shop.id if shop else False,
            'company_id': company.id,
            'at': record.at,
            'method': record.method,
            'path': record.path,
            'params': json.dumps(record.params, default=str),
            # With a separator on both sides: one is found by `,id,`, whatever its length.
            'subjects': f",{','.join(record.subjects)}," if record.subjects else False,
            'code': record.code,
            'http_status': record.http_status,
            'duration_ms': record.duration_ms,
            'request_id': record.request_id,
            'error': record.error,
            'body': record.body,
        } for record in records])

    @api.model
    def _log_apart(self, records, account, shop=None):
        """Write the collected records in a transaction of their own: ours will be undone."""
        with self.env.registry.cursor() as cr:
            env = self.env(cr=cr, su=True)
            # Not there yet: what was created in the transaction that will be undone.
            account = account.with_env(env).exists()
            shop = shop and shop.with_env(env).exists()
            if account:
                self.with_env(env)._log(records, account, shop)

    @api.model
    @contextmanager
    def _client(self, account, shop=None, **options):
        """Give a client for something a person waits for; its calls are logged in any case.

        :param options: of the shop's (else the account's) `_get_client`
        :raise UserError: Lazada does not answer, or refuses
        """
        records = []
        try:
            with (shop or account)._get_client(on_call=records.append, **options) as client:
                yield client
        except errors.LazadaError as error:
            self._log_apart(records, account, shop)
            raise to_user_error(self.env, error) from error
        self._log(records, account, shop)

    @api.model
    def _about(self, ids):
        """Return the domain of the calls that name one of these orders and packages."""
        return fields.Domain.OR(
            fields.Domain('subjects', 'like', f',{external_id},') for external_id in ids)

    @api.autovacuum
    def _gc_calls(self):
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'lazada_connector.call_days', DEFAULT_DAYS_KEPT))
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.search([('at', '<', limit)], limit=10_000)
        old.unlink()
        return len(old), len(old)
