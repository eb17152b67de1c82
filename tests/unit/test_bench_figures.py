"""The tables of `make bench` and where they are kept."""
from tests.bench.figures import Figure, as_table, keep_table


def test_a_bound_is_judged_by_the_ratio_where_there_is_one():
    assert Figure.compare('time', 9, 's', 'plain', 10, bound=1).held
    assert not Figure.compare('time', 11, 's', 'plain', 10, bound=1).held
    assert Figure('calls', 5, '', bound=5).held
    assert not Figure('calls', 6, '', bound=5).held


def test_a_negative_bound_is_to_be_reached():
    assert Figure('ratio', 1.8, '', bound=-1.8).held
    assert not Figure('ratio', 1.7, '', bound=-1.8).held
    assert 'MISSED' in as_table([Figure('ratio', 1.7, '', bound=-1.8)])


def test_a_figure_without_a_bound_is_not_judged():
    [*_head, row] = as_table([Figure('rate', 12, 'orders/s')]).splitlines()
    assert 'held' not in row and 'MISSED' not in row


def test_a_table_takes_the_place_of_its_former_one(tmp_path):
    path = tmp_path / 'bench.md'
    path.write_text('# What it costs\n\nText.\n')
    keep_table(path, 'stock', [Figure('calls', 1, '')])
    keep_table(path, 'orders', [Figure('time', 2, 's')])
    keep_table(path, 'stock', [Figure('calls', 3, '')])
    text = path.read_text()
    assert text.startswith('# What it costs\n\nText.\n')
    assert text.index('## stock') < text.index('## orders') and text.count('##') == 2
    assert '| calls | 3' in text and '| calls | 1' not in text and '| time | 2 s' in text
