"""One request from the network to the endpoint and back."""
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from ..api.registry import ENDPOINTS
from ..labels import Labels
from . import wire
from .calls import Calls
from .errors import ApiError, GatewayError, missing
from .faults import Faults
from .limits import Limits
from .signature import is_signed
from .tokens import Tokens

SYSTEM_PARAMS = ('app_key', 'timestamp', 'sign_method', 'sign')
# Faults that let the call happen.
GOES_ON = ('delay', 'cut', 'drip', 'bulk', 'rows')


@dataclass
class Call:
    """What an endpoint gets to see. `params` are text, system parameters included."""

    gateway: 'Gateway'
    site: str
    path: str
    method: str
    params: dict
    base_url: str
    app: object = None
    shop: object = None
    fault: object = None

    @property
    def world(self):
        return self.gateway.world

    def need(self, name):
        """A mandatory parameter's text."""
        value = self.params.get(name, '')
        if value == '':
            raise missing(name)
        return value

    def refuse(self, row_id):
        """(code, message, retry) that a fault orders for a row of a batch, or None."""
        return self.fault and self.fault.refuse(row_id)

    def applied(self, kind, count=1):
        """Count a write that took effect."""
        self.gateway.calls.applied[kind] += count


class Gateway:
    """Endpoints, guarded. `world.lock` is held while a call is checked and applied."""

    def __init__(self, world):
        self.world = world
        self.calls = Calls()
        self.faults = Faults()
        self.limits = Limits(world)
        self.tokens = Tokens(world)
        self.labels = Labels(world)
        self._answers = {}             # (site, seller_id, path) -> last body, for `repeat`
        self._requests = 0

    def start_over(self):
        self.calls.clear()
        self.faults.clear()
        self.limits.clear()
        self._answers.clear()

    def handle(self, request, site, path):
        """A werkzeug Request for `/<site>/rest<path>` -> Response. `site` may be 'auth'."""
        started = time.perf_counter()
        params = {**request.args.to_dict(), **request.form.to_dict()}
        call = Call(self, site, path, request.method, params, request.host_url.rstrip('/'))
        with self.world.lock:
            self.world.tick()
            seller_id = self._seller_of(call)
            fault = call.fault = self.faults.take(site, seller_id, path)
        body = None
        if fault is None or fault.after or fault.kind in GOES_ON:
            if fault and fault.kind == 'delay' and not fault.after:
                time.sleep(float(fault.options.get('seconds', 1)))
            body = self._answer(call)
        with self.world.lock:
            body = self._finish(call, fault, seller_id, body)
            status = self._status(fault, body)
            self.calls.add(
                site=site, path=path, method=call.method, seller_id=seller_id, params=params,
                code=body.get('code') if body else None, http_status=status,
                at=datetime.fromtimestamp(self.world.clock.now(), UTC).isoformat(
                    timespec='milliseconds'),
                seconds=time.perf_counter() - started, fault=fault.kind if fault else None)
        return self._send(request, fault, body, status)

    # --- checks, in the order of the platform ---

    def _answer(self, call):
        """The body of the answer, error envelopes included."""
        with self.world.lock:
            try:
                body = self._checked(call)
            except ApiError as error:
                return error.body()
        return {**body, 'code': '0'}

    def _checked(self, call):
        endpoint = ENDPOINTS.get(call.path)
        if endpoint is None or endpoint.auth != (call.site == 'auth'):
            raise GatewayError('InvalidApiPath')
        if call.method not in endpoint.methods:
            raise GatewayError('UnsupportedHTTPMethod')
        for name in SYSTEM_PARAMS:
            call.need(name)
        call.app = self.world.apps.get(call.params['app_key'])
        if call.app is None:
            raise GatewayError('InvalidAppKey')
        if not self.world.clock.accepts(_timestamp(call.params['timestamp'])):
            raise GatewayError('InvalidTimestamp')
        if call.params['sign_method'] != 'sha256' or not is_signed(
                call.app.app_secret, call.path, call.params, self.world.behaviour.empty_params):
            raise GatewayError('IncompleteSignature')
        if not endpoint.auth:
            self._enter_shop(call)
        return endpoint.handler(call)

    def _enter_shop(self, call):
        grant = self.tokens.check(call.app.app_key, call.need('access_token'), call.site)
        call.shop = self.world.shop_of(self.world.accounts[grant.login], call.site)
        if call.shop.status != 'ACTIVE':
            raise GatewayError('SellerNotActive')
        self.limits.check(call.app.app_key, call.shop.seller_id, call.path)

    def _seller_of(self, call):
        """Seller id for fault filters and the log; '' if the token says nothing."""
        app_key, token = call.params.get('app_key', ''), call.params.get('access_token', '')
        try:
            grant = self.tokens.check(app_key, token, call.site)
        except GatewayError:
            return ''
        return self.world.shop_of(self.world.accounts[grant.login], call.site).seller_id

    # --- the answer ---

    def _finish(self, call, fault, seller_id, body):
        """Put a fault's answer in place of the real one and stamp it with a request id."""
        key = call.site, seller_id, call.path
        if fault and fault.kind == 'repeat':
            return self._answers.get(key, body) or self._stamp({'code': '0', 'data': {}})
        if fault and fault.kind == 'error':
            options = fault.options
            body = ApiError(str(options.get('code', 'ServiceUnavailable')),
                            options.get('message', 'ordered by a fault'),
                            options.get('type', 'ISP'), options.get('detail')).body()
        if body is not None:
            body = self._answers[key] = self._stamp(body)
        return body

    def _stamp(self, body):
        self._requests += 1
        return {**body,
                'request_id': f'2101{self._requests % 65536:04x}{self.world.clock.now() * 1000:.0f}'
                              f'{self._requests % 10 ** 4:04d}'}

    def _status(self, fault, body):
        if fault and fault.kind == 'http':
            return int(fault.options.get('status', 500))
        if fault and fault.kind == 'reset':
            return None
        failed = body is not None and body.get('code') != '0'
        return self.world.behaviour.error_http_status if failed else 200

    def _send(self, request, fault, body, status):
        if fault and fault.kind == 'reset':
            wire.reset(request.environ)
        if fault and fault.kind == 'http':
            text = fault.options.get('body', '<html><body>Service Unavailable</body></html>')
            response = wire.json_response(
                text if isinstance(text, str) else wire.encode(text), status,
                fault.options.get('headers'))
        else:
            response = wire.json_response(wire.encode(body), status)
        if fault and fault.kind == 'delay' and fault.after:
            time.sleep(float(fault.options.get('seconds', 1)))
        if fault and fault.kind == 'cut':
            return wire.cut(response, int(fault.options.get('bytes', 20)))
        if fault and fault.kind == 'bulk':
            return wire.bulk(response, int(fault.options.get('megabytes', 10)),
                             bool(fault.options.get('gzip')))
        if fault and fault.kind == 'drip':
            return wire.drip(response, float(fault.options.get('seconds', 1)))
        return response


def _timestamp(text):
    """Milliseconds or a UTC ISO text -> epoch seconds; far off if it is neither."""
    if text.isdigit():
        return int(text) / 1000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float('-inf')
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
