"""The captured and documented payloads of tests/fixtures/lazada (where from: SOURCES.md there)."""

import json
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / 'fixtures' / 'lazada'


def load(name):
    """A payload, parsed as the client parses answers."""
    return json.loads((FOLDER / f'{name}.json').read_text('utf-8'), parse_float=Decimal)


def names(prefix):
    return sorted(path.stem for path in FOLDER.glob(f'{prefix}*.json'))
