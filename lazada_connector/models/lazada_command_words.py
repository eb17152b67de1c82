# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads when Lazada refuses to pack or to hand over."""
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

WORDS = {
    'provider_needed': _lt("Lazada wants you to choose the courier. Press Pack Lazada Package."),
    '998': _lt("Lazada has switched this off for now, as it does during campaigns."),
    '1003': _lt("Lazada could not allocate a courier."),
    '600001': _lt("Lazada does not know this package any more."),
    '600002': _lt("The package was canceled on Lazada."),
    '700000': _lt("The package is in a status that does not allow this any more."),
    '700001': _lt("Lazada does not accept this courier. Choose another one."),
    '700033': _lt("Lazada does not accept this courier. Choose another one."),
    '700009': _lt("Only parcels of the seller's own fleet can be reported by the seller."),
    '700016': _lt("This cross-border seller has no courier subscription on Lazada."),
    '700021': _lt("Lazada does not know this order in this shop."),
    '700025': _lt("Lazada does not know this unit."),
    '700023': _lt("The buyer picks this order up in a store: it cannot be packed."),
    '700028': _lt("The buyer picks this order up in a store: it cannot be packed."),
    '700024': _lt("Lazada is busy with this order."),
    '700026': _lt("The unit is in a status that does not allow packing: packed or canceled."),
    '700027': _lt("Lazada's own warehouse ships this order."),
    '700029': _lt("The units lie in different warehouses and cannot share a package."),
    '700030': _lt("A digital product needs no package."),
    '700031': _lt("Lazada has not released this order yet, for example because it is being "
                  "verified."),
}
# What becomes of it.
AGAIN = _lt("It is tried again by itself.")
ENOUGH = _lt("It was tried several times. Press Retry Lazada Sync to try it once more.")


def explain(env, code, message=None, outlook=''):
    """Return a refusal in plain words, with Lazada's own behind them if it is Lazada's.

    :param outlook: `AGAIN`, `ENOUGH` or nothing
    """
    said = '' if message is None else env._(
        "Lazada said: %(message)s (%(code)s)", message=message or '-', code=code)
    words = [env._(text) for text in (  # pylint: disable=translation-not-lazy
        WORDS.get(code), outlook) if text]
    return ' '.join(filter(None, [*words, said]))
