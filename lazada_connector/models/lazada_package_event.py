# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

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
    status_color = fields.Integer(compute='_compute_status_color')
    raw_status = fields.Char("Lazada Status")
    description = fields.Char()
    location = fields.Char()
    source = fields.Selection(
        [('lazada', "Lazada"), ('courier', "Courier")], required=True, default='lazada')

    @api.depends('status')
    def _compute_status_color(self):
        for event in self:
            event.status_color = const.PACKAGE_COLORS.get(event.status, 0)
