# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the next stock run would do with a listing, and why; nothing is stored or sent."""
from odoo import api, fields, models
from odoo.exceptions import UserError

VERDICTS = [
    ('send', "Will Be Sent"),
    ('held', "Waits for Orders"),
    ('parked', "Not Before Its Time"),
    ('same', "Nothing to Send"),
    ('never', "Not Written To"),
]

SUMS = ('on_hand', 'reserved', 'waiting', 'owed', 'incoming', 'demand')
# Stock basis -> the sums that count in it, see `Stock.sellable`.
COUNTED = {
    'free': ('on_hand', 'reserved', 'waiting', 'owed'),
    'forecast': ('on_hand', 'reserved', 'waiting', 'owed', 'incoming'),
    'on_hand': ('on_hand', 'owed', 'demand'),
}


class LazadaListing(models.Model):
    _inherit = 'lazada.listing'

    preview_verdict = fields.Selection(
        VERDICTS, "Next Run", compute='_compute_preview', search='_search_preview_verdict')
    preview_qty = fields.Integer("Would Offer", compute='_compute_preview')
    preview_on_hand = fields.Float("On Hand", compute='_compute_preview')
    preview_reserved = fields.Float("Reserved", compute='_compute_preview')
    preview_waiting = fields.Float(
        "Waiting", compute='_compute_preview', help="Promised and not reserved yet.")
    preview_owed = fields.Float(
        "Owed", compute='_compute_preview',
        help="Sold on Lazada and not on a delivery: not imported yet, or canceled here only.")
    preview_incoming = fields.Float(
        "Incoming", compute='_compute_preview', help="On its way in, where the shop counts that.")
    preview_demand = fields.Float(
        "Lazada Orders", compute='_compute_preview',
        help="What open Lazada orders still take from on hand, where the shop counts on hand.")
    preview_reason = fields.Char("Why", compute='_compute_preview')

    @api.depends_context('uid')
    def _compute_preview(self):
        plans = self._plan_preview()
        for listing in self:
            plan = plans.get(listing.id)
            stocks = plan.stocks.values() if plan else ()
            listing.preview_verdict = plan.verdict if plan else 'never'
            listing.preview_qty = plan.quantity if plan else 0
            counted = COUNTED[listing.shop_id.stock_basis] if plan else ()
            for name in SUMS:
                listing[f'preview_{name}'] = sum(
                    getattr(stock, name) for stock in stocks if name in counted)
            listing.preview_reason = listing._explain(plan)

    def _search_preview_verdict(self, operator, value):
        if operator != 'in':
            return NotImplemented
        listings = self.search([('id', '!=', False)])
        plans = listings._plan_preview()
        return [('id', 'in', [
            listing.id for listing in listings
            if (plans[listing.id].verdict if listing.id in plans else 'never') in value])]

    def _plan_preview(self):
        """Return {listing id: its ListingPlan} of those that are written to."""
        plans = {}
        stocked = self.sudo()._search_stocked([('id', 'in', self.ids)])
        for shop, listings in stocked.grouped('shop_id').items():
            if shop.stock_sync:
                plans.update({
                    plan.listing.id: plan for plan in shop._plan_listings(listings)[0]})
        return plans

    def _explain(self, plan):
        if not plan:
            return self._explain_never()
        if plan.verdict == 'parked':
            return self.env._("Not before %(time)s. %(message)s",
                     time=self.push_retry_at, message=self.push_message or '')
        if plan.verdict == 'held':
            return self.env._("Lazada would show more: the orders of all shops are read first.")
        if plan.verdict == 'same':
            return self.env._("Lazada shows %s already.", self.lazada_qty)
        return self._explain_quantity(plan)

    def _explain_quantity(self, plan):
        """Return what is available, and every rule that makes the offer another number."""
        rules = self._get_offer_rules(self.shop_id._prepare_offer_rules())
        texts = {
            'set_to_zero': self.env._("taken off sale by hand"),
            'last_units': self.env._("the last %s units are left", rules.last_units),
            'share': self.env._("the shop's share is %s %%", f"{rules.share_percent:g}"),
            'buffer': self.env._("safety stock %s", rules.buffer(max(plan.available, 0))),
            'max_qty': self.env._("at most %s are offered", rules.max_qty),
        }
        said = [self.env._("%s units available", plan.available)]
        if rules.bundle > 1:
            said.append(self.env._("%s pieces in each", rules.bundle))
        return ", ".join([*said, *(texts[name] for name in plan.limits)]) + "."

    def _explain_never(self):
        """Return the first reason why nothing is written to this listing."""
        reasons = (
            (not self.product_id, self.env._("Not linked to a product.")),
            (self.fbl, self.env._("Lazada ships it from its own warehouse and counts it itself.")),
            (self.status in ('deleted', 'rejected'), self.env._("Not on sale on Lazada.")),
            (not self.stock_sync, self.env._("Stock synchronisation is off for this listing.")),
            (not self.shop_id.stock_sync, self.env._("Stock synchronisation is off for the shop.")),
            (not self.product_id.is_storable, self.env._("Odoo keeps no stock of the product.")),
        )
        return next(
            (text for applies, text in reasons if applies), self.env._("Lazada gave it no id."))


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    def action_preview_stock(self):
        """Show what the next stock run would send, and why."""
        self.ensure_one()
        if not self.stock_sync:
            raise UserError(self.env._(
                "The stock of %s is not synchronised. Switch on Synchronise Stock first.",
                self.name))
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_listing_preview_action')
        return {**action, 'domain': [('shop_id', '=', self.id)]}
