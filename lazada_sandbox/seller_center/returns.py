"""Returns and cancellation requests, as the seller answers them."""
from ..world import reverse
from .routes import PageError, address, back, shop_page, shop_route


@shop_route('GET', '/returns')
def show(platform, request, shop):
    cases = sorted(shop.returns.values(), key=lambda case: -case.reverse_order_id)
    return shop_page(request, shop, 'returns.html', 'returns', cases=cases,
                     choices={case.reverse_order_id: _choices(case) for case in cases})


@shop_route('POST', '/returns/<int:reverse_order_id>')
def act(platform, request, shop, reverse_order_id):
    """Field `action`."""
    case = shop.returns.get(reverse_order_id)
    action = request.form.get('action', '')
    if case is None or action not in _choices(case):
        raise PageError('This is not possible now.')
    if case.request_type == 'CANCEL':
        reverse.answer_cancel_request(platform.world, case, agree=action == 'agree')
    else:
        for line in case.lines:
            reverse.act(platform.world, case, line, action)
    return back(address(shop, '/returns'), f'{action}: done.')


def _choices(case):
    """Actions that fit all lines of a case."""
    if case.request_type == 'CANCEL':
        return ['agree', 'refuse'] if case.lines[0].unit.cancel_request.open else []
    table = reverse.ONLY_REFUND_ACTIONS if case.request_type == 'ONLY_REFUND' else reverse.ACTIONS
    return [action for action, status in table
            if all(line.status == status for line in case.lines)]
