# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lazada's six storefronts and where each is reached."""

from dataclasses import dataclass
from datetime import timedelta

AUTH_API_URL = 'https://auth.lazada.com/rest'
AUTHORIZE_URL = 'https://auth.lazada.com/oauth/authorize'


@dataclass(frozen=True)
class Site:
    """One storefront. utc_offset: of the dates it sends; no site has daylight saving time."""

    code: str
    name: str
    country_code: str
    currency: str
    utc_offset: timedelta
    api_url: str
    seller_center_url: str


def _site(code, name, currency, hours, domain):
    return Site(
        code=code, name=name, country_code=code.upper(), currency=currency,
        utc_offset=timedelta(hours=hours),
        api_url=f'https://api.{domain}/rest',
        seller_center_url=f'https://sellercenter.{domain}',
    )


SITES = {site.code: site for site in (
    _site('sg', 'Singapore', 'SGD', 8, 'lazada.sg'),
    _site('my', 'Malaysia', 'MYR', 8, 'lazada.com.my'),
    _site('ph', 'Philippines', 'PHP', 8, 'lazada.com.ph'),
    _site('th', 'Thailand', 'THB', 7, 'lazada.co.th'),
    _site('vn', 'Vietnam', 'VND', 7, 'lazada.vn'),
    _site('id', 'Indonesia', 'IDR', 7, 'lazada.co.id'),
)}

# Where labels and other files may come from: these domains and everything below them.
FILE_DOMAINS = (
    'lazada.com', 'lazada.sg', 'lazada.com.my', 'lazada.com.ph', 'lazada.co.th', 'lazada.vn',
    'lazada.co.id',
)
# Images of products are on a content network of their own.
IMAGE_DOMAINS = (*FILE_DOMAINS, 'slatic.net', 'lazcdn.com')


def get_site(site):
    """The `Site` of a code such as 'sg' (case ignored), or `site` itself; KeyError when unknown."""
    return site if isinstance(site, Site) else SITES[site.lower()]
