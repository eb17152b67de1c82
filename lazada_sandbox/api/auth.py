"""Token endpoints. Their answers are flat."""
from .registry import endpoint


@endpoint('/auth/token/create', 'GET', 'POST', auth=True)
def create(call):
    return _create(call)


@endpoint('/auth/token/createWithOpenId', 'GET', 'POST', auth=True)
def create_with_open_id(call):
    return _create(call)


@endpoint('/auth/token/refresh', 'GET', 'POST', auth=True)
def refresh(call):
    tokens = call.gateway.tokens
    grant, pair = tokens.refresh(call.app.app_key, call.need('refresh_token'))
    call.applied('token_refresh')
    return token_answer(call.world, grant.login, grant.country, pair, 'country_user_info_list')


def _create(call):
    login, country, pair = call.gateway.tokens.redeem(call.app.app_key, call.need('code'))
    call.applied('token_create')
    return token_answer(call.world, login, country, pair, 'country_user_info')


def token_answer(world, login, country, pair, list_name):
    """The flat answer for a pair (access token, refresh token, access s, refresh s)."""
    access_token, refresh_token, access_seconds, refresh_seconds = pair
    shops = [shop for shop in world.accounts[login].shops if country in ('cb', shop.site)]
    form = world.behaviour.country_user_info
    name = 'country_user_info_list' if form == 'list_name' else list_name
    if form == 'dict':
        name, people = 'country_user_info', {shop.site: {
            'seller_id': shop.seller_id, 'user_id': int(shop.user_id)} for shop in shops}
    else:
        people = [{'country': shop.site, 'user_id': shop.user_id, 'seller_id': shop.seller_id,
                   'short_code': shop.short_code} for shop in shops]
    return {
        'access_token': access_token, 'refresh_token': refresh_token, 'country': country,
        'account_platform': 'seller_center', 'account': login, 'account_id': None,
        'expires_in': str(access_seconds) if form == 'dict' else access_seconds,
        'refresh_expires_in': refresh_seconds, name: people,
    }
