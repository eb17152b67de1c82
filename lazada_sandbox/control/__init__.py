"""`/_control/*`: JSON for scripts. Ids are strings, money decimal strings, statuses raw."""
from . import listings, orders, system
from .routes import ROUTES, ControlError
