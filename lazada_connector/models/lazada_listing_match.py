# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which product a listing stands for."""
from odoo import api, fields, models
from odoo.tools import SQL

from .lazada_listing import NO_REASON
from .product_builder import ProductBuilder, Seed, parse_variation

# What the reason makes of a listing; other reasons leave it "Not Found".
LINK_STATES = {False: 'linked', 'twin_listings': 'ambiguous', 'twin_products': 'ambiguous'}
# Listings that buyers cannot see are not linked by themselves.
GONE = ('inactive', 'deleted')


class LazadaListing(models.Model):
    _inherit = 'lazada.listing'

    suggested_product_id = fields.Many2one(
        'product.product', "Suggestion", readonly=True, copy=False, ondelete='set null',
        help="Not linked by itself because it is not an exact match: please decide.")

    def action_link_suggestion(self):
        """Link these listings to the products suggested for them."""
        self.check_access('write')
        chosen = self.filtered('suggested_product_id')
        for listing in chosen:
            listing._write_link({
                **NO_REASON, 'product_id': listing.suggested_product_id.id,
                'link_state': 'linked', 'linked_by_hand': True})
        chosen._wake_orders()
        chosen.shop_id._wake_stock_sync()
        return self.env['lazada.account']._notify(self.env._(
            "%(linked)s listings are linked; %(others)s had no suggestion.",
            linked=len(chosen), others=len(self - chosen)))

    def action_create_products(self):
        """Make the products that these listings lack, and link them; variants of one item stay
        variants of one product, so the SKUs of the item that lack one get theirs too. Of several
        listings, those with a suggestion are left to a person: the product may exist already.
        Ignored and inactive ones, which nothing links by itself, get none.
        """
        self.check_access('write')
        todo = self.filtered(
            lambda listing: listing._is_open() and listing.status not in GONE
            and listing._get_sku() and (len(self) == 1 or not listing.suggested_product_id))
        created = self.env['product.product']
        for shop, listings in todo.grouped('shop_id').items():
            listings |= listings._find_unlinked_siblings()
            known = shop._find_products({listing._get_sku() for listing in listings})
            rivals = listings._find_rivals()
            missing = listings.filtered(
                lambda listing, known=known, rivals=rivals:
                listing._get_sku() not in known and listing.seller_sku not in rivals)
            products = ProductBuilder(shop.company_id).build(
                [listing._prepare_seed() for listing in missing],
                missing._find_linked_siblings())
            created = created.union(*products.values())
            listings._match()
            missing._want_images()
        return self.env['lazada.account']._notify(self.env._(
            "%(created)s products were created; %(left)s listings still need a decision.",
            created=len(created),
            left=len(self.filtered(lambda listing: not listing.product_id))))

    def _find_unlinked_siblings(self):
        """Return the listings of the same items that lack a product and nothing else."""
        return self.search([
            ('shop_id', '=', self.shop_id.id), ('product_id', '=', False),
            ('item_external_id', 'in', list(set(self.mapped('item_external_id')) - {False})),
            ('link_reason', '=', 'no_product'), ('suggested_product_id', '=', False)])

    def _find_linked_siblings(self):
        """Return {item: [(product, variation)]} of the listings that have theirs."""
        linked = self.search([
            ('shop_id', '=', self.shop_id.id), ('product_id', '!=', False),
            ('item_external_id', 'in', list(set(self.mapped('item_external_id')) - {False})),
            ('status', '!=', 'deleted')])
        return {item: [(listing.product_id, parse_variation(listing.variation))
                       for listing in listings]
                for item, listings in linked.grouped('item_external_id').items()}

    def _prepare_seed(self):
        return Seed(
            sku=self._get_sku(), name=self.name or self._get_sku(), group=self.item_external_id,
            variation=parse_variation(self.variation),
            price=self.shop_id._convert_price(self.price))

    # === MATCHING === #

    def _match(self):
        """Link the listings of one shop that have no product yet.

        The Seller SKU must equal exactly one product's Internal Reference, or Barcode where the
        shop says so; spaces around either do not count, upper and lower case are different. Only
        active listings are linked; links made by hand are left alone. Changes nothing where
        nothing is new.
        """
        self.filtered(lambda listing: listing._is_open())._judge_links()

    def _match_anew(self):
        """Judge what no person decided as if it were new; of listings that are not active, which
        would not be linked today, the links stay.
        """
        self.filtered(lambda listing: not listing.linked_by_hand and (
            not listing.product_id or listing.status not in GONE))._judge_links()

    def _is_open(self):
        """Whether the listing waits for a product, and no person decided that it gets none."""
        return not self.product_id and not self.linked_by_hand

    def _judge_links(self):
        """Link these listings of one shop, or tell why not; a link that is none any more ends."""
        if not self:
            return
        products = self.shop_id._find_products({listing._get_sku() for listing in self} - {''})
        for candidates in products.values():
            candidates.mapped('company_id')  # all at once: every link checks its company
        rivals, hints = self._find_rivals(), self._find_suggestions()
        none, before = self.env['product.product'], {each: each.product_id for each in self}
        for listing in self:
            listing._link(
                products.get(listing._get_sku(), none), rivals,
                hints.get(listing._get_sku(), none))
        changed = self.filtered(lambda listing: listing.product_id != before[listing])
        changed._wake_orders()
        changed.shop_id._wake_stock_sync()

    def _find_rivals(self):
        """Return the SKUs that several active listings of the shop carry. One that only an order
        tells of may be deleted since.
        """
        groups = self._read_group(
            [('shop_id', '=', self.shop_id.id), ('status', '=', 'active'),
             ('from_order', '=', False),
             ('seller_sku', 'in', self.mapped('seller_sku'))],
            ['seller_sku'], having=[('__count', '>', 1)])
        return {sku for (sku,) in groups}

    def _find_suggestions(self):
        """Return {SKU: the product} that is nearly it: linked by another shop, or other case."""
        skus = {listing._get_sku() for listing in self} - {''}
        Product = self.env['product.product']
        if not skus:
            return {}
        company = self.shop_id.company_id
        nearly = Product._lazada_find_by_reference(skus, company, fold_case=True)
        found = {
            sku: nearly[sku.casefold()] for sku in skus
            if len(nearly.get(sku.casefold(), Product)) == 1}
        twins = self._read_group(
            [('company_id', '=', company.id), ('shop_id', '!=', self.shop_id.id),
             ('seller_sku', 'in', list(skus)), ('product_id.active', '=', True)],
            ['seller_sku'], ['product_id:recordset'])
        found.update({sku: products for sku, products in twins if len(products) == 1})
        return found

    def _get_sku(self):
        return (self.seller_sku or '').strip()

    def _link(self, products, rivals, suggestion):
        reason = self._find_obstacle(products, rivals)
        vals = {
            **NO_REASON, 'product_id': False if reason else products.id,
            'link_state': LINK_STATES.get(reason, 'missing'), 'link_reason': reason,
            'link_message': self._explain_obstacle(reason, len(products))}
        if reason and reason != 'not_active':
            vals['suggested_product_id'] = suggestion.id
        changes = self._find_changes(vals)
        if changes:
            self._write_link(changes)

    def _find_obstacle(self, products, rivals):
        """Return the link_reason that forbids to link the listing by itself, or False."""
        if not self._get_sku():
            return 'no_sku'
        if self.status in GONE:
            return 'not_active'
        if self.seller_sku in rivals:
            return 'twin_listings'
        if len(products) > 1:
            return 'twin_products'
        return False if products else 'no_product'

    def _explain_obstacle(self, reason, count):
        """Return `reason` as a sentence. :param count: products with the SKU"""
        sku = self._get_sku()
        if reason == 'no_sku':
            return self.env._("The listing has no Seller SKU.")
        if reason == 'not_active':
            return self.env._("The listing is not active on Lazada.")
        if reason == 'twin_listings':
            return self.env._("Several active listings of this shop carry %s.", sku)
        if reason == 'twin_products':
            return self.env._(
                "%(count)s products have the Internal Reference %(sku)s.", count=count, sku=sku)
        return reason and self.env._("No product has the Internal Reference %s.", sku)

    @api.model
    def _match_references(self, references):
        """Link what waited for one of these references: a product has just got it."""
        references = {(reference or '').strip() for reference in references} - {''}
        waiting = self.sudo().search([  # whoever edits products need not see listings
            ('seller_sku', 'in', list(references)), ('product_id', '=', False),
            ('link_state', 'in', ('missing', 'ambiguous'))])
        for _shop, listings in waiting.grouped('shop_id').items():
            listings._match()

    def _describe_link_problem(self):
        """Return what keeps an order from being imported and what to do about it."""
        if not self:
            return self.env._("A unit of this order carries no SKU. Look at it on Lazada.")
        return self.env._(
            "%(sku)s is not linked to a product. %(reason)s Link it under Products ▸ Lazada "
            "Listings; the order is then imported by itself.",
            sku=self.seller_sku, reason=self.link_message or '')


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    match_by = fields.Selection(
        [('reference', "Internal Reference"),
         ('reference_barcode', "Internal Reference, else Barcode"),
         ('barcode', "Barcode")],
        string="Match Listings By", required=True, default='reference', tracking=True,
        help="What the Seller SKU of a listing is compared with. Spaces around it do not count, "
             "upper and lower case are different.")

    def _convert_price(self, price):
        """Return a price in the company's currency; 0 without a rate, for a person to set."""
        currency, company = self.currency_id, self.company_id
        if currency != company.currency_id and not currency.rate_ids:
            return 0.0
        return currency._convert(
            price, company.currency_id, company, fields.Date.context_today(self))

    def _find_products(self, skus):
        """Return {SKU: products} of the shop's company whose reference or barcode is the SKU."""
        self.ensure_one()
        Product, company = self.env['product.product'], self.company_id
        found = {}
        if self.match_by != 'barcode':
            found = Product._lazada_find_by_reference(skus, company)
        if self.match_by != 'reference':
            missing = set(skus) - set(found)
            found.update(Product.search([
                ('barcode', 'in', list(missing)), ('company_id', 'in', (False, company.id)),
            ]).grouped('barcode'))
        return found


