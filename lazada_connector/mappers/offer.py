# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From what a warehouse can still deliver to what a shop offers. Pure: plain numbers only."""
import math
from dataclasses import dataclass
from typing import NamedTuple

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


class Offer(NamedTuple):
    """What a listing offers. limits: the rules that made it less than there is, the names of
    `OfferRules`; of several, those without which it would be more.
    """
    quantity: int
    limits: tuple = ()


def offer(units, rules):
    """Return the Offer of a listing of which so many `units` are available."""
    if rules.set_to_zero:
        return Offer(0, ('set_to_zero',))
    if units <= 0:
        return Offer(0)
    if units <= rules.last_units:
        return Offer(0, ('last_units',))
    shared, held_back = math.floor(units * rules.share_percent / 100 + NOISE), rules.buffer(units)
    quantity = max(shared - held_back, 0)
    if 0 < rules.max_qty < quantity:
        return Offer(rules.max_qty, ('max_qty',))
    limits = (*(('share',) if shared < units else ()), *(('buffer',) if held_back else ()))
    return Offer(quantity, limits)


def distribute(quantity, units):
    """Return {place: its part of `quantity`}, in proportion to `units` ({place: there at most})."""
    total = sum(units.values())
    if quantity >= total:
        return dict(units)
    parts = {place: quantity * number // total for place, number in units.items()}
    by_rest = sorted(units, key=lambda place: (-(quantity * units[place] % total), str(place)))
    for place in by_rest[:quantity - sum(parts.values())]:
        parts[place] += 1
    return parts
