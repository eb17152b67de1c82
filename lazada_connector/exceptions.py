# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads when Lazada says no: the only bridge from API errors to words."""
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from .lazada_api import errors

_lt = LazyTranslate(__name__)

# First match wins: from the most special class to the root of the tree.
SENTENCES = [
    (errors.LazadaAuthError, _lt(
        "Lazada no longer accepts the authorisation of this account. Open the account and press "
        "Re-authorise.")),
    (errors.LazadaPermissionError, _lt(
        "The Lazada app may not use this function, or the seller is not active. Check the app's "
        "permissions in the Lazada Open Platform console.")),
    (errors.LazadaSuspendedError, _lt(
        "Lazada has switched this function off for a while, as it does during big campaigns. "
        "The work continues by itself when it is back.")),
    (errors.LazadaThrottleError, _lt(
        "Lazada asks us to slow down. The work continues by itself.")),
    (errors.LazadaClockError, _lt(
        "The clock of this server differs from Lazada's by more than two hours. Correct the "
        "server's clock; nothing is lost meanwhile.")),
    (errors.LazadaPagingError, _lt(
        "Lazada's list cannot be read to its end without losing something. Nothing was skipped, "
        "and it is tried again by itself; if this stays, send this text to support.")),
    (errors.LazadaServerError, _lt(
        "Lazada has a problem on its side. The work is tried again by itself.")),
    (errors.LazadaTransportError, _lt(
        "Lazada could not be reached or gave no usable answer. The work is tried again by "
        "itself.")),
    (errors.LazadaError, _lt("Lazada refused the request.")),
]


def describe(env, error):
    """Return what happened and what to do as one translated text, without secrets."""
    sentence = next(text for cls, text in SENTENCES if isinstance(error, cls))
    parts = [env._(sentence)]  # pylint: disable=translation-not-lazy
    detail = getattr(error, 'message', None)
    code = getattr(error, 'code', None)
    if code or detail:
        parts.append(env._(
            "Lazada said: %(message)s (%(code)s)", message=detail or '-', code=code or '-'))
    if isinstance(error, errors.LazadaPagingError):
        parts.append(str(error))
    if getattr(error, 'request_id', None):
        parts.append(env._("Reference for support: %s", error.request_id))
    return '\n'.join(parts)


def to_user_error(env, error):
    return UserError(describe(env, error))
