# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened on Lazada after the import reaches the documents, whatever their status."""
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from .. import const
from .import_lookups import OrderIssue
from .plain_note import plain_note


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    cancelled_after_dispatch = fields.Boolean(
        "Canceled After Dispatch",
        help="Units were canceled on Lazada after they had left: stop the parcel or prepare "
             "the return.")

    _dispatch_idx = models.Index("(shop_id) WHERE cancelled_after_dispatch IS TRUE")

    def _follow(self):
        """Apply later changes to documents that exist. Safe to call again.

        What a person changed by hand is not undone: only units whose fate is new are acted on.
        """
        self._clear_issue()
        self.write({'sync_state': 'done', 'failure_count': 0})
        for order in self:
            order._follow_cancellation()
            order._follow_late_items()
            order._follow_payment()

    def _follow_payment(self):
        """Confirm a quotation whose order was paid, maybe shipped since; what left stays away."""
        sale = self.sale_order_id
        sold = self.item_ids.filtered(lambda item: item.sale_line_id and item._is_seller_shipped())
        if sale.state not in ('draft', 'sent') or not any(
                item.status in const.SOLD_STATUSES for item in sold):
            return
        self._spare_delivery(sold.filtered(
            lambda item: item.status in (*const.ALREADY_SENT_STATUSES, *const.GONE_STATUSES)))
        sale.commitment_date = self.ship_by_at
        # As the button does it: a plan that is mandatory for sales is asked for.
        sale.with_context(
            validate_analytic=self.company_id._lazada_has_mandatory_plans()).action_confirm()

    def _spare_delivery(self, items):
        """Have nothing picked of units that left already: they get lines of their own."""
        for line, units in items.grouped('sale_line_id').items():
            sent = line
            if units != line.lazada_item_ids:
                pieces = len(units) * line.lazada_bundle_qty
                line.product_uom_qty -= pieces
                sent = line.copy({
                    'order_id': line.order_id.id, 'product_uom_qty': pieces,
                    'price_unit': line.price_unit, 'technical_price_unit': line.price_unit + 1,
                    'lazada_kind': line.lazada_kind, 'lazada_bundle_qty': line.lazada_bundle_qty})
                units.sale_line_id = sent
            sent.lazada_no_delivery = True

    # === CANCELLATION === #

    def _follow_cancellation(self):
        """Take the units off the sales order that were cancelled on Lazada, each once."""
        sale = self.sale_order_id
        self.item_ids.filtered(
            lambda item: item.cancel_told and item.status != 'cancelled').cancel_told = False
        gone = self.item_ids.filtered(
            lambda item: item.status == 'cancelled' and item.sale_line_id)
        if not gone or sale.state == 'cancel':
            return
        dispatched = gone.filtered(lambda item: item.sale_line_id._lazada_is_dispatched())
        untold = dispatched.filtered(lambda item: not item.cancel_told)
        if untold:
            self._report_cancelled_after_dispatch(untold)
        takeable = gone - dispatched
        if not takeable:
            return
        if takeable == self.item_ids.filtered('sale_line_id'):
            self._cancel_sale_order(takeable)
        else:
            self._take_off(takeable)

    def _cancel_sale_order(self, items):
        """All units are gone and nothing has left: cancel; a lock protects from people only."""
        sale = self.sale_order_id
        begun = self._get_begun_pickings(items)
        self._void_draft_invoices()
        if sale.locked:
            sale.action_unlock()
        notes = sale.invoice_ids.filtered(lambda move: move.state == 'draft')
        sale._action_cancel()
        notes.button_draft()  # Odoo cancels every draft of the order, credit notes included
        self._credit_everything()
        sale.message_post(body=self.env._("Canceled on Lazada."))
        for picking in begun:
            picking._lazada_ask_to_take_out(
                len(items), ", ".join(items.mapped('seller_sku')), is_whole=True)

    def _take_off(self, items):
        """Lower the quantities by these units; vouchers, shipping and invoices follow."""
        sale = self.sale_order_id
        locked = sale.locked
        if locked:
            sale.action_unlock()
        self._void_draft_invoices()
        pieces = {
            line: len(units) * line.lazada_bundle_qty
            for line, units in items.grouped('sale_line_id').items()}
        begun = self._get_begun_pickings(items)
        for line, count in pieces.items():
            line._lazada_lower(count)
        items.sale_line_id = False
        self._rewrite_money_lines()
        self._tell_total()
        self._credit_pieces(pieces)
        if locked:
            sale.action_lock()
        skus = ", ".join(items.mapped('seller_sku'))
        sale.message_post(body=self.env._(
            "%(count)s units were canceled on Lazada and taken off: %(skus)s",
            count=len(items), skus=skus))
        for picking in begun:
            picking._lazada_ask_to_take_out(len(items), skus)

    def _tell_total(self):
        """Say when the total is not Lazada's; what a person edited is not corrected."""
        try:
            self._check_total()
        except OrderIssue as issue:
            self._set_issue(issue.code, issue.message, issue.key)

    def _get_begun_pickings(self, items):
        """Return the open transfers in which these units are picked, or lie in a parcel."""
        begun = items.sale_line_id._lazada_get_begun_pickings()
        if items.package_id:
            begun |= self.sale_order_id.picking_ids.filtered(
                lambda picking: picking.state not in ('done', 'cancel')
                and picking.picking_type_code == 'outgoing')
        return begun

    def _rewrite_money_lines(self):
        """Bring voucher, shipping and rounding lines to the units that are left."""
        units = self.item_ids.filtered('sale_line_id')
        lines = self.sale_order_id.order_line.grouped('lazada_kind')
        none = self.env['sale.order.line']
        for line in lines.get('rounding', none):
            line._lazada_set_price(0)
        shipping = lines.get('shipping', none)
        if shipping:
            shipping[0]._lazada_set_price(self._sum_amounts(units, 'shipping_amount'))
        vouchers = lines.get('voucher', none)
        left = self._sum_amounts(units, 'voucher_seller')
        for line in vouchers[1:]:
            same_taxes = units.filtered(
                lambda unit, line=line: line.tax_ids == unit.sale_line_id.tax_ids._without_fixed())
            amount = self._sum_amounts(same_taxes, 'voucher_seller')
            line._lazada_set_price(-amount)
            left -= amount
        if vouchers:
            vouchers[0]._lazada_set_price(-left)

    @staticmethod
    def _sum_amounts(units, field):
        return sum((Decimal(str(unit[field])) for unit in units), Decimal())

    # === AFTER DISPATCH === #

    def _report_cancelled_after_dispatch(self, items):
        """Say once that units left which were cancelled meanwhile; propose the return."""
        sale = self.sale_order_id
        self.cancelled_after_dispatch = items.cancel_told = True
        sale.activity_schedule(
            'lazada_connector.mail_activity_cancelled',
            user_id=self.shop_id._get_responsible().id,
            note=plain_note(self.env._(
                "%(count)s units were canceled on Lazada after they had left: %(skus)s. Stop "
                "the parcel if you can; otherwise press Prepare Return on the Lazada order.",
                count=len(items), skus=", ".join(items.mapped('seller_sku')))))

    def action_prepare_return(self):
        """Prepare, without validating it, the return of the units canceled after dispatch."""
        self.ensure_one()
        items = self.item_ids.filtered(
            lambda item: item.status == 'cancelled' and item.sale_line_id)
        moves = items.sale_line_id.move_ids.filtered(
            lambda move: move.state == 'done' and move.location_dest_id._is_outgoing())
        if not moves:
            raise UserError(self.env._(
                "There is no finished delivery of the canceled units of %s to take back.",
                self.order_number))
        wizard = self.env['stock.return.picking'].with_context(
            active_id=moves.picking_id[0].id, active_model='stock.picking').create({})
        counts = {
            line: len(units) * line.lazada_bundle_qty
            for line, units in items.grouped('sale_line_id').items()}
        for line in wizard.product_return_moves:
            known = line.move_id.returned_move_ids.filtered(lambda move: move.state != 'cancel')
            count = counts.get(line.move_id.sale_line_id, 0)
            line.quantity = max(count - sum(known.mapped('product_uom_qty')), 0)
        return wizard.action_create_returns()

    def action_dispatch_settled(self):
        """Take these orders off the list Canceled After Dispatch: a person has seen to it."""
        self.check_access('read')
        self.sudo().cancelled_after_dispatch = False
        self.sale_order_id.activity_feedback(['lazada_connector.mail_activity_cancelled'])
        return True
