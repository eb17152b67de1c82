"""Push messages: what happens in the world is told to an app's address, signed.

At least once, one message per order line, in no promised order. A message that is not answered with
200 is tried again (12 times, every 30 minutes of world time), then with the state of that moment.
Above half of failures pushing stops.
"""
import hashlib
import hmac
import http.client
import json
import queue
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field

TIMEOUT = 5
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FEWEST = 10                            # messages before the share of failures counts


@dataclass
class Target:
    """Where the messages of one app go."""

    url: str
    app_key: str
    types: list | None = None          # None: all
    active: bool = True
    hold: bool = False                 # collect instead of sending
    sent: int = 0
    failed: int = 0
    held: list = field(default_factory=list)


class Push:
    """Messages are made under the world's lock and sent by one thread outside it."""

    def __init__(self, world):
        self._world = world
        self.targets = {}
        self.log = []                  # every message: seller, body, answers
        self._queue = queue.Queue()
        world.listeners.append(self._hear)
        threading.Thread(target=self._work, daemon=True).start()

    def start_over(self):
        self.targets.clear()
        self.log.clear()

    def set_target(self, app_key, url, types=None):
        self.targets[app_key] = Target(url, app_key, types)

    # --- what happened -> messages ---

    def _hear(self, kind, **facts):
        if self.targets:
            message = getattr(self, f'_about_{kind}')(**facts)
            if message:
                self.publish(*message)

    def _about_order(self, order, unit):
        return order.shop, 0, lambda: {
            'order_status': unit.status, 'trade_order_id': str(order.order_id),
            'trade_order_line_id': str(unit.item_id), 'status_update_time': unit.updated_at,
            'buyer_id': str(order.buyer.buyer_id)}

    def _about_package(self, package, status):
        order = package.order
        return order.shop, 14, lambda: {
            'trade_order_id': str(order.order_id), 'buyer_id': str(order.buyer.buyer_id),
            'fulfillment_package_id': package.package_id, 'status': status,
            'status_update_time': self._world.clock.second()}

    def _about_reverse(self, reverse, line, status):
        order = reverse.order
        return order.shop, 10, lambda: {
            'reverse_order_id': reverse.reverse_order_id, 'reverse_status': status,
            'trade_order_id': order.order_id, 'extraParams': {},
            'trade_order_line_id': line.unit.item_id, 'buyer_id': order.buyer.buyer_id,
            'seller_id': int(order.shop.seller_id), 'reverse_order_line_id': line.line_id,
            'status_update_time': line.updated_at}

    def _about_product(self, shop, product, listings, type, action):
        return shop, type, lambda: {
            'item_id': product.item_id, 'action': action,
            'sku_list': [{'shop_sku': f'{product.item_id}_{shop.place.sku_tag}-{each.sku_id}',
                          'seller_sku': each.seller_sku, 'sku_id': each.sku_id}
                         for each in listings],
            'status_update_time': self._world.clock.second() * 1000}

    def _about_stock(self, shop, listing):
        """Only low stock is told: below five sellable pieces."""
        if listing.sellable >= 5:
            return None
        return shop, 6, lambda: {
            'seller_sku': listing.seller_sku, 'sku_id': listing.sku_id,
            'withhold_quantity': listing.withheld, 'occupy_quantity': listing.occupied,
            'real_quantity': listing.sellable + listing.withheld + listing.occupied,
            'warehouse': 'dropshipping', 'pre_order_quantity': 0}

    def _about_shop(self, shop):
        return shop, 13, lambda: {'status': 'normal' if shop.status == 'ACTIVE' else 'close'}

    def _about_expiry(self, shop, app_key, expires_at):
        return shop, 8, lambda: {'app_key': app_key, 'seller_id': shop.seller_id,
                                 'auth_expiry_time': expires_at}, 'null'

    # --- messages -> the wire ---

    def publish(self, shop, message_type, data, seller_id=None):
        """Send to every target that wants the type. `data()` is read again at each try."""
        for target in self.targets.values():
            if target.active and (target.types is None or message_type in target.types):
                entry = {'app_key': target.app_key, 'message_type': message_type,
                         'seller_id': shop.seller_id if seller_id is None else seller_id,
                         'site': f'lazada_{shop.site}', 'answers': [], 'body': '', 'tries': 0}
                self.log.append(entry)
                self._send(target, entry, data)

    def _send(self, target, entry, data):
        """Write the body as things stand, then hand it over (or keep it on hold)."""
        entry['body'] = json.dumps({
            'seller_id': entry['seller_id'], 'message_type': entry['message_type'],
            'data': data(), 'timestamp': int(self._world.clock.now() * 1000),
            'site': entry['site']}, separators=(',', ':'), ensure_ascii=False)
        entry['tries'] += 1
        if target.hold:
            target.held.append((entry, data))
        else:
            self._queue.put((target, entry, data))

    def replay(self, times, last=None):
        """Every message so far (or only the `last` n) again, unchanged, `times` times."""
        entries = self.log[-last:] if last else list(self.log)
        for _each in range(times):
            for entry in entries:
                if entry['app_key'] in self.targets:
                    self._queue.put((self.targets[entry['app_key']], entry, None))
        return len(entries) * times

    def release(self, target, reverse):
        """Send what was held, newest first if `reverse`."""
        held, target.held = target.held, []
        target.hold = False
        for entry, data in reversed(held) if reverse else held:
            self._queue.put((target, entry, data))

    def _work(self):
        while True:
            self._deliver(*self._queue.get())

    def _deliver(self, target, entry, data):
        app = self._world.apps.get(target.app_key)
        body = entry['body'].encode()
        answer = post(target.url, body, sign(app.app_key, app.app_secret, body))
        with self._world.lock:
            entry['answers'].append(answer)
            target.sent += 1
            if answer == 200:
                return
            target.failed += 1
            behaviour = self._world.behaviour
            if (target.sent >= FEWEST
                    and target.failed > behaviour.push_stop_share * target.sent):
                target.active = False
            if data and target.active and entry['tries'] <= behaviour.push_retries:
                self._world.at(self._world.clock.now() + behaviour.push_retry_seconds,
                               lambda: self._send(target, entry, data))


def sign(app_key, app_secret, body):
    """Lower-case hex HMAC-SHA256 over app key and raw body."""
    return hmac.new(app_secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


def post(url, body, signature):
    """HTTP status of the answer, or the name of what went wrong."""
    request = urllib.request.Request(url, body, {
        'Content-Type': 'application/json', 'Authorization': signature})
    try:
        with _DIRECT.open(request, timeout=TIMEOUT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
