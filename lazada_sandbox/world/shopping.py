"""Buyers placing orders."""
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from .lifecycle import auto_cancel_unpaid, move
from .models import ZERO, Order, Unit
from .people import make_buyer
from .stock import FBL_WAREHOUSE, SoldOut, hold, take_for_sale

CHANNELS = ('seller', 'fbl', 'sof', 'digital', 'pickup', 'choice')


@dataclass
class Line:
    """One unit to buy. Empty fields follow the listing."""

    listing: object
    item_price: Decimal | None = None
    voucher_seller: Decimal = ZERO
    voucher_platform: Decimal = ZERO
    shipping: Decimal | None = None
    name: str | None = None
    variation: str | None = None
    status: str | None = None
    warehouse: str = 'dropshipping'
    overrides: dict = field(default_factory=dict)


def place_order(world, shop, lines, *, status='pending', created_at=None, order_id=None,
                buyer=None, shipping=ZERO, **header):
    """Buy `lines`; returns the Order. Raises SoldOut and changes nothing if a piece is missing.

    `shipping` is spread over the lines that name none; `header` holds further Order fields.
    """
    if header.get('channel') == 'fbl':
        for line in lines:
            line.warehouse = FBL_WAREHOUSE
    wanted = Counter(line.listing.sku_id for line in lines if line.warehouse != FBL_WAREHOUSE)
    for sku_id, pieces in wanted.items():
        take_for_sale(shop.listings[sku_id], pieces)
    now = world.clock.second() if created_at is None else created_at
    buyer = buyer or make_buyer(shop.site, world.random)
    order_id = order_id or world.ids.order(buyer.buyer_id, len(lines))
    if order_id in shop.orders:
        raise ValueError(f'order {order_id} exists in this shop')
    order = Order(order_id, shop, buyer, now, now, [], **header)
    shares = spread(shipping, [_price(line) for line in lines], quantum(shop))
    for number, (line, share) in enumerate(zip(lines, shares, strict=True), 1):
        order.units.append(_unit(order_id + number * 100_000, line, share, now))
    shop.orders[order_id] = order
    for unit, line in zip(order.units, lines, strict=True):
        hold(unit, 'unpaid')
        move(world, order, [unit], line.status or status, at=now)
    if any(unit.status == 'unpaid' for unit in order.units):
        world.at(now + world.behaviour.unpaid_minutes * 60,
                 lambda: auto_cancel_unpaid(world, order))
    return order


def _price(line):
    return line.listing.price if line.item_price is None else line.item_price


def _unit(item_id, line, share, now):
    listing = line.listing
    return Unit(
        item_id=item_id, listing=listing, seller_sku=listing.seller_sku,
        name=listing.name if line.name is None else line.name,
        variation=listing.variation if line.variation is None else line.variation,
        status='', item_price=_price(line),
        voucher_seller=line.voucher_seller, voucher_platform=line.voucher_platform,
        shipping=share if line.shipping is None else line.shipping,
        created_at=now, updated_at=now, overrides=dict(line.overrides),
        warehouse=line.warehouse,
    )


def pay(world, order):
    """The buyer pays: everything unpaid becomes pending, and no stage of a pre-sale is open."""
    unpaid = [unit for unit in order.units if unit.status == 'unpaid']
    order.stage_pay_status = ''
    move(world, order, unpaid, 'pending')


def quantum(shop):
    """The smallest amount vouchers and shipping are split into."""
    return Decimal(1) if shop.site in ('vn', 'id') else Decimal('0.01')


def spread(total, weights, step):
    """Split `total` by weight, rounded to `step`; the last share takes the rest."""
    whole = sum(weights)
    if not whole:
        return [ZERO] * (len(weights) - 1) + [total]
    shares = [(total * weight / whole).quantize(step, ROUND_HALF_UP) for weight in weights[:-1]]
    return [*shares, total - sum(shares)]


def buyable(shop, units=1):
    """Live listings the demo company has a product for, with at least `units` in stock."""
    return [listing for listing in shop.listings.values()
            if listing.status == 'active' and listing.in_odoo and not listing.fbl
            and listing.sellable >= units]


def pick_lines(world, shop, units, listing=None):
    """`units` lines for a random purchase; of one listing if given. Raises SoldOut."""
    if listing:
        return [Line(listing) for _each in range(units)]
    left = {entry.sku_id: entry.sellable for entry in buyable(shop)}
    lines = []
    for _each in range(units):
        choice = [sku_id for sku_id, pieces in left.items() if pieces]
        if not choice:
            raise SoldOut(shop.name)
        sku_id = world.random.choice(choice)
        left[sku_id] -= 1
        lines.append(Line(shop.listings[sku_id]))
    return lines
