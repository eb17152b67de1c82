# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Packing, labels and hand-over: `client.fulfilment`."""

import base64
import binascii
from dataclasses import dataclass, field

from .batches import batches
from .downloads import fetch_file
from .envelope import is_true, member, rows
from .errors import LazadaNotReadyError, from_code
from .files import MAX_LABEL, is_pdf
from .outcomes import BATCH_SIZE, Row, send_batches
from .regions import FILE_DOMAINS


@dataclass(frozen=True)
class Providers:
    """Who can ship these orders. choices: (name, provider_code) pairs, to be passed to `pack` when
    `platform_default` is False; allocate_type: 'TFS' or 'NTFS', to be passed to `pack` as it is."""

    order_ids: tuple[str, ...]
    platform_default: bool
    choices: tuple[tuple[str, str], ...]
    allocate_type: str


@dataclass(frozen=True)
class Document:
    """Labels of one call, merged. file: its bytes, HTML even for PDF; url: of the PDF, valid for
    ten minutes ('' for HTML)."""

    doc_type: str
    file: bytes = field(repr=False)
    url: str = field(repr=False)

    @property
    def pdf(self):
        """`file` if it is a PDF after all, else b''."""
        return self.file if is_pdf(self.file) else b''


class Fulfilment:
    """`client.fulfilment`. Orders are (order_id, [order_item_id, …]) pairs; ids are text or int.

    The writes answer with one `Row` per item or package, in batches of 20 (`outcomes.send_batches`
    tells when they raise). They are never repeated blindly.
    """

    def __init__(self, client):
        self._client = client

    def providers(self, orders):
        """One `Providers` per 20 orders."""
        return [self._providers(batch) for batch in batches(list(orders), BATCH_SIZE)]

    def _providers(self, orders):
        path = '/order/shipment/providers/get'
        data = self._post(path, 'getShipmentProvidersReq', {'orders': [
            {'order_id': int(order_id), 'order_item_ids': _ints(item_ids)}
            for order_id, item_ids in orders]}, absolute=True)
        return Providers(
            order_ids=tuple(str(order_id) for order_id, _items in orders),
            platform_default=is_true(data.get('platform_default')),
            choices=tuple((str(row.get('name') or ''), str(row.get('provider_code') or ''))
                          for row in rows(data.get('shipment_providers'), path)),
            allocate_type=str(data.get('shipping_allocate_type') or ''))

    def pack(self, orders, *, allocate_type='TFS', provider_code=None):
        """Put items into packages; rows carry package_id, tracking_number and provider.

        Items that are not listed stay pending. provider_code: only where `providers` asks for one.
        """
        def send(batch):
            request = {
                'pack_order_list': _item_lists(batch), 'delivery_type': 'dropship',
                'shipping_allocate_type': allocate_type}
            if provider_code:
                request['shipment_provider_code'] = provider_code
            data = self._post('/order/fulfill/pack', 'packReq', request)
            return _complete(_item_rows(data, 'pack_order_list'), batch, _fail_items)

        return send_batches(list(orders), send, _fail_items)

    def digital_delivered(self, orders):
        """Report digital items as delivered."""
        def send(batch):
            data = self._post('/order/digital/delivered', 'digitalDeliveryReq',
                              {'orders': _item_lists(batch)})
            return _complete(_item_rows(data, 'orders'), batch, _fail_items)

        return send_batches(list(orders), send, _fail_items)

    def ready_to_ship(self, package_ids):
        """Tell Lazada that packed parcels wait for the courier."""
        return self._packages('/order/package/rts', 'readyToShipReq', package_ids)

    def repack(self, package_ids):
        """Undo packages: their items can be packed anew, with another tracking number."""
        return self._packages('/order/package/repack', 'rePackReq', package_ids)

    def sof_delivered(self, package_ids):
        """Own fleet: the parcels were delivered."""
        return self._packages('/order/package/sof/delivered', 'dbsDeliveryReq', package_ids)

    def sof_failed(self, package_ids):
        """Own fleet: the delivery failed."""
        return self._packages(
            '/order/package/sof/failed_delivery', 'dbsFailedDeliveryReq', package_ids)

    def _packages(self, path, name, package_ids):
        def send(batch):
            data = self._post(path, name, {'packages': [{'package_id': one} for one in batch]})
            answered = [_row(row) for row in rows(data.get('packages'), path)]
            return _complete(answered, batch, _fail_packages)

        return send_batches([str(one) for one in package_ids], send, _fail_packages)

    def document(self, package_ids, *, doc_type='PDF', item_list=False):
        """The labels of at most 20 packages as one `Document`; LazadaNotReadyError while they lag.

        item_list: print the list of items as well.
        """
        path = '/order/package/document/get'
        if len(package_ids) > BATCH_SIZE:
            raise ValueError(f'at most {BATCH_SIZE} packages a document')
        data = self._post(path, 'getDocumentReq', {
            'doc_type': doc_type, 'print_item_list': item_list,
            'packages': [{'package_id': str(one)} for one in package_ids]}, absolute=True)
        document = Document(
            str(data.get('doc_type') or doc_type), _decoded(data.get('file')),
            str(data.get('pdf_url') or ''))
        if not document.file and not document.url:
            raise LazadaNotReadyError('empty', 'there is no label yet', endpoint=path)
        return document

    def fetch_label(self, url, *, allowed=FILE_DOMAINS, max_bytes=MAX_LABEL, deadline=60.0):
        """The PDF behind `Document.url`, checked by content.

        allowed: domains (with everything below them) it may come from, over https; a client with a
        `base_url` fetches from exactly that origin instead. Raises FileRefused when the address or
        the content is not acceptable, LazadaTransportError otherwise.
        """
        return fetch_file(
            url, what='label', check=is_pdf, allowed=allowed, origin=self._client.base_url,
            max_bytes=max_bytes, deadline=deadline)

    def trace(self, order_id, *, package_ids=(), locale='en'):
        """The courier's events of an order: `module` of `/logistic/order/trace`."""
        path = '/logistic/order/trace'
        body = self._client.call(path, {
            'order_id': order_id, 'locale': locale,
            'ofcPackageIdList': list(package_ids) or None})
        return rows(member(body, 'result', endpoint=path).get('module'), path)

    def _post(self, path, name, request, *, absolute=False):
        """Send `request` as the JSON text of one form field; returns `result.data`."""
        body = self._client.call(path, {name: request}, method='POST', absolute=absolute)
        return member(body, 'result', 'data', endpoint=path)


