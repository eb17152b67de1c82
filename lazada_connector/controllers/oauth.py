# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Back from Lazada's consent page."""
import binascii
import logging

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools.misc import consteq, verify_hash_signed

from .. import const

_logger = logging.getLogger(__name__)


class OAuthController(http.Controller):

    @http.route(const.OAUTH_CALLBACK, type='http', auth='user', methods=['GET'])
    def oauth_callback(self, state='', code='', **_kwargs):
        """Exchange the code for tokens and go to the shop, or back to the account with why not."""
        account = self._get_account(state)
        if not code:
            return self._redirect(account, request.env._(
                "Lazada did not grant the authorisation. Nothing was changed; press Create Shop "
                "& Authorize to try again."))
        try:
            with request.env.cr.savepoint():
                # Tokens are writable by system administrators only; the state proves that this
                # very user, who may write the account, started this authorisation.
                shops = account.sudo()._connect(self._exchange(account, code))
        except UserError as error:
            return self._redirect(account, str(error))
        if len(shops) == 1:
            return request.redirect(f'/odoo/lazada-shops/{shops.id}')
        return request.redirect(f'/odoo/lazada-accounts/{account.id}')

    def _exchange(self, account, code):
        """Return what Lazada grants for this code.

        Lazada takes a code once, but Odoo does a request again that collided in the database: the
        second time, the grant is still on the request.
        """
        if not hasattr(request, 'lazada_grant'):
            request.lazada_grant = account.sudo()._exchange(code)
        return request.lazada_grant

    def _get_account(self, state):
        """Return the account of a state that is ours, fresh, this user's and not used before."""
        try:
            values = verify_hash_signed(request.env(su=True), const.OAUTH_SCOPE, state)
        except (ValueError, binascii.Error):
            values = None
        if not values:
            _logger.info("Lazada authorisation refused: unknown or expired state")
            raise Forbidden()
        account_id, user_id, nonce = values
        account = request.env['lazada.account'].browse(account_id).exists()
        account_sudo = account.sudo()  # the nonce is a secret
        if (not account or user_id != request.env.uid
                or not consteq(account_sudo.oauth_nonce or '', nonce)):
            _logger.info("Lazada authorisation refused: state used before or by another user")
            raise Forbidden()
        account.check_access('write')
        account_sudo.oauth_nonce = False
        return account

    def _redirect(self, account, message):
        account.sudo().error_message = message
        return request.redirect(f'/odoo/lazada-accounts/{account.id}')
