# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class LazadaOrderCancel(models.TransientModel):
    """Which units, for which of Lazada's reasons, and what follows from it."""
    _name = 'lazada.order.cancel'
    _description = "Cancel on Lazada"

    order_id = fields.Many2one('lazada.order', required=True, readonly=True, ondelete='cascade')
    item_ids = fields.Many2many('lazada.order.item', string="Units to Cancel")
    warning = fields.Text("Lazada Says", readonly=True)
    refused = fields.Boolean(readonly=True)
    reason_ids = fields.One2many(
        'lazada.order.cancel.reason', 'wizard_id', string="Reasons Offered")
    reason_id = fields.Many2one(
        'lazada.order.cancel.reason', domain="[('wizard_id', '=', id)]")
    packed = fields.Boolean(compute='_compute_packed')

    @api.depends('item_ids.package_id')
    def _compute_packed(self):
        for wizard in self:
            wizard.packed = bool(wizard.item_ids.package_id)

    def action_cancel(self):
        """Ask the connector to cancel these units on Lazada; the order follows by itself."""
        self.ensure_one()
        self.order_id.check_access('read')
        if not self.reason_id:
            raise UserError(self.env._("Choose one of Lazada's reasons."))
        if not self.item_ids:
            raise UserError(self.env._("Choose at least one unit to cancel."))
        command = self.env['lazada.command'].sudo()._request([{
            'kind': 'cancel', 'order': self.order_id.sudo(), 'items': self.item_ids.sudo()}])
        command.write({
            'reason_code': self.reason_id.external_id, 'reason': self.reason_id.name,
            'user_id': self.env.uid})
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'info',
                'message': self.env._(
                    "Lazada is asked to cancel %(count)s units of %(order)s. The outcome "
                    "appears on the order.",
                    count=len(self.item_ids), order=self.order_id.order_number),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }


class LazadaOrderCancelReason(models.TransientModel):
    """A reason that Lazada offers for these very units."""
    _name = 'lazada.order.cancel.reason'
    _description = "Lazada Cancellation Reason"

    wizard_id = fields.Many2one('lazada.order.cancel', required=True, ondelete='cascade')
    external_id = fields.Char(required=True)
    name = fields.Char(required=True)
