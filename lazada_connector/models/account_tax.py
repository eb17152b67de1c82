# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    def _without_fixed(self):
        """Return these taxes as a voucher line carries them.

        A negative line would give a fixed tax back; groups are kept when nothing drops out.
        """
        flat = self.flatten_taxes_hierarchy()
        relative = flat.filtered(lambda tax: tax.amount_type not in ('fixed', 'code'))
        return self if relative == flat else relative
