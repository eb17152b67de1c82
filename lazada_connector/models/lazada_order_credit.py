# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Invoices of units that were cancelled: drafts are voided, of posted ones the rest is credited.

An invoice may hold several orders, an order may have several invoices, and people credit by hand:
what to credit is always what this order's own lines have on invoices, less what credit notes give
back already, less what is still ordered.
"""
from odoo import fields, models
from odoo.fields import Command
from odoo.tools import float_round

from .lazada_order_item import AMOUNT_DIGITS

# Lines of quantity 1 of which an amount is given back; of all others it is a quantity.
AMOUNT_KINDS = ('voucher', 'shipping', 'rounding')


def round_amount(amount):
    return float_round(amount, precision_digits=AMOUNT_DIGITS[1])


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    lazada_credited_line_id = fields.Many2one(
        'sale.order.line', index='btree_not_null', ondelete='set null', copy=False, readonly=True,
        help="The voucher, shipping or rounding of which this line gives back a part. It is not "
             "one of its invoice lines: the rest stays invoiced.")


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    lazada_credit_line_ids = fields.One2many('account.move.line', 'lazada_credited_line_id')

    def _lazada_get_invoiced(self):
        """Return the quantity, or the amount, that is on posted invoices and not credited yet."""
        self.ensure_one()
        billed = self.invoice_lines.filtered(
            lambda line: line.move_type == 'out_invoice' and line.parent_state == 'posted')
        credited = (self.invoice_lines | self.lazada_credit_line_ids).filtered(
            lambda line: line.move_type == 'out_refund' and line.parent_state != 'cancel')
        return round_amount(self._lazada_measure(billed) - self._lazada_measure(credited))

    def _lazada_measure(self, move_lines):
        if self.lazada_kind in AMOUNT_KINDS:
            return sum(line.quantity * line.price_unit for line in move_lines)
        return sum(move_lines.mapped('quantity'))

    def _lazada_get_surplus(self):
        """Return the amount of this voucher, for example, that is invoiced and not ordered."""
        invoiced = self._lazada_get_invoiced()
        surplus = round_amount(invoiced - self.price_unit)
        if self.lazada_kind == 'rounding':
            return surplus if invoiced else 0
        return surplus if surplus * invoiced > 0 else 0  # what grew is no matter of credit


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    def _void_draft_invoices(self):
        """Void what is not posted; an invoice shared with other orders only loses our lines."""
        lines = self.sale_order_id.order_line
        drafts = self.sale_order_id.invoice_ids.filtered(
            lambda move: move.state == 'draft' and move.move_type == 'out_invoice')
        for invoice in drafts:
            own = invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids & lines)
            if invoice.invoice_line_ids.sale_line_ids - lines:
                invoice.invoice_line_ids = [Command.delete(line.id) for line in own]
            else:
                invoice.button_cancel()

    def _credit_pieces(self, pieces):
        """Credit of {sales order line: pieces taken off} what is invoiced, with its vouchers.

        Called when the sales order has its new quantities and prices.
        """
        goods = {
            line: min(count, line._lazada_get_invoiced() - line.product_uom_qty)
            for line, count in pieces.items()}
        amounts = {line: line._lazada_get_surplus() for line in self._get_amount_lines()}
        self._draft_credit_notes(
            goods, amounts, self.env._("%s units canceled on Lazada", self.order_number))

    def _credit_everything(self):
        """Credit what is left on invoices of an order that is gone altogether."""
        by_amount = self._get_amount_lines()
        goods, amounts = (
            {line: line._lazada_get_invoiced() for line in lines}
            for lines in (self.sale_order_id.order_line - by_amount, by_amount))
        self._draft_credit_notes(
            goods, amounts, self.env._("%s canceled on Lazada", self.order_number))

    def _get_amount_lines(self):
        return self.sale_order_id.order_line.filtered(
            lambda line: line.lazada_kind in AMOUNT_KINDS)

    def _draft_credit_notes(self, goods, amounts, ref):
        """Draft a credit note for each invoice that holds some of the goods, oldest first.

        :param goods: {sales order line: quantity}
        :param amounts: {sales order line: signed amount}; they all go with the first of the goods
        """
        invoices = self.sale_order_id.invoice_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice').sorted('id')
        shares = {invoice: self._take_goods(invoice, goods) for invoice in invoices}
        shares = {invoice: share for invoice, share in shares.items() if share}
        amounts = {line: amount for line, amount in amounts.items() if amount}
        notes = self.env['account.move']
        for invoice in list(shares) or invoices[:1]:
            share = shares.get(invoice, {})
            total = sum(amounts.values()) + sum(
                quantity * line.price_unit for line, quantity in share.items())
            if total > 0:
                notes += self._draft_credit_note(invoice, share, amounts, ref)
                amounts = {}
        self._announce_credit_notes(notes, sum(amounts.values()))

    def _take_goods(self, invoice, goods):
        """Return {line of the invoice: quantity to credit} and lower `goods` by it."""
        credited = {
            line: sum(move_line.quantity for move_line in line.invoice_lines
                      if move_line.move_id in invoice.reversal_move_ids
                      and move_line.parent_state != 'cancel')
            for line in goods}
        share = {}
        for move_line in invoice.invoice_line_ids:
            line = next((line for line in move_line.sale_line_ids if line in goods), None)
            if line is None:
                continue
            known = min(credited[line], move_line.quantity)
            credited[line] -= known
            quantity = min(goods[line], move_line.quantity - known)
            if quantity > 0:
                share[move_line] = quantity
                goods[line] -= quantity
        return share

    def _draft_credit_note(self, invoice, share, amounts, ref):
        note = invoice._reverse_moves([{'ref': ref, 'invoice_date': False}])
        commands = []
        # Copied one by one in this order.
        for line, copy in zip(invoice.invoice_line_ids.sorted('id'),
                              note.invoice_line_ids.sorted('id'), strict=True):
            commands.append(
                Command.update(copy.id, {'quantity': share[line]}) if line in share
                else Command.delete(copy.id))
        commands += [
            Command.create(self._prepare_credit_line(line, amount))
            for line, amount in amounts.items()]
        note.invoice_line_ids = commands
        return note

    def _prepare_credit_line(self, line, amount):
        """Return the values of a line that gives back an amount of a voucher, for example."""
        invoiced = line.invoice_lines.filtered(
            lambda move_line: move_line.move_type == 'out_invoice')[:1]
        return {
            'product_id': invoiced.product_id.id,
            'name': invoiced.name,
            'sequence': invoiced.sequence,
            'account_id': invoiced.account_id.id,
            'analytic_distribution': invoiced.analytic_distribution,
            'product_uom_id': invoiced.product_uom_id.id,
            'quantity': 1,
            'price_unit': amount,
            'discount': 0.0,
            'tax_ids': [Command.set(invoiced.tax_ids.ids)],
            'extra_tax_data': invoiced.extra_tax_data,
            'lazada_credited_line_id': line.id,
        }

    def _announce_credit_notes(self, notes, left):
        sale = self.sale_order_id
        if notes:
            sale.message_post(body=self.env._(
                "Canceled on Lazada after invoicing: a draft credit note over %(amount)s waits "
                "for you under Invoices.", amount=sum(notes.mapped('amount_total'))))
        if left < 0:
            sale.message_post(body=self.env._(
                "Nothing to credit, but the vouchers on the invoices are %(amount)s higher than "
                "those of the units that are left. Add this to the next invoice.",
                amount=-left))
