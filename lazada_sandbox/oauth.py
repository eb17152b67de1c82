"""The consent page: a seller logs in, chooses a country and authorizes an app.

A script may do the same with one form post to `/oauth/authorize`: the parameters of the page's
address plus `account` (login) and optionally `country`.
"""
from urllib.parse import urlencode, urlsplit

from werkzeug.utils import redirect

from .pages import page

MISMATCH = 'Redirect uri does not match the callback url of the APP'


def authorize(platform, request):
    """GET shows the page; POST sends the seller back to the app with a code."""
    values = request.values
    app = platform.world.apps.get(values.get('client_id', ''))
    problem = _problem(app, values)
    if problem:
        return page('consent_error.html', status=400, problem=problem)
    if request.method == 'POST':
        return _consent(platform, app, values)
    accounts = list(platform.world.accounts.values())
    asked = [country for country in values.get('country', '').split(',') if country]
    return page('consent.html', app=app, accounts=accounts, asked=asked,
                hidden={name: values.get(name, '') for name in (
                    'response_type', 'client_id', 'redirect_uri', 'state')})


def _problem(app, values):
    if app is None:
        return 'The specified client_id is invalid'
    if values.get('response_type') != 'code':
        return 'response_type must be "code"'
    redirect_uri = values.get('redirect_uri', '')
    if urlsplit(redirect_uri).scheme not in ('http', 'https'):
        return MISMATCH
    if app.callback_url and redirect_uri != app.callback_url:
        return MISMATCH
    return ''


def _consent(platform, app, values):
    account = platform.world.accounts.get(values.get('account', ''))
    if account is None:
        return page('consent_error.html', status=400, problem='Unknown seller login')
    country = values.get('country', '').split(',')[0] or account.country
    if country not in {account.country, *(shop.site for shop in account.shops)}:
        return page('consent_error.html', status=400,
                    problem=f'{account.login} has no shop in "{country}"')
    code = platform.gateway.tokens.new_code(app.app_key, account.login, country)
    answer = {'code': code}
    if values.get('state'):
        answer['state'] = values['state']
    uri = values['redirect_uri']
    return redirect(f'{uri}{"&" if "?" in uri else "?"}{urlencode(answer)}')
