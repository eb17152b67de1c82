"""A plain HTTP server that plays recorded answers of the platform: no signatures, no filters.

`<url>/<recording>/<site>/rest/<path>` answers what `recordings[recording]` holds for the path.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FIXTURES = Path(__file__).resolve().parents[1] / 'fixtures' / 'lazada'


def load(name):
    """A captured answer."""
    return json.loads((FIXTURES / f'{name}.json').read_text())


class Replay:
    """`recordings`: {name: {path: answer}}; an answer is JSON, or a function of the query."""

    def __init__(self, recordings):
        self.recordings = recordings
        self.calls = []                 # (recording, site, path, query)
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), self._make_handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self):
        return f'http://127.0.0.1:{self._server.server_port}'

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def answer(self, address):
        """The body for a request's address."""
        parts = urlsplit(address)
        _, recording, site, _, path = parts.path.split('/', 4)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.calls.append((recording, site, f'/{path}', query))
        found = self.recordings[recording].get(f'/{path}')
        if found is None:
            return {'code': 'InvalidApiPath', 'type': 'ISP', 'request_id': '1',
                    'message': 'The specified API Path is invalid'}
        return found(query) if callable(found) else found

    def _make_handler(replay):      # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                body = json.dumps(replay.answer(self.path), ensure_ascii=False).encode()
                self.send_response(200)
                self.send_header('Content-Type', 'application/json;charset=UTF-8')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                """Keep quiet."""

        return Handler
