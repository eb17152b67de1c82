# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was sold on Lazada and no delivery represents. Not a record."""
from collections import defaultdict
from typing import NamedTuple

from odoo.tools import SQL

from .. import const
from .kits import explode_kits

OPEN_MOVES = ('waiting', 'confirmed', 'partially_available', 'assigned')
# Sold on Lazada and not handed over yet. Lazada keeps unpaid pieces out of its own quantity too,
# so an absolute quantity must not give them back.
OWED_STATUSES = ('unpaid', *const.LIVE_STATUSES)

# Of a move, in the product's own unit: what it has reserved, or has moved when it is done.
MOVE_QUANTITY = SQL(
    "COALESCE(move.quantity * move.product_qty / NULLIF(move.product_uom_qty, 0), 0)")


class Seller(NamedTuple):
    """A shop that sells from some locations.

    places: {Lazada warehouse code, or False: parent paths of the locations it is served from} ·
    main: the code that units of no known warehouse belong to · shared: the codes that sell from
    the locations in question
    """
    places: dict
    main: str
    shared: frozenset

    def resolve(self, code):
        """Return the one of its codes that a unit sold under `code` belongs to."""
        return code if code in self.places else self.main


class Places:
    """Locations as tuples of ids: `inside`, and those `above`, which only contain them."""

    def __init__(self, env, paths):
        below = SQL(" OR ").join(SQL("parent_path LIKE %s", path + '%') for path in paths)
        inside = {row[0] for row in env.execute_query(
            SQL("SELECT id FROM stock_location WHERE %s", below))} if paths else set()
        above = {int(part) for path in paths for part in path.split('/') if part} - inside
        self.inside, self.above = tuple(inside) or (0,), tuple(above) or (0,)


class OwedUnits:
    """Open units of Lazada orders that no move represents: not imported, or cancelled here.

    :param sellers: {shop id: its Seller} :param here: Places in question
    """

    def __init__(self, env, sellers, here):
        self.env = env
        self.sellers = sellers
        self.here = here

    def count(self):
        """Return {product id: pieces}."""
        owed = defaultdict(float)
        imported = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
        for shop_id, code, product_id, line_id, pieces in self._read_open_units():
            seller = self.sellers[shop_id]
            code = seller.resolve(code)
            if code not in seller.shared:
                continue
            if line_id:
                imported[seller.places[code]][line_id][product_id] += pieces
            else:
                owed[product_id] += pieces
        for paths, lines in imported.items():
            self._add_unmoved(owed, lines, Places(self.env, paths))
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

    def _add_unmoved(self, owed, imported, home):
        """Add the units of sales order lines whose moves were cancelled, deleted or never made.

        :param home: Places that the units are sold from
        """
        line_ids = tuple(imported)
        sold = dict(self.env.execute_query(SQL(
            """
            SELECT line.id, SUM(line.lazada_bundle_qty)
              FROM lazada_order_item item JOIN sale_order_line line ON line.id = item.sale_line_id
             WHERE line.id IN %s AND item.status NOT IN %s
          GROUP BY line.id
            """, line_ids, (*const.GONE_STATUSES, 'unknown'))))
        moved = self._read_moved(line_ids, home)
        kits = explode_kits(self.env['product.product'].browse(
            {product_id for pieces in imported.values() for product_id in pieces}))
        for line_id, pieces in imported.items():
            for product_id, quantity in pieces.items():
                done = _count_moved(moved[line_id], kits.get(product_id))
                unmoved = min(quantity, max(sold[line_id] - done, 0))
                if unmoved:
                    owed[product_id] += unmoved

    def _read_moved(self, line_ids, home):
        """Return {sales order line: {product: pieces}} of moves to the customer, open or done.

        An open move counts in full where its demand is counted, or where the units are sold from;
        from a location above only with what it has reserved, because it may take the rest there;
        from another place of ours with what the steps before it have taken from there.
        """
        moved = defaultdict(lambda: defaultdict(float))
        for line_id, product_id, quantity in self.env.execute_query(SQL(
                """
                WITH RECURSIVE last AS (
                    SELECT move.* FROM stock_move move
                      JOIN stock_location place ON place.id = CASE
                           WHEN move.state = 'done' THEN move.location_dest_id
                           ELSE COALESCE(move.location_final_id, move.location_dest_id) END
                     WHERE move.sale_line_id IN %(lines)s AND move.state NOT IN ('draft', 'cancel')
                       AND place.usage NOT IN ('internal', 'view', 'transit')
                       AND NOT (move.state <> 'done' AND EXISTS (
                           SELECT 1 FROM stock_move_move_rel rel
                             JOIN stock_move step ON step.id = rel.move_dest_id
                            WHERE rel.move_orig_id = move.id AND step.state IN %(open)s))
                ), before AS (
                    SELECT last.id AS last_id, rel.move_orig_id AS id
                      FROM last JOIN stock_move_move_rel rel ON rel.move_dest_id = last.id
                     WHERE last.state <> 'done' AND last.location_id NOT IN %(all)s
                     UNION
                    SELECT before.last_id, rel.move_orig_id
                      FROM before JOIN stock_move_move_rel rel ON rel.move_dest_id = before.id
                ), taken AS (
                    SELECT before.last_id, SUM(%(quantity)s) AS quantity
                      FROM before JOIN stock_move move ON move.id = before.id
                     WHERE move.location_id IN %(all)s AND move.state NOT IN ('draft', 'cancel')
                  GROUP BY before.last_id
                )
                SELECT move.sale_line_id, move.product_id, SUM(CASE
                       WHEN move.state = 'done' THEN %(quantity)s
                       WHEN move.location_id IN %(here)s THEN move.product_qty
                       WHEN move.location_id IN %(above)s THEN %(quantity)s
                       WHEN move.location_id IN %(home)s THEN move.product_qty
                       WHEN source.usage NOT IN ('internal', 'transit') THEN move.product_qty
                       ELSE LEAST(COALESCE(taken.quantity, 0), move.product_qty) END)
                  FROM last move JOIN stock_location source ON source.id = move.location_id
             LEFT JOIN taken ON taken.last_id = move.id
              GROUP BY 1, 2
                """, lines=line_ids, open=OPEN_MOVES, quantity=MOVE_QUANTITY,
                here=self.here.inside, home=home.inside, above=self.here.above + home.above,
                all=self.here.inside + self.here.above + home.inside + home.above)):
            moved[line_id][product_id] += quantity
        return moved


def _count_moved(moved, parts):
    """Return the pieces that `moved` ({product: quantity}) stands for; kits by scarcest part."""
    if not parts:
        return sum(moved.values())
    return min(moved.get(part, 0) / quantity for part, quantity in parts.items())
