"""Cancelling, and reading and answering returns. Some of these GET calls write."""
from ..gateway.errors import ApiError
from ..world import reverse
from .params import json_value
from .registry import endpoint
from .reverse_json import detail_json, history_json, reverse_json

RANGES = {
    'TradeOrderLineCreatedTimeRange': lambda line: line.unit.created_at,
    'ReverseOrderLineTimeRange': lambda line: line.created_at,
    'ReverseOrderLineModifiedTimeRange': lambda line: line.updated_at,
}
REFUSALS = ('refuseReturn', 'refuseRefund')


# --- the seller cancels ---

@endpoint('/order/reverse/cancel/validate', 'GET')
def validate(call):
    order, units = _units(call)
    if not all(unit.status in reverse.SELLER_CANCELLABLE for unit in units):
        return {'data': {'tip_content': 'These items can not be cancelled.', 'tip_type': 'error',
                         'reason_options': []}}
    return {'data': {
        'tip_content': 'Cancellation affects your seller rating.', 'tip_type': 'warning',
        'reason_options': [{'reason_name': text, 'reason_id': number}
                           for number, (text, _zeroes) in reverse.SELLER_REASONS.items()]}}


@endpoint('/order/reverse/cancel/create', 'GET')
def create(call):
    order, units = _units(call)
    reason_id = call.need('reason_id')
    if reason_id not in reverse.SELLER_REASONS:
        return _tip('The reason is not valid.', 'error')
    if not all(unit.status in reverse.SELLER_CANCELLABLE for unit in units):
        return _tip('These items can not be cancelled.', 'error')
    gone = reverse.seller_cancels(call.world, order, units, reason_id)
    call.applied('cancel', len(gone))
    return _tip('Order cancelled.', 'success')


def _tip(content, kind):
    return {'data': {'tip_content': content, 'tip_type': kind}}


def _units(call):
    order_id = call.need('order_id')
    order = call.shop.orders.get(int(order_id)) if order_id.isdigit() else None
    if order is None:
        raise ApiError('16', f'E016: "{order_id}" Invalid Order ID')
    ids = json_value(call.need('order_item_id_list'), list,
                     ApiError('56', 'E056: order_item_id_list must be an array [1,2]'))
    units = [order.unit(int(each)) if str(each).isdigit() else None for each in ids]
    if not units or None in units:
        raise ApiError('20', f'E020: {ids} Invalid Order Item ID')
    return order, units


# --- the seller answers the buyer ---

@endpoint('/order/reverse/cancel/seller/decide', 'GET')
def decide_cancel(call):
    case = _case(call)
    agree = call.need('agree_cancel')
    if case.request_type != 'CANCEL' or agree not in ('true', 'false'):
        raise ApiError('114', 'E0114: this action is not allowed now')
    if agree == 'false' and not call.params.get('reason_code'):
        raise ApiError('108', 'E0108: reason is missing')
    if not case.lines[0].unit.cancel_request.open:
        raise ApiError('114', 'E0114: this action is not allowed now')
    reverse.answer_cancel_request(call.world, case, agree == 'true')
    call.applied('cancel_decision')
    return {'data': {}}


@endpoint('/order/reverse/return/update', 'GET')
def update_return(call):
    case, action = _case(call), call.need('action')
    if action not in {known for known, _status in reverse.ACTIONS}:
        raise ApiError('107', 'E0107: action is not valid')
    lines = _lines(call, case, 'reverse_order_item_ids')
    _check_refusal(call, action, lines)
    return _act(call, case, lines, action)


@endpoint('/order/reverse/onlyrefund/seller/decide', 'GET')
def decide_refund(call):
    case, action = _case(call), call.need('action')
    if case.request_type != 'ONLY_REFUND':
        raise ApiError('114', 'E0114: this action is not allowed now')
    if action not in ('agreeRefund', 'startDispute'):
        raise ApiError('107', 'E0107: action is not valid')
    lines = _lines(call, case, 'reverse_order_line_id')
    if len(lines) != 1:
        raise ApiError('111', 'E0111: one line at a time')
    if action == 'startDispute':
        _need_proof(call)
    return _act(call, case, lines, action)


