# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lines whose price includes every tax, whatever the taxes themselves say.

A marketplace sells at tax-inclusive prices while all default sales taxes of its countries are
price-excluded. A line flagged here keeps its price and its taxes; Odoo's own tax engine carves the
taxes out of the price (`special_mode='total_included'`, as it does for expenses). The flag lives in
`extra_tax_data`, which Odoo copies to invoices, credit notes and duplicates. Nothing in this file
is about Lazada.
"""
from odoo import models

GROSS_PRICE = 'gross_price'


def gross_price_data(key):
    """Return the `extra_tax_data` of a line; lines of one `key` share a rounding pool."""
    return {GROSS_PRICE: True, 'computation_key': f'{GROSS_PRICE},{key}'}


def has_gross_price(line):
    return bool((line.extra_tax_data or {}).get(GROSS_PRICE))


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _get_update_prices_lines(self):
        return super()._get_update_prices_lines().filtered(
            lambda line: not has_gross_price(line))


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _prepare_base_line_for_taxes_computation(self, **kwargs):
        if has_gross_price(self):
            kwargs.setdefault('special_mode', 'total_included')
        return super()._prepare_base_line_for_taxes_computation(**kwargs)

    def _compute_price_unit(self):
        """Never re-price: a quantity edit keeps the price, free gifts included."""
        return super(SaleOrderLine, self.filtered(
            lambda line: not has_gross_price(line)))._compute_price_unit()

    def _compute_discount(self):
        return super(SaleOrderLine, self.filtered(
            lambda line: not has_gross_price(line)))._compute_discount()

    def _compute_untaxed_amount_to_invoice(self):
        """Core multiplies the price and strips only taxes that are configured as included."""
        result = super()._compute_untaxed_amount_to_invoice()
        for line in self:
            if not has_gross_price(line) or line.state != 'sale' or not line.product_uom_qty:
                continue
            delivered = line.product_id.invoice_policy == 'delivery'
            quantity = line.qty_delivered if delivered else line.product_uom_qty
            line.untaxed_amount_to_invoice = line.currency_id.round(
                line.price_subtotal * quantity / line.product_uom_qty
                - line.untaxed_amount_invoiced)
        return result


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _prepare_product_base_line_for_taxes_computation(self, product_line):
        base_line = super()._prepare_product_base_line_for_taxes_computation(product_line)
        if self.is_invoice(include_receipts=True) and has_gross_price(product_line):
            base_line['special_mode'] = 'total_included'
        return base_line
