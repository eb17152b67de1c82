"""Which function answers which page."""
from urllib.parse import urlencode

from werkzeug.utils import redirect

from ..pages import page

ROUTES = []


class PageError(Exception):
    """A sentence for the person, with an HTTP status."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.message, self.status = message, status


def route(method, path):
    """Register `handler(platform, request, **path_values) -> Response`; the lock is held."""
    def register(handler):
        ROUTES.append((method, path, handler))
        return handler
    return register


def shop_route(method, path):
    """As `route`, under one shop: `handler(platform, request, shop, **path_values)`."""
    def register(handler):
        def with_shop(platform, request, site, seller_id, **values):
            shop = platform.world.shops.get((site, seller_id))
            if shop is None:
                raise PageError('There is no such shop.', 404)
            return handler(platform, request, shop, **values)
        ROUTES.append((method, f'/shops/<site>/<seller_id>{path}', with_shop))
        return handler
    return register


def shop_page(request, shop, template, here, **values):
    """A page inside a shop. `here` is the entry of the menu it belongs to."""
    return page(template, shop=shop, here=here, base=address(shop), site=shop.place,
                message=request.args.get('message', ''), **values)


def address(shop, path=''):
    return f'/shops/{shop.site}/{shop.seller_id}{path}'


def back(location, message=''):
    """Where to go after a form was sent."""
    tail = f'?{urlencode({"message": message})}' if message else ''
    return redirect(location + tail, 303)
