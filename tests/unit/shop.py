"""A shop whose orders move while somebody reads them page by page."""

from datetime import UTC, datetime, timedelta, timezone

from .platform import error, ok

START = datetime(2024, 11, 1)
BANGKOK = timezone(timedelta(hours=7))


class Shop:
    """Answers `/orders/get` as Lazada documents it: offset cap, sorted rows; bounds are inclusive,
    which it does not document, or with `exclusive` not.

    times: order id -> seconds after START it was last updated. before(request number): called
    before each answer; it may move orders.
    """

    def __init__(self, times, *, total=True, statuses=None, before=lambda number: None,
                 exclusive=False):
        self.times = dict(times)
        self.total = total
        self.statuses = statuses or {}
        self.before = before
        self.slack = timedelta(seconds=int(exclusive))
        self.requests = []

    def __call__(self, request):
        self.before(len(self.requests))
        params = request.params
        self.requests.append(params)
        offset, limit = int(params['offset']), int(params['limit'])
        if offset > 5000:
            return error('14', 'E014: Invalid Offset')
        matching = sorted(self._matching(params))
        data = {'orders': [self.order(order_id) for _time, order_id in
                           matching[offset:offset + limit]]}
        if self.total:
            data['countTotal'] = len(matching)
        return ok(data=data)

    def _matching(self, params):
        after, before = (
            datetime.fromisoformat(params[name]).astimezone(UTC).replace(tzinfo=None)
            if name in params else None for name in ('update_after', 'update_before'))
        for order_id, seconds in self.times.items():
            moment = START + timedelta(seconds=seconds)
            if after and moment < after + self.slack or before and moment > before - self.slack:
                continue
            if params.get('status') in (None, self.statuses.get(order_id, 'pending')):
                yield seconds, order_id

    def order(self, order_id):
        moment = (START + timedelta(seconds=self.times[order_id])).replace(tzinfo=UTC)
        return {'order_id': order_id,
                'updated_at': moment.astimezone(BANGKOK).strftime('%Y-%m-%d %H:%M:%S %z')}

    def touch(self, order_id):
        """The order changes: it becomes the newest."""
        self.times[order_id] = max(self.times.values()) + 1
