"""Reading orders and their items."""
from ..gateway.errors import ApiError, missing
from .order_json import header_json, item_json, visible_units
from .params import date, integer, invalid, json_value
from .registry import endpoint

MOST_IDS = 50
MOST_ROWS = 100
DEEPEST = 5000

_PLAIN = ('unpaid', 'pending', 'packed', 'canceled', 'ready_to_ship', 'delivered', 'returned',
          'shipped', 'failed', 'lost', 'lost_by_3pl', 'damaged_by_3pl', 'failed_delivery',
          'shipped_back', 'shipped_back_success', 'shipped_back_failed', 'package_scrapped')
STATUS_FILTERS = {
    **{status: (status,) for status in _PLAIN},
    'topack': ('pending', 'repacked'),
    'toship': ('packed', 'ready_to_ship_pending', 'ready_to_ship'),
    'shipping': ('shipped',),
}


@endpoint('/orders/get', 'GET')
def get_orders(call):
    fits = _window(call)
    wanted = _statuses(call)
    limit = integer(call, 'limit', MOST_ROWS, '19', most=MOST_ROWS, least=1)
    offset = integer(call, 'offset', 0, '14')
    if offset > DEEPEST and call.world.behaviour.deep_offset == 'error':
        raise invalid('14', 'offset', str(offset))
    found = [order for order in call.shop.orders.values()
             if fits(order) and (wanted is None or wanted & set(order.statuses))]
    found.sort(key=_sorting(call), reverse=_descending(call))
    page = [] if offset > DEEPEST else found[offset:offset + limit]
    now = call.world.clock.now()
    data = {'count': len(page), 'orders': [header_json(order, now) for order in page]}
    total = _count_total(call, len(found))
    if total is not None:
        data['countTotal'] = total
    return {'data': data}


@endpoint('/order/get', 'GET')
def get_order(call):
    return {'data': header_json(_order(call), call.world.clock.now())}


@endpoint('/order/items/get', 'GET')
def get_order_items(call):
    return {'data': _items(call, _order(call))}


@endpoint('/orders/items/get', 'GET')
def get_orders_items(call):
    text = call.need('order_ids')
    ids = json_value(text, list, ApiError('56', f'E056: "{text}" Invalid OrdersIdList format. '
                                                'Must use array format [1,2]'))
    if len(ids) > MOST_IDS:
        raise ApiError('38', f'E038: Too many orders were requested, at most {MOST_IDS}')
    found = {str(each): call.shop.orders.get(_as_int(each)) for each in ids}
    known = [order for order in found.values() if order]
    if not known:
        raise ApiError('39', f'E039: No orders were found. "{text}"')
    if len(known) < len(found):
        wrong = ', '.join(each for each, order in found.items() if order is None)
        raise ApiError('37', f'E037: One or more order id in the list are incorrect: {wrong}')
    return {'data': [
        {'order_number': order.order_id, 'order_id': order.order_id,
         'order_items': _items(call, order)}
        for order in sorted(known, key=lambda order: str(order.order_id)[::-1])]}


def _items(call, order):
    now = call.world.clock.now()
    return [item_json(order, unit, now) for unit in visible_units(order)]


def _order(call):
    text = call.need('order_id')
    order = call.shop.orders.get(_as_int(text))
    if order is None:
        raise ApiError('16', f'E016: "{text}" Invalid Order ID')
    return order


def _as_int(value):
    text = str(value)
    return int(text) if text.isdigit() else None


# --- the filters of orders/get ---

def _window(call):
    """A test for the time bounds. One of the two *_after parameters is mandatory."""
    bounds = {name: date(call, name) for name in (
        'created_after', 'created_before', 'update_after', 'update_before')}
    if bounds['created_after'] is None and bounds['update_after'] is None:
        raise missing('created_after')
    slack = 0 if call.world.behaviour.bounds == 'inclusive' else 1
    newest = call.world.clock.now() - call.world.behaviour.index_lag

    def fits(order):
        limits = ((order.created_at, bounds['created_after'], bounds['created_before']),
                  (order.updated_at, bounds['update_after'], bounds['update_before']))
        return order.updated_at <= newest and all(
            (after is None or moment >= after + slack)
            and (before is None or moment <= before - slack)
            for moment, after, before in limits)
    return fits


def _statuses(call):
    chosen = call.params.get('status', '')
    if chosen in ('', 'all'):
        return None
    if chosen not in STATUS_FILTERS:
        code = call.world.behaviour.bad_status_code
        raise ApiError(code, f'E{int(code):03d}: Invalid status filter')
    return set(STATUS_FILTERS[chosen])


def _sorting(call):
    field = call.params.get('sort_by', 'created_at')
    if field not in ('created_at', 'updated_at'):
        raise ApiError('75', f'E075: "{field}" Invalid sorting filter')
    return lambda order: (getattr(order, field), order.order_id)


def _descending(call):
    direction = call.params.get('sort_direction', 'ASC')
    if direction not in ('ASC', 'DESC'):
        raise ApiError('74', f'E074: "{direction}" Invalid sorting direction')
    return direction == 'DESC'


def _count_total(call, total):
    """The real total, a wrong one, or None for no countTotal at all."""
    mode = call.world.behaviour.count_total
    if mode == 'never' or (mode == 'as_captured' and call.shop.site == 'th'):
        return None
    return {'low': total // 2, 'high': total * 2}.get(mode, total)
