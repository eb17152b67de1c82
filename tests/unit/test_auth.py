import pytest

from lazada_connector.lazada_api import TokenShop, errors

from .payloads import load
from .platform import reset


def test_a_code_becomes_a_grant(platform_of, client_of):
    platform = platform_of(load('auth.token.create.local'))
    grant = client_of(platform, site=None).auth.create_token('0_123456_AbC')
    assert (grant.expires_in, grant.refresh_expires_in, grant.country) == (864000, 4320000, 'my')
    assert grant.access_token.startswith('50000201b01qj')
    assert grant.shops == (TokenShop('my', '300253399001', '300253399001', 'MY4EXAMPLE'),)
    request = platform.requests[0]
    assert (request.method, request.path) == ('POST', '/auth/rest/auth/token/create')
    assert request.params['code'] == '0_123456_AbC'
    assert 'access_token' not in request.params


def test_a_cross_border_grant_lists_all_shops(platform_of, client_of):
    grant = client_of(platform_of(load('auth.token.create.crossborder'))).auth.create_token('0_1_a')
    assert grant.country == 'cb'
    assert [shop.country for shop in grant.shops] == ['ph', 'sg', 'my', 'th', 'vn', 'id']


def test_refresh_uses_the_other_list_name(platform_of, client_of):
    platform = platform_of(load('auth.token.refresh'))
    grant = client_of(platform).auth.refresh_token('old-refresh')
    assert grant.shops[0].seller_id == '400170199001'
    assert platform.requests[0].params['refresh_token'] == 'old-refresh'


def test_the_old_form_is_a_dict_by_country(platform_of, client_of):
    body = {**load('auth.token.create.local'), 'expires_in': '604800',
            'country_user_info': {'sg': {'seller_id': '1001', 'user_id': 10101}}}
    grant = client_of(platform_of(body)).auth.create_token('0_1_a')
    assert grant.shops == (TokenShop('sg', '1001', '10101', ''),)
    assert grant.expires_in == 604800


def test_a_grant_shows_no_secret(platform_of, client_of):
    grant = client_of(platform_of(load('auth.token.create.local'))).auth.create_token('0_1_a')
    for secret in (grant.access_token, grant.refresh_token, grant.account):
        assert secret not in repr(grant)


def test_codes_are_spent_once(platform_of, client_of):
    platform = platform_of(reset)
    with pytest.raises(errors.LazadaTransportError):
        client_of(platform).auth.create_token('0_1_a')
    assert len(platform.requests) == 1


def test_a_refused_refresh_token_renews_nothing(platform_of, client_of):
    platform = platform_of(load('error.IllegalRefreshToken'))
    client = client_of(platform, renew_token=lambda token: pytest.fail('not for token calls'))
    records = []
    client._on_call = records.append
    with pytest.raises(errors.LazadaAuthError):
        client.auth.refresh_token('old-refresh')
    assert records[0].params['refresh_token'] == '***'
