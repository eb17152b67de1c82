"""Which function answers which control path."""
ROUTES = []


class ControlError(Exception):
    """Becomes `{"error": message}` with an HTTP status."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.message, self.status = message, status


def route(method, path):
    """Register `handler(platform, body, **path_values) -> JSON value` under `/_control<path>`.

    `body` is the JSON body of a POST or DELETE, the query of a GET. The world's lock is held.
    """
    def register(handler):
        ROUTES.append((method, f'/_control{path}', handler))
        return handler
    return register


def need(body, name):
    value = body.get(name)
    if value in (None, ''):
        raise ControlError(f'"{name}" is missing')
    return value


def find_shop(platform, body):
    """The shop a body or query names by `site` and `seller_id`."""
    site, seller_id = need(body, 'site'), str(need(body, 'seller_id'))
    shop = platform.world.shops.get((site, seller_id))
    if shop is None:
        raise ControlError(f'no shop {seller_id} in {site}', 404)
    return shop


def find_shops(platform, query):
    """All shops, or those a query narrows down to by `site` and `seller_id`."""
    return [shop for shop in platform.world.shops.values()
            if query.get('site') in (None, shop.site)
            and query.get('seller_id') in (None, shop.seller_id)]
