# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The shop itself and its warehouses."""

from .envelope import member, rows


class Seller:
    """`client.seller`"""

    def __init__(self, client):
        self._client = client

    def get(self):
        """The shop: seller_id, name, short_code, status, … The cheapest test of a connection."""
        path = '/seller/get'
        return member(self._client.call(path), 'data', endpoint=path)


class Warehouses:
    """`client.warehouses`"""

    def __init__(self, client):
        self._client = client

    def get(self):
        """The seller's warehouses (dicts with code, name, …); more than one: multi-warehouse."""
        path = '/seller/warehouse/get'
        body = self._client.call(path, {'addressTypes': ['warehouse']})
        return rows(member(body, 'result', endpoint=path).get('module'), path)
