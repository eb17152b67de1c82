# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

RENEW_BEFORE = timedelta(days=3)
WARN_BEFORE = timedelta(days=14)


class LazadaFlow(models.Model):
    """Daily health: renew tokens in time, warn before the authorisation ends, forget buyers."""
    _inherit = 'lazada.flow'

    def _run_health(self, run):
        account = self.shop_id.account_id
        run.release()
        account._renew_if_ending(RENEW_BEFORE)
        ends_at = account.refresh_expires_at
        if ends_at and ends_at - fields.Datetime.now() < WARN_BEFORE:
            account._ask_to_authorise(self.env._(
                "Lazada ends this authorisation on %s and never extends it. Press Re-authorise "
                "before; nothing is lost.", fields.Date.to_string(ends_at)))
        while not run.out_of_time and run.attempt(self.shop_id._forget_buyers):
            pass
        return False
