"""Buying, moving and reading orders and packages."""
from datetime import UTC, datetime
from decimal import Decimal

from ..world.catalogue import find_listing
from ..world.lifecycle import move
from ..world.models import ZERO
from ..world.people import make_buyer
from ..world.shopping import CHANNELS, Line, pay, pick_lines, place_order
from ..world.stock import SoldOut
from .routes import ControlError, find_shop, find_shops, need, route

MOST = 20_000
HEADER_FIELDS = ('payment_method', 'buyer_note', 'gift_message', 'remarks', 'tax_invoice',
                 'voucher_code', 'quirk', 'channel', 'presale', 'stage_pay_status')
BUYER_FIELDS = ('name', 'phone', 'address1', 'address3', 'address4', 'address5', 'city',
                'post_code')
LINE_AMOUNTS = ('item_price', 'voucher_seller', 'voucher_platform', 'shipping')


@route('POST', '/orders')
def buy(platform, body):
    """`{site, seller_id, count, units, status, seller_sku?}` and more:

    `items` ([{seller_sku, item_price?, voucher_seller?, voucher_platform?, shipping?, name?,
    variation?, status?, warehouse?, override?}]) instead of `units`; `shipping`, `created_at`
    (epoch), `order_id`, `buyer` ({buyer_id, name, phone, address1, ..., post_code}), `channel` and
    the other header fields; `presale: true` with `stage_pay_status` ("unpaid", "unpaid final
    payment") sells in stages; `override` forces members of the emitted header.
    """
    shop = find_shop(platform, body)
    count = int(body.get('count', 1))
    if not 0 <= count <= MOST:
        raise ControlError(f'count must be 0 to {MOST}')
    if body.get('channel', 'seller') not in CHANNELS:
        raise ControlError(f'channel must be one of {", ".join(CHANNELS)}')
    return {'orders': [_buy_one(platform.world, shop, body) for _each in range(count)]}


def _buy_one(world, shop, body):
    try:
        order = place_order(
            world, shop, _lines(world, shop, body), status=body.get('status', 'pending'),
            created_at=body.get('created_at'), shipping=Decimal(str(body.get('shipping', 0))),
            order_id=int(body['order_id']) if body.get('order_id') else None,
            buyer=_buyer(world, shop, body.get('buyer')),
            **{name: body[name] for name in HEADER_FIELDS if name in body})
    except SoldOut:
        return {'error': 'sold_out'}
    except ValueError as error:
        raise ControlError(str(error)) from error
    order.overrides = dict(body.get('override', {}))
    return {'order_id': str(order.order_id),
            'order_item_ids': [str(unit.item_id) for unit in order.units]}


def _lines(world, shop, body):
    if 'items' in body:
        return [_line(shop, spec) for spec in body['items']]
    sku = body.get('seller_sku')
    listing = _listing(shop, sku) if sku is not None else None
    return pick_lines(world, shop, int(body.get('units', 1)), listing)


def _line(shop, spec):
    line = Line(_listing(shop, need(spec, 'seller_sku')), name=spec.get('name'),
                variation=spec.get('variation'), status=spec.get('status'),
                warehouse=spec.get('warehouse', 'dropshipping'),
                overrides=dict(spec.get('override', {})))
    for name in LINE_AMOUNTS:
        if name in spec:
            setattr(line, name, Decimal(str(spec[name])))
    return line


def _listing(shop, seller_sku):
    listing = find_listing(shop, seller_sku)
    if listing is None:
        raise ControlError(f'no listing {seller_sku!r} in this shop', 404)
    return listing


def _buyer(world, shop, spec):
    if spec is None:
        return None
    buyer = make_buyer(shop.site, world.random)
    buyer.buyer_id = int(spec.get('buyer_id', buyer.buyer_id))
    for name in BUYER_FIELDS:
        setattr(buyer, name, spec.get(name, getattr(buyer, name)))
    return buyer


@route('GET', '/orders')
def read(platform, query):
    """`?site=&seller_id=&order_id=`: the truth."""
    wanted = query.get('order_id')
    return {'orders': [order_json(order) for shop in find_shops(platform, query)
                       for order in shop.orders.values()
                       if wanted in (None, str(order.order_id))]}


@route('POST', '/orders/<site>/<seller_id>/<order_id>/status')
def set_status(platform, body, site, seller_id, order_id):
    """`{status, order_item_ids?, touch?}`: `touch: false` leaves the header's time alone."""
    order = find_order(platform, site, seller_id, order_id)
    units = units_of(order, body.get('order_item_ids'))
    move(platform.world, order, units, need(body, 'status'), reason=body.get('reason', ''),
         initiator=body.get('initiator', ''), touch=body.get('touch', True))
    return order_json(order)


