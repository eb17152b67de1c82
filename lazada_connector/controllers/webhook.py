# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where Lazada's push messages arrive: verify, store, wake, answer. Nothing else."""
import hmac
import logging

import psycopg2
from werkzeug.exceptions import Forbidden, ServiceUnavailable

from odoo import http
from odoo.http import request

from .. import const
from ..lazada_api.signing import sign_push

_logger = logging.getLogger(__name__)


class WebhookController(http.Controller):

    @http.route(
        f'{const.WEBHOOK_ROUTE}/<string:token>', type='http', auth='public', methods=['POST'],
        csrf=False, save_session=False, max_content_length=const.PUSH_MAX_BYTES)
    def receive(self, token, **_kwargs):
        """Keep a push message. 200: kept, known before or of no use; 403: not from Lazada."""
        body = request.httprequest.get_data()
        account_sudo = self._get_account(token)
        if not self._is_signed(account_sudo, body):
            _logger.info("Lazada push message refused: unknown address or wrong signature")
            raise Forbidden()
        try:
            # The signature proves the sender, who is no user.
            request.env['lazada.event'].sudo()._receive(account_sudo, body)
        except psycopg2.OperationalError:
            _logger.info("Lazada push message put off: the database is busy")
            request.env.cr.rollback()
            raise ServiceUnavailable() from None
        return request.make_response('ok', [('Content-Type', 'text/plain')])

    def _get_account(self, token):
        # Secrets are readable by system administrators only; the token names the account.
        return request.env['lazada.account'].sudo().search_fetch(
            [('webhook_token', '=', token)], ['app_key', 'app_secret', 'endpoint'], limit=1)

    def _is_signed(self, account_sudo, body):
        if not account_sudo:
            return False
        expected = sign_push(account_sudo.app_key, account_sudo.app_secret, body)
        given = request.httprequest.headers.get('Authorization', '')
        return hmac.compare_digest(expected.encode(), given.encode())
