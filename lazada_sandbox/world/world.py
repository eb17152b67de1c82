"""The whole state, behind one lock."""
import heapq
import itertools
import random
import threading
import time

from .behaviour import Behaviour
from .clock import Clock
from .ids import Ids
from .models import Account


class World:
    """Everything the platform knows. Hold `lock` while reading or changing it.

    `listeners` are called as `listener(kind, **facts)` when something a seller may be told about
    happens; see the push module for the kinds.
    """

    def __init__(self, seed=1, real=time.time):
        self.lock = threading.RLock()
        self.listeners = []
        self.clock = Clock(real)
        self._real = real
        self.start_over(seed)

    def start_over(self, seed):
        """An empty world: no shop, no order, the clock on real time."""
        self.seed = seed
        self.clock.advance = self.clock.skew = 0.0
        self.random = random.Random(seed)
        self.ids = Ids(self.random)
        self.behaviour = Behaviour()
        self.apps = {}
        self.accounts = {}
        self.shops = {}
        self._timers = []
        self._timer_order = itertools.count()

    # --- accounts and shops ---

    def add_account(self, login, country, shops):
        account = self.accounts[login] = Account(login, country, shops)
        self.shops.update((shop.key, shop) for shop in shops)
        return account

    def shop_of(self, account, site):
        """The account's shop in a country, or None."""
        return next((shop for shop in account.shops if shop.site == site), None)

    def orders(self):
        return (order for shop in self.shops.values() for order in shop.orders.values())

    # --- time ---

    def at(self, epoch, action):
        """Run `action()` once the clock has passed `epoch`."""
        heapq.heappush(self._timers, (epoch, next(self._timer_order), action))

    def tick(self):
        """Let everything that is due happen. Called before each request is answered."""
        now = self.clock.now()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()

    def tell(self, kind, **facts):
        for listener in self.listeners:
            listener(kind, **facts)