def _ints(ids):
    return [int(one) for one in ids]


def _item_lists(orders):
    return [{'order_id': int(order_id), 'order_item_list': _ints(item_ids)}
            for order_id, item_ids in orders]


def _item_rows(data, name):
    return [
        _row(item, order_id=str(order.get('order_id') or ''))
        for order in rows(data.get(name), name)
        for item in rows(order.get('order_item_list'), name)]


def _row(answer, order_id=''):
    """The `Row` of one answered row: only `item_err_code` "0" means done."""
    code = str(answer.get('item_err_code', ''))
    message = '' if code == '0' else str(answer.get('msg') or '')
    retry = code != '0' and (is_true(answer['retry']) if answer.get('retry') is not None
                             else from_code(code, message).retryable)
    return Row(
        order_id=order_id, order_item_id=str(answer.get('order_item_id') or ''),
        package_id=str(answer.get('package_id') or ''),
        tracking_number=str(answer.get('tracking_number') or ''),
        provider=str(answer.get('shipment_provider') or ''),
        state='done' if code == '0' else 'refused', code=code or 'unknown', message=message,
        retry=retry)


def _fail_items(orders, **outcome):
    return [Row(order_id=str(order_id), order_item_id=str(item_id), **outcome)
            for order_id, item_ids in orders for item_id in item_ids]


def _fail_packages(package_ids, **outcome):
    return [Row(package_id=package_id, **outcome) for package_id in package_ids]


def _complete(answered, batch, fail):
    """The answered rows, and an 'unknown' one for each row that Lazada passed over in silence."""
    known = {(row.order_item_id or row.package_id) for row in answered}
    silent = fail(batch, state='unknown', code='no_answer', message='not in the answer', retry=True)
    return answered + [
        row for row in silent if (row.order_item_id or row.package_id) not in known]


def _decoded(text):
    try:
        return base64.b64decode(text or '', validate=True)
    except (binascii.Error, ValueError, TypeError):
        return b''
