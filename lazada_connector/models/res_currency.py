# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    def _lazada_has_rate(self, company):
        """Whether amounts in this currency can be booked in the company's currency."""
        self.ensure_one()
        rates = self.env['res.currency.rate'].sudo()
        return self == company.currency_id or bool(rates.search_count([
            ('currency_id', '=', self.id), ('company_id', 'in', (False, company.root_id.id))],
            limit=1))
