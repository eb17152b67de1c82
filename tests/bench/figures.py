"""What a bench answers, its table and its file."""
import json
import os
import platform
import re
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """`value` measured here, `beside` something measured in the same run.

    ratio: value / beside_value, or a plain value where nothing stands beside it. bound: what the
    ratio (without one: the value) must not exceed; a negative bound must be reached at least.
    """
    name: str
    value: float
    unit: str
    beside: str = ''
    beside_value: float | None = None
    ratio: float | None = None
    bound: float | None = None

    @classmethod
    def compare(cls, name, value, unit, beside, beside_value, bound=None):
        return cls(name, value, unit, beside, beside_value, value / beside_value, bound)

    @property
    def held(self):
        if self.bound is None:
            return True
        judged = self.value if self.ratio is None else self.ratio
        return judged >= -self.bound if self.bound < 0 else judged <= self.bound


def write_json(figures, path):
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + '\n')


def keep_table(path, name, figures):
    """Put the table of a bench in the place of the one it had in docs/bench.md."""
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    section = f"## {name}\n\n{machine}\n\n{as_table(figures)}\n"
    text = path.read_text()
    place = re.compile(rf'^## {name}\n.*?(?=^## |\Z)', re.DOTALL | re.MULTILINE)
    if place.search(text):
        text = place.sub(lambda _match: section + '\n', text)
    else:
        text = f"{text.rstrip()}\n\n{section}"
    path.write_text(text.rstrip() + '\n')


def as_table(figures):
    """A Markdown table."""
    lines = ["| figure | value | beside | | ratio | bound | |",
             "| --- | --: | --- | --: | --: | --: | --- |"]
    for figure in figures:
        lines.append('| {} | {} | {} | {} | {} | {} | {} |'.format(
            figure.name, f'{figure.value:.4g} {figure.unit}', figure.beside,
            '' if figure.beside_value is None else f'{figure.beside_value:.4g}',
            '' if figure.ratio is None else f'{figure.ratio:.2f}',
            _bound(figure.bound), _verdict(figure)))
    return '\n'.join(lines)


def _verdict(figure):
    if figure.bound is None:
        return ''
    return 'held' if figure.held else 'MISSED'


def _bound(bound):
    if bound is None:
        return ''
    return f'≥ {-bound:g}' if bound < 0 else f'≤ {bound:g}'
