"""Call limits per second and per day."""
from collections import Counter, deque

from .errors import call_limit

DAY = 86400


class Limits:
    """Counts in world time; the numbers come from the world's behaviour switches."""

    def __init__(self, world):
        self._world = world
        self.clear()

    def clear(self):
        self._recent = {}
        self._days = Counter()

    def check(self, app_key, seller_id, path):
        """Raises ApiCallLimit, SellerCallLimit or AppCallLimit."""
        behaviour, now = self._world.behaviour, self._world.clock.now()
        api_limit = behaviour.api_call_limit.get(path, 0)
        if self._too_many(('api', seller_id, path), api_limit, now):
            raise call_limit('ApiCallLimit')
        if self._too_many(('seller', seller_id), behaviour.seller_call_limit, now):
            raise call_limit('SellerCallLimit')
        if behaviour.app_daily_limit:
            day = app_key, now // DAY
            self._days[day] += 1
            if self._days[day] > behaviour.app_daily_limit:
                raise call_limit('AppCallLimit', int(DAY - now % DAY))

    def _too_many(self, key, limit, now):
        if not limit:
            return False
        times = self._recent.setdefault(key, deque())
        while times and times[0] <= now - 1:
            times.popleft()
        if len(times) >= limit:
            return True
        times.append(now)
        return False
