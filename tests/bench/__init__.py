"""Speed and cost as ratios measured in one run: `make bench`.

Each bench is a module with `measure(ground)`, which answers a list of `Figure`s. `BENCHES` names
them in the order in which they run; `make bench ONLY=import_orders` runs one alone. The tables are
kept in docs/bench.md.
"""
BENCHES = (
    'import_orders',
    'stock',
    'webhook',
    'market',
    'buttons',
)
