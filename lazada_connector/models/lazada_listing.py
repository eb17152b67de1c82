# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from collections import defaultdict

from odoo import api, fields, models

from .. import const
from ..mappers import listing as listing_mapper
from ..mappers.values import BadValue

_logger = logging.getLogger(__name__)

LISTING_FIELDS = (
    'item_external_id', 'seller_sku', 'shop_sku', 'name', 'variation', 'status', 'raw_status',
    'price', 'lazada_qty', 'fbl', 'image_url', 'product_url', 'remote_updated_at',
)
# What is forgotten when somebody decides about a listing.
NO_REASON = {'link_reason': False, 'link_message': False, 'suggested_product_id': False}


class LazadaListing(models.Model):
    """One sellable SKU of a shop, and the product it stands for."""
    _name = 'lazada.listing'
    _inherit = ['lazada.mirror']
    _description = "Lazada Listing"
    _order = 'shop_id, name, seller_sku, id'
    _rec_name = 'seller_sku'
    _rec_names_search = ['seller_sku', 'name', 'external_id']
    _check_company_auto = True

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    external_id = fields.Char("SKU ID", required=True)
    item_external_id = fields.Char("Item ID", index='btree_not_null')
    seller_sku = fields.Char("Seller SKU", index='btree_not_null')
    shop_sku = fields.Char("Shop SKU")
    name = fields.Char()
    variation = fields.Char()
    status = fields.Selection(
        [('active', "Active"), ('inactive', "Inactive"), ('deleted', "Deleted"),
         ('pending', "Pending"), ('rejected', "Rejected"), ('sold_out', "Sold Out")],
        required=True, default='active')
    raw_status = fields.Char("Lazada's Own Status")
    price = fields.Float(digits=(16, 4))
    lazada_qty = fields.Integer("On Lazada", help="Sellable quantity as Lazada last told it.")
    fbl = fields.Boolean("Fulfilled by Lazada")
    seller_stocked = fields.Boolean(
        readonly=True, copy=False,
        help="Lazada has shown stock in the seller's own warehouses. Without stock there it shows "
             "none of them, which alone does not make a listing one that Lazada ships.")
    from_order = fields.Boolean(
        "Known from an Order Only", readonly=True, copy=False,
        help="The catalogue has not shown the SKU yet; it may be deleted on Lazada.")
    image_url = fields.Char()
    product_url = fields.Char("Page on Lazada")
    remote_updated_at = fields.Datetime("Changed on Lazada")

    product_id = fields.Many2one(
        'product.product', index='btree_not_null', check_company=True, ondelete='restrict')
    linked_by_hand = fields.Boolean(
        readonly=True, copy=False, help="A person chose the product; no sync changes it.")
    link_state = fields.Selection(
        [('linked', "Linked"), ('missing', "Not Found"), ('ambiguous', "Ambiguous"),
         ('ignored', "Ignored")],
        required=True, default='missing', copy=False)
    link_reason = fields.Selection(
        const.LINK_REASONS, "Reason", readonly=True, copy=False,
        help="What keeps the listing from being linked by itself.")
    link_message = fields.Char("Explanation", readonly=True, copy=False)

    _shop_external_uniq = models.Constraint(
        'unique(shop_id, external_id)', "A SKU is mirrored once per shop.")
    _unlinked_idx = models.Index(
        "(shop_id, seller_sku) WHERE link_state IN ('missing', 'ambiguous')")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('product_id'):
                vals.setdefault('link_state', 'linked')
                vals.setdefault('linked_by_hand', True)
        listings = super().create(vals_list)
        listings.filtered('product_id')._wake_orders()
        return listings

    def write(self, vals):
        """Choosing a product by hand links; the orders that waited for it go on by themselves."""
        if 'product_id' in vals and 'link_state' not in vals:
            linked = bool(vals['product_id'])
            vals = {
                **vals, **NO_REASON, 'linked_by_hand': linked,
                'link_state': 'linked' if linked else 'missing'}
        result = super().write(vals)
        if vals.get('product_id'):
            self._wake_orders()
        return result

    def _write_link(self, vals):
        """Write what matching decided; who matches many wakes their orders and stock once."""
        return super().write(vals)

    def _wake_orders(self):
        for shop, listings in self.grouped('shop_id').items():
            keys = {f'sku:{sku}' for sku in listings.mapped('seller_sku')}
            self.env['lazada.order']._wake_issues(shop, keys)

    # === ACTIONS === #

    def action_ignore(self):
        """Keep these listings out of the lists of what is not linked."""
        self.write({
            **NO_REASON, 'product_id': False, 'link_state': 'ignored', 'linked_by_hand': True})
        return True

    def action_match(self):
        """Look for the products of these listings again."""
        self.filtered(lambda listing: listing.link_state == 'ignored').write(
            {'link_state': 'missing', 'linked_by_hand': False})
        for _shop, listings in self.grouped('shop_id').items():
            listings._match()
        return True

    # === MIRROR === #

    @api.model
    def _mirror(self, shop, products, asked_at=None):
        """Write what `products` (objects of products/get) say. Return all their listings.

        :param asked_at: when they were asked for; quantities sent since are newer than theirs
        """
        rows = {row['external_id']: row for row in self._map_products(shop, products)}
        codes = shop._get_warehouse_codes()
        known = {
            listing.external_id: listing for listing in self.search([
                ('shop_id', '=', shop.id), ('external_id', 'in', list(rows))])}
        created = []
        for external_id, row in rows.items():
            vals = {key: row[key] for key in LISTING_FIELDS}
            vals.update(price=float(vals['price']), from_order=False)
            if any(quantity > 0 for quantity in row['warehouse_qty'].values()):
                vals['seller_stocked'] = True
            if codes:
                vals.update(_count_warehouses(row['warehouse_qty'], codes))
            if external_id in known:
                known[external_id]._write_mirrored(vals, asked_at)
            else:
                created.append({'shop_id': shop.id, 'external_id': external_id, **vals})
        listings = self.create(created)
        for listing in known.values():
            listings += listing
        return listings

    def _write_mirrored(self, vals, asked_at):
        if vals['fbl'] and not self.fbl and (self.seller_stocked or self.last_pushed_qty):
            vals.update(fbl=False, lazada_qty=0)  # sold out here; what it counts is Lazada's
        if asked_at and self.pushed_at and self.pushed_at > asked_at:
            for name in ('lazada_qty', 'lazada_codes'):
                vals.pop(name, None)
        self._write_changes(vals)

    @api.model
    def _map_products(self, shop, products):
        """Return the mapped SKUs; a product with a value nobody understands is left out."""
        rows = []
        for product in products:
            try:
                rows += listing_mapper.map_product(product, shop.site)
            except BadValue as error:
                _logger.info(
                    "Lazada shop %s: product %s is not mirrored: %s",
                    shop.id, product.get('item_id') or product.get('itemId'), error)
        return rows

    # === UNITS OF ORDERS === #

    @api.model
    def _attach_items(self, items):
        """Give each unit its listing; a SKU that the catalogue lacks gets one from the unit."""
        for shop, units in items.filtered(lambda item: not item.listing_id).grouped(
                'shop_id').items():
            listings = self.search([
                ('shop_id', '=', shop.id), '|',
                ('external_id', 'in', units.mapped('sku_external_id')),
                ('seller_sku', 'in', units.mapped('seller_sku'))])
            by_id = {listing.external_id: listing for listing in listings}
            by_sku = {listing.seller_sku: listing for listing in listings.sorted(
                lambda listing: listing.status == 'active')}
            found = defaultdict(units.browse)
            for unit in units:
                key = unit.sku_external_id or unit.shop_sku or unit.seller_sku
                if not key:
                    continue
                listing = by_id.get(key) or (
                    not unit.sku_external_id and by_sku.get(unit.seller_sku))
                if not listing:
                    listing = by_id[key] = self.create({
                        'shop_id': shop.id, 'external_id': key,
                        'item_external_id': unit.item_external_id,
                        'seller_sku': unit.seller_sku, 'shop_sku': unit.shop_sku,
                        'name': unit.name, 'variation': unit.variation,
                        'from_order': True})
                    by_sku.setdefault(unit.seller_sku, listing)
                found[listing] += unit
            for listing, its_units in found.items():
                its_units.listing_id = listing
        unlinked = items.listing_id.filtered(lambda listing: listing.link_state == 'missing')
        for _shop, listings in unlinked.grouped('shop_id').items():
            listings._match()


def _count_warehouses(quantities, codes):
    """Return what Lazada shows in the warehouses that are kept up to date from here."""
    shown = {code: quantities.get(code, 0) for code in codes}
    return {'lazada_qty': sum(shown.values()), 'lazada_codes': shown}
