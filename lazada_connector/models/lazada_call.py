# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import timedelta

from odoo import api, fields, models

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
            'code': record.code,
            'http_status': record.http_status,
            'duration_ms': record.duration_ms,
            'request_id': record.request_id,
            'error': record.error,
            'body': record.body,
        } for record in records])

    @api.autovacuum
    def _gc_calls(self):
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'lazada_connector.call_days', DEFAULT_DAYS_KEPT))
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.search([('at', '<', limit)], limit=10_000)
        old.unlink()
        return len(old), len(old)
