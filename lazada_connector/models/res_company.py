# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    lazada_voucher_product_id = fields.Many2one('product.product')
    lazada_shipping_product_id = fields.Many2one('product.product')
    lazada_rounding_product_id = fields.Many2one('product.product')

    def _get_lazada_product(self, kind):
        """Return the service product of voucher, shipping or rounding lines.

        Made by code and without an XML id, so that the app can be uninstalled after its use.
        """
        self.ensure_one()
        company = self.sudo()
        field = f'lazada_{kind}_product_id'
        if not company[field]:
            names = {
                'voucher': self.env._("Lazada seller voucher"),
                'shipping': self.env._("Lazada shipping"),
                'rounding': self.env._("Rounding"),
            }
            values = {
                'name': names[kind],
                'type': 'service',
                'invoice_policy': 'order',
                'list_price': 0.0,
                'purchase_ok': False,
                'company_id': company.id,
            }
            if kind != 'shipping':
                values['taxes_id'] = False
            company[field] = self.env['product.product'].sudo().with_company(company).create(
                values)
        return company[field].sudo(False)

    def _lazada_has_mandatory_plans(self):
        """Whether any analytic plan is mandatory: only then is it worth asking for each line."""
        self.ensure_one()
        return bool(
            self.env['account.analytic.applicability'].sudo().search_count(
                [('applicability', '=', 'mandatory')], limit=1)
            or self.env['account.analytic.plan'].sudo().with_company(self).search_count(
                [('default_applicability', '=', 'mandatory')], limit=1))
