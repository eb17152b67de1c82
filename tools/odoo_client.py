"""Odoo seen from outside: JSON-2 with an API key, or a browser's session. Standard library only."""

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request

from .console import Stop

SECONDS = 120


class Json2:
    """JSON-2 with an API key; `call` raises PermissionError when the key is not accepted."""

    def __init__(self, url, database, key):
        self.url = url
        self.key = key
        self._headers = {'Authorization': f'bearer {key}', 'X-Odoo-Database': database,
                         'Content-Type': 'application/json'}

    def call(self, model, method, **arguments):
        """Call a public method with named arguments; record ids go in `ids`."""
        request = urllib.request.Request(f'{self.url}/json/2/{model}/{method}',
                                         json.dumps(arguments).encode(), self._headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 401:
                raise PermissionError("The API key is not accepted") from error
            message = json.loads(error.read() or b'{}').get('message', error.reason)
            raise Stop(f"{model}.{method}: {message}", "Read the log of Odoo.") from error

    def is_accepted(self):
        try:
            self.call('res.users', 'context_get')
        except PermissionError:
            return False
        return True


class Session:
    """What a browser does: log in, press buttons, follow redirects."""

    def __init__(self, url, database, login, password):
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        try:
            self._json('/web/session/authenticate', db=database, login=login, password=password)
        except Stop as error:
            raise Stop(f"{login} cannot log in to {database} with the demo's password.",
                       f"Set the password back, or drop the database {database} and start "
                       "again: it is made anew.") from error

    def call(self, model, method, ids=None, vals_list=None, **kwargs):
        """Like `Json2.call`; a session takes ids, and the values of `create`, by position."""
        args = [value for value in (ids, vals_list) if value is not None]
        return self._json(f'/web/dataset/call_kw/{model}/{method}', model=model, method=method,
                          args=args, kwargs=kwargs)

    def post_form(self, url, fields):
        """Post a form, follow the redirects; answers the address of the page at the end."""
        data = urllib.parse.urlencode(fields).encode()
        try:
            with self._opener.open(url, data, timeout=SECONDS) as answer:
                return answer.geturl()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors='replace')[-400:]
            raise Stop(f"{error.geturl()} answered {error.code}: {text}",
                       "Read the log of Odoo.") from error

    def download(self, path):
        """The bytes of a file."""
        with self._opener.open(self.url + path, timeout=SECONDS) as answer:
            return answer.read()

    def _json(self, path, **params):
        body = json.dumps({'jsonrpc': '2.0', 'params': params}).encode()
        request = urllib.request.Request(self.url + path, body,
                                         {'Content-Type': 'application/json'})
        with self._opener.open(request, timeout=SECONDS) as answer:
            result = json.load(answer)
        if 'error' in result:
            message = result['error'].get('data', {}).get('message', result['error']['message'])
            raise Stop(f"{path}: {message}", "Read the log of Odoo.")
        return result['result']
