"""`python -m tests.bench [NAME ...]`: run the benches and print their table.

Writes bench.json into LOCAL_DIR and keeps the tables in docs/bench.md. Exit code 1 when a bound
was missed.
"""
import importlib
import sys

from tests.harness.running import ground as make_ground

from . import BENCHES
from .figures import as_table, keep_table, write_json


def main(names):
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"There is no bench {', '.join(sorted(unknown))}. "
                 f"Choose from: {' '.join(BENCHES)}")
    figures = []
    with make_ground() as ground:
        for name in names or BENCHES:
            print(f"== {name}", flush=True)
            found = importlib.import_module(f'tests.bench.{name}').measure(ground)
            print(as_table(found), flush=True)
            keep_table(ground.settings.root / 'docs' / 'bench.md', name, found)
            figures += found
        path = ground.settings.local / 'bench.json'
    write_json(figures, path)
    print(f"\n{as_table(figures)}\n\nWritten to {path}")
    return 0 if all(figure.held for figure in figures) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
