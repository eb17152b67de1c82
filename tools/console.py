"""What a person sees: progress lines with seconds, and errors that name the next step."""

import sys
import threading
import time
from contextlib import contextmanager


class Stop(Exception):
    """A problem the person can solve: what happened, and what to do next."""

    def __init__(self, problem, next_step):
        super().__init__(problem)
        self.problem = problem
        self.next_step = next_step


def say(text=''):
    print(text, flush=True)


@contextmanager
def step(text):
    """Print `text`, run the block, then print how many seconds it took."""
    started = time.monotonic()
    finished = threading.Event()
    # Only a terminal can rewrite its line while the step runs; a log gets one line at the end.
    live = sys.stdout.isatty()

    def tick():
        while not finished.wait(1):
            print(f"\r  {text} … {time.monotonic() - started:.0f} s", end='', flush=True)

    ticker = threading.Thread(target=tick, daemon=True)
    print(f"  {text} …", end='', flush=True)
    if live:
        ticker.start()
    outcome = 'failed after '
    try:
        yield
        outcome = ''
    finally:
        finished.set()
        start = '\r' if live else ''
        head = f"{start}  {text} …" if live else ''
        print(f"{head} {outcome}{time.monotonic() - started:.1f} s", flush=True)
