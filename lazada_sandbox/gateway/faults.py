"""Faults a script orders: what goes wrong, where, and how often.

A fault is `{path, times, kind, ...}`; further members narrow it (`site`, `seller_id`, `skip` calls
first) or shape it:

* `http`    answer `status` (500) with `body` (text) and `headers`
* `error`   answer an error envelope: `code`, `message`, `type`, `detail`
* `delay`   wait `seconds` (1), then answer properly
* `cut`     send only `bytes` (20) of the body, then close
* `reset`   reset the connection without an answer
* `drip`    send the body byte by byte, `seconds` (1) apart
* `bulk`    answer `megabytes` (10) of blanks before the body; `gzip: true` compresses them
* `repeat`  answer what the same seller's previous call of this path was answered
* `rows`    refuse single rows of a batch of fulfilment: `rows` is {unit or package id, or "*":
            {`code` (700024), `message`, `retry` (true)}}; nothing happens to these rows, the
            others take effect

`path` may end in `*`. `times` (1) is how often; 0 means for ever. With `after: true` the call takes
effect first and only its answer breaks (`rows` knows no such thing).
"""
from dataclasses import dataclass
from fnmatch import fnmatchcase

KINDS = ('http', 'error', 'delay', 'cut', 'reset', 'drip', 'bulk', 'repeat', 'rows')


@dataclass
class Fault:
    number: int
    kind: str
    path: str
    times: int
    skip: int
    after: bool
    site: str
    seller_id: str
    options: dict
    hits: int = 0

    def matches(self, site, seller_id, path):
        return (fnmatchcase(path, self.path) and self.site in ('', site)
                and self.seller_id in ('', seller_id))

    def refuse(self, row_id):
        """(code, message, retry) of this row, or None when it goes its way."""
        rows = self.options.get('rows', {}) if self.kind == 'rows' else {}
        outcome = rows.get(str(row_id), rows.get('*'))
        return outcome if outcome is None else (
            str(outcome.get('code', '700024')), outcome.get('message', 'ordered by a fault'),
            outcome.get('retry', True))

    @property
    def spent(self):
        return self.times > 0 and self.hits >= self.times

    def describe(self):
        return {'id': self.number, 'kind': self.kind, 'path': self.path, 'times': self.times,
                'skip': self.skip, 'after': self.after, 'site': self.site,
                'seller_id': self.seller_id, 'hits': self.hits, **self.options}


class Faults:
    def __init__(self):
        self._faults = []
        self._numbers = 0

    def add(self, spec):
        """Raises ValueError for a fault nobody could meet."""
        spec = dict(spec)
        kind = spec.pop('kind', None)
        if kind not in KINDS:
            raise ValueError(f'kind must be one of {", ".join(KINDS)}')
        self._numbers += 1
        fault = Fault(
            self._numbers, kind, spec.pop('path', '*'), int(spec.pop('times', 1)),
            int(spec.pop('skip', 0)), bool(spec.pop('after', False)), spec.pop('site', ''),
            str(spec.pop('seller_id', '')), spec)
        self._faults.append(fault)
        return fault.describe()

    def take(self, site, seller_id, path):
        """The fault this call meets, or None. Counts it."""
        for fault in self._faults:
            if fault.spent or not fault.matches(site, seller_id, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.hits += 1
            return fault
        return None

    def all(self):
        return [fault.describe() for fault in self._faults]

    def clear(self):
        self._faults.clear()
