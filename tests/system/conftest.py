from tests.harness.fixtures import (  # noqa: F401
    browser,
    connected_stack,
    demo_stack,
    fresh_stack,
    ground,
    page,
    stack,
)
