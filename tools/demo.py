"""Odoo seen from outside, for the demo."""

import json
import urllib.error
import urllib.request

from .console import Stop


class Rpc:
    """Odoo's JSON-2 interface."""

    def __init__(self, url, database, key):
        self.url = url
        self.database = database
        self.key = key

    def call(self, model, method, **arguments):
        """Call a public method; record ids go in `ids`."""
        request = urllib.request.Request(
            f'{self.url}/json/2/{model}/{method}', json.dumps(arguments).encode(),
            {'Authorization': f'bearer {self.key}', 'X-Odoo-Database': self.database,
             'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
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
