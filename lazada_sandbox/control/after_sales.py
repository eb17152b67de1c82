"""Returns, cancellation requests and payouts, as buyers and Lazada start them."""
from decimal import Decimal

from ..world import reverse
from ..world.finance import pay_out
from .orders import find_order, units_of
from .routes import ControlError, find_shop, find_shops, need, route


@route('POST', '/returns')
def ask_return(platform, body):
    """`{site, seller_id, order_id, order_item_ids?, reason_id?, only_refund?, is_rtm?}` opens one;
    `{site, seller_id, reverse_order_id, status, ofc_status?}` moves one as Lazada would."""
    shop = find_shop(platform, body)
    if 'reverse_order_id' in body:
        case = shop.returns.get(int(body['reverse_order_id']))
        if case is None:
            raise ControlError('no such reverse order', 404)
        reverse.set_status(platform.world, case, need(body, 'status'), body.get('ofc_status'))
        return case_json(case)
    order = find_order(platform, shop.site, shop.seller_id, str(need(body, 'order_id')))
    reason_id = str(body.get('reason_id', '1000001'))
    if reason_id not in reverse.RETURN_REASONS:
        raise ControlError(f'reason_id must be one of {", ".join(reverse.RETURN_REASONS)}')
    return case_json(reverse.buyer_returns(
        platform.world, order, units_of(order, body.get('order_item_ids')), reason_id,
        bool(body.get('only_refund')), bool(body.get('is_rtm', True))))


@route('GET', '/returns')
def returns(platform, query):
    """`?site=&seller_id=`: the truth, cancellation requests included."""
    return {'returns': [case_json(case) for shop in find_shops(platform, query)
                        for case in shop.returns.values()]}


@route('POST', '/cancel_requests')
def ask_cancel(platform, body):
    """`{site, seller_id, order_id, order_item_ids?, hours?}`: the buyer asks; no answer in time
    means yes."""
    shop = find_shop(platform, body)
    order = find_order(platform, shop.site, shop.seller_id, str(need(body, 'order_id')))
    return case_json(reverse.buyer_asks_to_cancel(
        platform.world, order, units_of(order, body.get('order_item_ids')),
        float(body.get('hours', 24))))


@route('POST', '/payouts')
def payout(platform, body):
    """`{site, seller_id, paid?, extra?}`: a statement over everything open; `extra` is a list of
    {fee_type, fee_name, amount}."""
    extra = [(int(need(each, 'fee_type')), each.get('fee_name'), Decimal(str(each['amount'])))
             for each in body.get('extra', [])]
    shop = find_shop(platform, body)
    return statement_json(shop, pay_out(platform.world, shop, body.get('paid', True), extra))


@route('GET', '/payouts')
def payouts(platform, query):
    return {'payouts': [statement_json(shop, each) for shop in find_shops(platform, query)
                        for each in shop.payouts]}


def case_json(case):
    return {
        'reverse_order_id': str(case.reverse_order_id), 'site': case.order.shop.site,
        'seller_id': case.order.shop.seller_id, 'order_id': str(case.order.order_id),
        'request_type': case.request_type, 'is_rtm': case.is_rtm,
        'lines': [{'reverse_order_line_id': str(line.line_id),
                   'order_item_id': str(line.unit.item_id), 'status': line.status,
                   'ofc_status': line.ofc_status, 'refund_amount': f'{line.refund_amount:.2f}',
                   'dispute': line.dispute} for line in case.lines]}


def statement_json(shop, statement):
    return {'site': shop.site, 'seller_id': shop.seller_id, 'statement_number': statement.number,
            'paid': statement.paid, 'opening_balance': f'{statement.opening_balance:.2f}',
            'closing_balance': f'{statement.balance:.2f}',
            'transactions': [{'transaction_number': each.number, 'fee_type': str(each.fee_type),
                              'fee_name': each.fee_name, 'amount': f'{each.amount:.2f}',
                              'order_id': str(each.order.order_id) if each.order else '',
                              'order_item_id': str(each.unit.item_id) if each.unit else ''}
                             for each in statement.transactions]}
