# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .. import const


class LazadaCommandLine(models.Model):
    """One unit in a command, with its own outcome. A unit is in one open command per kind."""
    _name = 'lazada.command.line'
    _description = "Lazada Command Unit"
    _order = 'command_id, id'
    _rec_name = 'item_id'
    _log_access = False

    command_id = fields.Many2one(
        'lazada.command', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, index=True)
    item_id = fields.Many2one(
        'lazada.order.item', string="Unit", required=True, index=True, ondelete='cascade')
    kind = fields.Selection(const.COMMAND_KINDS, required=True)
    state = fields.Selection(const.COMMAND_STATES, required=True, default='todo')
    message = fields.Char()

    _open_uniq = models.UniqueIndex(
        "(item_id, kind) WHERE state IN ('todo', 'sent', 'unknown')",
        "Lazada has been asked for this already.")

    def _is_newest(self):
        """Whether no later command of the same kind has this unit."""
        self.ensure_one()
        return self == self.item_id.command_line_ids.filtered(
            lambda line: line.kind == self.kind).sorted('id')[-1:]
