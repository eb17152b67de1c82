"""The `result` container of the fulfilment family: a batch outcome with rows inside."""
from ..gateway.errors import ApiError
from .params import json_value

MOST = 20


class BatchError(Exception):
    """The whole batch is refused: `result.success` false."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code, self.message = code, message


def request_json(call, field):
    """The JSON object in the one named form field all fulfilment calls have."""
    text = call.need(field)
    return json_value(text, dict, ApiError('6', f'E006: {field} is not a JSON object'))


def rows_of(request, field):
    """A list of at most 20; BatchError otherwise."""
    rows = request.get(field)
    if not isinstance(rows, list) or not rows:
        raise BatchError('700017', f'{field} is null')
    if len(rows) > MOST:
        raise BatchError('700022', f'batch too large, at most {MOST}')
    return rows


def answer(call, work):
    """`work()` returns the data; a BatchError becomes success false."""
    try:
        result = {'data': work(), 'success': True}
        code, message = (None, None)
    except BatchError as error:
        result = {'success': False}
        code, message = error.code, error.message
    names = call.world.behaviour.result_error_names
    if names == 'none' and code is None:
        return {'result': result}
    keys = ('error_code', 'error_msg') if names == 'snake' else ('errorCode', 'errorMsg')
    return {'result': {**result, keys[0]: code, keys[1]: message}}


def row(code='0', message='success', retry=False, **members):
    """One row. '0' is success."""
    return {**members, 'item_err_code': code, 'msg': message, 'retry': retry}
