# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class StockPickingBatch(models.Model):
    """The buttons of a delivery, for all deliveries of a batch at once."""
    _inherit = 'stock.picking.batch'

    lazada_to_pack_count = fields.Integer(compute='_compute_lazada_counts')
    lazada_label_count = fields.Integer(compute='_compute_lazada_counts')
    lazada_failed_count = fields.Integer(compute='_compute_lazada_counts')

    @api.depends(
        'picking_ids.lazada_can_pack', 'picking_ids.lazada_push_state',
        'picking_ids.lazada_label_count')
    def _compute_lazada_counts(self):
        for batch in self:
            pickings = batch.picking_ids
            batch.lazada_to_pack_count = len(pickings.filtered('lazada_can_pack'))
            batch.lazada_label_count = sum(pickings.mapped('lazada_label_count'))
            batch.lazada_failed_count = len(pickings.filtered(
                lambda picking: picking.lazada_push_state == 'failed'))

    def action_lazada_pack(self):
        return self.picking_ids.action_lazada_pack()

    def action_lazada_print_labels(self):
        return self.picking_ids.action_lazada_print_labels()

    def action_lazada_retry(self):
        return self.picking_ids.action_lazada_retry()
