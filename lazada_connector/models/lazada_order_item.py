# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

from odoo import api, fields, models

from .. import const
from ..mappers.sale_lines import Unit, plan_lines
from .import_lookups import OrderIssue

# Amounts as Lazada sent them; a Monetary would round halves of a dong away.
AMOUNT_DIGITS = (16, 4)


class LazadaOrderItem(models.Model):
    """One unit sold: it carries the status and the money."""
    _name = 'lazada.order.item'
    _inherit = ['lazada.mirror']
    _description = "Lazada Order Unit"
    _order = 'order_id, external_id'
    _rec_name = 'external_id'

    order_id = fields.Many2one('lazada.order', required=True, index=True, ondelete='cascade')
    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='restrict')
    # Not a related field: those are read from the shop for every new unit, given or not, which is
    # an eighth of what an order of hundreds costs.
    company_id = fields.Many2one(
        'res.company', compute='_compute_company_id', store=True, readonly=False, precompute=True,
        index=True)
    external_id = fields.Char("Unit ID", required=True)
    raw_status = fields.Char("Lazada Status")
    status = fields.Selection(const.ITEM_STATUSES, required=True, default='unknown')
    channel = fields.Selection(const.CHANNELS, required=True, default='seller')
    is_choice = fields.Boolean("Choice")
    order_type = fields.Char()
    is_presale = fields.Boolean("Pre-Sale")
    stage_pay_status = fields.Char(
        "Stage Payment", help="What the buyer of a pre-sale has yet to pay, in Lazada's words.")
    seller_sku = fields.Char("Seller SKU")
    shop_sku = fields.Char("Shop SKU")
    sku_external_id = fields.Char("SKU ID")
    item_external_id = fields.Char("Item ID")
    name = fields.Char()
    variation = fields.Char()
    listing_id = fields.Many2one('lazada.listing', index='btree_not_null', ondelete='set null')
    product_id = fields.Many2one(related='listing_id.product_id')

    # === MONEY, PER UNIT === #
    currency_id = fields.Many2one('res.currency')
    item_price = fields.Float("Price", digits=AMOUNT_DIGITS)
    paid_price = fields.Float("Paid", digits=AMOUNT_DIGITS)
    voucher_seller = fields.Float("Seller Voucher", digits=AMOUNT_DIGITS)
    voucher_platform = fields.Float("Lazada Voucher", digits=AMOUNT_DIGITS)
    shipping_amount = fields.Float("Shipping", digits=AMOUNT_DIGITS)

    # === FULFILMENT === #
    package_id = fields.Many2one('lazada.package', index='btree_not_null', ondelete='set null')
    warehouse_code = fields.Char()
    ship_by_at = fields.Datetime("Ship By")
    paid_at = fields.Datetime()
    reason = fields.Char("Cancellation Reason")
    cancel_initiator = fields.Char("Canceled By")
    cancel_told = fields.Boolean(
        readonly=True,
        help="Somebody was told that it was canceled after it had left; it is not told again.")
    return_status = fields.Char()
    sale_line_id = fields.Many2one(
        'sale.order.line', index='btree_not_null', ondelete='set null', copy=False)

    _shop_external_uniq = models.Constraint(
        'unique(shop_id, external_id)', "A unit is mirrored once per shop.")

    @api.depends('shop_id.company_id')
    def _compute_company_id(self):
        for shop, items in self.grouped('shop_id').items():
            items.company_id = shop.company_id

    def _is_seller_shipped(self):
        self.ensure_one()
        return self.channel in const.SELLER_SHIPPED_CHANNELS

    def _awaits_final_payment(self):
        """Whether this is a pre-sale that is not paid in full: nobody ships it yet."""
        self.ensure_one()
        return (
            self.is_presale and (self.stage_pay_status or '').lower().startswith('unpaid')
            and self.status in ('unpaid', *const.LIVE_STATUSES))

    def _is_cancellable(self):
        """Whether the seller may still cancel this unit on Lazada."""
        self.ensure_one()
        return self.status in ('unpaid', 'to_pack', 'to_ship') and self._is_seller_shipped()

    def _check_importable(self):
        """:raise OrderIssue: one of these units cannot become a line of a sales order"""
        for item in self:
            if item.item_price < 0:
                raise OrderIssue('negative_price', self.env._(
                    "Lazada sent the price %(price)s for %(sku)s. A negative price is never "
                    "imported.", price=item.item_price, sku=item.seller_sku))
            if not item.currency_id:
                raise OrderIssue('unknown_currency', self.env._(
                    "Odoo does not know the currency that Lazada sent for %s.", item.seller_sku))
        if len(self.currency_id) > 1:
            raise OrderIssue('mixed_currency', self.env._(
                "The units of this order are sold in several currencies: %s.",
                ", ".join(self.currency_id.mapped('name'))))
        for items in self.grouped('listing_id').values():
            items[0].with_prefetch(self._prefetch_ids)._check_product()

    def _check_product(self):
        """:raise OrderIssue: the product of this unit cannot be sold"""
        self.ensure_one()
        listing, product = self.listing_id, self.product_id
        key = f'sku:{self.seller_sku}'
        if not product:
            raise OrderIssue('sku_not_linked', listing._describe_link_problem(), key)
        if not product.active and not self.shop_id.sell_archived:
            raise OrderIssue('product_archived', self.env._(
                "%(product)s, the product of %(sku)s, is archived. Unarchive it or link the "
                "listing to another product.",
                product=product.display_name, sku=self.seller_sku), key)
        if product.company_id and product.company_id != self.company_id:
            raise OrderIssue('product_company', self.env._(
                "%(product)s, the product of %(sku)s, belongs to another company. Link the "
                "listing to a product of %(company)s.",
                product=product.display_name, sku=self.seller_sku,
                company=self.company_id.name), key)

    def _get_amounts(self):
        """Return the exact amounts of this unit, by their names in the money formula."""
        self.ensure_one()
        return {
            'price': Decimal(str(self.item_price)),
            'voucher_seller': Decimal(str(self.voucher_seller)),
            'shipping': Decimal(str(self.shipping_amount)),
        }

    def _prepare_unit(self, taxes=((), ())):
        """Return this unit as what sales order lines are planned of."""
        self.ensure_one()
        tax_ids, voucher_tax_ids = taxes
        shop = self.shop_id
        return Unit(
            id=self.id,
            product_id=self.product_id.id,
            **self._get_amounts(),
            tax_ids=tax_ids,
            voucher_tax_ids=voucher_tax_ids,
            no_delivery=self.channel == 'fbl' or self.status in const.ALREADY_SENT_STATUSES,
            pieces=self.sale_line_id.lazada_bundle_qty or self.listing_id.bundle_qty or 1,
            warehouse_id=shop._get_delivering_warehouse(self.warehouse_code).id
            if shop._get_warehouse_codes() else None,
        )

    def _plan_lines(self, lookups, order):
        """Return the planned sales order lines of these units of one order."""
        fiscal_position = lookups.get_fiscal_position(order)
        return plan_lines([
            item._prepare_unit(lookups.get_taxes(item.product_id, fiscal_position))
            for item in self
        ], order.shop_id.include_shipping)
