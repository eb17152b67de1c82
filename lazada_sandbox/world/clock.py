"""The clock of the world: real time, moved on demand."""
import time


class Clock:
    """`advance` moves the world itself; `skew` only what request timestamps are checked against.

    All times are epoch seconds (UTC).
    """

    def __init__(self, real=time.time):
        self._real = real
        self.advance = 0.0
        self.skew = 0.0

    def now(self):
        return self._real() + self.advance

    def second(self):
        return int(self.now())

    def accepts(self, timestamp, tolerance=7200):
        """Is a request's timestamp near the gateway's clock?

        After an `advance` both real time and world time are right: one client signs with its own
        clock, another follows the `Date` header.
        """
        real = self._real() + self.skew
        return any(abs(timestamp - base) <= tolerance for base in (real, real + self.advance))
