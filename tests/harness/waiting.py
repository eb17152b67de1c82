"""Waiting for something to become true, instead of sleeping; and doing things together."""

import threading
import time

# Generous: it is only waited for where something is wrong, and a scheduled action that missed its
# call is found by Odoo within a minute or so.
PATIENCE = 240


def wait_until(predicate, timeout=PATIENCE, every=0.2, what=None):
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


def at_once(*calls):
    """Do all of these at the same time; their results in order."""
    results, errors = [None] * len(calls), []
    together = threading.Barrier(len(calls))

    def run(number, call):
        together.wait()
        try:
            results[number] = call()
        except Exception as error:      # the thread that waits for us tells it
            errors.append(error)

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    return results
