"""The web application: control, consent page, gateways, Seller Center."""
import json

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import control, images, labels, oauth, seller_center
from .gateway import wire
from .pages import page

NO_BODY = ('GET', 'HEAD')


class SandboxRequest(Request):
    """Payloads may be long."""

    max_form_memory_size = None


class Application:
    """WSGI: finds who answers a request."""

    def __init__(self, platform):
        self.platform = platform
        rules = [Rule(path, endpoint=('control', handler), methods=[method])
                 for method, path, handler in control.ROUTES]
        rules += [Rule(path, endpoint=('page', handler), methods=[method])
                  for method, path, handler in seller_center.ROUTES]
        self._routes = Map([
            *rules,
            Rule(f'{labels.PDF_PATH}<name>', endpoint=('document', None), methods=['GET']),
            Rule(f'{images.PATH}<int:number>.jpg', endpoint=('image', None), methods=['GET']),
            Rule('/oauth/authorize', endpoint=('page', oauth.authorize), methods=['GET', 'POST']),
            Rule('/<site>/rest/<path:path>', endpoint=('gateway', None)),
        ])

    def __call__(self, environ, start_response):
        request = SandboxRequest(environ)
        try:
            (kind, handler), values = self._routes.bind_to_environ(environ).match()
            response = getattr(self, f'_{kind}')(request, handler, values)
        except HTTPException as error:
            response = error.get_response(environ)
        return response(environ, start_response)

    def _gateway(self, request, _handler, values):
        return self.platform.gateway.handle(request, values['site'], f'/{values["path"]}')

    def _page(self, request, handler, values):
        try:
            with self.platform.world.lock:
                self.platform.world.tick()
                return handler(self.platform, request, **values)
        except seller_center.PageError as error:
            return page('problem.html', status=error.status, problem=error.message,
                        back=request.path)

    def _document(self, request, _handler, values):
        with self.platform.world.lock:
            found = self.platform.gateway.labels.fetch(values['name'])
        if found is None:
            return Response('AccessDenied: Request has expired.', status=403)
        target = self.platform.world.behaviour.label_redirect
        if target:
            return Response('', status=302, headers={'Location': target})
        return Response(found[1], content_type=found[0])

    def _image(self, _request, _handler, values):
        return Response(images.draw(values['number']), content_type='image/jpeg')

    def _control(self, request, handler, values):
        try:
            body = request.args.to_dict() if request.method in NO_BODY else _json(request)
            with self.platform.world.lock:
                self.platform.world.tick()
                answer, status = handler(self.platform, body, **values), 200
        except control.ControlError as error:
            answer, status = {'error': error.message}, error.status
        return wire.json_response(wire.encode(answer), status)


def _json(request):
    text = request.get_data()
    try:
        return json.loads(text) if text else {}
    except ValueError as error:
        raise control.ControlError(f'the body is not JSON: {error}') from error
