# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Units that are to be sold only after their order was imported: added to its sales order."""
from odoo import models

from .. import const
from .import_lookups import ImportLookups, OrderIssue


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    def _get_late_items(self):
        """Return the units that were sold and are not on the sales order.

        Left out of the import (unpaid, or in a status that was not known), listed later, or shipped
        by Lazada and completed since. They may have left since. A canceled sales order lacks only
        what there is to ship.
        """
        self.ensure_one()
        canceled = self.sale_order_id.state == 'cancel'
        statuses = const.LIVE_STATUSES if canceled else const.SOLD_STATUSES
        fbl_items = self.item_ids.browse() if canceled else self._get_fbl_items()
        return self.item_ids.filtered(
            lambda item: not item.sale_line_id and (
                item in fbl_items or item.status in statuses
                and item._is_seller_shipped() and not item._awaits_final_payment()))

    def _follow_late_items(self):
        """Sell them too; what cannot be sold yet keeps the order in attention."""
        items = self._get_late_items()
        if not items:
            return
        try:
            if self.sale_order_id.state == 'cancel':
                raise OrderIssue('late_units', self.env._(
                    "Its sales order is canceled, but Lazada goes on with these units: %s. Delete "
                    "the sales order and press Retry to sell them, or cancel on Lazada what is "
                    "still to be shipped.", ", ".join(items.mapped('seller_sku'))))
            self.env['lazada.listing']._attach_items(items)
            items._check_importable()
        except OrderIssue as issue:
            self._set_issue(issue.code, issue.message, issue.key)
        else:
            self._add_items(items)

    def _add_items(self, items):
        sale = self.sale_order_id
        locked = sale.locked
        if locked:
            sale.action_unlock()
        lookups = ImportLookups(self)
        last = max(sale.order_line.mapped('sequence'), default=0)
        for sequence, line in enumerate(self._plan_late_lines(items, lookups), last + 1):
            added = self.env['sale.order.line'].with_context(
                sale_no_log_for_new_lines=True).create({
                    'order_id': sale.id, **self._prepare_line_vals(line, lookups, sequence)})
            items.browse(line.unit_ids).sale_line_id = added
            if line.no_delivery:
                added._compute_qty_delivered()  # a new line counts as not delivered
        self._move_fbl_stock(items.filtered(lambda item: item.channel == 'fbl'))
        self._rewrite_money_lines()
        self._tell_total()
        if locked:
            sale.action_lock()
        sale.message_post(body=self.env._(
            "%(count)s units were sold only after the import and were added: %(skus)s",
            count=len(items), skus=", ".join(items.mapped('seller_sku'))))

    def _plan_late_lines(self, items, lookups):
        """Return the lines to add; vouchers and shipping go into lines that are there already."""
        def key(kind, taxes):
            return kind, frozenset(taxes) if kind == 'voucher' else None

        known = {
            key(line.lazada_kind, line.tax_ids.ids) for line in self.sale_order_id.order_line}
        return [
            line for line in items._plan_lines(lookups, self)
            if line.kind == 'product' or key(line.kind, line.tax_ids) not in known]
