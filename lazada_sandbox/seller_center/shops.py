"""The first page: every shop."""
from ..pages import page
from .routes import route


@route('GET', '/')
def overview(platform, request):
    return page('shops.html', accounts=list(platform.world.accounts.values()),
                apps=list(platform.world.apps.values()), seed=platform.world.seed)
