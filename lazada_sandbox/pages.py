"""Rendering of the pages people see. Everything is escaped; nothing comes from elsewhere."""
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / 'templates'), autoescape=True,
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(template, status=200, **values):
    """A template of templates/ -> Response."""
    html = _ENVIRONMENT.get_template(template).render(**values)
    return Response(html, status=status, content_type='text/html; charset=utf-8', headers={
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:"})
