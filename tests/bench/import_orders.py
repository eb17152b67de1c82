"""What importing an order costs beside plain Odoo doing the same.

Both sides end with the same rows: a customer, a confirmed sales order with two lines, a delivery
with two reserved moves. The connector's side includes HTTP, mirror, mapping and the call log.
"""
import json

from .figures import Figure

PAIRS = 5
ORDERS = 100


def measure(ground):
    with ground.database('test') as database:
        found = _run(ground, database, 'measure_import', pairs=PAIRS, orders=ORDERS)
        figures = [
            Figure.compare(
                "time per imported order", found['import_ms'], 'ms',
                "plain Odoo, batches of 20", found['plain_ms'], bound=1.05),
            Figure("SQL per imported order", found['sql'], 'statements', bound=60),
            Figure.compare(
                "plain Odoo, one order per transaction", found['single_ms'], 'ms',
                "the connector's import", found['import_ms'], bound=-1.8),
            Figure("a 300-unit order", found['large_s'], 's', bound=0.5),
        ]
        grown = _run(ground, database, 'measure_growth', orders=ORDERS)
        figures += [
            Figure.compare(
                "time per order at 20,000 stored orders", grown['many_ms'], 'ms',
                "at 500 stored orders", grown['few_ms'], bound=1.1),
            Figure.compare(
                "memory after 5,000 orders", grown['late_mb'], 'MB',
                "after the first 500", grown['early_mb'], bound=1.1),
        ]
        figures += _hot_skus(ground, database)
    return figures


def _run(ground, database, function, **arguments):
    """Run a function of `orders_worker` in an Odoo process; answer what it returned."""
    text = (
        "import json\n"
        "from tests.bench import orders_worker\n"
        f"print('FOUND', json.dumps(orders_worker.{function}(env, **{arguments!r})))\n")
    printed = ground.odoo.script(
        database, text, log=ground.settings.log_dir / f'bench-{database}.log')
    return json.loads(printed.rpartition('FOUND ')[2].splitlines()[0])


def _hot_skus(ground, database):
    """Two workers import orders of two shops that sell the same five products."""
    figures = []
    for method in ('at_confirm', 'manual'):
        found = _run(ground, database, 'measure_hot_skus', method=method, orders=ORDERS)
        figures += [
            Figure(f"two workers on five SKUs, reserved {method}",
                   found['orders_per_second'], 'orders/s'),
            Figure(f"repeated batches, reserved {method}", found['collisions'], ''),
            Figure(f"orders in attention, reserved {method}", found['attention'], '', bound=0),
        ]
    return figures
