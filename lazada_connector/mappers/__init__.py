# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From Lazada's payloads to plain values: pure functions, no Odoo, no I/O, no clock.

Every function takes the payload as the client returns it and gives plain dicts. `BadValue` (a
ValueError) says which value cannot be understood; what is missing is '' or None, never an error,
except the ids.
"""
