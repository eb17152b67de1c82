# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can still be sold from a set of stock locations, read in groups. Not a record.

    sellable = on hand - reserved - waiting - owed

*waiting* is open demand leaving the locations that is not reserved yet; *owed* are open units of
marketplace orders that no open or done move represents. Nothing is stored and nothing is marked:
each cycle reads a handful of sums, whatever has happened since the last one.
"""
from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL

from .kits import expand, explode_kits
from .owed_units import MOVE_QUANTITY, OPEN_MOVES, OwedUnits, Places


@dataclass(slots=True)
class Stock:
    """Pieces of one product. `demand`: what open orders of Lazada still take from on hand."""
    on_hand: float = 0.0
    reserved: float = 0.0
    waiting: float = 0.0
    owed: float = 0.0
    incoming: float = 0.0
    demand: float = 0.0

    def sellable(self, basis='free'):
        """Return the pieces that can be sold, below zero when too many were promised."""
        if basis == 'on_hand':
            return self.on_hand - self.demand - self.owed
        free = self.on_hand - self.reserved - self.waiting - self.owed
        return free + self.incoming if basis == 'forecast' else free


class SellableStock:
    """Reads `Stock` for products in `locations`; `owed` sums the units of shops selling there.

    :param locations: stock.location records, their children included
    :param sellers: {shop id: its Seller}
    """

    def __init__(self, locations, sellers):
        # Kits are those of the company whose stock it is, whoever looks.
        self.env = locations.with_company(locations.company_id[:1]).env
        self.sellers = sellers
        self.here = Places(self.env, tuple(locations.mapped('parent_path')))
        self.location_ids = self.here.inside

    def get_stocks(self, products, basis='free'):
        """Return {product id: Stock} of stored products; kits are counted in their parts."""
        self.env.flush_all()
        kits = explode_kits(products.with_env(self.env))
        ids = {product_id for product_id in products.ids if product_id not in kits}
        ids.update(part for parts in kits.values() for part in parts)
        stocks = defaultdict(Stock)
        if ids:
            self._add_on_hand(stocks, tuple(ids))
            self._add_reserved(stocks, tuple(ids))
            self._add_waiting(stocks, tuple(ids))
            if basis == 'forecast':
                self._add_incoming(stocks, tuple(ids))
            if basis == 'on_hand':
                self._add_demand(stocks, tuple(ids))
        owed = OwedUnits(self.env, self.sellers, self.here).count()
        for product_id, pieces in expand(owed, explode_kits(
                self.env['product.product'].browse(owed))).items():
            stocks[product_id].owed += pieces
        for kit, parts in kits.items():
            stocks[kit] = _build_kit([
                (stocks[part], quantity) for part, quantity in parts.items()], basis)
        return stocks

    # === SUMS === #

    def _add_on_hand(self, stocks, product_ids):
        for product_id, quantity in self.env.execute_query(SQL(
                """
                SELECT product_id, SUM(quantity)
                  FROM stock_quant
                 WHERE location_id IN %s AND product_id IN %s
              GROUP BY product_id
                """, self.location_ids, product_ids)):
            stocks[product_id].on_hand = quantity or 0

    def _add_reserved(self, stocks, product_ids):
        """What open moves hold. The quants' own sum drifts when reservations collide, until Odoo's
        scheduler sets it right by what is read here.
        """
        for product_id, reserved in self.env.execute_query(SQL(
                """
                SELECT product_id, SUM(quantity_product_uom)
                  FROM stock_move_line
                 WHERE state IN %s AND location_id IN %s AND product_id IN %s
              GROUP BY product_id
                """, OPEN_MOVES, self.location_ids, product_ids)):
            stocks[product_id].reserved = reserved or 0

    def _add_waiting(self, stocks, product_ids):
        """Open demand leaving the locations, less what it or the steps before it reserved.

        A chain of moves is one demand: only its last step counts, the steps before it count
        with what they have reserved.
        """
        for product_id, waiting in self.env.execute_query(SQL(
                """
                WITH RECURSIVE leaving AS (
                    SELECT id FROM stock_move
                     WHERE state IN %(open)s AND product_id IN %(products)s
                       AND location_id IN %(here)s
                       AND COALESCE(location_final_id, location_dest_id) NOT IN %(here)s
                ), feeding AS (
                    SELECT move_orig_id AS id
                      FROM stock_move_move_rel JOIN leaving ON leaving.id = move_dest_id
                     UNION
                    SELECT rel.move_orig_id
                      FROM stock_move_move_rel rel JOIN feeding ON feeding.id = rel.move_dest_id
                ), counted AS (
                    SELECT id, FALSE AS feeds FROM leaving
                     WHERE id NOT IN (SELECT id FROM feeding)
                     UNION ALL
                    SELECT id, TRUE FROM feeding
                )
                SELECT product_id, GREATEST(0, SUM(
                    CASE WHEN feeds THEN -%(reserved)s
                         ELSE GREATEST(product_qty - %(reserved)s, 0) END))
                  FROM counted JOIN stock_move move USING (id)
                 WHERE state IN %(open)s AND location_id IN %(here)s
              GROUP BY product_id
                """, open=OPEN_MOVES, products=product_ids, here=self.location_ids,
                reserved=MOVE_QUANTITY)):
            stocks[product_id].waiting = waiting

    def _add_incoming(self, stocks, product_ids):
        for product_id, incoming in self.env.execute_query(SQL(
                """
                SELECT product_id, COALESCE(SUM(product_qty), 0)
                  FROM stock_move
                 WHERE state IN %(open)s AND product_id IN %(products)s
                   AND location_id NOT IN %(here)s
                   AND COALESCE(location_final_id, location_dest_id) IN %(here)s
              GROUP BY product_id
                """, open=OPEN_MOVES, products=product_ids, here=self.location_ids)):
            stocks[product_id].incoming = incoming

    def _add_demand(self, stocks, product_ids):
        """Open demand of Lazada orders: on hand still holds what Lazada has sold already.

        Of a move that leaves from above the locations, what it has reserved in them.
        """
        for product_id, demand in self.env.execute_query(SQL(
                """
                WITH lazada AS (
                    SELECT move.id, move.product_id, move.product_qty, move.location_id,
                           COALESCE(move.location_final_id, move.location_dest_id) AS final_id
                      FROM stock_move move
                      JOIN sale_order_line line ON line.id = move.sale_line_id
                      JOIN sale_order sale ON sale.id = line.order_id
                     WHERE move.state IN %(open)s AND move.product_id IN %(products)s
                       AND sale.lazada_order_id IS NOT NULL
                ), demand AS (
                    SELECT product_id, product_qty AS quantity FROM lazada
                     WHERE location_id IN %(here)s AND final_id NOT IN %(here)s
                     UNION ALL
                    SELECT line.product_id, line.quantity_product_uom
                      FROM lazada JOIN stock_move_line line ON line.move_id = lazada.id
                     WHERE lazada.location_id IN %(above)s AND line.location_id IN %(here)s
                )
                SELECT product_id, COALESCE(SUM(quantity), 0) FROM demand GROUP BY product_id
                """, open=OPEN_MOVES, products=product_ids, here=self.location_ids,
                above=self.here.above)):
            stocks[product_id].demand = demand


def _build_kit(parts, basis):
    """Return the Stock of a kit: its scarcest part decides, in kits."""
    scarce, quantity = min(parts, key=lambda part: part[0].sellable(basis) / part[1])
    return Stock(
        scarce.on_hand / quantity, scarce.reserved / quantity, scarce.waiting / quantity,
        scarce.owed / quantity, scarce.incoming / quantity, scarce.demand / quantity)
