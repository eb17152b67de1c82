"""Waiting for something to become true, instead of sleeping."""

import time


def wait_until(predicate, timeout=60, every=0.2, what=None):
    """The first true value of `predicate()`; AssertionError when `timeout` seconds have passed."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            name = what or getattr(predicate, '__name__', 'the condition')
            raise AssertionError(f"{name} did not come true in {timeout} s (last: {value!r})")
        time.sleep(every)
