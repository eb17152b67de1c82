# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class LazadaMirror(models.AbstractModel):
    """What mirrored records share."""
    _name = 'lazada.mirror'
    _description = "Lazada Mirrored Record"

    def _write_changes(self, vals):
        """Write the values that differ; a repeated answer costs no UPDATE. Return them."""
        changes = self._find_changes(vals)
        if changes:
            self.write(changes)
        return changes

    def _find_changes(self, vals):
        """Return those of `vals` that the record does not have yet."""
        self.ensure_one()
        return {
            name: value for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != (value or False)
            and (self[name] or value)}
