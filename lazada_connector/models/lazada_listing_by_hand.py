# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does about the quantity of listings."""
from odoo import models
from odoo.exceptions import UserError

from .. import const
from .kits import explode_kits

# Listings that a notice names.
NAMED = 5


class LazadaListing(models.Model):
    _inherit = 'lazada.listing'

    def action_set_zero(self):
        """Offer nothing on Lazada until further notice."""
        return self._offer_by_hand(True, self.env._("0 is sent to Lazada for %s listings."))

    def action_offer_again(self):
        """Offer what the stock rules say again."""
        return self._offer_by_hand(False, self.env._("The stock of %s listings is sent again."))

    def action_push_again(self):
        """Send the quantities once more, whatever was sent or refused before."""
        return self._send_by_hand(
            {'push_retry_at': False, 'pushed_at': False, 'push_state': 'todo'},
            self.env._("The stock of %s listings is sent again."))

    def action_replenish(self):
        """Open the forecast of the product, where it can be replenished; of a kit, its parts."""
        self.ensure_one()
        product, shop = self.product_id, self.shop_id
        parts = explode_kits(product.with_company(shop.company_id)).get(product.id)
        if parts:
            return product.browse(parts).action_view_orderpoints()
        return {**product.action_product_forecast_report(), 'context': {
            'active_model': 'product.product', 'active_id': product.id, 'active_ids': product.ids,
            'warehouse_id': shop._get_delivering_warehouse().id}}

    def _offer_by_hand(self, set_to_zero, text):
        return self._send_by_hand({'set_to_zero': set_to_zero, 'push_retry_at': False}, text)

    def _send_by_hand(self, vals, text):
        """Write `vals` to the listings that are written to, and send them while a person waits.

        :param text: what to say about their number when all went well
        :raise UserError: none of them is written to, or nothing is exchanged with their shop
        """
        self.check_access('write')
        self.shop_id._check_stock_synced()
        self.shop_id._check_runnable()
        listings_sudo = self.sudo()._search_stocked([('id', 'in', self.ids)])
        left_out = self - listings_sudo
        if not listings_sudo:
            raise UserError(left_out._name_left_out())
        listings_sudo.write(vals)  # what was sent is written by the connector only
        flows_sudo = listings_sudo.shop_id._get_flow('stock')
        flows_sudo._run_in_place(const.BUTTON_SECONDS)
        self.invalidate_recordset()
        flows_sudo.invalidate_recordset()
        message, kind = (self - left_out)._tell_sent(flows_sudo, text)
        if left_out:
            message, kind = f"{message}\n{left_out._name_left_out()}", 'warning'
        return self.env['lazada.account']._notify(message, kind, sticky=kind == 'warning')

    def _name_left_out(self):
        """Say why nothing is sent for these listings."""
        return '\n'.join([
            self.env._("Nothing is sent for %s listings:", len(self)),
            *(f"{listing.seller_sku or listing.name}: {listing._explain_never()}"
              for listing in self[:NAMED])])

    def _tell_sent(self, flows, text):
        """Return (message, kind of notice) about these listings after a run of `flows`."""
        stuck = self.filtered(lambda listing: listing.push_state in const.PUSH_PROBLEMS)
        problems = [f"{listing.seller_sku}: {listing.push_message}" for listing in stuck[:NAMED]]
        problems += filter(None, flows.mapped('error_message'))
        if problems:
            return '\n'.join(problems), 'warning'
        if any(flow._is_unfinished() for flow in flows):
            return self.env._("It is not sent yet; it goes on in the background."), 'info'
        held = self.filtered(lambda listing: listing.push_state == 'held')
        if held:
            return held[0].push_message, 'info'
        return text % len(self), 'success'
