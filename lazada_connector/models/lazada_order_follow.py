# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened on Lazada after the import reaches the documents, whatever their status."""
from decimal import Decimal

from odoo import models


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    def _follow(self):
        """Apply later changes to documents that exist. Safe to call again.

        What a person changed by hand is not undone: only units whose fate is new are acted on.
        """
        for order in self:
            order._follow_cancellation()
            order._clear_issue()
            order.write({'sync_state': 'done', 'failure_count': 0})

    def _follow_cancellation(self):
        """Take the units off the sales order that were cancelled on Lazada."""
        sale = self.sale_order_id
        gone = self.item_ids.filtered(
            lambda item: item.status == 'cancelled' and item.sale_line_id)
        if not gone or sale.state == 'cancel':
            return
        sold = self.item_ids.filtered('sale_line_id')
        dispatched = gone.filtered(lambda item: item.sale_line_id._lazada_is_dispatched())
        if dispatched:
            self._report_cancelled_after_dispatch(dispatched)
        takeable = gone - dispatched
        if takeable == sold:
            sale._cancel_from_lazada()
        elif takeable:
            self._take_off(takeable)

    def _take_off(self, items):
        """Lower the quantities by these units; vouchers and shipping follow."""
        sale = self.sale_order_id
        locked = sale.locked
        if locked:
            sale.action_unlock()
        for line, units in items.grouped('sale_line_id').items():
            line._lazada_lower(len(units))
        items.sale_line_id = False
        self._rewrite_money_lines()
        self._check_total()
        if locked:
            sale.action_lock()
        sale.message_post(body=self.env._(
            "%(count)s units were canceled on Lazada and taken off: %(skus)s",
            count=len(items), skus=", ".join(items.mapped('seller_sku'))))

    def _rewrite_money_lines(self):
        """Bring voucher, shipping and rounding lines to the units that are left."""
        sale = self.sale_order_id
        units = self.item_ids.filtered('sale_line_id')
        lines = sale.order_line.grouped('lazada_kind')
        lines.get('rounding', sale.order_line.browse()).unlink()
        shipping = lines.get('shipping', sale.order_line.browse())
        if shipping:
            shipping[0]._lazada_set_price(self._sum_amounts(units, 'shipping_amount'))
        vouchers = lines.get('voucher', sale.order_line.browse())
        left = self._sum_amounts(units, 'voucher_seller')
        for line in vouchers[1:]:
            same_taxes = units.filtered(
                lambda unit, line=line: line.tax_ids <= unit.sale_line_id.tax_ids)
            amount = self._sum_amounts(same_taxes, 'voucher_seller')
            line._lazada_set_price(-amount)
            left -= amount
        if vouchers:
            vouchers[0]._lazada_set_price(-left)

    @staticmethod
    def _sum_amounts(units, field):
        return sum((Decimal(str(unit[field])) for unit in units), Decimal())

    def _report_cancelled_after_dispatch(self, items):
        """Say once that a parcel left whose units were cancelled."""
        sale = self.sale_order_id
        activity_type = 'lazada_connector.mail_activity_cancelled'
        if sale.activity_search([activity_type]):
            return
        sale.activity_schedule(
            activity_type,
            user_id=self.shop_id.user_id.id or sale.user_id.id or self.env.uid,
            note=self.env._(
                "%(count)s units were canceled on Lazada after they had left: %(skus)s. Stop "
                "the parcel if you can, or prepare the return.",
                count=len(items), skus=", ".join(items.mapped('seller_sku'))))
