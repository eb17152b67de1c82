# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From the mirror to Odoo documents: decide, plan, create, confirm."""
import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import const
from ..mappers.sale_lines import Unit, expected_total
from .gross_price import gross_price_data
from .import_lookups import ImportLookups, OrderIssue

_logger = logging.getLogger(__name__)

BUG_TRIES = 3
# Beyond it Odoo does not round to the cent any more; nobody sells for so much.
LARGEST_TOTAL = 10 ** 12


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    # === DECIDE === #

    def _decide(self):
        """Set `sync_state` of mirrored orders: every fetched order has an answer."""
        for order in self:
            state, code, message = order._get_decision()
            if state == 'todo':
                order.write({'sync_state': 'todo', 'failure_count': 0})
            else:
                order._set_issue(code, message, state=state)

    def _get_decision(self):
        """Return (sync_state, issue_code, issue_message). The scope limits creation only."""
        self.ensure_one()
        if self.items_state == 'unreadable':
            return 'attention', 'bad_value', self.env._(
                "Lazada sent a value that cannot be understood (%s). The order is taken up "
                "again when it changes on Lazada, or by Retry.", self.items_error)
        if self.sale_order_id:
            return 'todo', False, False
        if self.imported_at:
            return 'ignored', 'sale_deleted', self.env._(
                "Somebody deleted its sales order. Press Retry to create it again.")
        if self.items_state == 'missing':
            return 'attention', 'items_missing', self.env._(
                "Lazada has not answered with the units of this order yet. They are asked for "
                "again at every sync; nothing to do.")
        if not self.item_ids:
            return 'attention', 'no_items', self.env._(
                "Lazada says that this order has no units. It is read again at every sync.")
        if len(self.item_ids) < self.items_count:
            return 'attention', 'items_incomplete', self.env._(
                "Lazada listed %(known)s of %(all)s units. The order is read again at every "
                "sync.", known=len(self.item_ids), all=self.items_count)
        before = self.shop_id.skip_ordered_before
        if before and self.ordered_at and self.ordered_at < before:
            return 'ignored', 'before_go_live', self.env._(
                "Placed before this shop went live, and said to be shipped elsewhere.")
        if self._get_import_mode():
            return 'todo', False, False
        if any(item._awaits_final_payment() for item in self.item_ids):
            return 'attention', 'presale_unpaid', self.env._(
                "The buyer of this pre-sale has not made the final payment yet. The order is "
                "imported by itself once it is paid; nothing to do.")
        return 'ignored', 'not_in_scope', self._describe_scope()

    def _get_import_mode(self):
        """Return how this order is imported as new: ship, quotation, fbl, or None: not at all."""
        self.ensure_one()
        seller_shipped = self.item_ids.filtered(
            lambda item: item._is_seller_shipped() and not item._awaits_final_payment())
        if any(item.status in const.LIVE_STATUSES for item in seller_shipped):
            return 'ship'
        if self.shop_id.unpaid_as_quotation and any(
                item.status == 'unpaid' for item in seller_shipped):
            return 'quotation'
        if self._get_fbl_items():
            return 'fbl'
        return None

    def _get_fbl_items(self):
        """Return the units that Lazada shipped, if the shop wants them: once the buyer has them
        for good, whatever becomes of the others."""
        if not self.shop_id.fbl_import:
            return self.item_ids.browse()
        return self.item_ids.filtered(
            lambda item: item.channel == 'fbl' and item.status == 'completed')

    def _describe_scope(self):
        live = self.item_ids.filtered(lambda item: item.status in const.LIVE_STATUSES)
        if live:
            channels = dict(live._fields['channel']._description_selection(self.env))
            return self.env._(
                "Nothing to ship from here: %s.",
                ", ".join(sorted({channels[item.channel] for item in live})))
        label = dict(self._fields['status']._description_selection(self.env))[self.status]
        return self.env._("Nothing to ship from here: the order is %s.", label)

    # === IMPORT === #

    def _import(self):
        """Turn these orders of one shop into documents, in the caller's transaction.

        Orders that have a sales order follow what changed; the others are created together.
        Safe to call again. An issue that comes up after documents were made raises: the caller
        rolls back and takes the orders one by one.
        """
        followed = self.filtered('sale_order_id')
        followed._follow()
        creatable = (self - followed)._attach_products()
        if creatable:
            creatable._create_sale_orders()

    def _get_sold_items(self):
        """Return the units that belong on the sales order."""
        self.ensure_one()
        mode = self._get_import_mode()
        if mode == 'fbl':
            return self._get_fbl_items()
        statuses = ('unpaid',) if mode == 'quotation' else const.SOLD_STATUSES
        fbl_items = self._get_fbl_items() if mode == 'ship' else self.item_ids.browse()
        items = self.item_ids.filtered(
            lambda item: item in fbl_items or item._is_seller_shipped()
            and item.status in statuses and not item._awaits_final_payment())
        # What one order asks of its products is read for the whole batch.
        return items.with_prefetch(self.item_ids._prefetch_ids)

    def _attach_products(self):
        """Give the units of new orders their products, together. Return the orders that can be
        created; the others have their issue.
        """
        sold = {}
        for order in self:
            state, code, message = order._get_decision()
            if state == 'todo':
                sold[order] = order._get_sold_items()
            else:
                order._set_issue(code, message, state=state)
        self.env['lazada.listing']._attach_items(
            self.env['lazada.order.item'].concat(*sold.values()))
        creatable = self.browse()
        for order, items in sold.items():
            try:
                items._check_importable()
            except OrderIssue as issue:
                order._set_issue(issue.code, issue.message, issue.key, issue.state)
            else:
                creatable += order
        return creatable

    def _create_sale_orders(self):
        modes = {order: order._get_import_mode() for order in self}
        lookups = ImportLookups(self)
        plans = [order._get_sold_items()._plan_lines(lookups, order) for order in self]
        sales = self.env['sale.order'].with_context(
            mail_create_nosubscribe=True, mail_auto_subscribe_no_notify=True,
        ).create([
            order._prepare_sale_vals(lines, lookups)
            for order, lines in zip(self, plans, strict=True)])
        for order, lines, sale in zip(self, plans, sales, strict=True):
            order._link_sale(sale, lines, lookups)
            order._note_left_out()
        confirmed = self.filtered(lambda order: modes[order] != 'quotation')
        if confirmed:
            # As the button does it: a plan that is mandatory for sales is asked for.
            confirmed.sale_order_id.with_context(
                validate_analytic=self.company_id._lazada_has_mandatory_plans()).action_confirm()
        for order in self:
            if modes[order] in ('ship', 'fbl'):
                order._move_fbl_stock(order._get_fbl_items())
            order._check_total()
        self._clear_issue()
        self.write({'sync_state': 'done', 'failure_count': 0})

    def _note_left_out(self):
        """Say on the sales order which units Lazada lists but nobody has to ship."""
        left_out = self.item_ids.filtered(lambda item: not item.sale_line_id)
        if left_out:
            labels = dict(left_out._fields['status']._description_selection(self.env))
            self.sale_order_id.message_post(body=self.env._(
                "Not part of this order: %s", ", ".join(
                    f"{item.seller_sku} ({labels[item.status]})" for item in left_out)))

    def _move_fbl_stock(self, items):
        """Take these units, which Lazada shipped, out of the stock Lazada holds."""
        if not items:
            return
        location = self.shop_id._get_fbl_location()
        sale = self.sale_order_id
        quantities = {  # a line may hold units as well that the seller has sent already
            line: len(units) * line.lazada_bundle_qty
            for line, units in items.grouped('sale_line_id').items()}
        moves = self.env['stock.move'].create([{
            'product_id': line.product_id.id,
            'product_uom': line.product_uom_id.id,
            'product_uom_qty': quantity,
            'quantity': quantity,
            'picked': True,
            'location_id': location.id,
            'location_dest_id': sale.partner_shipping_id.property_stock_customer.id,
            'company_id': sale.company_id.id,
            'origin': sale.name,
            'reference': sale.name,
        } for line, quantity in quantities.items() if line.product_id.type == 'consu'])
        moves._action_done()

    def _prepare_sale_vals(self, lines, lookups):
        shop = self.shop_id
        customer, delivery, invoice = lookups.get_contacts(self)
        currency = self.currency_id or shop.currency_id
        return {
            'partner_id': customer.id,
            'partner_shipping_id': delivery.id,
            'partner_invoice_id': invoice.id,
            'company_id': shop.company_id.id,
            'client_order_ref': self.order_number,
            'origin': self.order_number,
            'date_order': self.ordered_at or self.env.cr.now(),
            'commitment_date': self.ship_by_at,
            'pricelist_id': lookups.get_pricelist(currency).id,
            'fiscal_position_id': lookups.get_fiscal_position(self).id,
            'payment_term_id': False,
            'require_signature': False,
            'require_payment': False,
            'warehouse_id': lines[0].warehouse_id or shop._get_delivering_warehouse().id,
            'team_id': shop.team_id.id,
            'user_id': shop.user_id.id,
            'lazada_order_id': self.id,
            'lazada_shop_id': shop.id,
            'order_line': [
                Command.create(self._prepare_line_vals(line, lookups, sequence))
                for sequence, line in enumerate(lines, 10)],
        }

    def _prepare_line_vals(self, line, lookups, sequence=10):
        """Return the values of one planned line; the money rules are in `gross_price`."""
        product = lookups.get_product(line)
        tax_ids = line.tax_ids
        if line.kind == 'shipping':
            tax_ids = lookups.get_taxes(product, lookups.get_fiscal_position(self))[0]
        price = float(line.price)
        return {
            # Without one (most shops tell no warehouses apart) it is the order's.
            **({'warehouse_id': line.warehouse_id} if line.warehouse_id else {}),
            'sequence': sequence,
            'product_id': product.id,
            'name': lookups.get_name(product),
            'product_uom_id': product.uom_id.id,
            'product_uom_qty': line.quantity,
            'price_unit': price,
            # Differs from the price, so that Odoo sees a price that was set by hand.
            'technical_price_unit': price + 1,
            'discount': 0.0,
            'tax_ids': [Command.set(tax_ids)],
            'extra_tax_data': gross_price_data(f'lazada,{self.id}'),
            'lazada_kind': line.kind,
            'lazada_no_delivery': line.no_delivery,
            'lazada_bundle_qty': line.pieces,
            'customer_lead': 0.0,
        }

    def _link_sale(self, sale, lines, lookups):
        for sale_line, line in zip(sale.order_line.sorted('sequence'), lines, strict=True):
            self.env['lazada.order.item'].browse(line.unit_ids).sale_line_id = sale_line
        self.write({
            'sale_order_id': sale.id, 'imported_at': self.env.cr.now(),
            'address_incomplete': lookups.is_address_incomplete(self)})

    # === TOTALS === #

    def _check_total(self):
        """Compare the sales order with the formula; a rounding rest becomes a line of its own.

        :raise OrderIssue: the difference is larger than one rounding unit per unit sold
        """
        self.ensure_one()
        sale = self.sale_order_id
        units = self.item_ids.filtered('sale_line_id')
        expected = expected_total(
            [Unit(unit.id, None, **unit._get_amounts()) for unit in units],
            # What the order was made with: a changed policy does not judge old orders anew.
            'shipping' in sale.order_line.mapped('lazada_kind'))
        if expected < 0:
            raise OrderIssue('negative_total', self.env._(
                "The seller's vouchers of %(order)s exceed its prices by %(amount)s. A sales order "
                "never comes to less than nothing. Look at it on Lazada, then press Retry.",
                order=self.order_number, amount=-expected))
        if expected >= LARGEST_TOTAL:
            raise OrderIssue('total_too_large', self.env._(
                "%(order)s comes to %(total)s, which cannot be booked exactly. Look at its prices "
                "on Lazada, then press Retry.", order=self.order_number, total=expected))
        self.amount_total = float(expected)
        currency = sale.currency_id
        # Rounded before it is compared: half a unit of -0.5 would be rounded the other way.
        rest = currency.round(currency.round(float(expected)) - sale.amount_total)
        if currency.is_zero(rest):
            return
        if abs(rest) > currency.rounding * max(len(units), 1):
            raise OrderIssue('total_mismatch', self.env._(
                "The sales order would come to %(actual)s, but Lazada's units come to "
                "%(expected)s. Check the taxes of its products, then press Retry.",
                actual=sale.amount_total, expected=float(expected)))
        self._write_rounding(rest)

    def _write_rounding(self, rest):
        sale = self.sale_order_id
        line = sale.order_line.filtered(lambda line: line.lazada_kind == 'rounding')
        if line:
            line._lazada_set_price(line.price_unit + rest)
            return
        product = self.shop_id.company_id._get_lazada_product('rounding')
        sale.with_context(sale_no_log_for_new_lines=True).order_line = [Command.create({
            'product_id': product.id,
            'name': product.name,
            'product_uom_qty': 1,
            'price_unit': rest,
            'technical_price_unit': rest + 1,
            'discount': 0.0,
            'tax_ids': [Command.clear()],
            'extra_tax_data': gross_price_data(f'lazada,{self.id}'),
            'lazada_kind': 'rounding',
            'sequence': 999,
        })]

    # === FAILURES === #

    def _record_failure(self, error):
        """Keep one order that failed, with a reason a person understands."""
        self.ensure_one()
        if isinstance(error, OrderIssue):
            self._set_issue(error.code, error.message, error.key, error.state)
        elif isinstance(error, UserError):
            self._set_issue('odoo_refused', self.env._(
                "Odoo refused the order: %s Repair the cause, then press Retry.", error))
        else:
            self._record_bug(error)

    def _record_bug(self, error):
        _logger.error("Lazada order %s failed", self.order_number, exc_info=error)
        self.failure_count += 1
        if self.failure_count >= BUG_TRIES:
            self._set_issue('bug', self.env._(
                "An unexpected error stopped this order %(tries)s times (%(error)s). Press "
                "Retry; if it stays, send this text to support.",
                tries=self.failure_count, error=f"{type(error).__name__}: {error}"))

