"""The log of calls, and how often each kind of write took effect."""
from collections import Counter, deque

SECRET = {'sign', 'access_token', 'refresh_token', 'code', 'app_secret'}
KEEP = 50_000


class Calls:
    """The last 50,000 calls. Sequence numbers go on over a reset."""

    def __init__(self):
        self.sequence = 0
        self.clear()

    def clear(self):
        self._calls = deque(maxlen=KEEP)
        self.applied = Counter()
        self.paths = Counter()

    def add(self, *, site, path, method, seller_id, params, code, at, http_status, seconds, fault):
        self.sequence += 1
        self.paths[path] += 1
        self._calls.append({
            'seq': self.sequence, 'site': site, 'path': path, 'method': method,
            'seller_id': seller_id, 'code': code, 'time': at, 'http_status': http_status,
            'duration_ms': round(seconds * 1000, 2), 'fault': fault,
            'params': {name: value for name, value in params.items() if name not in SECRET},
        })

    def since(self, sequence, limit=None):
        found = [call for call in self._calls if call['seq'] > sequence]
        return found if limit is None else found[-limit:]
