"""A real HTTP server on loopback that answers as a test tells it to."""

import json
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

FIXED_DATE = 'Thu, 21 Nov 2024 07:00:00 GMT'


@dataclass
class Request:
    """What arrived: system and business parameters in one dict, as Lazada sees them."""

    method: str
    path: str
    query: dict
    form: dict
    headers: dict

    @property
    def params(self):
        return {**self.query, **self.form}


class Platform:
    """`answers` are used up in order, the last one stays. An answer is a body (dict or bytes), a
    (status, headers, body) tuple, or a function of the Request giving one of them; a function of
    two arguments gets the handler as well and writes by itself."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True

            def _serve(self):
                platform.serve(self)

            do_GET = do_POST = _serve

            def date_time_string(self, timestamp=None):
                return FIXED_DATE if timestamp is None else super().date_time_string(timestamp)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_args: None       # clients hang up on purpose
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exc):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler):
        length = int(handler.headers.get('Content-Length') or 0)
        url = urlsplit(handler.path)
        request = Request(
            handler.command, url.path, dict(parse_qsl(url.query, keep_blank_values=True)),
            dict(parse_qsl(handler.rfile.read(length).decode(), keep_blank_values=True)),
            dict(handler.headers))
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            arguments = (request, handler)[:answer.__code__.co_argcount]
            answer = answer(*arguments)
        if answer is not None:
            send(handler, answer)


def send(handler, answer):
    status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
    if not isinstance(body, bytes):
        body = json.dumps(body, default=float).encode()      # Decimal
    handler.send_response(status)
    for name, value in {'Content-Length': str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def reset(_request, handler):
    """Break the connection the hard way, with a TCP reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    handler.close_connection = True
    handler.connection.close()


def ok(**body):
    return {'code': '0', 'request_id': '2101', **body}


def error(code, message='no', **more):
    return {'code': code, 'type': 'ISV', 'message': message, 'request_id': '2102', **more}
