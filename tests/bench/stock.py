"""What a catalogue and its stock cost: calls and time for 10,000 listings."""
import json

from .figures import Figure

LISTINGS = 10_000


def measure(ground):
    with ground.database('test') as database:
        found = _run(ground, database)
    return [
        Figure("calls of a first catalogue sync", found['first_calls'], 'calls', bound=205),
        Figure("first catalogue sync, per listing", found['first_ms'], 'ms', bound=5),
        Figure("listings not linked by it", found['unlinked'], '', bound=0),
        Figure("listings written by a repeated one", found['rewritten'], 'rows', bound=0),
        Figure.compare(
            "computing 10,000 quantities", found['ours_s'], 's', "reading free_qty",
            found['free_qty_s'], bound=0.5),
        Figure("quantities that differ from free_qty", found['differing'], '', bound=0),
        Figure("sending 10,000 quantities", found['all_calls'], 'calls', bound=501),
        Figure("calls when nothing changed", found['none_calls'], 'calls', bound=0),
        Figure("calls after one change", found['one_calls'], 'calls', bound=1),
        Figure("a cycle after one change", found['one_s'], 's', bound=1),
        Figure("calls after 1,000 changes", found['many_calls'], 'calls', bound=50),
        Figure("a cycle after 1,000 changes", found['many_s'], 's'),
    ]


def _run(ground, database):
    text = (
        "import json\n"
        "from tests.bench import stock_worker\n"
        f"print('FOUND', json.dumps(stock_worker.measure(env, {LISTINGS})))\n")
    printed = ground.odoo.script(
        database, text, log=ground.settings.log_dir / f'bench-{database}.log')
    return json.loads(printed.rpartition('FOUND ')[2].splitlines()[0])
