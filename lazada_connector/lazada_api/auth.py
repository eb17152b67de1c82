# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Token calls. They carry no access token and go to one host for all sites."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TokenShop:
    """One storefront a token is good for; ids as text."""

    country: str
    seller_id: str
    user_id: str
    short_code: str


@dataclass(frozen=True)
class TokenGrant:
    """A pair of tokens. Lifetimes in seconds from now; country 'cb': several storefronts."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    country: str
    account: str = field(repr=False)
    shops: tuple[TokenShop, ...]


class Auth:
    """`client.auth`"""

    def __init__(self, client):
        self._client = client

    def create_token(self, code):
        """Exchange the code of the consent page (once, within 30 minutes) for a `TokenGrant`."""
        return _grant(self._client.call_auth('/auth/token/create', {'code': code}))

    def refresh_token(self, refresh_token):
        """A new `TokenGrant`; store both tokens. The refresh token's life is not prolonged."""
        return _grant(
            self._client.call_auth('/auth/token/refresh', {'refresh_token': refresh_token}))


def _grant(body):
    country = str(body.get('country') or '').lower()
    return TokenGrant(
        access_token=str(body.get('access_token') or ''),
        refresh_token=str(body.get('refresh_token') or ''),
        expires_in=int(body.get('expires_in') or 0),
        refresh_expires_in=int(body.get('refresh_expires_in') or 0),
        country=country, account=str(body.get('account') or ''),
        shops=tuple(_shop(row) for row in _shop_rows(body)))


def _shop_rows(body):
    """The storefronts: a list under one of two names, or in the old form a dict by country."""
    value = body.get('country_user_info') or body.get('country_user_info_list') or []
    if isinstance(value, dict):
        return [{**row, 'country': country} for country, row in value.items()]
    return value


def _shop(row):
    return TokenShop(
        country=str(row.get('country') or '').lower(), seller_id=str(row.get('seller_id') or ''),
        user_id=str(row.get('user_id') or ''), short_code=str(row.get('short_code') or ''))
