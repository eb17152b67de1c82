# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import const


class LazadaShopFetch(models.TransientModel):
    """Ask for orders by number, for those of a period, or for history."""
    _name = 'lazada.shop.fetch'
    _description = "Fetch Lazada Orders"

    kind = fields.Selection(
        [('numbers', "Recover Orders"), ('range', "Fetch Date Range"),
         ('history', "Import History")], required=True, default='numbers')
    shop_ids = fields.Many2many(
        'lazada.shop', string="Shops", required=True,
        default=lambda self: self._default_shops(),
        domain="[('account_id.state', '=', 'connected')]")
    numbers = fields.Text(
        "Order Numbers", help="One or more, separated by spaces, commas or lines.")
    date_from = fields.Datetime(
        "Placed From", default=lambda self: fields.Datetime.now() - timedelta(days=7))
    date_to = fields.Datetime("To", default=lambda self: fields.Datetime.now())
    include_cancelled = fields.Boolean(
        "With Canceled Orders",
        help="Orders that were canceled, returned or lost become canceled sales orders.")

    @api.model
    def _default_shops(self):
        context = self.env.context
        if context.get('active_model') == 'lazada.shop':
            return self.env['lazada.shop'].browse(context.get('active_ids', []))
        return self.env['lazada.shop'].search([
            ('account_id.state', '=', 'connected'), ('paused', '=', False)])

    def action_start(self):
        """Fetch what fits into some seconds and show the request; the rest goes on alone."""
        self.ensure_one()
        if not self.shop_ids:
            raise UserError(self.env._("Choose at least one shop."))
        if self.kind == 'history' and not self.env.user.has_group(
                'lazada_connector.group_manager'):
            raise AccessError(self.env._("Only Lazada managers import history."))
        self.shop_ids.check_access('read')
        self.shop_ids._check_runnable()
        # Requests are made here only; who may see a shop may have its orders fetched.
        requests = self.env['lazada.fetch'].sudo().create([
            self._prepare_request(shop) for shop in self.shop_ids])
        flows = self.shop_ids.sudo().flow_ids
        if self.kind == 'numbers':
            for name in ('backfill', 'import_orders'):
                flows.filtered(lambda flow, name=name: flow.name == name)._run_in_place(
                    const.BUTTON_SECONDS / 2)
        else:
            flows.filtered(lambda flow: flow.name == 'backfill')._wake()
        return self._show(requests)

    def _prepare_request(self, shop):
        values = {'shop_id': shop.id, 'kind': self.kind}
        if self.kind == 'numbers':
            return {**values, 'numbers': self.numbers}
        return {
            **values, 'date_from': self.date_from, 'date_to': self.date_to,
            'include_cancelled': self.include_cancelled}

    def _show(self, requests):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_fetch_action')
        if len(requests) == 1:
            return {**action, 'view_mode': 'form', 'views': [(False, 'form')],
                    'res_id': requests.id}
        return {**action, 'domain': [('id', 'in', requests.ids)]}
