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

from .. import const

OPEN_MOVES = ('waiting', 'confirmed', 'partially_available', 'assigned')
# Sold on Lazada and not handed over yet. Lazada keeps unpaid pieces out of its own quantity too,
# so an absolute quantity must not give them back.
OWED_STATUSES = ('unpaid', *const.LIVE_STATUSES)


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
    :param sellers: {shop: Lazada warehouse codes served from there, None for all}
    """

    def __init__(self, locations, sellers):
        self.env = locations.env
        self.sellers = sellers
        paths = SQL(" OR ").join(
            SQL("parent_path LIKE %s", location.parent_path + '%') for location in locations)
        self.location_ids = tuple(
            row[0] for row in self.env.execute_query(
                SQL("SELECT id FROM stock_location WHERE %s", paths))) if locations else (0,)

    def get_stocks(self, products, basis='free'):
        """Return {product id: Stock} of stored products; kits are counted in their parts."""
        self.env.flush_all()
        kits = explode_kits(products)
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
        owed = OwedUnits(self.env, self.sellers).count()
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
                reserved=_MOVE_QUANTITY)):
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
        """Open demand of Lazada orders: on hand still holds what Lazada has sold already."""
        for product_id, demand in self.env.execute_query(SQL(
                """
                SELECT move.product_id, COALESCE(SUM(move.product_qty), 0)
                  FROM stock_move move
                  JOIN sale_order_line line ON line.id = move.sale_line_id
                  JOIN sale_order sale ON sale.id = line.order_id
                 WHERE move.state IN %(open)s AND move.product_id IN %(products)s
                   AND move.location_id IN %(here)s
                   AND COALESCE(move.location_final_id, move.location_dest_id) NOT IN %(here)s
                   AND sale.lazada_order_id IS NOT NULL
              GROUP BY move.product_id
                """, open=OPEN_MOVES, products=product_ids, here=self.location_ids)):
            stocks[product_id].demand = demand


# Of a move, in the product's own unit: what it has reserved, or has moved when it is done.
_MOVE_QUANTITY = SQL(
    "COALESCE(move.quantity * move.product_qty / NULLIF(move.product_uom_qty, 0), 0)")


class OwedUnits:
    """Open units of Lazada orders that no move represents: not imported, or cancelled here."""

    def __init__(self, env, sellers):
        self.env = env
        self.sellers = sellers

    def count(self):
        """Return {product id: pieces}."""
        owed, imported = defaultdict(float), defaultdict(lambda: defaultdict(float))
        for shop_id, code, product_id, line_id, pieces in self._read_open_units():
            codes = self.sellers[shop_id]
            if codes is not None and code not in codes:
                continue
            if line_id:
                imported[line_id][product_id] += pieces
            else:
                owed[product_id] += pieces
        if imported:
            self._add_unmoved(owed, imported)
        return owed

    def _read_open_units(self):
        if not self.sellers:
            return []
        return self.env.execute_query(SQL(
            """
            SELECT item.shop_id, item.warehouse_code, listing.product_id, item.sale_line_id,
                   SUM(COALESCE(line.lazada_bundle_qty, listing.bundle_qty))
              FROM lazada_order_item item
              JOIN lazada_listing listing ON listing.id = COALESCE(item.listing_id, (
                       SELECT same.id FROM lazada_listing same
                        WHERE same.shop_id = item.shop_id
                          AND same.external_id = item.sku_external_id))
         LEFT JOIN sale_order_line line ON line.id = item.sale_line_id
             WHERE item.shop_id IN %s AND item.status IN %s AND item.channel IN %s
               AND listing.product_id IS NOT NULL
          GROUP BY 1, 2, 3, 4
            """, tuple(self.sellers), OWED_STATUSES, const.SELLER_SHIPPED_CHANNELS))

    def _add_unmoved(self, owed, imported):
        """Add the units of sales order lines whose moves were cancelled, deleted or never made."""
        line_ids = tuple(imported)
        sold = dict(self.env.execute_query(SQL(
            """
            SELECT line.id, SUM(line.lazada_bundle_qty)
              FROM lazada_order_item item JOIN sale_order_line line ON line.id = item.sale_line_id
             WHERE line.id IN %s AND item.status NOT IN %s
          GROUP BY line.id
            """, line_ids, (*const.GONE_STATUSES, 'unknown'))))
        moved = self._read_moved(line_ids)
        kits = explode_kits(self.env['product.product'].browse(
            {product_id for pieces in imported.values() for product_id in pieces}))
        for line_id, pieces in imported.items():
            for product_id, quantity in pieces.items():
                done = _count_moved(moved[line_id], kits.get(product_id))
                unmoved = min(quantity, max(sold[line_id] - done, 0))
                if unmoved:
                    owed[product_id] += unmoved

    def _read_moved(self, line_ids):
        """Return {sales order line: {product: pieces}} of moves to the customer, open or done."""
        moved = defaultdict(lambda: defaultdict(float))
        for line_id, product_id, quantity in self.env.execute_query(SQL(
                """
                SELECT move.sale_line_id, move.product_id,
                       SUM(CASE WHEN move.state = 'done' THEN %(done)s ELSE move.product_qty END)
                  FROM stock_move move
                  JOIN stock_location place ON place.id = CASE
                       WHEN move.state = 'done' THEN move.location_dest_id
                       ELSE COALESCE(move.location_final_id, move.location_dest_id) END
                 WHERE move.sale_line_id IN %(lines)s AND move.state NOT IN ('draft', 'cancel')
                   AND place.usage NOT IN ('internal', 'view', 'transit')
                   AND NOT (move.state <> 'done' AND EXISTS (
                       SELECT 1 FROM stock_move_move_rel rel
                         JOIN stock_move step ON step.id = rel.move_dest_id
                        WHERE rel.move_orig_id = move.id AND step.state IN %(open)s))
              GROUP BY 1, 2
                """, done=_MOVE_QUANTITY, lines=line_ids, open=OPEN_MOVES)):
            moved[line_id][product_id] += quantity
        return moved


def _count_moved(moved, parts):
    """Return the pieces that `moved` ({product: quantity}) stands for; kits by scarcest part."""
    if not parts:
        return sum(moved.values())
    return min(moved.get(part, 0) / quantity for part, quantity in parts.items())


# === KITS === #

def explode_kits(products):
    """Return {kit id: {part id: pieces in one kit}}; empty where Manufacturing is missing."""
    env = products.env
    if 'mrp.bom' not in env or not products:
        return {}
    kits = {}
    boms = env['mrp.bom'].sudo()._bom_find(
        products, company_id=env.company.id, bom_type='phantom')
    for product, bom in boms.items():
        if not bom:
            continue
        parts = defaultdict(float)
        quantity = product.uom_id._compute_quantity(1, bom.product_uom_id, round=False)
        for line, vals in bom.explode(product, quantity / bom.product_qty)[1]:
            if line.product_id.is_storable:
                parts[line.product_id.id] += line.product_uom_id._compute_quantity(
                    vals['qty'], line.product_id.uom_id, round=False)
        kits[product.id] = {part: pieces for part, pieces in parts.items() if pieces > 0}
    return {kit: parts for kit, parts in kits.items() if parts}


def expand(pieces, kits):
    """Return `pieces` ({product id: quantity}) with kits replaced by their parts."""
    result = defaultdict(float)
    for product_id, quantity in pieces.items():
        for part, factor in kits.get(product_id, {product_id: 1}).items():
            result[part] += quantity * factor
    return result


def _build_kit(parts, basis):
    """Return the Stock of a kit: its scarcest part decides, in kits."""
    scarce, quantity = min(parts, key=lambda part: part[0].sellable(basis) / part[1])
    return Stock(
        scarce.on_hand / quantity, scarce.reserved / quantity, scarce.waiting / quantity,
        scarce.owed / quantity, scarce.incoming / quantity, scarce.demand / quantity)
