# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    lazada_order_id = fields.Many2one(
        'lazada.order', copy=False, readonly=True, index='btree_not_null', ondelete='restrict')
    lazada_shop_id = fields.Many2one(
        'lazada.shop', copy=False, readonly=True, index='btree_not_null', ondelete='restrict')
    lazada_status = fields.Selection(
        related='lazada_order_id.status', string="Lazada Status")
    lazada_ship_by_at = fields.Datetime(string="Ship By", related='lazada_order_id.ship_by_at')
    lazada_seller_center_url = fields.Char(related='lazada_order_id.seller_center_url')
    lazada_raw_statuses = fields.Char(related='lazada_order_id.raw_statuses')
    lazada_payment_method = fields.Char(
        string="Payment on Lazada", related='lazada_order_id.payment_method')
    lazada_buyer_note = fields.Text(related='lazada_order_id.buyer_note')
    lazada_gift_message = fields.Text(related='lazada_order_id.gift_message')
    lazada_tax_invoice_requested = fields.Boolean(
        related='lazada_order_id.tax_invoice_requested')

    _lazada_order_uniq = models.UniqueIndex(
        '(lazada_order_id) WHERE lazada_order_id IS NOT NULL',
        "A Lazada order has one sales order.")

    def action_confirm(self):
        """Confirm Lazada orders apart: theirs is the only date of order that is kept."""
        lazada = self.filtered('lazada_order_id')
        if lazada and lazada != self:
            (self - lazada).action_confirm()
            return lazada.action_confirm()
        return super().action_confirm()

    def _prepare_confirmation_values(self):
        values = super()._prepare_confirmation_values()
        if self and all(order.lazada_order_id for order in self):
            del values['date_order']  # the buyer's date survives the confirmation
        return values

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Refuse to invoice at a made-up rate of 1."""
        for order in self.filtered('lazada_order_id'):
            currency, company = order.currency_id, order.company_id
            if currency != company.currency_id and not currency._lazada_has_rate(company):
                raise UserError(self.env._(
                    "%(order)s is in %(currency)s, but %(company)s has no rate for it: the "
                    "invoice would be booked at 1:1. Enter a rate under Accounting ▸ "
                    "Configuration ▸ Currencies, then invoice again.",
                    order=order.name, currency=currency.name, company=company.name))
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def action_quotation_send(self):
        """Refuse to write to a buyer, also from a list."""
        if self.lazada_order_id:
            raise UserError(self.env._(
                "Lazada does not share the e-mail addresses of its buyers, so nothing can be sent "
                "to them from here. Answer them in Seller Center."))
        return super().action_quotation_send()

    def _send_order_notification_mail(self, mail_template, allow_deferred_sending=True):
        """Lazada forbids to write to its buyers."""
        if self.lazada_order_id:
            return
        super()._send_order_notification_mail(
            mail_template, allow_deferred_sending=allow_deferred_sending)

    def unlink(self):
        """A Lazada order whose sales order a person deleted says so, and waits for Retry."""
        orders_sudo = self.sudo().lazada_order_id  # whoever deletes need not see the mirror
        result = super().unlink()
        orders_sudo._decide()
        return result

    def action_view_lazada_order(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'lazada.order',
            'res_id': self.lazada_order_id.id,
            'view_mode': 'form',
        }
