"""Orders: placing them, and moving them along as buyer, seller or carrier."""
from decimal import Decimal, InvalidOperation

from werkzeug.wrappers import Response

from .. import labels
from ..world import fulfilment, reverse
from ..world.lifecycle import move
from ..world.shopping import Line, place_order
from ..world.stock import SoldOut
from .routes import PageError, address, back, shop_page, shop_route

# Tab of the list -> item statuses it shows.
TABS = {
    'all': (), 'unpaid': ('unpaid',), 'to pack': ('pending', 'repacked'),
    'to hand over': ('packed', 'ready_to_ship_pending'),
    'shipping': ('ready_to_ship', 'shipped'), 'delivered': ('delivered', 'confirmed'),
    'canceled': ('canceled',),
}
# Button -> (its words, statuses it works on). What it does is in `_do`.
ACTIONS = {
    'pay': ('Buyer pays', ('unpaid',)),
    'pack': ('Arrange shipment', fulfilment.PACKABLE),
    'rts': ('Hand over: ready to ship', ('packed', 'ready_to_ship_pending')),
    'repack': ('Undo package', ('packed',)),
    'ship': ('Carrier picks up', ('ready_to_ship',)),
    'deliver': ('Carrier delivers', ('shipped',)),
    'fail': ('Delivery fails', ('shipped',)),
    'send_back': ('Carrier sends back', ('failed_delivery',)),
    'received_back': ('Parcel is back', ('shipped_back',)),
    'confirm': ('Buyer confirms', ('delivered',)),
    'cancel': ('Cancel', reverse.CANCELLABLE),
    'ask_cancel': ('Buyer asks to cancel', ('pending', 'repacked', 'packed')),
    'ask_return': ('Buyer asks for a return', reverse.RETURNABLE),
}
MOVES = {'pay': 'pending', 'ship': 'shipped', 'deliver': 'delivered', 'fail': 'failed_delivery',
         'send_back': 'shipped_back', 'received_back': 'shipped_back_success',
         'confirm': 'confirmed', 'cancel': 'canceled'}


@shop_route('GET', '/orders')
def show_all(platform, request, shop):
    tab = request.args.get('tab', 'all')
    wanted = set(TABS.get(tab, ()))
    text = request.args.get('q', '').strip()
    orders = [order for order in shop.orders.values()
              if (not wanted or wanted & set(order.statuses)) and text in str(order.order_id)]
    orders.sort(key=lambda order: (order.created_at, order.order_id), reverse=True)
    return shop_page(request, shop, 'orders.html', 'orders', orders=orders[:200], tab=tab, q=text,
                     tabs=list(TABS), total=len(orders))


@shop_route('GET', '/orders/new')
def show_new(platform, request, shop):
    listings = sorted((each for each in shop.listings.values() if each.status == 'active'),
                      key=lambda each: (each.name, each.variation))
    return shop_page(request, shop, 'order_new.html', 'new', listings=listings)


@shop_route('POST', '/orders/new')
def place(platform, request, shop):
    """Fields `qty-<sku id>`, `payment` (paid, cod, unpaid), `shipping`, `note`."""
    lines = []
    for listing in shop.listings.values():
        quantity = request.form.get(f'qty-{listing.sku_id}', '').strip() or '0'
        if not quantity.isdigit() or int(quantity) > 300:
            raise PageError(f'"{quantity}" is not a quantity.')
        lines += [Line(listing) for _each in range(int(quantity))]
    if not lines:
        raise PageError('Choose at least one piece.')
    payment = request.form.get('payment', 'paid')
    try:
        order = place_order(
            platform.world, shop, lines, status='unpaid' if payment == 'unpaid' else 'pending',
            shipping=_amount(request.form.get('shipping', '')),
            payment_method='COD' if payment == 'cod' else 'MIXEDCARD',
            buyer_note=request.form.get('note', ''))
    except SoldOut as error:
        raise PageError(f'{error} is sold out.') from error
    return back(address(shop, f'/orders/{order.order_id}'), 'The order is placed.')


@shop_route('GET', '/orders/<int:order_id>')
def show(platform, request, shop, order_id):
    order = _order(shop, order_id)
    buttons = [(name, words) for name, (words, statuses) in ACTIONS.items()
               if set(statuses) & set(order.statuses)]
    packages = [package for package in shop.packages.values() if package.order is order]
    return shop_page(request, shop, 'order.html', 'orders', order=order, buttons=buttons,
                     packages=packages, carriers=[shop.place.carrier, 'J&T', 'Flash Express'],
                     voided=[package for package in packages if not package.units])


@shop_route('POST', '/orders/<int:order_id>')
def act(platform, request, shop, order_id):
    """Fields `action`, `unit` (several order item ids), `provider`."""
    order = _order(shop, order_id)
    name = request.form.get('action', '')
    if name not in ACTIONS:
        raise PageError('Unknown action.')
    words, statuses = ACTIONS[name]
    chosen = set(request.form.getlist('unit'))
    units = [unit for unit in order.units
             if str(unit.item_id) in chosen and unit.status in statuses]
    if not units:
        raise PageError(f'"{words}" fits none of the chosen units.')
    _do(platform.world, order, units, name, request.form.get('provider', ''))
    return back(address(shop, f'/orders/{order_id}'), f'{words}: {len(units)} units.')


def _do(world, order, units, name, provider):
    parcels = list({unit.package.package_id: unit.package
                    for unit in units if unit.package}.values())
    if name == 'pack':
        fulfilment.pack(world, order, units, provider)
    elif name == 'rts':
        for package in parcels:
            fulfilment.ready_to_ship(world, package)
    elif name == 'repack':
        for package in parcels:
            fulfilment.repack(world, package)
    elif name == 'ask_cancel':
        reverse.buyer_asks_to_cancel(world, order, units)
    elif name == 'ask_return':
        reverse.buyer_returns(world, order, units)
    else:
        move(world, order, units, MOVES[name])


@shop_route('GET', '/packages/<package_id>/label.pdf')
def label(platform, request, shop, package_id):
    package = shop.packages.get(package_id)
    if package is None or not package.units:
        raise PageError('There is no such package.', 404)
    return Response(labels.draw([package]), content_type='application/pdf')


def _order(shop, order_id):
    order = shop.orders.get(order_id)
    if order is None:
        raise PageError('There is no such order in this shop.', 404)
    return order


def _amount(text):
    try:
        return Decimal(text.strip() or '0').quantize(Decimal('0.01'))
    except InvalidOperation as error:
        raise PageError(f'"{text}" is not an amount.') from error
