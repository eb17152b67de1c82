"""The world as a whole: state, reset, clock, switches, faults, calls, tokens, shops."""
from datetime import UTC, datetime

from ..api.auth import token_answer
from ..world.models import App
from ..world.seed import new_shop
from ..world.sites import SITES
from .routes import ROUTES, ControlError, find_shop, need, route


@route('GET', '/help')
def help_page(platform, query):
    """Every call with what it takes."""
    return {f'{method} {path}': ' '.join((handler.__doc__ or '').split())
            for method, path, handler in ROUTES}


@route('GET', '/state')
def state(platform, query):
    world = platform.world
    return {
        'clock': _clock(world),
        'seed': world.seed,
        'apps': [{'app_key': app.app_key, 'app_secret': app.app_secret, 'name': app.name,
                  'callback_url': app.callback_url} for app in world.apps.values()],
        'accounts': [{'login': account.login, 'country': account.country,
                      'seller_ids': [shop.seller_id for shop in account.shops]}
                     for account in world.accounts.values()],
        'shops': [shop_json(shop) for shop in world.shops.values()],
    }


def shop_json(shop):
    return {'site': shop.site, 'seller_id': shop.seller_id, 'short_code': shop.short_code,
            'name': shop.name, 'orders': len(shop.orders), 'listings': len(shop.listings)}


@route('POST', '/reset')
def reset(platform, body):
    """`{seed, forget_tokens}`."""
    seed = body.get('seed', platform.world.seed)
    platform.start_over(int(seed), bool(body.get('forget_tokens')))
    return state(platform, {})


@route('POST', '/shops')
def add_shop(platform, body):
    """`{site, name, account?, warehouses?}`: a further shop with the whole catalogue."""
    site = need(body, 'site')
    if site not in SITES:
        raise ControlError(f'unknown site {site}')
    account = platform.world.accounts.get(body.get('account'))
    shop = new_shop(platform.world, site, body.get('name', f'New shop {site}'), account)
    for code in body.get('warehouses', []):
        shop.warehouses.append((code, f'Warehouse {code}'))
    if len(shop.warehouses) > 1:
        for listing in shop.listings.values():
            listing.warehouse_stock = {'dropshipping': listing.sellable}
    return {**shop_json(shop), 'account': shop.email}


@route('POST', '/sellers')
def set_seller(platform, body):
    """`{site, seller_id, status}`: ACTIVE, INACTIVE or DELETED; only active ones may call."""
    shop = find_shop(platform, body)
    if need(body, 'status') not in ('ACTIVE', 'INACTIVE', 'DELETED'):
        raise ControlError('status must be ACTIVE, INACTIVE or DELETED')
    shop.status = body['status']
    platform.world.tell('shop', shop=shop)
    return {**shop_json(shop), 'status': shop.status}


@route('POST', '/apps')
def change_app(platform, body):
    """`{app_key, app_secret?, name?, callback_url?}`: make or change an app."""
    key = str(need(body, 'app_key'))
    app = platform.world.apps.setdefault(key, App(key, body.get('app_secret', 'secret'), 'App'))
    for name in ('app_secret', 'name', 'callback_url'):
        setattr(app, name, body.get(name, getattr(app, name)))
    return {'app_key': app.app_key, 'callback_url': app.callback_url}


@route('POST', '/tokens')
def make_token(platform, body):
    """`{app_key, account, country?}`: an authorization without the consent page."""
    world = platform.world
    app = world.apps.get(str(body.get('app_key', next(iter(world.apps)))))
    account = world.accounts.get(need(body, 'account'))
    if app is None or account is None:
        raise ControlError('no such app or account', 404)
    country = body.get('country') or account.country
    pair = platform.gateway.tokens.pair(app.app_key, account.login, country)
    return token_answer(world, account.login, country, pair, 'country_user_info')


@route('DELETE', '/tokens')
def revoke(platform, body):
    """`{token}`: the seller revokes the authorization an access or refresh token belongs to."""
    platform.gateway.tokens.revoke(need(body, 'token'))
    return {}


@route('POST', '/clock')
def set_clock(platform, body):
    """`{advance}` seconds more / `{skew}` seconds, absolute."""
    clock = platform.world.clock
    clock.advance += float(body.get('advance', 0))
    clock.skew = float(body.get('skew', clock.skew))
    platform.world.tick()
    return _clock(platform.world)


def _clock(world):
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    return {'now': now.isoformat(timespec='seconds'), 'epoch': world.clock.now(),
            'advance': world.clock.advance, 'skew': world.clock.skew}


@route('GET', '/behaviour')
def behaviour(platform, query):
    return platform.world.behaviour.values()


@route('POST', '/behaviour')
def set_behaviour(platform, body):
    """`{name: value}`: see world/behaviour.py for the names."""
    try:
        platform.world.behaviour.set(body)
    except KeyError as error:
        raise ControlError(f'unknown behaviour {error}') from error
    return platform.world.behaviour.values()


@route('GET', '/faults')
def faults(platform, query):
    return {'faults': platform.gateway.faults.all()}


@route('POST', '/faults')
def add_faults(platform, body):
    """One fault or a list of them; see gateway/faults.py."""
    try:
        added = [platform.gateway.faults.add(spec)
                 for spec in (body if isinstance(body, list) else [body])]
    except ValueError as error:
        raise ControlError(str(error)) from error
    return {'faults': added}


@route('DELETE', '/faults')
def clear_faults(platform, body):
    platform.gateway.faults.clear()
    return {'faults': []}


@route('GET', '/calls')
def calls(platform, query):
    """`?since=`: calls after that sequence number."""
    log = platform.gateway.calls
    return {'calls': log.since(int(query.get('since', 0))), 'last': log.sequence,
            'counters': dict(log.applied), 'paths': dict(log.paths)}
