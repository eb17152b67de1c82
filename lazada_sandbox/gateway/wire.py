"""Answers that break on the wire: cut short, dripping, reset."""
import json
import socket
import struct
import time

from werkzeug.wrappers import Response


def encode(body):
    """UTF-8 JSON; text no UTF-8 can carry (lone surrogates) goes as escapes."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body).encode()


def json_response(text, status=200, headers=None):
    return Response(text, status=status, content_type='application/json;charset=UTF-8',
                    headers=headers)


def cut(response, count):
    """The full Content-Length is announced, `count` bytes of the body are sent."""
    body = response.get_data()

    def stream():
        yield body[:count]
        raise ConnectionAbortedError('cut by a fault')
    return _streamed(response, body, stream())


def drip(response, seconds):
    """One byte at a time."""
    body = response.get_data()

    def stream():
        for position in range(len(body)):
            time.sleep(seconds)
            yield body[position:position + 1]
    return _streamed(response, body, stream())


def reset(environ):
    """The peer sees a connection reset."""
    connection = environ['werkzeug.socket']
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.shutdown(socket.SHUT_RD)       # or the handler would wait for another request
    environ['lazada_sandbox.server'].reset_on_close.add(connection.fileno())
    raise ConnectionResetError('reset by a fault')


def _streamed(response, body, stream):
    streamed = Response(stream, status=response.status, headers=response.headers,
                        direct_passthrough=True)
    streamed.headers['Content-Length'] = str(len(body))
    return streamed
