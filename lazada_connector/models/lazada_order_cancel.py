# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError

from .. import const


class LazadaOrder(models.Model):
    """Cancel on Lazada: explicit, with the platform's reasons, and never by cancelling here."""
    _inherit = 'lazada.order'

    def action_cancel_on_lazada(self):
        """Ask Lazada for its reasons and open the dialogue."""
        self.ensure_one()
        self.check_access('read')
        items = self.item_ids.filtered(lambda item: item._is_cancellable())
        if not items:
            raise UserError(self.env._(
                "No unit of %s can be canceled on Lazada any more: sellers may cancel until "
                "the parcel is handed over.", self.order_number))
        check = self._ask_cancel_reasons(items)
        wizard = self.env['lazada.order.cancel'].create({
            'order_id': self.id,
            'item_ids': [(6, 0, items.ids)],
            'warning': check.tip or False,
            'refused': check.tip_type == 'error',
            'reason_ids': [
                (0, 0, {'external_id': reason, 'name': name}) for reason, name in check.reasons],
        })
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Cancel on Lazada"),
            'res_model': 'lazada.order.cancel',
            'res_id': wizard.id,
            'view_mode': 'form',
            'target': 'new',
        }

    def _ask_cancel_reasons(self, items):
        """Return Lazada's answer to whether, and why, these units may be cancelled.

        :raise UserError: Lazada does not answer
        """
        shop = self.shop_id
        with self.env['lazada.call']._client(
                shop.account_id, shop, seconds=const.BUTTON_SECONDS) as client:
            return client.reverse.cancel_validate(self.external_id, items.mapped('external_id'))
