"""Answers that break on the wire: cut short, dripping, reset."""
import itertools
import json
import socket
import struct
import time
import zlib

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


def bulk(response, megabytes, compressed):
    """A valid JSON body behind a mountain of blanks, which gzip makes very small."""
    blanks = itertools.repeat(b' ' * 2 ** 20, megabytes)
    if compressed:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = b''.join([*map(packer.compress, (*blanks, response.get_data())), packer.flush()])
        response.set_data(body)
        response.headers['Content-Encoding'] = 'gzip'
        return response
    body = response.get_data()
    streamed = Response(itertools.chain(blanks, [body]), status=response.status,
                        headers=response.headers)
    streamed.headers['Content-Length'] = str(megabytes * 2 ** 20 + len(body))
    return streamed


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
