# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import secrets
import time
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import hash_sign
from odoo.tools.urls import urljoin

from .. import const
from ..exceptions import describe
from ..lazada_api import LazadaClient, errors
from .plain_note import plain_note

_logger = logging.getLogger(__name__)

OAUTH_MINUTES = 10
# A token that ends within this time is renewed before it is used.
RENEW_BEFORE = timedelta(minutes=30)
TOKEN_LOCK_ATTEMPTS = 3


class LazadaAccount(models.Model):
    """One authorisation of one app by one seller login: app key, secret and token pair."""
    _name = 'lazada.account'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Lazada Account"
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    environment = fields.Selection(
        [('production', "Production"), ('sandbox', "Sandbox")],
        required=True, default='production', tracking=True)
    sandbox_url = fields.Char(
        "Sandbox Address", tracking=True,
        help="Where the stand-in platform listens, for example http://127.0.0.1:8090.")
    endpoint = fields.Char(compute='_compute_endpoint', store=True, precompute=True)
    app_key = fields.Char(
        required=True, copy=False, groups='lazada_connector.group_manager')
    app_secret = fields.Char(
        required=True, copy=False, groups='base.group_system')
    site = fields.Selection(
        const.ACCOUNT_SITES, string="Marketplace",
        help="The country this login sells in. Leave it empty to let the seller choose on "
             "Lazada's consent page; choose Cross-border for one login that serves several.")
    state = fields.Selection(
        [('draft', "Draft"), ('connected', "Connected"), ('expired', "Expired")],
        string="Status", required=True, default='draft', copy=False, tracking=True)
    access_token = fields.Char(copy=False, groups='base.group_system')
    refresh_token = fields.Char(copy=False, groups='base.group_system')
    access_expires_at = fields.Datetime("Access Until", copy=False, readonly=False)
    refresh_expires_at = fields.Datetime(
        "Authorise Again Before", copy=False,
        help="Lazada never extends this date: somebody has to press Re-authorise before it.")
    webhook_token = fields.Char(
        copy=False, groups='base.group_system', default=lambda self: secrets.token_urlsafe(24))
    oauth_nonce = fields.Char(copy=False, groups='base.group_system')
    error_message = fields.Text(copy=False)
    company_id = fields.Many2one(
        'res.company', default=lambda self: self.env.company, index=True,
        help="Leave it empty when a cross-border login serves shops of several companies.")
    shop_ids = fields.One2many('lazada.shop', 'account_id', string="Lazada Shops")
    shop_count = fields.Integer(compute='_compute_shop_count')
    redirect_uri = fields.Char(
        "Callback URL", compute='_compute_redirect_uri',
        help="Enter it as the callback of your app on Lazada Open Platform.")

    # The going-live question, answered before the consent page opens.
    import_from = fields.Datetime(
        "Import Orders Since", default=lambda self: fields.Datetime.now() - timedelta(days=30),
        help="Orders that changed on Lazada since then are imported when they need shipping.")
    open_orders = fields.Selection(
        [('import', "Import them: they still have to be shipped from Odoo"),
         ('skip', "Leave them out: they were shipped with another system")],
        string="Orders Already Open", required=True, default='import')

    @api.depends('environment', 'sandbox_url')
    def _compute_endpoint(self):
        for account in self:
            sandbox = account.environment == 'sandbox'
            account.endpoint = (
                (account.sandbox_url or '').rstrip('/') if sandbox else 'production')

    @api.depends('shop_ids')
    def _compute_shop_count(self):
        for account in self:
            account.shop_count = len(account.shop_ids)

    def _compute_redirect_uri(self):
        self.redirect_uri = self._get_redirect_uri()

    @api.constrains('environment', 'sandbox_url')
    def _check_sandbox_url(self):
        for account in self:
            if account.environment != 'sandbox':
                continue
            parts = urlsplit(account.sandbox_url or '')
            loopback = parts.hostname in ('127.0.0.1', 'localhost', '::1')
            if not parts.hostname or not (
                    parts.scheme == 'https' or (parts.scheme == 'http' and loopback)):
                raise ValidationError(self.env._(
                    "The sandbox address must start with https://, or with http:// on this "
                    "very computer, for example http://127.0.0.1:8090."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('access_token'):
                vals.setdefault('state', 'connected')
        return super().create(vals_list)

    def write(self, vals):
        if vals.get('access_token') and 'state' not in vals:
            vals = {**vals, 'state': 'connected'}
        if vals.get('state') != 'connected':
            return super().write(vals)
        stopped = self.filtered(lambda account: account.state != 'connected')
        result = super().write({**vals, 'error_message': False})
        stopped._reconnected()
        return result

    def _reconnected(self):
        """Close what asked for a new authorisation and let the shops catch up.

        Never after a mere renewal: it would collide with the flows that run meanwhile, and the
        new pair of tokens be lost.
        """
        self._close_reauthorise_activity()
        self.shop_ids.flow_ids._wake()

    def _close_reauthorise_activity(self):
        self.activity_unlink(['lazada_connector.mail_activity_reauthorise'])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_shops(self):
        if self.with_context(active_test=False).shop_ids:
            raise UserError(self.env._(
                "This account has shops with orders or listings. Archive it instead: its shops "
                "stop synchronising and nothing is lost."))

    # === ACTIONS === #

    def action_authorize(self):
        """Open Lazada's consent page; it sends the browser back to our callback."""
        self.ensure_one()
        self.check_access('write')
        # Secrets are for system administrators; a manager may still use them by this button.
        account_sudo = self.sudo()
        account_sudo.oauth_nonce = secrets.token_urlsafe(16)
        state = hash_sign(
            account_sudo.env, const.OAUTH_SCOPE,
            [self.id, self.env.uid, account_sudo.oauth_nonce],
            expiration=timedelta(minutes=OAUTH_MINUTES))
        with account_sudo._get_client() as client:
            url = client.authorize_url(self._get_redirect_uri(), state, self.site or None)
        return {'type': 'ir.actions.act_url', 'url': url, 'target': 'self'}

    def action_test_connection(self):
        """Ask Lazada who each shop is, and say what came back."""
        self.ensure_one()
        self.check_access('write')
        if self.state == 'draft':
            raise UserError(self.env._(
                "This account is not authorised yet. Press Create Shop & Authorize first."))
        shops = self.shop_ids
        if not shops:
            raise UserError(self.env._(
                "This account has no shop yet. Press Re-authorise to fetch its shops."))
        for shop in shops:
            shop._verify_seller()
        return self._notify(self.env._(
            "Lazada answered for %s.", ", ".join(shops.mapped('name'))))

    def action_view_shops(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_shop_action')
        action['domain'] = [('account_id', '=', self.id)]
        return action

    @api.model
    def _notify(self, message, kind='success', **params):
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': kind,
                'message': message,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
                **params,
            },
        }

    # === CONNECTING === #

    @api.model
    def _get_redirect_uri(self):
        return urljoin(self.get_base_url(), const.OAUTH_CALLBACK)

    def _exchange(self, code):
        """Return the TokenGrant for a consent code, which Lazada takes once.

        :raise UserError: with the reason in plain words
        """
        self.ensure_one()
        with self.env['lazada.call']._client(self) as client:
            return client.auth.create_token(code)

    def _connect(self, grant):
        """Take over the tokens of `grant` and create the shops it names. Return them.

        :raise UserError: with the reason in plain words; nothing was changed
        """
        self.ensure_one()
        self._check_same_sellers(grant)
        self.write({**self._prepare_token_vals(grant), 'state': 'connected', 'oauth_nonce': False})
        self._close_reauthorise_activity()  # it may have asked before the end
        shops = self.env['lazada.shop']
        for granted in grant.shops:
            shops |= self.env['lazada.shop']._connect_granted(self, granted)
        return shops

    def _check_same_sellers(self, grant):
        sellers = {shop.country: shop.seller_id for shop in grant.shops}
        for shop in self.shop_ids:
            granted = sellers.get(shop.site)
            if granted and granted != shop.external_id:
                raise UserError(self.env._(
                    "Lazada authorised the seller %(granted)s, but %(shop)s belongs to the seller "
                    "%(expected)s. Log in to Lazada with that seller's account and try again.",
                    granted=granted, shop=shop.name, expected=shop.external_id))

    def _prepare_token_vals(self, grant):
        now = fields.Datetime.now()
        return {
            'access_token': grant.access_token,
            'refresh_token': grant.refresh_token,
            'access_expires_at': now + timedelta(seconds=grant.expires_in),
            'refresh_expires_at': now + timedelta(seconds=grant.refresh_expires_in),
        }

    # === TOKENS === #

    def _get_client(self, site=None, on_call=None, renew=True, seconds=None):
        """Return a client of this account; with `site`, of that country's gateway.

        :param renew: whether a token that is refused is renewed, in a transaction of its own
        :param float seconds: for one call that somebody waits for: how long, renewal included
        """
        self.ensure_one()
        ends = seconds and time.monotonic() + seconds
        account_sudo = self.sudo()  # secrets are readable by system administrators only
        registry, account_id = self.env.registry, self.id

        def renew_token(refused):
            with registry.cursor() as cr:
                account = self.with_env(self.env(cr=cr)).browse(account_id)
                return account._renew_token(
                    refused, seconds and max(1.0, ends - time.monotonic()))

        return LazadaClient(
            account_sudo.app_key, account_sudo.app_secret,
            site=site,
            access_token=account_sudo.access_token if site else None,
            base_url=account_sudo.endpoint if self.environment == 'sandbox' else None,
            renew_token=renew_token if site and renew else None,
            on_call=on_call,
            deadline=seconds or const.CALL_SECONDS,
        )

    def _renew_token(self, refused, seconds=None):
        """Return the account's valid access token, renewed if it still is `refused`.

        Runs in a transaction of its own, because Lazada has changed the pair the moment it
        answers. The row lock makes the second worker wait and then find the new token.

        :return: the new token, or None when Lazada refuses for good
        """
        account_sudo = self.sudo()
        account_sudo._lock_token()
        if account_sudo.access_token != refused:
            return account_sudo.access_token
        if not account_sudo.refresh_token:
            return None
        Call, calls = self.env['lazada.call'], []
        try:
            with account_sudo._get_client(on_call=calls.append, seconds=seconds) as client:
                grant = client.auth.refresh_token(account_sudo.refresh_token)
        except (errors.LazadaAuthError, errors.LazadaRequestError, errors.LazadaPermissionError):
            _logger.info("Lazada account %s: the refresh token was refused", self.id)
            Call._log(calls, self)
            return None
        except errors.LazadaError:
            Call._log_apart(calls, self)
            raise
        Call._log(calls, self)
        account_sudo.write(self._prepare_token_vals(grant))
        self.env.cr.commit()  # pylint: disable=invalid-commit # own cursor, see docstring
        return grant.access_token

    def _lock_token(self):
        """Wait for the account's row and read it as committed by whoever had it before."""
        for attempt in range(1, TOKEN_LOCK_ATTEMPTS + 1):
            try:
                self.env.execute_query(SQL(
                    "SELECT id FROM lazada_account WHERE id = %s FOR NO KEY UPDATE", self.id))
                break
            except psycopg2.errors.SerializationFailure:
                self.env.cr.rollback()
                if attempt == TOKEN_LOCK_ATTEMPTS:
                    raise
        self.invalidate_recordset()

    def _renew_if_ending(self, before=RENEW_BEFORE, seconds=None):
        """Renew a token that ends soon, before somebody needs it."""
        self.ensure_one()
        account_sudo = self.sudo()
        ends_at = account_sudo.access_expires_at
        if not ends_at or not account_sudo.refresh_token:
            return
        if ends_at - fields.Datetime.now() > before:
            return
        with self.env.registry.cursor() as cr:
            account = self.with_env(self.env(cr=cr))
            account._renew_token(account.sudo().access_token, seconds)
        self.invalidate_recordset()

    def _mark_expired(self, message):
        """Stop the account until a person authorises it again."""
        self.ensure_one()
        if self.state != 'expired':
            self.sudo().write({'state': 'expired', 'error_message': message})

    def _ask_to_authorise(self, message):
        """One activity on the account, whatever the number of shops and runs."""
        activity_type = 'lazada_connector.mail_activity_reauthorise'
        if self.activity_search([activity_type]):
            return
        responsible = self.shop_ids[:1]._get_responsible()
        self.activity_schedule(
            activity_type,
            summary=self.env._("Authorise Lazada again"),
            note=plain_note(message),
            user_id=responsible.id)

    @api.model
    def _describe(self, error):
        return describe(self.env, error)
