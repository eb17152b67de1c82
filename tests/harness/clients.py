"""Clients of a running stack: Odoo over XML-RPC, the sandbox over its control interface."""

import json
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client


class OdooRpc:
    """Odoo over XML-RPC, as one user.

    `rpc['sale.order'].search_read([...], ['name'])` calls a public method of a model.
    """

    def __init__(self, url, database, login='admin', password='admin', uid=None):
        self.database = database
        self.password = password
        self._object = xmlrpc.client.ServerProxy(f'{url}/xmlrpc/2/object', allow_none=True)
        self.uid = uid or self._authenticate(url, login)    # which is slow on purpose

    def _authenticate(self, url, login):
        common = xmlrpc.client.ServerProxy(f'{url}/xmlrpc/2/common')
        uid = common.authenticate(self.database, login, self.password, {})
        if not uid:
            raise PermissionError(f"{login} cannot log in to {self.database}")
        return uid

    def __getitem__(self, model):
        return Model(self, model)

    def execute(self, model, method, *args, **kwargs):
        """Call `method`; raises xmlrpc.client.Fault with Odoo's message."""
        return self._object.execute_kw(self.database, self.uid, self.password, model, method,
                                       args, kwargs)

    def ref(self, xml_id):
        """The database id behind an XML id."""
        module, _, name = xml_id.partition('.')
        [found] = self['ir.model.data'].search_read(
            [('module', '=', module), ('name', '=', name)], ['res_id'])
        return found['res_id']

    def run_cron(self, xml_id):
        """Run a scheduled action now, in the request, unless a worker is at it already."""
        try:
            self['ir.cron'].method_direct_trigger([self.ref(xml_id)])
        except xmlrpc.client.Fault as fault:
            if 'already executing' not in fault.faultString:
                raise


class Model:
    """One model: attributes are its public methods."""

    def __init__(self, rpc, name):
        self._rpc = rpc
        self._name = name

    def __getattr__(self, method):
        if method.startswith('_'):
            raise AttributeError(method)

        def call(*args, **kwargs):
            return self._rpc.execute(self._name, method, *args, **kwargs)
        return call


class SandboxControl:
    """The sandbox's `/_control` interface: paths relative to it, JSON in and out."""

    def __init__(self, url):
        self.url = url

    def get(self, path, **query):
        return self._send('GET', path + ('?' + urllib.parse.urlencode(query) if query else ''))

    def post(self, path, body=None):
        return self._send('POST', path, body if body is not None else {})

    def delete(self, path, body=None):
        return self._send('DELETE', path, body)

    def _send(self, method, path, body=None):
        request = urllib.request.Request(
            f'{self.url}/_control/{path}', method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b'null')
        except urllib.error.HTTPError as error:
            raise AssertionError(
                f"{method} /_control/{path}: {error.code} {error.read()[:500]!r}") from error
