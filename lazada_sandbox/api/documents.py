"""Shipping labels."""
from .. import labels
from .registry import endpoint
from .result import BatchError, answer, request_json, rows_of

# Statuses of a package a label can be printed for.
PRINTABLE = ('packed', 'ready_to_ship_pending', 'ready_to_ship', 'shipped', 'delivered')


@endpoint('/order/package/document/get', 'GET', 'POST')
def document(call):
    request = request_json(call, 'getDocumentReq')
    behaviour = call.world.behaviour

    def work():
        kind = request.get('doc_type')
        if kind not in ('PDF', 'HTML'):
            raise BatchError('700004', 'doc_type must be PDF or HTML')
        packages = [_package(call, entry) for entry in rows_of(request, 'packages')]
        call.applied('document')
        if kind == 'HTML':
            page = labels.markup(packages) + behaviour.label_markup
            return {'file': labels.base64_text(page), 'doc_type': 'HTML'}
        path = call.gateway.labels.offer(packages)
        file = labels.draw(packages) if behaviour.label_file == 'pdf' else labels.iframe(path)
        return {'file': labels.base64_text(file), 'doc_type': 'PDF',
                'pdf_url': behaviour.label_url or call.base_url + path}
    return answer(call, work)


def _package(call, entry):
    """A printable package; BatchError otherwise, since all of them become one file."""
    behaviour = call.world.behaviour
    package = call.shop.packages.get(str(entry.get('package_id')))
    if package is None:
        raise BatchError('30012', 'package not found or not packed')
    if package.order.channel == 'sof':
        raise BatchError('50008', 'SOF package has no shipping label')
    if package.status not in PRINTABLE:
        raise BatchError('700040', 'there is nothing to print')
    package.label_calls += 1
    age = call.world.clock.now() - package.created_at
    if package.label_calls <= behaviour.label_lag_calls or age < behaviour.label_lag_seconds:
        raise BatchError(behaviour.label_lag_code, 'the document is not ready yet')
    return package
