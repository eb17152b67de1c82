# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The quantity of a listing: what it may offer, what was sent and what came of it."""
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .. import const
from ..mappers.stock import is_campaign_lock, locked_until
from .kits import explode_kits
from .owed_units import OWED_STATUSES

# Nothing stands between what Lazada shows and what it should show.
SETTLED = {
    'push_state': 'done', 'push_message': False, 'push_retry_at': False, 'campaign_lock': False}
# Of a listing that is not written to.
UNKNOWN = {
    'available_qty': 0, 'offer_qty': 0, 'pushed_at': False, 'pushed_units': False,
    'push_open': False, **SETTLED, 'push_state': False}


class PushRow(NamedTuple):
    """What a listing is to show. offered: {Lazada's warehouse, or False: units}; units: ids of the
    open units of the listing that it takes into account.
    """
    listing: models.Model
    offered: dict
    units: list

    @property
    def quantity(self):
        return sum(self.offered.values())

    @property
    def stock(self):
        """The row as the client takes it."""
        quantity = self.quantity if False in self.offered else self.offered
        listing = self.listing
        return listing.item_external_id, listing.external_id, quantity, listing.seller_sku


class LazadaListing(models.Model):
    _inherit = 'lazada.listing'

    # === RULES === #
    bundle_qty = fields.Integer(
        "Pieces per Unit", default=1, required=True,
        help="How many pieces of the product one unit of this listing holds, for example 6 for "
             "a six-pack.")
    stock_sync = fields.Boolean(
        "Synchronise Stock", default=True,
        help="Switch off to set the quantity of this listing in Seller Center yourself.")
    set_to_zero = fields.Boolean(
        "Taken Off Sale", readonly=True, copy=False,
        help="0 is offered until somebody presses Offer Again.")
    own_rules = fields.Boolean(
        "Own Stock Rules", help="Use the safety stock and limit below instead of the shop's.")
    buffer_qty = fields.Integer("Safety Stock")
    buffer_percent = fields.Float("Safety Stock (%)")
    max_qty = fields.Integer("Offer at Most", help="0: no limit.")

    # === STATE === #
    available_qty = fields.Integer(
        "Available", readonly=True, copy=False,
        help="Units that can be sold from the shop's warehouses, before safety stock and "
             "limits. Below zero: more was sold than there is.")
    offer_qty = fields.Integer(
        "To Offer", readonly=True, copy=False,
        help="What Lazada should show by the last computation.")
    qty_difference = fields.Integer(
        "Difference", compute='_compute_qty_difference', store=True,
        help="What Lazada showed when it was last known, less what it should show.")
    found_difference = fields.Integer(
        "Difference Found", readonly=True, copy=False,
        help="What Lazada showed at the last daily comparison that found a difference, less what "
             "it should have shown.")
    found_at = fields.Datetime("Difference Found At", readonly=True, copy=False)
    below_safety = fields.Boolean(
        "Below Safety Stock", compute='_compute_below_safety', store=True)
    last_pushed_qty = fields.Integer("Last Sent", readonly=True, copy=False)
    pushed_at = fields.Datetime("Sent At", readonly=True, copy=False)
    push_state = fields.Selection(
        const.PUSH_STATES, "Stock Sync", readonly=True, copy=False, index='btree_not_null')
    push_message = fields.Char("Stock Sync Message", readonly=True, copy=False)
    push_retry_at = fields.Datetime("Not Sent Before", readonly=True, copy=False)
    refused_qty = fields.Integer(readonly=True, copy=False)
    campaign_lock = fields.Boolean(
        readonly=True, copy=False,
        help="The quantity was refused because of a campaign: it may rise, but not fall.")
    push_open = fields.Boolean(
        readonly=True, copy=False,
        help="Sent, and Lazada's answer is not noted yet: either quantity may hold there.")
    lazada_codes = fields.Json(
        "On Lazada by Warehouse", readonly=True, copy=False,
        help="Sellable quantities of a shop with several warehouses on Lazada, as last told.")
    pushed_units = fields.Json(readonly=True, copy=False)

    @api.depends('lazada_qty', 'offer_qty', 'pushed_at', 'stock_sync')
    def _compute_qty_difference(self):
        for listing in self:
            known = listing.pushed_at and listing.stock_sync
            listing.qty_difference = known and listing.lazada_qty - listing.offer_qty

    @api.depends('available_qty', 'push_state', 'own_rules', 'buffer_qty', 'shop_id.buffer_qty')
    def _compute_below_safety(self):
        for listing in self:
            rules = listing if listing.own_rules else listing.shop_id
            listing.below_safety = bool(listing.push_state) and (
                listing.available_qty < max(rules.buffer_qty, 1))

    @api.constrains('bundle_qty', 'buffer_qty', 'buffer_percent', 'max_qty')
    def _check_stock_rules(self):
        for listing in self:
            if listing.bundle_qty < 1:
                raise ValidationError(self.env._("A unit holds at least one piece."))
            if min(listing.buffer_qty, listing.max_qty) < 0 or not (
                    0 <= listing.buffer_percent <= 100):
                raise ValidationError(self.env._(
                    "Quantities of stock rules are not negative; a percentage lies between 0 "
                    "and 100."))

    def write(self, vals):
        result = super().write(vals)
        if not const.STOCK_RULES.isdisjoint(vals):
            self.shop_id._wake_stock_sync()
        return result

    # === PLANNING === #

    def _resend(self):
        """What Lazada offers was changed there: send our quantity with the next run."""
        self.filtered('pushed_at').pushed_at = False
        for shop in self.shop_id:
            shop._get_flow('stock')._wake_after_commit()

    def _get_offer_rules(self, rules):
        """Return the OfferRules of this listing. :param rules: those of its shop"""
        if self.own_rules:
            rules = replace(
                rules, buffer_qty=self.buffer_qty, buffer_percent=self.buffer_percent,
                max_qty=self.max_qty)
        if self.bundle_qty != 1 or self.set_to_zero:
            rules = replace(rules, bundle=self.bundle_qty, set_to_zero=self.set_to_zero)
        return rules

    def _find_lazada_moves(self):
        """Return ({listing id: its open units}, {listing id: how Lazada's quantity moved since}).

        Lazada lowers its quantity itself when it sells and raises it when it cancels. A listing
        that moved is sent again even if the quantity sent last still holds: 10 were sent, 1 was
        sold there and 1 came in here.
        """
        self.flush_model(['pushed_units'])
        shops = tuple(self.shop_id.ids) or (0,)
        units = {listing_id: [] for listing_id in self.ids}
        for listing_id, unit_id in self.env.execute_query(SQL(
                """
                SELECT listing.id, item.id
                  FROM lazada_order_item item
                  JOIN lazada_listing listing ON listing.shop_id = item.shop_id
                   AND listing.external_id = item.sku_external_id
                 WHERE item.shop_id IN %s AND item.status IN %s ORDER BY item.id
                """, shops, OWED_STATUSES)):
            if listing_id in units:
                units[listing_id].append(unit_id)
        pushed = dict(self.env.execute_query(SQL(
            "SELECT id, pushed_units FROM lazada_listing"
            " WHERE shop_id IN %s AND pushed_units IS NOT NULL", shops)))
        changed = {listing_id for listing_id, found in units.items()
                   if found or pushed.get(listing_id)}
        sold = {listing_id: set(units[listing_id]) - set(pushed.get(listing_id) or ())
                for listing_id in changed}
        gone = {listing_id: set(pushed.get(listing_id) or ()) - set(units[listing_id])
                for listing_id in changed}
        cancelled = set(self.env['lazada.order.item'].search([
            ('id', 'in', list(set().union(*gone.values()))), ('status', '=', 'cancelled')]).ids)
        moves = {}
        for listing_id in changed:
            back = gone[listing_id] & cancelled
            if sold[listing_id] or back:
                moves[listing_id] = len(back) - len(sold[listing_id])
        return units, moves

    @api.model
    def _search_stocked(self, domain):
        """Return the listings of `domain` that are written to at all.

        Odoo keeps no stock of a kit, but of its parts.
        """
        domain = [
            *domain, ('product_id', '!=', False), ('stock_sync', '=', True), ('fbl', '=', False),
            ('status', 'in', const.STOCKED_STATUSES), ('item_external_id', '!=', False)]
        listings = self.search([*domain, ('product_id.is_storable', '=', True)])
        if 'mrp.bom' in self.env:
            others = self.search([*domain, ('product_id.is_storable', '=', False)])
            for company, mine in others.grouped('company_id').items():
                kits = explode_kits(mine.product_id.with_company(company))
                listings += mine.filtered(lambda listing, kits=kits: listing.product_id.id in kits)
        return listings

    def _judge_push(self, offered, moved):
        """Return what to do with the quantities `offered` ({code: units}): send, parked or same.

        :param moved: Lazada has changed its quantity itself since the last time
        """
        quantity, now = sum(offered.values()), self.env.cr.now()
        known = (
            self.pushed_at and not self.push_open and not moved and quantity == self.lazada_qty
            and (False in offered or offered == self.lazada_codes))
        if known and self.pushed_at >= now - timedelta(days=const.RESEND_DAYS):
            return 'same'
        if self.push_retry_at and self.push_retry_at > now and self._is_refused(quantity):
            return 'parked'
        return 'send'

    def _is_refused(self, quantity):
        """Whether Lazada has said no to this quantity already, or to a higher one in a campaign."""
        if self.campaign_lock:
            return quantity <= self.refused_qty
        return quantity == self.refused_qty

    def _prepare_hold_vals(self, unpulled):
        return {'push_state': 'held', 'push_message': self.env._(
            "Not raised yet: the orders of %s have to be read first.",
            ", ".join(unpulled.mapped('name')))}

    # === OUTCOME === #

    def _note_differences(self):
        """Keep what a comparison with Lazada found: it is corrected within a minute."""
        for listing in self.filtered('qty_difference'):
            listing.write({
                'found_difference': listing.qty_difference, 'found_at': self.env.cr.now()})

    @api.model
    def _record_push(self, rows, outcomes):
        """Write what became of the rows sent, listing by listing.

        :param rows: PushRows :param outcomes: the StockRows that answer them, in that order
        """
        for row, outcome in zip(rows, outcomes, strict=True):
            listing = row.listing
            listing.write(
                listing._prepare_success_vals(row) if outcome.ok
                else listing._prepare_failure_vals(outcome, row.quantity))

    def _prepare_success_vals(self, row):
        return {
            'last_pushed_qty': row.quantity, 'lazada_qty': row.quantity,
            'lazada_codes': False if False in row.offered else row.offered,
            'pushed_units': row.units or False,
            'pushed_at': self.env.cr.now(), 'push_open': False, **SETTLED}

    def _prepare_failure_vals(self, outcome, quantity):
        reason = self.env._(
            "Lazada said: %(message)s (%(code)s)",
            message=outcome.message or '-', code=outcome.code)
        now, locked = self.env.cr.now(), is_campaign_lock(outcome.code, outcome.message)
        if locked:
            until = locked_until(outcome.code, outcome.message, self.shop_id.site)
            until = until or now + timedelta(minutes=const.LOCK_RETRY_MINUTES)
            state, retry_at = 'parked', until
            message = self.env._(
                "A campaign holds the stock; it is sent again when it ends. %s", reason)
        elif outcome.retry:
            state, retry_at = 'retry', False
            message = self.env._("It is tried again by itself. %s", reason)
        else:
            state, retry_at = 'refused', now + timedelta(days=1)
            message = self.env._(
                "Lazada refused the quantity; it is tried again tomorrow, when it changes, or when "
                "you press Send Stock Again. %s", reason)
        return {'push_state': state, 'push_message': message, 'push_retry_at': retry_at,
                'refused_qty': quantity, 'campaign_lock': locked, 'push_open': outcome.retry}
