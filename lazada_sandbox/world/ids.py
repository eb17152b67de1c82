"""Ids that look like the platform's.

Orders, items and returns of one buyer end in the buyer's last five digits; the items of an order
count up from the order's id in steps of 100,000.
"""


class Ids:
    """Deterministic for one seed: `random` is the world's generator."""

    def __init__(self, random):
        self._random = random
        self._order = random.randrange(400_000_0000, 600_000_0000)
        self._package = random.randrange(10 ** 14, 9 * 10 ** 14)
        self._reverse = random.randrange(650_000_0000, 660_000_0000)
        self._tracking = random.randrange(60_000_000, 70_000_000)
        self._item = random.randrange(2_000_000_000, 2_100_000_000)
        self._sku = random.randrange(10_000_000_000, 10_500_000_000)
        self._transaction = 0

    def order(self, buyer_id, units):
        """Order id; room is left for its items."""
        self._order += units + self._random.randrange(2, 4000)
        return self._order * 100_000 + buyer_id % 100_000

    def package(self):
        self._package += self._random.randrange(1, 10 ** 6)
        return f'FP{self._package:015d}'

    def tracking(self, prefix):
        self._tracking += self._random.randrange(1, 40)
        return f'{prefix}{self._tracking:010d}'

    def reverse(self, buyer_id):
        self._reverse += self._random.randrange(1, 400)
        return self._reverse * 100_000 + buyer_id % 100_000

    def item(self):
        self._item += self._random.randrange(1, 90_000)
        return self._item

    def sku(self):
        self._sku += self._random.randrange(1, 900)
        return self._sku

    def transaction(self, short_code):
        self._transaction += 1
        return f'{short_code}-A{self._transaction:06d}'

    def leave_seeded_range(self, epoch):
        """After seeding: never hand out an id an earlier run of the same seed has handed out."""
        seconds = int(epoch) % 10 ** 9
        self._order = 6_000_000_000 + seconds * 3
        self._package += seconds * 1000
        self._reverse += seconds * 2
        self._tracking += seconds * 3
