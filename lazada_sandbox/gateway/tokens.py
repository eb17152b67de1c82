"""Authorization codes and token pairs.

Tokens carry their own facts and a seal, so they outlive a restart of the stand-in: a demo that is
connected stays connected. What was revoked is kept in memory.
"""
import base64
import functools
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from .errors import GatewayError

CODE_SECONDS = 1800
WARN_SECONDS = 48 * 3600              # the platform tells 48 hours before an authorization ends
_SEAL_KEY = b'lazada-sandbox-token-seal'
_PREFIX = {'access': '50000', 'refresh': '50001'}


@dataclass(frozen=True)
class Grant:
    """What a token stands for. `country` is a site code or 'cb'; times are epoch seconds."""

    kind: str
    app_key: str
    login: str
    country: str
    expires_at: int
    family: str                        # one authorization with all its refreshed pairs
    serial: str
    generation: int


class Tokens:
    def __init__(self, world):
        self._world = world
        self._codes = {}               # code -> (app_key, login, country, expires_at)
        self._dead = set()             # serials and families
        self._generation = 0

    # --- the consent page ---

    def new_code(self, app_key, login, country):
        code = f'0_{app_key}_{secrets.token_urlsafe(24).replace("-", "x").replace("_", "y")}'
        expires_at = self._world.clock.now() + CODE_SECONDS
        self._codes[code] = (app_key, login, country, expires_at)
        return code

    def redeem(self, app_key, code):
        """A code works once, within 30 minutes, for the app it was made for.

        Returns (login, country, pair).
        """
        owner, login, country, expires_at = self._codes.get(code, ('', '', '', 0))
        if owner != app_key or expires_at < self._world.clock.now():
            raise GatewayError('InvalidCode')
        del self._codes[code]
        return login, country, self.pair(app_key, login, country)

    # --- pairs ---

    def pair(self, app_key, login, country):
        """A fresh authorization: (access token, refresh token, access s, refresh s)."""
        world = self._world
        expires_at = world.clock.second() + world.behaviour.refresh_seconds
        for shop in world.accounts[login].shops:
            if country in ('cb', shop.site):
                world.at(expires_at - WARN_SECONDS, functools.partial(
                    world.tell, 'expiry', shop=shop, app_key=app_key, expires_at=expires_at))
        return self._issue(app_key, login, country, world.behaviour.refresh_seconds,
                           secrets.token_hex(3))

    def refresh(self, app_key, token):
        """(old grant, new pair); the refresh token's end stays where it was."""
        behaviour = self._world.behaviour
        if behaviour.refresh_unsupported:
            raise GatewayError('AUTH_TYPE_UNSUPPORTED')
        grant = self._read(token, 'refresh')
        if grant is None or grant.app_key != app_key:
            raise GatewayError('IllegalRefreshToken')
        if behaviour.refresh_kills_refresh_token:
            self._dead.add(grant.serial)
        if behaviour.refresh_kills_access_token:
            self._dead.add(f'access {grant.serial}')
        left = grant.expires_at - self._world.clock.second()
        return grant, self._issue(app_key, grant.login, grant.country, left, grant.family)

    def check(self, app_key, token, site):
        """The grant behind an access token, if it is good for this app on this gateway."""
        grant = self._read(token, 'access')
        account = grant and self._world.accounts.get(grant.login)
        fits = grant and grant.app_key == app_key and grant.country in (site, 'cb')
        if not fits or account is None or self._world.shop_of(account, site) is None:
            raise GatewayError('IllegalAccessToken')
        return grant

    def revoke(self, token):
        """Revoke the whole authorization a token belongs to."""
        for kind in _PREFIX:
            grant = self._read(token, kind)
            if grant:
                self._dead.add(grant.family)

    def forget(self):
        """No code and no token handed out so far is good any more."""
        self._codes.clear()
        self._generation += 1

    # --- the sealed text ---

    def _issue(self, app_key, login, country, refresh_seconds, family):
        now = self._world.clock.second()
        access_seconds = min(self._world.behaviour.access_seconds, refresh_seconds)
        serial = secrets.token_hex(4)
        texts = [_seal(Grant(kind, app_key, login, country, now + seconds, family, serial,
                             self._generation))
                 for kind, seconds in (('access', access_seconds), ('refresh', refresh_seconds))]
        return (*texts, access_seconds, refresh_seconds)

    def _read(self, token, kind):
        """The grant of a living token of this kind, else None."""
        grant = _open(token, kind)
        if (grant is None or grant.expires_at <= self._world.clock.now()
                or grant.generation != self._generation):
            return None
        dead = {grant.family, grant.serial if kind == 'refresh' else f'access {grant.serial}'}
        return None if dead & self._dead else grant


def _seal(grant):
    text = '|'.join((grant.app_key, grant.login, grant.country, str(grant.expires_at),
                     grant.family, grant.serial, str(grant.generation))).encode()
    body = base64.b32encode(text).decode().rstrip('=').lower()
    return f'{_PREFIX[grant.kind]}{_mark(grant.kind, body)}{body}'


def _open(token, kind):
    prefix = _PREFIX[kind]
    mark, body = token[len(prefix):len(prefix) + 12], token[len(prefix) + 12:]
    if not token.startswith(prefix) or not hmac.compare_digest(
            mark.encode(), _mark(kind, body).encode()):
        return None
    text = base64.b32decode(body.upper() + '=' * (-len(body) % 8)).decode()
    app_key, login, country, expires_at, family, serial, generation = text.split('|')
    return Grant(kind, app_key, login, country, int(expires_at), family, serial, int(generation))


def _mark(kind, body):
    return hmac.new(_SEAL_KEY, f'{kind}{body}'.encode(), hashlib.sha256).hexdigest()[:12]
