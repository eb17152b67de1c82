# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .. import const


class LazadaPackageEvent(models.Model):
    """One step in the life of a package, with its time. Never changed, only added."""
    _name = 'lazada.package.event'
    _description = "Lazada Package Event"
    _order = 'at desc, id desc'
    _rec_name = 'raw_status'
    _log_access = False

    package_id = fields.Many2one(
        'lazada.package', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='package_id.company_id', store=True, index=True, precompute=True)
    at = fields.Datetime("Time", required=True)
    status = fields.Selection(const.PACKAGE_STATUSES)
    raw_status = fields.Char("Lazada Status")
    description = fields.Char()
    location = fields.Char()
    source = fields.Selection(
        [('lazada', "Lazada"), ('courier', "Courier")], required=True, default='lazada')
