# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop shows about push messages."""
from odoo import api, fields, models
from odoo.tools.urls import urljoin

from .. import const


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    last_push_at = fields.Datetime("Last Push Message", compute='_compute_push')
    push_missing = fields.Boolean(compute='_compute_push')
    remote_status = fields.Char("Status on Lazada", compute='_compute_push')
    is_closed_on_lazada = fields.Boolean(compute='_compute_push')

    @api.depends('flow_ids.last_push_at', 'flow_ids.push_missing', 'flow_ids.remote_status')
    def _compute_push(self):
        for shop in self:
            orders, health = shop._get_flow('fetch_orders'), shop._get_flow('health')
            shop.last_push_at = orders.last_push_at
            shop.push_missing = orders.push_missing
            shop.remote_status = health.remote_status
            shop.is_closed_on_lazada = bool(
                health.remote_status and health.remote_status not in ('normal', 'active'))

    def _open_push_activity(self, last_push_at):
        """Tell the responsible once that Lazada has stopped pushing."""
        if self._find_push_activity():
            return
        self.sudo().activity_schedule(
            'lazada_connector.mail_activity_sync',
            summary=self._get_push_summary(),
            note=self.env._(
                "The last push message came on %s, and orders have been placed since. Nothing is "
                "lost: orders are pulled every few minutes instead. Open the console of your "
                "Lazada app, check the callback address and its certificate, and switch push on "
                "again.", fields.Datetime.to_string(last_push_at)),
            user_id=self._get_responsible().id)

    def _close_push_activity(self):
        self._find_push_activity().unlink()

    def _find_push_activity(self):
        return self.sudo().activity_search(
            ['lazada_connector.mail_activity_sync'],
            additional_domain=[('summary', '=', self._get_push_summary())])

    def _get_push_summary(self):
        return self.env._("Lazada: push messages have stopped")


class LazadaAccount(models.Model):
    _inherit = 'lazada.account'

    webhook_url = fields.Char(
        "Push Address", compute='_compute_webhook_url', groups='base.group_system',
        help="Enter it as the callback address in the console of your Lazada app.")

    @api.depends('webhook_token')
    def _compute_webhook_url(self):
        for account in self:
            account.webhook_url = account.webhook_token and urljoin(
                account.get_base_url(), f'{const.WEBHOOK_ROUTE}/{account.webhook_token}')

    def _renew_now(self):
        """Return whether Lazada gave a new access token, or another worker got one just now."""
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            account = self.with_env(self.env(cr=cr))
            renewed = account._renew_token(account.sudo().access_token)
        self.invalidate_recordset()
        return bool(renewed)