def _check_refusal(call, action, lines):
    if action not in REFUSALS:
        return
    if len(lines) != 1:
        raise ApiError('111', 'E0111: one line at a time')
    if call.params.get('reason_id') not in reverse.REFUSAL_REASONS:
        raise ApiError('108', 'E0108: reason is missing or not valid')
    if not call.params.get('comment'):
        raise ApiError('109', 'E0109: comment is missing')
    if action == 'refuseRefund':
        _need_proof(call)


def _need_proof(call):
    for name, code in (('comment', '109'), ('image_info', '110')):
        if not call.params.get(name):
            raise ApiError(code, f'E0{code}: {name} is missing')


def _act(call, case, lines, action):
    for line in lines:
        try:
            reverse.act(call.world, case, line, action, call.params.get('comment', ''))
        except KeyError as error:
            raise ApiError('114', 'E0114: this action is not allowed now') from error
        call.applied(f'return_{action}')
    return {'data': {}}


def _case(call):
    number = call.need('reverse_order_id')
    case = call.shop.returns.get(int(number)) if number.isdigit() else None
    if case is None:
        raise ApiError('106', 'E0106: internal error')
    return case


def _lines(call, case, name):
    """Lines named by an array or one id."""
    text = call.need(name)
    ids = [text] if text.isdigit() else json_value(
        text, list, ApiError('100', 'E0100: list is empty'))
    lines = [line for line in case.lines if str(line.line_id) in {str(each) for each in ids}]
    if not lines or len(lines) != len(ids):
        raise ApiError('112', 'E0112: reverse order line not found')
    return lines


# --- reading ---

@endpoint('/reverse/getreverseordersforseller', 'GET', 'POST')
def list_cases(call):
    page_no, page_size = (_page(call, name) for name in ('page_no', 'page_size'))
    found = [case for case in call.shop.returns.values() if _fits(call, case)]
    found.sort(key=lambda case: case.reverse_order_id)
    start = (page_no - 1) * page_size
    return {'result': {
        'success': True, 'total': len(found), 'page_no': page_no, 'page_size': page_size,
        'items': [reverse_json(call.world, case) for case in found[start:start + page_size]]}}


def _page(call, name):
    text = call.need(name)
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise ApiError('120', f'E0120: {name} is not valid')
    return int(text)


def _fits(call, case):
    params = call.params
    for name, value in (('reverse_order_id', case.reverse_order_id),
                        ('trade_order_id', case.order.order_id),
                        ('return_to_type', 'RTM' if case.is_rtm else 'RTW')):
        if params.get(name) and params[name] != str(value):
            return False
    for name, values in (('request_type_list', {case.request_type}),
                         ('reverse_status_list', {line.status for line in case.lines}),
                         ('ofc_status_list', {line.ofc_status for line in case.lines})):
        if params.get(name) and not values & set(json_value(
                params[name], list, ApiError('100', 'E0100: list is empty'))):
            return False
    return all(_in_range(params, name, case, moment) for name, moment in RANGES.items())


def _in_range(params, name, case, moment):
    """Bounds are epoch milliseconds."""
    first, last = (int(params.get(f'{name}{edge}') or default)
                   for edge, default in (('Start', 0), ('End', 10 ** 15)))
    return any(first <= moment(line) * 1000 <= last for line in case.lines)


@endpoint('/order/reverse/return/detail/list', 'GET')
def detail(call):
    return {'data': detail_json(call.world, _case(call))}


@endpoint('/order/reverse/return/history/list', 'GET')
def history(call):
    line = _line(call)
    size, number = (int(call.params.get(name) or default)
                    for name, default in (('page_size', 10), ('page_number', 1)))
    return {'data': history_json(line, size, number)}


@endpoint('/order/reverse/reason/list', 'GET')
def reasons(call):
    _line(call)
    return {'data': [{'reason_id': int(number), 'muti_language_text': text, 'text': text}
                     for number, text in reverse.REFUSAL_REASONS.items()]}


def _line(call):
    text = call.need('reverse_order_line_id')
    for case in call.shop.returns.values():
        for line in case.lines:
            if str(line.line_id) == text:
                return line
    raise ApiError('112', 'E0112: reverse order line not found')
