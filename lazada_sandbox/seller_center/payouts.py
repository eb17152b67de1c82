"""Statements."""
from ..world.finance import book, pay_out
from ..world.models import ZERO
from .routes import address, back, shop_page, shop_route


@shop_route('GET', '/payouts')
def show(platform, request, shop):
    book(platform.world, shop)
    waiting = [each for each in shop.transactions if each.statement is None]
    return shop_page(request, shop, 'payouts.html', 'payouts', statements=shop.payouts[::-1],
                     waiting=sum((each.amount for each in waiting), ZERO), count=len(waiting))


@shop_route('POST', '/payouts')
def create(platform, request, shop):
    statement = pay_out(platform.world, shop)
    return back(address(shop, '/payouts'), f'Statement {statement.number} is paid out.')
