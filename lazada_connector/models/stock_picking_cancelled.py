# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .plain_note import plain_note


class StockPicking(models.Model):
    """Units cancelled on Lazada while their parcel is being made."""
    _inherit = 'stock.picking'

    lazada_take_out = fields.Text(
        "Take Out of the Parcel", copy=False, readonly=True,
        help="Units that were canceled on Lazada after they had been picked or packed.")

    def _lazada_ask_to_take_out(self, count, skus, is_whole=False):
        """Show on the transfer, and once as an activity, that units must come out again.

        :param is_whole: nothing is left to be sent, this transfer is canceled
        """
        self.ensure_one()
        message = self.env._(
            "Canceled on Lazada as a whole: stop the parcel and put %(count)s units back "
            "(%(skus)s).", count=count, skus=skus) if is_whole else self.env._(
            "Canceled on Lazada: take %(count)s units out of the parcel (%(skus)s).",
            count=count, skus=skus)
        self.lazada_take_out = '\n'.join(filter(None, [self.lazada_take_out, message]))
        activity_type = 'lazada_connector.mail_activity_take_out'
        if not self.activity_search([activity_type]):
            responsible = (
                self.user_id.filtered('active') or self.sale_id.lazada_shop_id._get_responsible())
            self.activity_schedule(
                activity_type, note=plain_note(message), user_id=responsible.id)

    def action_lazada_taken_out(self):
        """The units are out of the parcel: clear the banner and close the activity."""
        self.check_access('write')
        self.lazada_take_out = False
        self.activity_feedback(['lazada_connector.mail_activity_take_out'])
        return True