@route('POST', '/orders/<site>/<seller_id>/<order_id>/pay')
def set_paid(platform, body, site, seller_id, order_id):
    """`{}`: the buyer pays what is open, the final payment of a pre-sale included."""
    order = find_order(platform, site, seller_id, order_id)
    pay(platform.world, order)
    return order_json(order)


@route('POST', '/orders/<site>/<seller_id>/<order_id>/override')
def set_override(platform, body, site, seller_id, order_id):
    """`{header?, items?, hide_items?, touch?}`: force members of what the API answers.

    `items` is {order_item_id or "*": {member: value}}; the value "__missing__" removes a member;
    `hide_items` is a list of ids the item calls leave out.
    """
    order = find_order(platform, site, seller_id, order_id)
    order.overrides.update(body.get('header', {}))
    for key, changes in body.get('items', {}).items():
        for unit in units_of(order, None if key == '*' else [key]):
            unit.overrides.update(changes)
    if 'hide_items' in body:
        order.hidden_items = {int(each) for each in body['hide_items']}
    if body.get('touch', True):
        order.updated_at = max(order.updated_at, platform.world.clock.second())
    return order_json(order)


def find_order(platform, site, seller_id, order_id):
    shop = find_shop(platform, {'site': site, 'seller_id': seller_id})
    order = shop.orders.get(int(order_id)) if order_id.isdigit() else None
    if order is None:
        raise ControlError(f'no order {order_id} in this shop', 404)
    return order


def units_of(order, item_ids):
    if item_ids is None:
        return list(order.units)
    units = [order.unit(int(each)) for each in item_ids]
    if None in units:
        raise ControlError('an order_item_id is not in this order', 404)
    return units


@route('GET', '/packages')
def packages(platform, query):
    """`?site=&seller_id=&order_id=`: the truth, void packages included."""
    wanted = query.get('order_id')
    return {'packages': [
        {'package_id': package.package_id, 'site': shop.site, 'seller_id': shop.seller_id,
         'order_id': str(package.order.order_id), 'status': package.status,
         'tracking_number': package.tracking_number, 'provider': package.provider,
         'order_item_ids': [str(unit.item_id) for unit in package.units],
         'applied': dict(package.applied)}
        for shop in find_shops(platform, query) for package in shop.packages.values()
        if wanted in (None, str(package.order.order_id))]}


def order_json(order):
    """The truth of one order.

    `importable`: a seller-shipped unit waits to be packed or shipped, and it is paid for.
    """
    return {
        'order_id': str(order.order_id), 'order_number': str(order.order_id),
        'site': order.shop.site, 'seller_id': order.shop.seller_id,
        'currency': order.shop.place.currency, 'channel': order.channel,
        'presale': order.presale, 'stage_pay_status': order.stage_pay_status,
        'payment_method': order.payment_method,
        'created_at': _time(order.created_at), 'updated_at': _time(order.updated_at),
        'statuses': order.statuses,
        'importable': is_importable(order),
        'linked': all(unit.listing.in_odoo for unit in order.units),
        'items': [_item(unit) for unit in order.units],
        'totals': {'price': _money(order.price), 'shipping': _money(order.shipping),
                   'voucher_seller': _money(order.voucher_seller),
                   'voucher_platform': _money(order.voucher_platform),
                   'paid': _money(order.price + order.shipping - order.voucher_seller
                                  - order.voucher_platform)},
    }


def is_importable(order):
    open_statuses = {'pending', 'repacked', 'packed', 'ready_to_ship_pending', 'ready_to_ship'}
    return (order.channel in ('seller', 'sof', 'choice') and not order.stage_pay_status
            and bool(open_statuses & set(order.statuses)))


def _item(unit):
    package = unit.package
    return {
        'order_item_id': str(unit.item_id), 'seller_sku': unit.seller_sku,
        'sku_id': str(unit.listing.sku_id), 'item_id': str(unit.listing.product.item_id),
        'status': unit.status,
        'item_price': _money(unit.item_price), 'voucher_seller': _money(unit.voucher_seller),
        'voucher_platform': _money(unit.voucher_platform), 'shipping': _money(unit.shipping),
        'paid_price': _money(unit.item_price - unit.voucher_seller - unit.voucher_platform),
        'package_id': package.package_id if package else '',
        'tracking_number': package.tracking_number if package else '',
        'updated_at': _time(unit.updated_at),
    }


def _money(amount):
    return f'{amount + ZERO:.2f}'


def _time(epoch):
    return datetime.fromtimestamp(epoch, UTC).isoformat()
