# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models

from .. import const
from ..mappers.status import normalise


class LazadaOrderItem(models.Model):
    """Units whose status we changed on Lazada ourselves, which shows it some seconds late."""
    _inherit = 'lazada.order.item'

    command_line_ids = fields.One2many('lazada.command.line', 'item_id')
    written_at = fields.Datetime(help="When a write of ours last changed this unit.")
    written_from = fields.Char(help="Its status on Lazada before that.")

    def _write_status(self, raw_status):
        """Take over a status that Lazada has just confirmed to have been reached."""
        for item in self:
            item.write({
                'written_from': item.raw_status, 'written_at': self.env.cr.now(),
                'raw_status': raw_status, 'status': normalise(raw_status)})
        for order in self.order_id:
            order._summarise_items()

    def _is_outdated(self, raw_status):
        """Whether an answer with this status shows the time before our own write."""
        self.ensure_one()
        age = timedelta(seconds=const.WRITE_SETTLES_SECONDS)
        return bool(
            self.written_at and raw_status == self.written_from != self.raw_status
            and self.written_at > self.env.cr.now() - age)

    def _drop_outdated(self, vals):
        """Leave the status out of an answer that shows the time before our own write."""
        if not self._is_outdated(vals['raw_status']):
            return vals
        return {
            name: value for name, value in vals.items() if name not in ('raw_status', 'status')}

    # === PACKING === #

    def _is_packable(self):
        """Whether this unit waits for a package and none is on its way."""
        self.ensure_one()
        return (
            self.status == 'to_pack' and self._is_seller_shipped()
            and (not self.package_id or not self.package_id._is_live())
            and not self._get_open_lines('pack'))

    def _get_open_lines(self, kind):
        return self.command_line_ids.filtered(
            lambda line: line.kind == kind and line.state in const.OPEN_COMMAND_STATES)

    def _sort_by_age(self):
        return self.sorted(lambda item: (len(item.external_id), item.external_id))
