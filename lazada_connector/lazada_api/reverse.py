# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Cancellations and returns: `client.reverse`."""

from dataclasses import dataclass

from . import times
from .envelope import count, member, rows
from .errors import LazadaRequestError

PAGE_SIZE = 50


@dataclass(frozen=True)
class CancelCheck:
    """tip_type: 'warning', 'warn' or 'error' (then it cannot be cancelled); tip: Lazada's text;
    reasons: (reason_id, name) pairs, different for each order."""

    tip_type: str
    tip: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReturnPage:
    """returns: as Lazada sent them; page_no: from 1; total: of all pages, None when not said."""

    returns: list
    page_no: int
    total: int | None


class Reverse:
    """`client.reverse`. The writes are GETs at Lazada's; they are never repeated blindly."""

    def __init__(self, client):
        self._client = client

    def cancel_validate(self, order_id, item_ids):
        """Can the seller cancel these items, and for which reasons? Returns a `CancelCheck`."""
        path = '/order/reverse/cancel/validate'
        body = self._client.call(path, {'order_id': order_id, 'order_item_id_list': _ids(item_ids)})
        data = member(body, 'data', endpoint=path)
        return CancelCheck(
            str(data.get('tip_type') or ''), str(data.get('tip_content') or ''),
            tuple((str(row.get('reason_id') or ''), str(row.get('reason_name') or ''))
                  for row in rows(data.get('reason_options'), path)))

    def cancel_create(self, order_id, item_ids, reason_id):
        """Cancel the items; returns Lazada's remark. LazadaRequestError `tip_error` if refused."""
        path = '/order/reverse/cancel/create'
        body = self._client.call(path, {
            'order_id': order_id, 'order_item_id_list': _ids(item_ids), 'reason_id': reason_id})
        data = member(body, 'data', endpoint=path)
        tip = str(data.get('tip_content') or '')
        if str(data.get('tip_type')) != 'success':     # `code` is "0" all the same
            raise LazadaRequestError(
                'tip_error', tip, endpoint=path, request_id=str(body.get('request_id') or ''))
        return tip

    def cancel_decide(self, reverse_order_id, agree, *, reason_code=None):
        """Answer a buyer's wish to cancel; reason_code: needed to refuse."""
        self._client.call('/order/reverse/cancel/seller/decide', {
            'reverse_order_id': reverse_order_id, 'agree_cancel': bool(agree),
            'reason_code': reason_code})

    def pages(self, *, modified_after=None, modified_before=None, created_after=None,
              created_before=None, limit=PAGE_SIZE):
        """Yield returns, refunds and cancellations as `ReturnPage`s; all bounds naive UTC."""
        bounds = {
            'ReverseOrderLineModifiedTimeRangeStart': modified_after,
            'ReverseOrderLineModifiedTimeRangeEnd': modified_before,
            'ReverseOrderLineTimeRangeStart': created_after,
            'ReverseOrderLineTimeRangeEnd': created_before}
        params = {name: times.to_epoch_ms(moment) for name, moment in bounds.items() if moment}
        path, page_no, before, read = '/reverse/getreverseordersforseller', 1, None, 0
        while True:
            body = self._client.call(path, {**params, 'page_no': page_no, 'page_size': limit})
            result = member(body, 'result', endpoint=path)
            returns, total = rows(result.get('items'), path), count(result.get('total'))
            ids = [row.get('reverse_order_id') for row in returns]
            if not returns or ids == before:
                return
            yield ReturnPage(returns, page_no, total)
            read += len(returns)
            if len(returns) < limit and (total is None or read >= total):
                return
            page_no, before = page_no + 1, ids

    def detail(self, reverse_order_id):
        """One reverse order with its lines (`reverseOrderLineDTOList`)."""
        path = '/order/reverse/return/detail/list'
        return member(
            self._client.call(path, {'reverse_order_id': reverse_order_id}), 'data', endpoint=path)

    def reasons(self, reverse_order_line_id):
        """Reasons for refusing a return: (reason_id, text) pairs."""
        path = '/order/reverse/reason/list'
        body = self._client.call(path, {'reverse_order_line_id': reverse_order_line_id})
        return [(str(row.get('reason_id') or ''), str(row.get('text') or ''))
                for row in rows(body.get('data'), path)]

    def act(self, action, reverse_order_id, line_ids, *, reason_id=None, comment=None, images=None):
        """Act on a return.

        action: instantRefund · agreeReturn · refuseReturn · confirmDelivery · agreeRefund ·
        refuseRefund;
        the refusals need reason_id and comment, refuseRefund also images: [{'name', 'url'}].
        """
        self._client.call('/order/reverse/return/update', {
            'action': action, 'reverse_order_id': reverse_order_id,
            'reverse_order_item_ids': _ids(line_ids), 'reason_id': reason_id, 'comment': comment,
            'image_info': images})


def _ids(ids):
    return [int(one) for one in ids]
