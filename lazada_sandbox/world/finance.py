"""What Lazada owes the seller: one line per fee and unit, settled by statements."""
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from .models import ZERO
from .shopping import quantum

DAY = 86400
COMMISSION, PAYMENT_FEE = Decimal('0.05'), Decimal('0.0212')
# fee_type -> (fee_name, transaction_type)
FEES = {
    13: ('Item Price Credit', 'Orders-Sales'),
    14: ('Reversal Item Price', 'Refunds-Sales'),
    118: ('Promotional Charges Vouchers', 'Orders-Marketing Fees'),
    121: ('Reversal Promotional Charges Vouchers', 'Refunds-Marketing Fees'),
    16: ('Commission', 'Orders-Lazada Fees'),
    15: ('Reversal Commission', 'Refunds-Lazada Fees'),
    3: ('Payment Fee', 'Orders-Lazada Fees'),
    4: ('Payment Fee Credit', 'Refunds-Lazada Fees'),
    8: ('Shipping Fee (Paid By Customer)', 'Orders-Logistics'),
    7: ('Shipping Fee Paid by Seller', 'Orders-Logistics'),
}
EARNED = ('delivered', 'confirmed')


@dataclass(eq=False, repr=False)
class Transaction:
    """One credit (> 0) or fee (< 0), tax included. `statement` is None until it is settled."""

    number: str
    fee_type: int
    fee_name: str
    transaction_type: str
    amount: Decimal
    at: int
    order: object = None
    unit: object = None
    statement: 'Statement | None' = None
    comment: str = ''


@dataclass(eq=False, repr=False)
class Statement:
    number: str
    created_at: int
    first_day: int
    last_day: int
    paid: bool
    opening_balance: Decimal
    transactions: list = field(default_factory=list)

    def total(self, *fee_types):
        return sum((each.amount for each in self.transactions
                    if each.fee_type in fee_types), ZERO)

    @property
    def balance(self):
        return self.opening_balance + sum((each.amount for each in self.transactions), ZERO)


def book(world, shop):
    """Write the fee lines of every unit that was delivered or sent back since the last time."""
    booked = {(each.unit.item_id, each.fee_type) for each in shop.transactions if each.unit}
    for order in shop.orders.values():
        for unit in order.units:
            if unit.status in EARNED and (unit.item_id, 13) not in booked:
                _book_sale(world, order, unit)
            if unit.status == 'returned' and (unit.item_id, 14) not in booked:
                if (unit.item_id, 13) not in booked:
                    _book_sale(world, order, unit)
                _book_refund(world, order, unit)


def pay_out(world, shop, paid=True, extra=()):
    """A statement over everything open; `extra` are further (fee_type, name, amount) lines."""
    book(world, shop)
    for fee_type, name, amount in extra:
        _add(world, shop, fee_type, amount, name=name)
    now = world.clock.second()
    previous = shop.payouts[-1] if shop.payouts else None
    number = f'{shop.short_code}-{shop.place.local(now):%Y-%m%d}'
    taken = {statement.number for statement in shop.payouts}
    if number in taken:
        number = f'{number}-{len(taken)}'
    opening = previous.balance if previous and not previous.paid else ZERO
    statement = Statement(number, now, now - 6 * DAY, now, paid, opening)
    statement.transactions = [each for each in shop.transactions if each.statement is None]
    for each in statement.transactions:
        each.statement = statement
    shop.payouts.append(statement)
    return statement


def _book_sale(world, order, unit):
    step = quantum(order.shop)
    base = unit.item_price - unit.voucher_seller
    for fee_type, amount in (
            (13, unit.item_price), (118, -unit.voucher_seller),
            (16, -(base * COMMISSION).quantize(step, ROUND_HALF_UP)),
            (3, -(base * PAYMENT_FEE).quantize(step, ROUND_HALF_UP)),
            (8, unit.shipping), (7, -unit.shipping)):
        if amount:
            _add(world, order.shop, fee_type, amount, order, unit)


def _book_refund(world, order, unit):
    step = quantum(order.shop)
    base = unit.item_price - unit.voucher_seller
    for fee_type, amount in (
            (14, -unit.item_price), (121, unit.voucher_seller),
            (15, (base * COMMISSION).quantize(step, ROUND_HALF_UP))):
        if amount:
            _add(world, order.shop, fee_type, amount, order, unit)


def _add(world, shop, fee_type, amount, order=None, unit=None, name=None):
    known, kind = FEES.get(fee_type, (f'Fee {fee_type}', 'Other Services-Others'))
    at = max(unit.updated_at if unit else 0, world.clock.second() - 6 * DAY)
    shop.transactions.append(Transaction(
        world.ids.transaction(shop.short_code), int(fee_type), name or known, kind,
        Decimal(amount), at, order, unit))
