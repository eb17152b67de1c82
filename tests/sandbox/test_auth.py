"""The consent page and the token endpoints."""
import pytest
import requests

CB, TH = 'cb-owner@example.com', 'th-shop@example.com'


def test_the_consent_page_shows_app_and_logins(client):
    page = requests.get(f'{client.url}/oauth/authorize', timeout=10, params={
        'response_type': 'code', 'client_id': client.app_key, 'state': '"><script>',
        'redirect_uri': 'http://127.0.0.1:1/back', 'force_auth': 'true'})
    assert page.status_code == 200
    assert 'Demo ERP' in page.text
    assert CB in page.text and TH in page.text
    assert '"><script>' not in page.text


@pytest.mark.parametrize('change', [
    {'client_id': '1'}, {'response_type': 'token'}, {'redirect_uri': 'javascript:alert(1)'},
    {'account': 'nobody'}, {'country': 'vn'}])
def test_consent_refuses_what_does_not_fit(client, change):
    data = {'response_type': 'code', 'client_id': client.app_key, 'account': CB,
            'redirect_uri': 'http://127.0.0.1:1/back', **change}
    answer = requests.post(f'{client.url}/oauth/authorize', data=data, timeout=10,
                           allow_redirects=False)
    assert answer.status_code == 400


def test_a_registered_callback_must_match(client, control):
    control.post('/apps', {'app_key': client.app_key, 'callback_url': 'https://erp.example/cb'})
    answer = requests.get(f'{client.url}/oauth/authorize', timeout=10, params={
        'response_type': 'code', 'client_id': client.app_key,
        'redirect_uri': 'http://127.0.0.1:1/back'})
    assert 'Redirect uri does not match the callback url of the APP' in answer.text


def test_a_cross_border_authorization(client):
    code = client.consent(CB)
    assert code.startswith(f'0_{client.app_key}_')
    body = client.call('auth', '/auth/token/create', {'code': code}, 'POST')
    assert (body['code'], body['country'], body['account']) == ('0', 'cb', CB)
    assert body['account_platform'] == 'seller_center' and body['account_id'] is None
    assert (body['expires_in'], body['refresh_expires_in']) == (2592000, 15552000)
    assert [shop['country'] for shop in body['country_user_info']] == ['ph', 'sg', 'my']
    assert body['country_user_info'][1] == {
        'country': 'sg', 'user_id': '1000399001', 'seller_id': '1000399001',
        'short_code': 'SGEXAMPL1'}
    assert client.call('ph', '/seller/get', token=body['access_token'])['code'] == '0'


def test_one_site_of_a_cross_border_login(client):
    body = client.call('auth', '/auth/token/create', {'code': client.consent(CB, 'my')})
    assert body['country'] == 'my'
    assert [shop['country'] for shop in body['country_user_info']] == ['my']
    assert client.call('sg', '/seller/get', token=body['access_token'])['code'] == (
        'IllegalAccessToken')


def test_a_code_works_once(client):
    code = client.consent(TH)
    assert client.call('auth', '/auth/token/create', {'code': code})['code'] == '0'
    assert client.call('auth', '/auth/token/create', {'code': code})['code'] == 'InvalidCode'


def test_a_code_is_good_for_thirty_minutes(client, control):
    code = client.consent(TH)
    control.post('/clock', {'advance': 1801})
    body = client.call('auth', '/auth/token/createWithOpenId', {'code': code})
    assert body['code'] == 'InvalidCode'


def test_a_code_belongs_to_its_app(client, control):
    code = client.consent(TH)
    other = control.get('/state')['apps'][1]
    client.app_key, client.app_secret = other['app_key'], other['app_secret']
    assert client.call('auth', '/auth/token/create', {'code': code})['code'] == 'InvalidCode'


def test_refresh_gives_a_new_pair_and_never_extends_the_refresh_token(client, control):
    old = control.post('/tokens', {'account': TH})
    control.post('/clock', {'advance': 86400})
    new = client.call('auth', '/auth/token/refresh', {'refresh_token': old['refresh_token']})
    assert new['code'] == '0'
    assert 'country_user_info' not in new
    assert new['country_user_info_list'][0]['country'] == 'th'
    assert new['expires_in'] == 2592000
    assert 15552000 - 86400 - 5 <= new['refresh_expires_in'] <= 15552000 - 86400
    assert client.call('th', '/seller/get', token=new['access_token'])['code'] == '0'
    assert client.call('th', '/seller/get', token=old['access_token'])['code'] == (
        'IllegalAccessToken')
    again = client.call('auth', '/auth/token/refresh', {'refresh_token': old['refresh_token']})
    assert again['code'] == 'IllegalRefreshToken'


def test_the_old_pair_may_live_on(client, control):
    control.post('/behaviour', {'refresh_kills_access_token': False,
                                'refresh_kills_refresh_token': False})
    old = control.post('/tokens', {'account': TH})
    for _each in range(2):
        body = client.call('auth', '/auth/token/refresh', {'refresh_token': old['refresh_token']})
        assert body['code'] == '0'
    assert client.call('th', '/seller/get', token=old['access_token'])['code'] == '0'


def test_lifetimes_can_be_chosen(client, control):
    control.post('/behaviour', {'access_seconds': 600, 'refresh_seconds': 1200})
    body = client.call('auth', '/auth/token/create', {'code': client.consent(TH)})
    assert (body['expires_in'], body['refresh_expires_in']) == (600, 1200)
    control.post('/clock', {'advance': 601})
    assert client.call('th', '/seller/get', token=body['access_token'])['code'] == (
        'IllegalAccessToken')


def test_an_expired_or_unsupported_refresh(client, control):
    pair = control.post('/tokens', {'account': TH})
    control.post('/behaviour', {'refresh_unsupported': True})
    params = {'refresh_token': pair['refresh_token']}
    assert client.call('auth', '/auth/token/refresh', params)['code'] == 'AUTH_TYPE_UNSUPPORTED'
    control.post('/behaviour', {'refresh_unsupported': False})
    control.post('/clock', {'advance': 15552001})
    assert client.call('auth', '/auth/token/refresh', params)['code'] == 'IllegalRefreshToken'


@pytest.mark.parametrize('form, name, kind', [
    ('list', 'country_user_info', list), ('list_name', 'country_user_info_list', list),
    ('dict', 'country_user_info', dict)])
def test_all_forms_of_the_shop_list(client, control, form, name, kind):
    control.post('/behaviour', {'country_user_info': form})
    body = client.call('auth', '/auth/token/create', {'code': client.consent(CB)})
    assert isinstance(body[name], kind)
    if kind is dict:
        assert body[name]['sg'] == {'seller_id': '1000399001', 'user_id': 1000399001}
        assert body['expires_in'] == '2592000'


def test_tokens_outlive_a_reset_of_the_world(client, control):
    control.post('/reset', {'seed': 2})
    assert client.call('sg', '/seller/get')['code'] == '0'
    control.post('/reset', {'seed': 2, 'forget_tokens': True})
    assert client.call('sg', '/seller/get')['code'] == 'IllegalAccessToken'
