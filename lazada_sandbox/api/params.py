"""Reading parameters the way the platform does, refusals included."""
import json
import re
from datetime import datetime

from ..gateway.errors import ApiError

_DATE = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d')


def integer(call, name, default, code, most=None, least=0):
    """An int within bounds; anything else is refused with `code`."""
    text = call.params.get(name, str(default))
    if not re.fullmatch(r'-?\d{1,15}', text):
        raise invalid(code, name, text)
    value = int(text)
    if value < least or (most is not None and value > most):
        raise invalid(code, name, text)
    return value


def date(call, name):
    """ISO 8601 with offset -> epoch seconds; None if the parameter is missing; else code 17."""
    text = call.params.get(name)
    if not text:
        return None
    if not _DATE.fullmatch(text):
        raise ApiError('17', f'E017: "{text}" Invalid Date Format')
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError as error:
        raise ApiError('17', f'E017: "{text}" Invalid Date Format') from error


def json_value(text, kind, error):
    """JSON text holding a `kind` (list, dict); raises `error` otherwise."""
    try:
        value = json.loads(text)
    except ValueError:
        raise error from None
    if not isinstance(value, kind):
        raise error
    return value


def invalid(code, name, text):
    label = name.replace('_', ' ').title()
    return ApiError(code, f'E{int(code):03d}: "{text}" Invalid {label}')
