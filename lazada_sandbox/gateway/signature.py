"""Request signatures: HMAC-SHA256 over the path and every parameter, upper-case hex."""
import hashlib
import hmac


def sign(secret, path, params):
    """`params` without `sign`; values are the raw text, sorted by name in ASCII order."""
    text = path + ''.join(f'{name}{params[name]}' for name in sorted(params))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def is_signed(secret, path, params, empty_params):
    """Does `params['sign']` fit?

    SDKs disagree about parameters with an empty value: `empty_params` is 'signed', 'skipped' or
    'either'.
    """
    given = params.get('sign', '')
    rest = {name: value for name, value in params.items() if name != 'sign'}
    filled = {name: value for name, value in rest.items() if value != ''}
    accepted = {'signed': [rest], 'skipped': [filled], 'either': [rest, filled]}[empty_params]
    return any(hmac.compare_digest(sign(secret, path, pool).encode(), given.encode())
               for pool in accepted)
