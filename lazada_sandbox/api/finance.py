"""Statements and their lines. Every value is text."""
from datetime import datetime

from ..gateway.errors import ApiError
from ..world.catalogue import shop_sku
from ..world.finance import book
from ..world.models import ZERO
from .params import integer
from .registry import endpoint

LONGEST_DAYS = 180
DAY = 86400


@endpoint('/finance/payout/status/get', 'GET')
def payouts(call):
    since = _day(call, 'created_after')
    return {'data': [_statement(call.world, call.shop, statement)
                     for statement in call.shop.payouts if statement.created_at >= since]}


def _statement(world, shop, statement):
    """subtotal1 = item_revenue + other_revenue_total - fees_total; subtotal2 = subtotal1 - refunds;
    closing balance = opening balance + subtotal2 - what refunds gave back in fees."""
    revenue, refunds = statement.total(13), -statement.total(14)
    refunded_fees = statement.total(15, 121, 4)
    listed = {13, 14, 15, 121, 4}
    rest = [each for each in statement.transactions if each.fee_type not in listed]
    other = sum((each.amount for each in rest if each.amount > 0), ZERO)
    fees = -sum((each.amount for each in rest if each.amount < 0), ZERO)
    subtotal1 = revenue + other - fees
    stamp = shop.place.local(statement.created_at).strftime('%Y-%m-%d %H:%M:%S')
    amounts = {
        'opening_balance': statement.opening_balance, 'item_revenue': revenue,
        'other_revenue_total': other,
        'fees_total': fees if world.behaviour.fees_total_sign == 'positive' else -fees,
        'subtotal1': subtotal1, 'refunds': refunds, 'fees_on_refunds_total': refunded_fees,
        'subtotal2': subtotal1 - refunds, 'shipment_fee': ZERO, 'shipment_fee_credit': ZERO,
        'guarantee_deposit': ZERO, 'closing_balance': statement.balance,
        'payout': statement.balance,
    }
    texts = {name: f'{amount:.2f}' for name, amount in amounts.items()}
    if world.behaviour.payout_currency_suffix:
        texts['payout'] += f' {shop.place.currency}'
    return {'statement_number': statement.number, 'created_at': stamp, 'updated_at': stamp,
            'paid': '1' if statement.paid else '0', **texts}


@endpoint('/finance/transaction/details/get', 'GET')
def details(call):
    start, end = _day(call, 'start_time'), _day(call, 'end_time') + DAY
    if end - start >= LONGEST_DAYS * DAY:
        raise ApiError('1000012', 'the time range must be less than 180 days')
    limit = integer(call, 'limit', 100, '19', most=500, least=1)
    offset = integer(call, 'offset', 0, '14')
    kind = call.params.get('trans_type') or '-1'
    if kind != '-1' and not kind.isdigit():
        raise ApiError('1000014', f'unknown trans_type {kind}')
    book(call.world, call.shop)
    found = [each for each in call.shop.transactions
             if start <= each.at < end and kind in ('-1', str(each.fee_type))
             and _of_order(call, each)]
    return {'data': [_transaction(call.shop, each) for each in found[offset:offset + limit]]}


def _of_order(call, transaction):
    order_id = call.params.get('trade_order_id')
    item_id = call.params.get('trade_order_line_id')
    order, unit = transaction.order, transaction.unit
    return ((not order_id or (order and str(order.order_id) == order_id))
            and (not item_id or (unit and str(unit.item_id) == item_id)))


def _transaction(shop, each):
    order, unit, statement = each.order, each.unit, each.statement
    return {
        'order_no': str(order.order_id) if order else '',
        'orderItem_no': str(unit.item_id) if unit else '',
        'orderItem_status': unit.status if unit else '',
        'fee_type': str(each.fee_type), 'fee_name': each.fee_name,
        'transaction_type': each.transaction_type, 'transaction_number': each.number,
        'transaction_date': _english(shop, each.at),
        'amount': f'{each.amount:,.2f}', 'VAT_in_amount': '0.00', 'WHT_amount': '0.00',
        'WHT_included_in_amount': 'No',
        'paid_status': 'paid' if statement and statement.paid else 'Not paid',
        'statement': f'{_english(shop, statement.first_day)} - '
                     f'{_english(shop, statement.last_day)}' if statement else '',
        'seller_sku': unit.seller_sku if unit else '',
        'lazada_sku': shop_sku(shop, unit.listing) if unit else '',
        'reference': str(unit.item_id) if unit else '', 'details': '', 'comment': each.comment,
        'payment_ref_id': '', 'shipping_provider': '', 'shipping_speed': 'standard',
        'shipment_type': 'Dropshipping',
    }


MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')


def _english(shop, epoch):
    """"16 Sep 2026", whatever the machine's language."""
    day = shop.place.local(epoch)
    return f'{day.day:02d} {MONTHS[day.month - 1]} {day.year}'


def _day(call, name):
    """`YYYY-MM-DD` in the shop's country -> epoch of its first second."""
    text = call.need(name)
    try:
        return datetime.strptime(text, '%Y-%m-%d').replace(tzinfo=call.shop.place.zone).timestamp()
    except ValueError as error:
        raise ApiError('17', f'E017: "{text}" Invalid Date Format') from error
