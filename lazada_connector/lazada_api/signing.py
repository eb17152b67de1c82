# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lazada's signatures: HMAC-SHA256 over the raw (not URL-encoded) text."""

import hashlib
import hmac


def sign(secret, path, params):
    """Signature of a request: 64 upper-case hex digits.

    path: the API path without `/rest`, e.g. `/orders/get`.
    params: every parameter that is sent, system ones too, as text exactly as sent; `sign` is left
    out.
    """
    pairs = ''.join(name + params[name] for name in sorted(params) if name != 'sign')
    return _hmac(secret, (path + pairs).encode()).upper()


def sign_push(app_key, secret, raw_body):
    """Signature of a push message (header `Authorization`): 64 lower-case hex digits.

    raw_body: the bytes as they arrived. Compare with `hmac.compare_digest`.
    """
    return _hmac(secret, app_key.encode() + raw_body)


def _hmac(secret, message):
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
