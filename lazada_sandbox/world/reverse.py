"""Cancellations and returns: by the seller, by the buyer, by time."""
from .lifecycle import INITIATORS, move
from .models import CancelRequest, ReverseLine, ReverseOrder
from .stock import set_sellable

HOUR = 3600
CANCELLABLE = ('unpaid', 'pending', 'repacked', 'packed', 'ready_to_ship_pending', 'ready_to_ship')
SELLER_CANCELLABLE = CANCELLABLE[1:]
RETURNABLE = ('delivered', 'confirmed')
# reason id -> (text, sets the SKU's stock to zero)
SELLER_REASONS = {
    '10000019': ('Sourcing Delay (cannot meet deadline)', False),
    '10000021': ('Out of Stock', True),
    '10000023': ('Wrong Price or Pricing Error', True),
}
RETURN_REASONS = {
    '1000001': 'Item is defective or not working',
    '1000002': 'Wrong item was sent',
    '1000003': 'Change of mind',
}
# Why a seller refuses a return.
REFUSAL_REASONS = {'5001': 'Not an item from this shop', '5002': 'Item was used'}
# (action, status it needs) -> status it leads to
ACTIONS = {
    ('instantRefund', 'REQUEST_INITIATE'): 'REFUND_SUCCESS',
    ('agreeReturn', 'REQUEST_INITIATE'): 'RTM_SHIPPING_BACK',
    ('refuseReturn', 'REQUEST_INITIATE'): 'REQUEST_REJECT',
    ('confirmDelivery', 'RTM_SHIPPING_BACK'): 'RTM_RECEIVE_ITEM',
    ('agreeRefund', 'RTM_RECEIVE_ITEM'): 'REFUND_SUCCESS',
    ('refuseRefund', 'RTM_RECEIVE_ITEM'): 'REFUND_REJECTED',
}
ONLY_REFUND_ACTIONS = {
    ('agreeRefund', 'REQUEST_INITIATE'): 'REFUND_SUCCESS',
    ('startDispute', 'REQUEST_INITIATE'): 'REQUEST_INITIATE',
}
PUSH_STATUS = {'REQUEST_REJECT': 'RTM_CANCELED',
               'REQUEST_CANCEL': 'RTM_CANCELED'}


def seller_cancels(world, order, units, reason_id):
    """A packed unit takes its whole package along. Returns every unit that was cancelled."""
    text, zeroes_stock = SELLER_REASONS[reason_id]
    parcels = [unit.package for unit in units if unit.package]
    gone = list(dict.fromkeys([*units, *(each for package in parcels for each in package.units)]))
    move(world, order, gone, 'canceled', reason=text, initiator=INITIATORS['seller'])
    if zeroes_stock:
        for unit in gone:
            set_sellable(unit.listing, 0)
            unit.listing.zeroed_by_cancel += 1
    return gone


def buyer_asks_to_cancel(world, order, units, hours=24, reason='Change of mind'):
    """A request the seller answers; when the time is over it counts as agreed."""
    deadline = world.clock.second() + int(hours * HOUR)
    reverse = _open(world, order, units, 'CANCEL', '1000003', reason, deadline, is_rtm=False)
    request = CancelRequest(reverse.reverse_order_id, deadline)
    for unit in units:
        unit.cancel_request = request
    order.updated_at = world.clock.second()
    world.at(deadline, lambda: answer_cancel_request(world, reverse, agree=True))
    return reverse


def answer_cancel_request(world, reverse, agree):
    """Agreed: the units are cancelled. Refused: they go on. Later answers change nothing."""
    request = next(line.unit.cancel_request for line in reverse.lines)
    if not request.open:
        return
    request.open, request.agreed = False, agree
    status = 'CANCEL_SUCCESS' if agree else 'REQUEST_REJECT'
    for line in reverse.lines:
        _set(world, reverse, line, status, 'seller')
    if agree:
        units = [line.unit for line in reverse.lines if line.unit.status in CANCELLABLE]
        move(world, reverse.order, units, 'canceled', reason=reverse.lines[0].reason_text)
    reverse.order.updated_at = world.clock.second()


def buyer_returns(world, order, units, reason_id='1000001', only_refund=False, is_rtm=True):
    """A return, or a refund without the goods coming back. The items stay as they are for now."""
    kind = 'ONLY_REFUND' if only_refund else 'RETURN'
    deadline = world.clock.second() + 72 * HOUR
    return _open(world, order, units, kind, reason_id, RETURN_REASONS[reason_id], deadline, is_rtm)


def act(world, reverse, line, action, comment=''):
    """A decision about one line. KeyError if it does not fit the line's status."""
    table = ONLY_REFUND_ACTIONS if reverse.request_type == 'ONLY_REFUND' else ACTIONS
    status = table[action, line.status]
    line.dispute = line.dispute or action == 'startDispute'
    _set(world, reverse, line, status, f'seller: {action} {comment}'.strip())
    order = reverse.order
    if status == 'RTM_SHIPPING_BACK':
        line.unit.return_status = 'shipped_back'
    if status == 'REFUND_SUCCESS' and reverse.request_type == 'RETURN':
        move(world, order, [line.unit], 'returned')
        line.unit.initiator, line.unit.reason = 'return-customer', line.reason_text
    order.updated_at = world.clock.second()


def set_status(world, reverse, status, ofc_status=None):
    """What a carrier, a warehouse or Lazada itself would do to all lines."""
    for line in reverse.lines:
        line.ofc_status = ofc_status or line.ofc_status
        _set(world, reverse, line, status, 'system')
        if status == 'REFUND_SUCCESS' and reverse.request_type == 'RETURN':
            move(world, reverse.order, [line.unit], 'returned')


def _open(world, order, units, kind, reason_id, reason, deadline, is_rtm):
    now = world.clock.second()
    number = world.ids.reverse(order.buyer.buyer_id)
    lines = [ReverseLine(
        number + (position + 1) * 100_000, unit, 'REQUEST_INITIATE', 'INITIAL', reason_id, reason,
        unit.item_price - unit.voucher_seller - unit.voucher_platform, now, now,
        [(now, 'buyer')]) for position, unit in enumerate(units)]
    reverse = ReverseOrder(number, order, kind, is_rtm, lines, deadline)
    order.shop.returns[number] = reverse
    for line in lines:
        world.tell('reverse', reverse=reverse, line=line, status=push_status(reverse, line))
    return reverse


def _set(world, reverse, line, status, operator):
    line.status, line.updated_at = status, world.clock.second()
    line.history.append((line.updated_at, operator))
    world.tell('reverse', reverse=reverse, line=line, status=push_status(reverse, line))


def push_status(reverse, line):
    """Push messages have words of their own for the same states."""
    if line.status == 'REQUEST_INITIATE':
        return {'CANCEL': 'CANCEL_INIT', 'ONLY_REFUND': 'REFUND_INIT'}.get(
            reverse.request_type, 'RTM_INIT' if reverse.is_rtm else 'RTW_INIT')
    return PUSH_STATUS.get(line.status, line.status)
