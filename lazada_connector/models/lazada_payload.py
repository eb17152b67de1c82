# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

DEFAULT_DAYS_KEPT = 90


class LazadaPayload(models.Model):
    """The raw answer behind a mirrored record, as ASCII-escaped text.

    Text and not jsonb: jsonb refuses NUL characters and lone surrogates, which do arrive.
    """
    _name = 'lazada.payload'
    _description = "Lazada Raw Data"
    _order = 'id desc'
    _rec_name = 'res_model'
    _log_access = False

    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field='res_model', required=True)
    company_id = fields.Many2one('res.company', index=True)
    body = fields.Text("Answer of Lazada", required=True)
    digest = fields.Char(required=True)
    received_at = fields.Datetime("Received", required=True, index=True)

    _record_uniq = models.Constraint('unique(res_model, res_id)', "One answer per record.")

    @api.model
    def _encode(self, payload):
        """Return (body, digest) of a parsed answer; amounts keep their digits."""
        body = json.dumps(payload, default=float, sort_keys=True)
        return body, hashlib.sha256(body.encode()).hexdigest()

    @api.model
    def _store(self, res_model, company, bodies):
        """Keep `bodies` ({record id: (body, digest)}); another answer replaces the one before.

        One statement instead of a search and two ORM calls: it runs for every order fetched.
        """
        if not bodies:
            return
        now = self.env.cr.now()
        rows = SQL(", ").join(
            SQL("(%s, %s, %s, %s, %s, %s)", res_model, res_id, company.id, body, digest, now)
            for res_id, (body, digest) in bodies.items())
        self.env.execute_query(SQL(
            """
            INSERT INTO lazada_payload (res_model, res_id, company_id, body, digest, received_at)
                 VALUES %s
            ON CONFLICT (res_model, res_id) DO UPDATE
                    SET body = EXCLUDED.body, digest = EXCLUDED.digest,
                        received_at = EXCLUDED.received_at
                  WHERE lazada_payload.digest <> EXCLUDED.digest
              RETURNING id
            """, rows))

    @api.autovacuum
    def _gc_payloads(self):
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'lazada_connector.payload_days', DEFAULT_DAYS_KEPT))
        old = self.search(
            [('received_at', '<', fields.Datetime.now() - timedelta(days=days))], limit=10_000)
        old.unlink()
        return len(old), len(old)
