# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A client for the Lazada Open Platform. Needs `requests`, nothing else.

    from datetime import datetime
    from lazada_api import LazadaClient, errors

    with LazadaClient(app_key, app_secret, site='sg', access_token=token) as client:
        print(client.seller.get()['name'])
        for page in client.orders.pages(update_after=datetime(2026, 11, 1)):      # naive UTC
            answer = client.orders.items(order['order_id'] for order in page.orders)
            for order_id, items in answer.items.items():
                print(order_id, [item['sku'] for item in items])
        client.products.update_sellable([('1884392091', '10044238042', 7)])

Calls are signed, retried when that is safe, checked down to the nested success marks, and raise the
errors of `errors`. Answers are plain dicts as Lazada sent them, amounts as Decimal. Nothing is
shared between clients, and nothing is read from the environment but proxies.
"""

from . import errors
from .auth import TokenGrant, TokenShop
from .client import CallRecord, LazadaClient
from .downloads import FileRefused
from .orders import ItemsAnswer, OrderPage
from .products import ProductPage
from .regions import SITES, Site, get_site
from .signing import sign, sign_push
from .stock import StockAnswer, StockRow
