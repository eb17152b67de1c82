"""The endpoints of the platform, one module per group; importing this registers them all."""
from . import auth, orders, products, seller, stock
