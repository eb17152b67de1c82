"""How fast push messages are answered while orders are being imported, and that none is lost.

Odoo runs with two workers for requests, as many for scheduled actions, on whatever cores there are.
Messages are sent at fixed moments, each over a connection of its own; an answer's time counts from
the moment its message was due.
"""
from tests.harness.pushes import PushedShop, Repeating, keep_pace, percentile, request
from tests.harness.waiting import wait_until

from .figures import Figure

MESSAGES, PER_SECOND = 5_000, 50
ORDERS = 200        # the messages are about these, and as many more are bought meanwhile
SKU = 'BENCH-PUSH'
CPU_SAMPLES = 300


def measure(ground):
    with ground.stack('test', start=False) as stack:
        stack.start_sandbox()
        stack.start_server('--workers=2')
        shop = PushedShop(stack)
        shop.sell(SKU)
        shop.open()
        wait_until(lambda: _count(
            shop, 'lazada.flow', last_success_at=False, name='catalogue') == 0, timeout=300)
        costs = _measure_cpu(stack, shop)
        alone = keep_pace(lambda _n: request(stack.url, 'GET', '/web/health'), range(250), 50)
        answers = _send(shop)
        kept = shop.count(message_type='0')
        wait_until(lambda: shop.count(state='todo') == 0, timeout=600)
        wait_until(lambda: _count(shop, 'lazada.order', sync_state='todo') == 0, timeout=600)
        imported = _count(shop, 'lazada.order', sync_state='done')
    seconds = [seconds for _status, seconds in answers]
    refused = sum(status != 200 for status, _seconds in answers)
    plain = [seconds for _status, seconds in alone]
    return [
        Figure("answer to a push message, p99", 1000 * percentile(seconds, 0.99), 'ms', bound=150),
        Figure.compare(
            "answer to a push message, median", 1000 * percentile(seconds, 0.5), 'ms',
            "/web/health on an idle server", 1000 * percentile(plain, 0.5)),
        Figure.compare(
            "processor time of Odoo for a push message", costs[0], 'ms', "/web/health", costs[1],
            bound=3),
        Figure("push messages not answered with 200", refused, 'messages', bound=0),
        Figure("push messages lost of 5,000", MESSAGES - kept, 'messages', bound=0),
        Figure("orders imported meanwhile", imported, 'orders', bound=-ORDERS),
    ]


def _send(shop):
    orders = [order_id for _batch in range(ORDERS // 50) for order_id in shop.buy(SKU, 50)]
    with Repeating(lambda: shop.buy(SKU, 2), every=1):
        return keep_pace(
            lambda number: shop.send(shop.write(number, orders[number % ORDERS])),
            range(MESSAGES), PER_SECOND)


def _measure_cpu(stack, shop):
    """Processor time in ms of (a message that asks for no pull, /web/health) on a quiet server."""
    def spend(work):
        for number in range(20):
            work(number)
        before = stack.cpu_seconds()
        for number in range(20, 20 + CPU_SAMPLES):
            work(number)
        return 1000 * (stack.cpu_seconds() - before) / CPU_SAMPLES

    return (
        spend(lambda number: shop.send(shop.write(number, '1', kind=2))),
        spend(lambda number: request(stack.url, 'GET', '/web/health')))


def _count(shop, model, **domain):
    return shop.rpc[model].search_count(
        [('shop_id', '=', shop.id), *((name, '=', value) for name, value in domain.items())])
