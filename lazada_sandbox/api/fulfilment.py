"""Provider, pack, ready to ship, repack, own-fleet and digital delivery."""
from ..world import fulfilment
from ..world.lifecycle import move
from .registry import endpoint
from .result import BatchError, answer, request_json, row, rows_of

# Why a unit cannot be packed: channel -> (code, message).
UNPACKABLE = {
    'fbl': ('700027', 'FBL order can not be packed by seller'),
    'digital': ('700030', 'digital order needs no pack'),
    'pickup': ('700023', 'store pickup order can not be packed'),
}


@endpoint('/order/shipment/providers/get', 'GET', 'POST')
def providers(call):
    request = request_json(call, 'getShipmentProvidersReq')

    def work():
        for entry in rows_of(request, 'orders'):
            _order(call, entry)
        if call.world.behaviour.allocation == 'TFS':
            return {'platform_default': 1, 'shipment_providers': [],
                    'shipping_allocate_type': 'TFS'}
        return {'platform_default': 0, 'shipping_allocate_type': 'NTFS', 'shipment_providers': [
            {'name': name, 'provider_code': code} for code, name in fulfilment.CHOICES.items()]}
    return answer(call, work)


@endpoint('/order/fulfill/pack', 'POST')
def pack(call):
    request = request_json(call, 'packReq')

    def work():
        if request.get('delivery_type') != 'dropship':
            raise BatchError('700004', 'delivery_type must be dropship')
        wanted = [(_order(call, entry), _item_ids(entry))
                  for entry in rows_of(request, 'pack_order_list')]
        provider = _provider(call, request, [order for order, _ids in wanted])
        return {'pack_order_list': [
            {'order_id': order.order_id,
             'order_item_list': _pack_order(call, order, item_ids, provider)}
            for order, item_ids in wanted]}
    return answer(call, work)


def _provider(call, request, orders):
    """The name of the chosen provider; '' where Lazada chooses, and for the seller's own fleet."""
    code = request.get('shipment_provider_code', '')
    own_fleet = [order.channel == 'sof' for order in orders]
    if call.world.behaviour.allocation == 'TFS' or all(own_fleet) or (any(own_fleet) and code):
        if code:
            raise BatchError('700001', 'shipment provider code is not allowed')
        return ''
    if code not in fulfilment.CHOICES:
        raise BatchError('700001', f'shipment provider code unknown: {code}')
    return fulfilment.CHOICES[code]


def _order(call, entry):
    order_id = str(entry.get('order_id', '')) if isinstance(entry, dict) else ''
    order = call.shop.orders.get(int(order_id)) if order_id.isdigit() else None
    if order is None:
        raise BatchError('700021', f'order not found: {order_id}')
    return order


def _item_ids(entry):
    ids = entry.get('order_item_list')
    if not isinstance(ids, list) or not ids or not all(str(each).isdigit() for each in ids):
        raise BatchError('700017', 'order_item_list is null or not a list of ids')
    return [int(each) for each in ids]


def _pack_order(call, order, item_ids, provider):
    """Good units share one package; each other unit says why it has none."""
    found = [(item_id, order.unit(item_id)) for item_id in item_ids]
    refusals = {item_id: call.refuse(item_id) or _refusal(call.world, order, unit)
                for item_id, unit in found}
    good = [unit for item_id, unit in found if refusals[item_id] is None]
    if len({unit.warehouse for unit in good}) > 1:
        refusals = dict.fromkeys(refusals, ('700029', 'items are in different warehouses'))
        good = []
    if good:
        fulfilment.pack(call.world, order, list(dict.fromkeys(good)), provider)
        call.applied('pack')
    return [_packed_row(item_id, unit, refusals[item_id]) for item_id, unit in found]


def _refusal(world, order, unit):
    """(code, message), or None if the unit can be packed."""
    if unit is None:
        return '700025', 'order item not found'
    if order.channel in UNPACKABLE:
        return UNPACKABLE[order.channel]
    if unit.status in fulfilment.PACKABLE:
        return None
    if unit.status == 'packed' and world.behaviour.pack_again == 'same':
        return '0', 'success'
    return '700026', 'order item status does not allow pack'


def _packed_row(item_id, unit, refusal):
    refusal = refusal or ('0', 'success')
    package = unit.package if unit and refusal[0] == '0' else None
    return row(*refusal, order_item_id=item_id,
               tracking_number=package.tracking_number if package else '',
               shipment_provider=package.provider if package else '',
               package_id=package.package_id if package else '')


# --- packages ---

def _each_package(call, field, work):
    """A batch of packages: `work(package)` returns a refusal (the first of `row`) or None."""
    request = request_json(call, field)

    def rows():
        return {'packages': [_package_row(call, entry, work)
                             for entry in rows_of(request, 'packages')]}
    return answer(call, rows)


def _package_row(call, entry, work):
    package_id = str(entry.get('package_id', '')) if isinstance(entry, dict) else ''
    package = call.shop.packages.get(package_id)
    if package is None:
        refusal = '600001', 'package not found'
    elif package.status == 'canceled':
        refusal = '600002', 'package already cancelled'
    else:
        refusal = call.refuse(package_id) or work(package)
    return row(*(refusal or ('0', 'success')), package_id=package_id)


@endpoint('/order/package/rts', 'POST')
def rts(call):
    def work(package):
        if package.status != 'packed':
            return '700000', 'package status does not allow this'
        fulfilment.ready_to_ship(call.world, package)
        call.applied('rts')
        return None
    return _each_package(call, 'readyToShipReq', work)


@endpoint('/order/package/repack', 'GET', 'POST')
def repack(call):
    def work(package):
        if package.status != 'packed':
            return '700000', 'package status does not allow this'
        fulfilment.repack(call.world, package)
        call.applied('repack')
        return None
    return _each_package(call, 'rePackReq', work)


@endpoint('/order/package/sof/delivered', 'POST')
def sof_delivered(call):
    return _own_fleet(call, 'dbsDeliveryReq', 'delivered')


@endpoint('/order/package/sof/failed_delivery', 'POST')
def sof_failed(call):
    return _own_fleet(call, 'dbsFailedDeliveryReq', 'failed_delivery')


def _own_fleet(call, field, status):
    def work(package):
        if package.order.channel != 'sof':
            return '700009', 'operation not support fot nonDBS order!'
        if package.status not in ('ready_to_ship', 'shipped'):
            return '700000', 'package status does not allow this'
        move(call.world, package.order, list(package.units), status)
        call.applied(f'sof_{status}')
        return None
    return _each_package(call, field, work)


@endpoint('/order/digital/delivered', 'POST')
def digital_delivered(call):
    request = request_json(call, 'digitalDeliveryReq')

    def work():
        wanted = [(_order(call, entry), _item_ids(entry)) for entry in rows_of(request, 'orders')]
        return {'orders': [_deliver_digital(call, *each) for each in wanted]}
    return answer(call, work)


def _deliver_digital(call, order, item_ids):
    rows = []
    for item_id in item_ids:
        unit = order.unit(item_id)
        if unit is None or order.channel != 'digital':
            rows.append(row('700020', 'order item not found or not belong to digital!',
                            order_item_id=item_id))
            continue
        move(call.world, order, [unit], 'delivered')
        call.applied('digital_delivered')
        rows.append(row(order_item_id=item_id))
    return {'order_id': order.order_id, 'order_item_list': rows}
