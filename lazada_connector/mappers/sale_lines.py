# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Units sold -> the lines of a sales order. Pure: amounts are Decimals, products are ids."""
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unit:
    """One unit sold. `voucher_tax_ids` are its taxes without the fixed ones; `pieces`: of the
    product in this unit, more than one for a bundle; `warehouse_id`: where it is shipped from, of a
    shop that tells its warehouses apart.
    """
    id: int
    product_id: int
    price: Decimal
    voucher_seller: Decimal = Decimal()
    shipping: Decimal = Decimal()
    tax_ids: tuple = ()
    voucher_tax_ids: tuple = ()
    no_delivery: bool = False
    pieces: int = 1
    warehouse_id: int | None = None


@dataclass(frozen=True)
class Line:
    """kind: product, voucher or shipping; quantity and price: of pieces, their product exact."""
    kind: str
    quantity: int
    price: Decimal
    tax_ids: tuple
    product_id: int | None = None
    no_delivery: bool = False
    unit_ids: tuple = ()
    pieces: int = 1
    warehouse_id: int | None = None


def expected_total(units, include_shipping=False):
    """Return what the sales order must come to: the one formula for every tax set-up."""
    total = sum((unit.price - unit.voucher_seller for unit in units), Decimal())
    if include_shipping:
        total += sum((unit.shipping for unit in units), Decimal())
    return total


def plan_lines(units, include_shipping=False):
    """Return the `Line`s of `units`: equal units together, then vouchers, then shipping.

    One voucher line per tax set, so that each rate's base falls by its own share. The lines
    come sorted by product, because two workers then reserve in the same order.
    """
    goods, vouchers = defaultdict(list), defaultdict(Decimal)
    for unit in units:
        goods[unit.product_id, unit.price, unit.tax_ids, unit.no_delivery,
              unit.pieces, unit.warehouse_id].append(unit.id)
        vouchers[unit.voucher_tax_ids] += unit.voucher_seller
    lines = [
        Line('product', len(ids) * pieces, price / pieces, taxes, product_id, no_delivery,
             tuple(sorted(ids)), pieces, warehouse_id)
        for (product_id, price, taxes, no_delivery, pieces, warehouse_id), ids
        in sorted(goods.items())
    ]
    lines += [
        Line('voucher', 1, -amount, taxes)
        for taxes, amount in sorted(vouchers.items()) if amount
    ]
    shipping = sum((unit.shipping for unit in units), Decimal())
    if include_shipping and shipping:
        lines.append(Line('shipping', 1, shipping, ()))
    return lines
