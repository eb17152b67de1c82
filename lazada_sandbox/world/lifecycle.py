"""How units move through their statuses, and what moves with them: stock, packages, times."""
from .models import Package
from .stock import hold

# Every item status the platform is known to send.
STATUSES = (
    'unpaid', 'pending', 'repacked', 'packed', 'ready_to_ship_pending', 'ready_to_ship', 'shipped',
    'delivered', 'confirmed', 'canceled', 'failed', 'failed_delivery', 'shipped_back',
    'shipped_back_success', 'shipped_back_failed', 'returned', 'lost', 'lost_by_3pl',
    'damaged_by_3pl', 'package_scrapped',
)
WITHOUT_PACKAGE = {'unpaid', 'pending', 'repacked', 'canceled'}

# Item status -> status of the package in push messages and traces.
PACKAGE_STATUS = {
    'ready_to_ship_pending': 'READY_TO_SHIP_PENDING',
    'ready_to_ship': 'READY_TO_SHIP',
    'shipped': 'INFO_ST_DOMESTIC_PICKUP_SIGN_IN_SUCCESS',
    'delivered': 'DELIVERED',
    'failed': 'DELIVER_FAILED',
    'failed_delivery': 'DELIVER_FAILED',
    'shipped_back': 'ON_THE_WAY_BACK_TO_SHIPPER',
    'shipped_back_success': 'INFO_ST_DOMESTIC_WAREHOUSE_RETURNED',
    'shipped_back_failed': 'INFO_ST_DOMESTIC_PACKAGE_RETURNED_FAILED',
    'lost_by_3pl': 'LOST_BY_3PL',
    'damaged_by_3pl': 'DAMAGE_BY_3PL',
    'package_scrapped': 'PACKAGE_SCRAPPED',
    'canceled': 'CANCELLED',
}
INITIATORS = {
    'buyer': 'cancellation-customer',
    'seller': 'cancellation-seller',
    'system': 'system-cancel',
}


def move(world, order, units, status, *, reason='', initiator='', at=None, touch=True):
    """Give `units` of `order` a status. `touch=False` leaves the order header's time alone.

    Any text is accepted as a status: the platform invents new ones too.
    """
    now = world.clock.second() if at is None else at
    needs_package = status not in WITHOUT_PACKAGE and order.channel != 'digital'
    loose = [unit for unit in units if unit.package is None] if needs_package else []
    if loose:
        make_package(world, order, loose, now)
    for unit in units:
        hold(unit, status)
        unit.status, unit.updated_at = status, now
        if status == 'canceled':
            unit.reason = reason or 'Change of mind'
            unit.initiator = initiator or INITIATORS['buyer']
        if status in WITHOUT_PACKAGE - {'canceled'}:
            _leave_package(unit, now)
    parcels = {unit.package.package_id: unit.package for unit in units if unit.package}
    for package in parcels.values():
        _follow(world, package, units, status, now)
    if status != 'unpaid' and order.paid_at is None and order.payment_method != 'COD':
        order.paid_at = now
    if touch:
        order.updated_at = max(now, order.updated_at)
    for unit in units:
        world.tell('order', order=order, unit=unit)


def make_package(world, order, units, now, provider=''):
    """One parcel holding `units`. Returns it; the units' status is left to the caller."""
    shop = order.shop
    own_fleet = order.channel == 'sof'
    package = Package(
        package_id=world.ids.package(), order=order,
        tracking_number=world.ids.tracking('SOF' if own_fleet else shop.place.tracking_prefix),
        provider=provider or ('Seller Own Fleet' if own_fleet else shop.place.carrier),
        status='packed', created_at=now, units=list(units), history=[(now, 'PACKED')],
    )
    shop.packages[package.package_id] = package
    for unit in units:
        unit.package = package
    return package


def undo_package(world, package):
    """Units back to `repacked`; the parcel is void."""
    move(world, package.order, list(package.units), 'repacked')


def _leave_package(unit, now):
    package, unit.package = unit.package, None
    if package:
        package.units.remove(unit)
        if not package.units:
            package.status = 'canceled'
            package.history.append((now, 'CANCELLED'))


def _follow(world, package, units, status, now):
    """The parcel goes where its units go; cancelled units fall out of it."""
    if status == 'canceled':
        package.units = [unit for unit in package.units if unit not in units]
        if package.units:
            return
    package.status = status
    code = PACKAGE_STATUS.get(status) or (status if status.startswith('INFO_ST_') else None)
    if code:
        package.history.append((now, code))
        world.tell('package', package=package, status=code)


def auto_cancel_unpaid(world, order):
    """What the platform does with an order nobody paid in time."""
    unpaid = [unit for unit in order.units if unit.status == 'unpaid']
    if unpaid:
        move(world, order, unpaid, 'canceled', reason='Payment timeout',
             initiator=INITIATORS['system'])
