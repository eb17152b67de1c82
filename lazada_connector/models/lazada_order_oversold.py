# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders that were sold although the goods are missing: found, listed and told."""
from odoo import api, fields, models

from .. import const
from .kits import explode_kits
from .owed_units import OPEN_MOVES
from .plain_note import plain_note
from .sellable_stock import SellableStock

ACTIVITY = 'lazada_connector.mail_activity_oversold'


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    oversold_qty = fields.Integer(
        "Pieces Missing", readonly=True,
        help="More was sold than there is, and this order is among the last ones. Replenish, or "
             "tell the buyer on Lazada.")

    _oversold_idx = models.Index("(shop_id) WHERE oversold_qty > 0")

    def _set_oversold(self, pieces):
        """Note how many pieces are missing, and see to it that a person knows, once."""
        self.ensure_one()
        if pieces == self.oversold_qty and (not pieces or self._has_oversold_activity()):
            return
        self.oversold_qty = pieces
        sale = self.sale_order_id
        if not pieces:
            sale.activity_unlink([ACTIVITY])
        elif not self._has_oversold_activity():
            sale.activity_schedule(
                ACTIVITY, user_id=self.shop_id._get_responsible().id,
                note=plain_note(self.env._(
                    "Lazada sold %(pieces)s pieces that are not there any more. Replenish in "
                    "time, or contact the buyer of %(order)s on Lazada.",
                    pieces=pieces, order=self.order_number)))

    def _has_oversold_activity(self):
        """Whether a person was told, or nobody is to be: a shop whose stock is not synchronised
        may keep none in Odoo, then every order would ask for one.
        """
        sale = self.sale_order_id
        return not (sale and self.shop_id.stock_sync) or bool(sale.activity_search([ACTIVITY]))


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    @api.model
    def _search_to_deliver(self, shop_ids, products=None):
        """Return the units of these shops that the seller still has to hand over."""
        domain = [
            ('shop_id', 'in', shop_ids), ('status', 'in', const.LIVE_STATUSES),
            ('channel', 'in', const.SELLER_SHIPPED_CHANNELS)]
        if products is not None:
            domain.append(('product_id', 'in', products.ids))
        return self.search(domain)

    def _count_uncovered(self):
        """Return how many pieces of these units neither are reserved nor have left."""
        pieces = 0
        for line, units in self.grouped('sale_line_id').items():
            sold = sum(
                line.lazada_bundle_qty or unit.listing_id.bundle_qty for unit in units)
            moves = line.move_ids.filtered(lambda move: move.state != 'cancel')
            if moves:
                sold = min(sold, sum(
                    max(move.product_uom_qty - move.quantity, 0)
                    for move in moves if move.state in OPEN_MOVES))
            pieces += sold
        return pieces


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    oversold_count = fields.Integer(compute='_compute_oversold_count')

    def _compute_oversold_count(self):
        groups = self.env['lazada.order']._read_group(
            [('shop_id', 'in', self.ids), ('oversold_qty', '>', 0)], ['shop_id'], ['__count'])
        counts = {shop.id: count for shop, count in groups}
        for shop in self:
            shop.oversold_count = counts.get(shop.id, 0)

    def _report_oversold(self):
        """Mark the orders of this shop that cannot be delivered; unmark the others."""
        self.ensure_one()
        marked = self.env['lazada.order'].search(
            [('shop_id', '=', self.id), ('oversold_qty', '>', 0)])
        missing = self._find_oversold(self._get_sold_products())
        for order in marked.union(*missing):
            order._set_oversold(int(missing.get(order, 0)))

    def _get_sold_products(self):
        """Return the products of this shop's open units of which Odoo keeps the stock.

        Whether their listings are still written to does not matter: they are sold.
        """
        products = self.env['lazada.order.item']._search_to_deliver(self.ids).product_id
        kits = explode_kits(products.with_company(self.company_id))
        return products.filtered(lambda product: product.is_storable or product.id in kits)

    def _find_oversold(self, products):
        """Return {order of this shop: pieces missing}.

        Of all shops that sell the same goods, the orders placed last go without.
        """
        locations = self.env['stock.location'].union(*self._get_locations().values())
        sellers = self._find_sellers(locations)
        stocks = SellableStock(locations, sellers).get_stocks(products)
        short = {product: -stocks[product.id].sellable() for product in products
                 if stocks[product.id].sellable() < 0}
        if not short:
            return {}
        items = self.env['lazada.order.item']._search_to_deliver(
            list(sellers), self.env['product.product'].union(*short))
        missing = {}
        for order, units in sorted(
                items.grouped('order_id').items(),
                key=lambda pair: (pair[0].ordered_at, pair[0].id), reverse=True):
            for product, same in units.grouped('product_id').items():
                pieces = min(same._count_uncovered(), short[product])
                if pieces > 0:
                    short[product] -= pieces
                    missing[order] = missing.get(order, 0) + pieces
        return {order: pieces for order, pieces in missing.items() if order.shop_id == self}
