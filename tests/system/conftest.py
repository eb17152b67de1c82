from tests.harness.fixtures import (  # noqa: F401
    browser,
    demo_stack,
    fresh_stack,
    ground,
    page,
    stack,
)
