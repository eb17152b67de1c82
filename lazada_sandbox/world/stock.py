"""Where a piece is: sellable, withheld (unpaid), occupied (to be shipped) or gone."""

BUCKETS = {
    'unpaid': 'withheld',
    'pending': 'occupied',
    'repacked': 'occupied',
    'packed': 'occupied',
    'ready_to_ship_pending': 'occupied',
}

# Where Lazada keeps goods it ships itself; nothing there is part of the seller's quantities.
FBL_WAREHOUSE = 'FBL-01'


class SoldOut(Exception):
    """There is not enough sellable stock."""


def hold(unit, status):
    """Put the unit's piece where `status` wants it. A cancelled piece can be sold again, unless it
    had left already."""
    listing, target = unit.listing, BUCKETS.get(status, '')
    if unit.held == target or unit.warehouse == FBL_WAREHOUSE:
        return
    if unit.held:
        setattr(listing, unit.held, getattr(listing, unit.held) - 1)
        if status == 'canceled':
            change_sellable(listing, 1, unit.warehouse)
    elif target:
        change_sellable(listing, -1, unit.warehouse)
    if target:
        setattr(listing, target, getattr(listing, target) + 1)
    unit.held = target


def change_sellable(listing, by, warehouse='dropshipping'):
    listing.sellable += by
    if listing.warehouse_stock:
        listing.warehouse_stock[warehouse] = listing.warehouse_stock.get(warehouse, 0) + by


def set_sellable(listing, quantity):
    """Absolute sellable quantity in the default warehouse."""
    if listing.warehouse_stock:
        others = sum(quantity for code, quantity in listing.warehouse_stock.items()
                     if code != 'dropshipping')
        listing.warehouse_stock['dropshipping'] = quantity
        quantity += others
    listing.sellable = quantity


def set_warehouse(listing, code, quantity):
    """Absolute sellable quantity in one warehouse."""
    listing.warehouse_stock[code] = quantity
    listing.sellable = sum(listing.warehouse_stock.values())


def take_for_sale(listing, count):
    """Raises SoldOut unless `count` pieces can be sold now."""
    if listing.status != 'active' or listing.sellable < count:
        raise SoldOut(listing.seller_sku)
