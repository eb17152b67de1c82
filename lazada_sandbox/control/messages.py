"""Push messages on demand."""
from .routes import ControlError, find_shop, need, route


@route('POST', '/push')
def push(platform, body):
    """`{url, app_key, types?}` sets where an app's messages go. Further members, in this order:

    `hold: true` collects instead of sending; `send: {message_type, data, site, seller_id,
    outer_seller_id?}` sends one message; `replay: n` (`last: m`) sends what was sent again;
    `reorder: true` releases what was held newest first, `release: true` in order; `stop: true` ends
    pushing.
    """
    sender, app_key = platform.push, str(need(body, 'app_key'))
    if app_key not in platform.world.apps:
        raise ControlError(f'no app {app_key}', 404)
    if body.get('url'):
        sender.set_target(app_key, body['url'], body.get('types'))
    target = sender.targets.get(app_key)
    if target is None:
        raise ControlError('"url" is missing')
    target.hold = bool(body.get('hold', target.hold))
    if 'send' in body:
        _send(platform, body['send'])
    replayed = sender.replay(int(body['replay']), body.get('last')) if 'replay' in body else 0
    if body.get('reorder') or body.get('release'):
        sender.release(target, reverse=bool(body.get('reorder')))
    if body.get('stop'):
        target.active = False
    return {**_target(target), 'replayed': replayed}


@route('GET', '/push')
def log(platform, query):
    """Targets and every message with the answers it got."""
    return {'targets': [_target(each) for each in platform.push.targets.values()],
            'messages': platform.push.log}


def _send(platform, spec):
    shop = find_shop(platform, spec)
    data = spec.get('data', {})
    platform.push.publish(shop, int(need(spec, 'message_type')), lambda: data,
                          spec.get('outer_seller_id'))


def _target(target):
    return {'app_key': target.app_key, 'url': target.url, 'active': target.active,
            'hold': target.hold, 'held': len(target.held), 'sent': target.sent,
            'failed': target.failed}
