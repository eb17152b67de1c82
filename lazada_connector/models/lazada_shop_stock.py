# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop sells from, how much of it, and what it would offer now."""
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const
from ..mappers.offer import OfferRules, distribute, offer, whole_units
from .owed_units import Seller
from .sellable_stock import SellableStock, Stock


class ListingPlan(NamedTuple):
    """What a run does with one listing, and why.

    stocks: {Lazada warehouse code, or False: Stock} · offered: {code: units} · units: ids of the
    open units taken into account · limits: the rules that made it less than is available · rise:
    Lazada would show more than now · verdict: send, held, parked or same
    """
    listing: models.Model
    stocks: dict
    available: int
    offered: dict
    units: list
    limits: tuple
    rise: bool
    verdict: str

    @property
    def quantity(self):
        return sum(self.offered.values())


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    stock_sync = fields.Boolean(
        "Synchronise Stock", tracking=True, copy=False,
        help="Keep the quantities on Lazada equal to what can be sold from here. Open the "
             "Mapping Report first: quantities are written for every linked listing.")
    mapping_seen_at = fields.Datetime("Mapping Report Opened", readonly=True, copy=False)
    stock_basis = fields.Selection(
        [('free', "Free: on hand less everything promised"),
         ('on_hand', "On hand less open Lazada orders"),
         ('forecast', "Free plus what is on its way in")],
        string="Quantity", required=True, default='free', tracking=True,
        help="Pieces sold on Lazada never count twice, whatever the basis.")
    source_ids = fields.One2many(
        'lazada.stock.source', 'shop_id', string="Sells From",
        help="Empty: the FBM warehouse.")
    warehouse_tag = fields.Selection(
        [('SellableQuantity', "SellableQuantity"), ('Quantity', "Quantity")],
        required=True, default='SellableQuantity', readonly=True, copy=False,
        help="How Lazada wants the quantity of a warehouse to be named: its documents and its "
             "platform disagree.")
    warehouse_tag_proven = fields.Boolean(
        readonly=True, copy=False, help="A quantity sent under this name was read back.")
    share_percent = fields.Float(
        "Share of the Stock (%)", default=100.0, tracking=True,
        help="Of the free pieces, how many this shop may offer. Shops that share a warehouse "
             "may each offer all of it, or divide it between them.")
    buffer_qty = fields.Integer(
        "Safety Stock", tracking=True, help="Units held back from each listing.")
    buffer_percent = fields.Float(
        "Safety Stock (%)", tracking=True,
        help="Held back as a part of the free units; the larger of the two counts.")
    last_units_qty = fields.Integer(
        "Leave the Last Units", tracking=True,
        help="Offer nothing while no more than this many units are left. Set it on all shops "
             "but one, and the last units go to that one only.")
    max_qty = fields.Integer(
        "Offer at Most", tracking=True, help="Highest quantity shown on Lazada; 0: no limit.")
    last_stock_sync = fields.Datetime(
        "Last Inventory Sync", compute='_compute_last_stock_sync',
        search='_search_last_stock_sync')
    differing_count = fields.Integer(compute='_compute_stock_counts')
    push_problem_count = fields.Integer(compute='_compute_stock_counts')

    @api.depends('flow_ids.last_success_at')
    def _compute_last_stock_sync(self):
        for shop in self:
            shop.last_stock_sync = shop._get_flow('stock').last_success_at

    def _search_last_stock_sync(self, operator, value):
        return [('flow_ids', 'any', [
            ('name', '=', 'stock'), ('last_success_at', operator, value)])]

    def _compute_stock_counts(self):
        Listing = self.env['lazada.listing']

        def count(domain):
            groups = Listing._read_group(
                [('shop_id', 'in', self.ids), *domain], ['shop_id'], ['__count'])
            return {shop.id: number for shop, number in groups}

        differing = count([('qty_difference', '!=', 0)])
        problems = count([('push_state', 'in', const.PUSH_PROBLEMS)])
        for shop in self:
            shop.differing_count = differing.get(shop.id, 0)
            shop.push_problem_count = problems.get(shop.id, 0)

    @api.constrains('stock_sync')
    def _check_mapping_seen(self):
        for shop in self:
            if shop.stock_sync and not shop.mapping_seen_at:
                raise ValidationError(self.env._(
                    "Open the Mapping Report of %s before you switch on the stock "
                    "synchronisation: it shows which listings will be written to and which "
                    "are not linked.", shop.name))

    @api.constrains('share_percent', 'buffer_percent', 'buffer_qty', 'max_qty', 'last_units_qty')
    def _check_stock_rules(self):
        for shop in self:
            if not 0 <= shop.share_percent <= 100 or not 0 <= shop.buffer_percent <= 100:
                raise ValidationError(self.env._("A percentage lies between 0 and 100."))
            if min(shop.buffer_qty, shop.max_qty, shop.last_units_qty) < 0:
                raise ValidationError(self.env._("Quantities of stock rules are not negative."))

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        shops._wake_stock_sync()
        return shops

    def write(self, vals):
        result = super().write(vals)
        if not const.STOCK_RULES.isdisjoint(vals):
            self._wake_stock_sync()
        return result

    def _wake_stock_sync(self):
        self.filtered('stock_sync')._get_flow('stock')._wake()

    # === ACTIONS === #

    def action_sync_inventory(self):
        """Send the quantities that differ; what does not fit into some seconds goes on alone."""
        self._check_stock_synced()
        return self._run_button('stock')

    def _get_sync_summary(self, name):
        if name == 'stock':
            return self.env._(
                "Stock up to date on Lazada. %s listings have a problem.",
                sum(self.mapped('push_problem_count')))
        return super()._get_sync_summary(name)

    def _check_stock_synced(self):
        off = self.filtered(lambda shop: not shop.stock_sync)
        if off:
            raise UserError(self.env._(
                "The stock of %s is not synchronised. Switch on Synchronise Stock first.",
                ", ".join(off.mapped('name'))))

    def action_mapping_report(self):
        """Open what is linked to what, and what is not; opening it is remembered."""
        self.ensure_one()
        self.check_access('write')
        self.mapping_seen_at = self.mapping_seen_at or fields.Datetime.now()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_listing_mapping_action')
        return {**action, 'domain': [('shop_id', '=', self.id)]}

    # === WHERE IT SELLS FROM === #

    def _get_locations(self):
        """Return {Lazada warehouse code, or False: stock locations}."""
        self.ensure_one()
        if not self.source_ids:
            return {False: self.warehouse_id.view_location_id}
        groups = self.source_ids.grouped(lambda source: source.code or False)
        return {
            code: self.env['stock.location'].union(*(
                source._get_location() for source in sources))
            for code, sources in groups.items()}

    def _get_source(self, code=None):
        """Return the line of Sells From for units of that Lazada warehouse; none without lines.

        Units of a warehouse that no line names, or of none, belong to the main line: the one of
        the FBM warehouse, else the first.
        """
        self.ensure_one()
        sources = self.source_ids
        mine = sources.filtered(lambda source: code and source.code == code) or sources
        main = mine.filtered(lambda source: source.warehouse_id == self.warehouse_id)
        return (main or mine)[:1]

    def _get_delivering_warehouse(self, code=None):
        """Return the warehouse that delivers units of that Lazada warehouse."""
        return self._get_source(code).warehouse_id or self.warehouse_id

    def _find_sellers(self, locations):
        """Return {shop id: its Seller} of all shops selling from there.

        Archived shops count: what they sold is still owed.
        """
        shops = self.env['lazada.shop'].sudo().with_context(active_test=False).search(
            [('company_id', 'in', locations.company_id.ids)])
        sellers = {}
        for shop in shops:
            places = shop._get_locations()
            shared = frozenset(
                code for code, others in places.items() if overlap(locations, others))
            if shared:
                sellers[shop.id] = Seller(
                    {code: tuple(others.mapped('parent_path')) for code, others in places.items()},
                    shop._get_source().code or False, shared)
        return sellers

    def _find_stock_shops(self, locations):
        """Return the shops with stock synchronisation that sell from these locations."""
        if not locations:
            return self.browse()
        shops = self.sudo().search([('stock_sync', '=', True)])
        return shops.filtered(lambda shop: any(
            overlap(locations, others) for others in shop._get_locations().values()))

    def _find_unpulled(self, sellers):
        """Return the shops among `sellers` whose orders may be unknown here."""
        fresh_since = self.env.cr.now() - timedelta(minutes=const.PULL_FRESH_MINUTES)
        shops = self.browse(sellers).filtered(lambda shop: shop.active and not shop.paused)
        unread = self.env['lazada.order'].sudo()._read_group(
            [('shop_id', 'in', shops.ids), ('items_state', '=', 'missing'),
             ('remote_updated_at', '>', self.env.cr.now() - timedelta(days=1))], ['shop_id'])
        unread = {shop.id for (shop,) in unread}
        return shops.filtered(lambda shop: shop.id in unread or (
            (shop._get_flow('fetch_orders').last_success_at or fresh_since) <= fresh_since))

    def _get_pulls(self):
        """Return the flows that read the orders of these shops, less what runs already."""
        return self.sudo().flow_ids.filtered(
            lambda flow: flow.name == 'fetch_orders' and not flow._is_unfinished())

    def _get_warehouse_codes(self):
        """Return the Lazada warehouses that are told apart; none for most shops."""
        return [source.code for source in self.source_ids if source.code]

    # === WHAT IT OFFERS === #

    def _get_stock_listings(self):
        """Return the listings whose quantity is kept up to date."""
        return self.env['lazada.listing']._search_stocked([('shop_id', '=', self.id)])

    def _read_stocks(self, products):
        """Return {Lazada warehouse code, or False: {product id: Stock}}."""
        self.ensure_one()
        return {
            code: SellableStock(locations, self._find_sellers(locations)).get_stocks(
                products, self.stock_basis)
            for code, locations in self._get_locations().items()}

    def _plan_listings(self, listings):
        """Return (ListingPlans, shops whose orders have to be read before anything may rise)."""
        self.ensure_one()
        listings.fetch(PLANNED)  # once, instead of whole rows thousand by thousand
        stocks = self._read_stocks(listings.product_id)
        rules = self._prepare_offer_rules()
        locations = self.env['stock.location'].union(*self._get_locations().values())
        unpulled = self._find_unpulled(self._find_sellers(locations))
        units, moves = listings._find_lazada_moves()
        plans = []
        for listing in listings:
            mine = {code: by_product.get(listing.product_id.id, NO_STOCK)
                    for code, by_product in stocks.items()}
            available, offered, limits = self._compute_offer(listing._get_offer_rules(rules), mine)
            rise = sum(offered.values()) > listing.lazada_qty + moves.get(listing.id, 0)
            if False not in offered:
                shown = listing.lazada_codes or {}
                rise = rise or any(number > shown.get(code, 0) for code, number in offered.items())
            verdict = listing._judge_push(offered, listing.id in moves)
            if verdict == 'send' and rise and unpulled:
                verdict = 'held'
            plans.append(ListingPlan(
                listing, mine, available, offered, units[listing.id], limits, rise, verdict))
        return plans, unpulled

    def _compute_offer(self, rules, stocks):
        """Return (units available, {code: units offered}, limits) by the OfferRules of a listing.

        The rules are those of the listing: several warehouses on Lazada share what it offers.
        What one of them is short of, another cannot deliver.

        :param stocks: {code: Stock} of its product
        """
        pieces = {code: stock.sellable(self.stock_basis) for code, stock in stocks.items()}
        available = whole_units(sum(pieces.values()), rules.bundle)
        units = {code: max(whole_units(number, rules.bundle), 0) for code, number in pieces.items()}
        quantity, limits = offer(sum(units.values()), rules)
        return available, distribute(quantity, units), limits

    def _prepare_offer_rules(self):
        self.ensure_one()
        return OfferRules(
            share_percent=self.share_percent, buffer_qty=self.buffer_qty,
            buffer_percent=self.buffer_percent, last_units=self.last_units_qty,
            max_qty=self.max_qty)


NO_STOCK = Stock()
# All that planning reads of a listing where nothing is to be sent.
PLANNED = (
    'product_id', 'shop_id', 'bundle_qty', 'own_rules', 'set_to_zero', 'lazada_qty', 'lazada_codes',
    'available_qty', 'offer_qty', 'push_state', 'push_open', 'push_retry_at', 'pushed_at',
    'campaign_lock', 'refused_qty')


def overlap(locations, others):
    return any(
        one.parent_path.startswith(other.parent_path)
        or other.parent_path.startswith(one.parent_path)
        for one in locations for other in others)
