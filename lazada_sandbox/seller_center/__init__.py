"""The web pages of a seller, and of the buyers and carriers a trainer plays."""
from . import calls, listings, orders, payouts, returns, shops
from .routes import ROUTES, PageError
