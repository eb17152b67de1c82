# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From what a warehouse can still deliver to what a shop offers. Pure: plain numbers only."""
import math
from dataclasses import dataclass

# Quantities are floats; this much is noise.
NOISE = 1e-6


@dataclass(frozen=True)
class OfferRules:
    """How much of the available pieces one listing offers.

    bundle: pieces of the product in one sold unit · share_percent: of the units, what this shop
    may offer · buffer_qty, buffer_percent: units held back, the larger of the two counts ·
    last_units: offer nothing while no more than that many units are left · max_qty: at most, 0
    for no limit · set_to_zero: a person took the listing off sale
    """
    bundle: int = 1
    share_percent: float = 100.0
    buffer_qty: int = 0
    buffer_percent: float = 0.0
    last_units: int = 0
    max_qty: int = 0
    set_to_zero: bool = False

    def buffer(self, units):
        """Return how many of `units` are held back."""
        percent = math.ceil(max(units, 0) * self.buffer_percent / 100 - NOISE)
        return max(self.buffer_qty, percent, 0)


def whole_units(pieces, bundle=1):
    """Return how many sold units `pieces` make up; below zero when pieces are missing."""
    return math.floor(pieces / max(bundle, 1) + NOISE)


def offer(pieces, rules):
    """Return the quantity a listing offers when `pieces` of its product are available."""
    units = whole_units(pieces, rules.bundle)
    if rules.set_to_zero or units <= max(rules.last_units, 0):
        return 0
    shared = math.floor(units * rules.share_percent / 100 + NOISE)
    quantity = max(shared - rules.buffer(units), 0)
    return min(quantity, rules.max_qty) if rules.max_qty > 0 else quantity
