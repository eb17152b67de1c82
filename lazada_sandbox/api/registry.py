"""Which function answers which path."""
from collections.abc import Callable
from dataclasses import dataclass

ENDPOINTS = {}


@dataclass(frozen=True)
class Endpoint:
    """`auth`: on the token host (no access token) instead of a country gateway."""

    path: str
    methods: tuple
    handler: Callable
    auth: bool


def endpoint(path, *methods, auth=False):
    """Register `handler(call) -> dict`, the answer without code and request_id."""
    def register(handler):
        ENDPOINTS[path] = Endpoint(path, methods, handler, auth)
        return handler
    return register
