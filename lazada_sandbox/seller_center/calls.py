"""The calls that arrived, newest first."""
from ..pages import page
from .routes import route

SHOWN = 200


@route('GET', '/calls')
def show(platform, request):
    log = platform.gateway.calls
    return page('calls.html', calls=log.since(0, SHOWN)[::-1], total=log.sequence,
                applied=dict(log.applied))
