"""The endpoints of the platform, one module per group; importing this registers them all."""
from . import (
    auth,
    documents,
    finance,
    fulfilment,
    logistics,
    orders,
    products,
    reverse,
    seller,
    stock,
)
