"""Speed and cost as ratios measured in one run: `make bench`.

Each bench is a module with `measure(ground)`, which answers a list of `Figure`s. `BENCHES` names
them in the order in which they run; `python -m tests.bench import_orders` runs one alone.
"""
BENCHES = ('import_orders', 'stock')
BENCHES = ('import_orders', 'webhook')
