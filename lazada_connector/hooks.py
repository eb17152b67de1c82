# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError


def pre_init_hook(env):
    """Refuse to work beside another Lazada connector: both would import the same orders."""
    other = env['ir.module.module'].search([
        ('name', '=', 'sale_lazada'),
        ('state', 'in', ('installed', 'to install', 'to upgrade')),
    ], limit=1)
    if other:
        raise UserError(env._(
            "The app \"%(name)s\" (sale_lazada) already connects this database to Lazada. "
            "Two connectors would import every order twice. Uninstall it first, then install "
            "Lazada Connector.",
            name=other.shortdesc or other.name,
        ))
