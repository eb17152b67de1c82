"""`/_control/*`: JSON for scripts. Ids are strings, money decimal strings, statuses raw."""
from . import after_sales, listings, messages, orders, system
from .routes import ROUTES, ControlError
