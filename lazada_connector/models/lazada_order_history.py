# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""History: past orders as sales orders for reporting. They move no stock and ask for nothing."""
from dataclasses import replace

from odoo import api, fields, models

from .. import const

# Why an order was left out that may come back as history.
HISTORY_ISSUES = ('not_in_scope', 'before_go_live')


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    is_history = fields.Boolean(
        "History", readonly=True,
        help="Imported for reporting: no delivery, no invoice, nothing to do.")

    _history_idx = models.Index("(shop_id, ordered_at) WHERE is_history IS TRUE")

    def _mark_history(self, include_cancelled):
        """Have these orders imported as history, except those with work left and deleted ones.

        :param include_cancelled: also orders of which nothing was sold in the end; they become
            canceled sales orders
        """
        for order in self:
            if order.sale_order_id or order.issue_code not in HISTORY_ISSUES:
                continue
            if order._get_history_items() and (include_cancelled or order._get_kept_items()):
                order.is_history = True
                order._decide()

    def _get_kept_items(self):
        """Return the units that the buyer kept, whoever shipped them."""
        return self.item_ids.filtered(
            lambda item: item.status in const.SOLD_STATUSES)

    def _get_history_items(self):
        return self._get_kept_items() or self.item_ids.filtered(
            lambda item: item.status in const.GONE_STATUSES)

    def _get_decision(self):
        decision = super()._get_decision()
        if self.is_history and decision[1] == 'before_go_live':
            return 'todo', False, False
        return decision

    def _get_import_mode(self):
        return 'history' if self.is_history else super()._get_import_mode()

    def _get_sold_items(self):
        return self._get_history_items() if self.is_history else super()._get_sold_items()

    def _prepare_sale_vals(self, lines, lookups):
        return {
            **super()._prepare_sale_vals(lines, lookups), 'lazada_history': self.is_history}

    def _create_sale_orders(self):
        result = super()._create_sale_orders()
        for order in self:
            if order.is_history and not order._get_kept_items():
                order.sale_order_id._action_cancel()
        return result

    def _follow_cancellation(self):
        return None if self.is_history else super()._follow_cancellation()

    def _follow_late_items(self):
        return None if self.is_history else super()._follow_late_items()

    def _follow_payment(self):
        return None if self.is_history else super()._follow_payment()


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    def _prepare_unit(self, taxes=((), ())):
        unit = super()._prepare_unit(taxes)
        return replace(unit, no_delivery=True) if self.order_id.is_history else unit


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    lazada_history = fields.Boolean(
        copy=False, readonly=True,
        help="Imported for reporting: delivered and invoiced outside of this database.")


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    @api.depends('order_id.lazada_history')
    def _compute_qty_to_invoice(self):
        """What another system has invoiced is not offered for invoicing."""
        result = super()._compute_qty_to_invoice()
        self.filtered('order_id.lazada_history').qty_to_invoice = 0
        return result
