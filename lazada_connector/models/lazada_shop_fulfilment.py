# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .. import const
from .plain_note import plain_note


class LazadaShop(models.Model):
    """How a shop packs and hands over."""
    _inherit = 'lazada.shop'

    rts_policy = fields.Selection(
        [('validate', "When the delivery is validated"), ('pack', "As soon as it is packed")],
        string="Report Ready to Ship", required=True, default='validate', tracking=True,
        help="Lazada sends the courier, and stops the clock for late shipping, when a package is "
             "reported as ready to ship.")
    tracking_policy = fields.Selection(
        [('warn', "Warn"), ('block', "Block")],
        string="Delivery Without Tracking Number", required=True, default='warn', tracking=True,
        help="What happens when somebody validates a delivery that Lazada has given no tracking "
             "number yet. If Lazada never gives one, set it in Seller Center; the next "
             "synchronisation brings it here.")
    pack_rule_ids = fields.One2many(
        'lazada.pack.rule', 'shop_id', string="Automatic Packing",
        help="What is reserved is packed by itself, by warehouse and time of day. Without a rule "
             "nothing is packed unasked.")
    provider_ids = fields.One2many('lazada.provider', 'shop_id', string="Couriers")
    provider_choice = fields.Boolean(
        "Choose the Courier", readonly=True, copy=False,
        help="Lazada leaves the courier to this seller: somebody chooses it when packing.")
    provider_id = fields.Many2one(
        'lazada.provider', string="Usual Courier", tracking=True, copy=False,
        domain="[('shop_id', '=', id), ('code', '!=', False)]",
        help="Packs without asking, where Lazada leaves the courier to the seller.")

    # === COURIERS === #

    def action_fetch_providers(self):
        """Ask Lazada which couriers this shop can choose from, and keep them."""
        self.ensure_one()
        self.check_access('write')
        self._check_runnable()
        order = self._get_order_to_pack()
        if not order:
            return self.env['lazada.account']._notify(self.env._(
                "Lazada tells it for an order that waits to be packed, and there is none now."),
                'warning')
        providers = self._ask_providers(order)
        if providers.platform_default:
            return self.env['lazada.account']._notify(self.env._(
                "Lazada chooses the courier of each parcel itself in this shop: there is nothing "
                "to choose. Those it has chosen so far are listed."), 'info')
        self.env['lazada.provider'].sudo()._learn(self, dict(providers.choices))
        self.sudo().provider_choice = True
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _get_order_to_pack(self):
        """Return an order with units that this seller still has to pack, the newest."""
        return self.env['lazada.order.item'].sudo().search([
            ('shop_id', '=', self.id), ('status', '=', 'to_pack'),
            ('channel', 'in', const.SELLER_SHIPPED_CHANNELS)], order='id desc', limit=1).order_id

    def _ask_providers(self, order):
        """Return Lazada's `lazada_api.fulfilment.Providers` for an order."""
        units = order.item_ids.filtered(
            lambda item: item.status == 'to_pack' and item._is_seller_shipped())
        with self.env['lazada.call']._client(
                self.account_id, self, seconds=const.BUTTON_SECONDS) as client:
            [providers] = client.fulfilment.providers(
                [(order.external_id, units.mapped('external_id'))])
        return providers

    # === STATE === #

    def _is_runnable(self):
        """Whether this shop exchanges anything with Lazada now."""
        self.ensure_one()
        return self.active and not self.paused and self.account_id.state == 'connected'

    def _tell_courier_is_missing(self, missing):
        """Ask the responsible once for the courier that automatic packing waits for."""
        activity_type = 'lazada_connector.mail_activity_sync'
        summary = self.env._("Lazada: choose the usual courier")
        known = self.activity_search(
            [activity_type], additional_domain=[('summary', '=', summary)])
        if not missing:
            known.unlink()
        elif not known:
            self.activity_schedule(
                activity_type, summary=summary, user_id=self._get_responsible().id,
                note=plain_note(self.env._(
                    "Automatic packing waits: Lazada leaves the courier of this shop to you. "
                    "Choose the Usual Courier in the tab Couriers.")))
