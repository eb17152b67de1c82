"""The HTTP server: threads, loopback, quiet."""
from email.utils import formatdate

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .app import Application

LOOPBACK = '127.0.0.1'


class Handler(WSGIRequestHandler):
    """No line per request (`/_control/calls` is the log); `Date` is the world's."""

    def log_request(self, code='-', size='-'):
        return None

    def date_time_string(self, timestamp=None):
        return formatdate(self.server.world.clock.now(), usegmt=True)

    def make_environ(self):
        return {**super().make_environ(), 'lazada_sandbox.server': self.server}


class SandboxServer(ThreadedWSGIServer):
    """Can end a connection with a reset. `reset_on_close` holds the sockets' file numbers."""

    def __init__(self, platform, port=0):
        self.world = platform.world
        self.reset_on_close = set()
        super().__init__(LOOPBACK, port, Application(platform), Handler)

    @property
    def url(self):
        return f'http://{LOOPBACK}:{self.server_port}'

    def shutdown_request(self, request):
        if request.fileno() in self.reset_on_close:
            self.reset_on_close.discard(request.fileno())
            self.close_request(request)       # no FIN first: lingering is off, the peer sees RST
        else:
            super().shutdown_request(request)
