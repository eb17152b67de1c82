# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

FORGET_BATCH = 200


class LazadaShop(models.Model):
    """Forget buyers whose orders are old, when the shop says so."""
    _inherit = 'lazada.shop'

    def _forget_buyers(self):
        """Remove personal data of orders older than `personal_data_days`. Return how many.

        Contacts keep their place on documents under a neutral name; those that were not made
        by this connector, or that bought something since, are left alone.
        """
        self.ensure_one()
        if self.personal_data_days <= 0:
            return 0
        limit = fields.Datetime.now() - timedelta(days=self.personal_data_days)
        orders = self.env['lazada.order'].search([
            ('shop_id', '=', self.id), ('ordered_at', '<', limit),
            ('buyer_forgotten', '=', False)], order='ordered_at', limit=FORGET_BATCH)
        contacts = (
            orders.sale_order_id.partner_id | orders.sale_order_id.partner_shipping_id
            | orders.sale_order_id.partner_invoice_id)
        self._forget_contacts(
            contacts.filtered('lazada_address_key') - self._get_contacts_since(contacts, limit))
        orders._forget_buyer()
        return len(orders)

    def _get_contacts_since(self, contacts, limit):
        """Return those of `contacts` that stand on a document dated after `limit`."""
        sales = self.env['sale.order'].sudo().search([
            ('date_order', '>=', limit), '|', '|', ('partner_id', 'in', contacts.ids),
            ('partner_shipping_id', 'in', contacts.ids),
            ('partner_invoice_id', 'in', contacts.ids)])
        return sales.partner_id | sales.partner_shipping_id | sales.partner_invoice_id

    def _forget_contacts(self, contacts):
        for contact in contacts.sudo():  # contacts of other departments are never among them
            contact.with_context(tracking_disable=True, no_vat_validation=True).write({
                'name': self.env._("Lazada buyer (removed)"),
                'phone': False, 'email': False, 'street': False, 'street2': False,
                # A post code alone may be one building.
                'city': False, 'zip': False, 'vat': False, 'company_registry': False,
                'lazada_buyer_key': False, 'lazada_address_key': False, 'lazada_masked': True})