class ProductProduct(models.Model):
    _inherit = 'product.product'

    _lazada_reference_idx = models.Index(
        "(BTRIM(default_code)) WHERE default_code IS NOT NULL")
    _lazada_folded_idx = models.Index(
        "(LOWER(BTRIM(default_code))) WHERE default_code IS NOT NULL")

    @api.model
    def _lazada_find_by_reference(self, references, company, fold_case=False):
        """Return {Internal Reference without spaces around it: active products of the company}.

        :param fold_case: compare, and answer, in lower case
        """
        if not references:
            return {}
        column = SQL("LOWER(BTRIM(default_code))" if fold_case else "BTRIM(default_code)")
        wanted = {each.casefold() if fold_case else each for each in references}
        self.flush_model(['default_code'])
        rows = dict(self.env.execute_query(SQL(
            "SELECT id, %s FROM product_product WHERE %s IN %s", column, column, tuple(wanted))))
        products = self.search([
            ('id', 'in', list(rows)), ('company_id', 'in', (False, company.id))])
        return products.grouped(lambda product: rows[product.id])

    @api.model_create_multi
    def create(self, vals_list):
        products = super().create(vals_list)
        self.env['lazada.listing']._match_references(products._lazada_get_references())
        return products

    def write(self, vals):
        """A reference that appears, moves or becomes unique links the listings that wait for it."""
        if not {'default_code', 'barcode', 'active', 'company_id'} & set(vals):
            return super().write(vals)
        references = self._lazada_get_references()
        result = super().write(vals)
        self.env['lazada.listing']._match_references(
            references | self._lazada_get_references())
        self._lazada_wake_orders()
        return result

    def _lazada_wake_orders(self):
        """Take up the orders again that these products kept back: archived, of another company."""
        self.env['lazada.listing'].sudo().search([('product_id', 'in', self.ids)])._wake_orders()

    def _lazada_get_references(self):
        return {*self.mapped('default_code'), *self.mapped('barcode')}


class ProductTemplate(models.Model):
    _inherit = 'product.template'

    def write(self, vals):
        result = super().write(vals)
        if 'company_id' in vals:
            self.with_context(active_test=False).product_variant_ids._lazada_wake_orders()
        return result
