# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

SHOWN = 20


class LazadaPackagePrint(models.TransientModel):
    """Labels of the selected deliveries as one file, in the order they are picked."""
    _name = 'lazada.package.print'
    _description = "Print Lazada Labels"

    picking_ids = fields.Many2many('stock.picking', string="Deliveries", readonly=True)
    package_ids = fields.Many2many('lazada.package', string="Packages", readonly=True)
    order_by = fields.Selection(
        [('location', "Location: as the shelves are walked"), ('order', "Order: the oldest first")],
        string="Sort By", required=True, default='location')
    only_new = fields.Boolean("Only Labels Not Printed Yet")
    ready_count = fields.Integer("Labels to Print", compute='_compute_counts')
    printed_count = fields.Integer("Printed Before", compute='_compute_counts')
    missing = fields.Text(compute='_compute_counts')
    printed_ids = fields.Json(help="The packages of the file, in its order.")
    file = fields.Binary(compute='_compute_file', attachment=False)

    @api.depends('picking_ids', 'package_ids', 'only_new')
    def _compute_counts(self):
        for wizard in self:
            packages = wizard._get_packages()
            ready = packages.filtered(lambda package: package._has_label())
            wizard.printed_count = len(ready.filtered('printed_at'))
            wizard.ready_count = len(ready) - (wizard.only_new and wizard.printed_count or 0)
            lines = [
                f"{package.picking_id.name or package.order_number}: "
                f"{package.label_message or self.env._('the label is not here yet.')}"
                for package in packages - ready]
            lines += [
                self.env._("%s: not packed yet.", picking.name)
                for picking in wizard.picking_ids
                if picking.lazada_package_status == 'pending' and not (
                    picking.lazada_package_ids & packages)]
            if len(lines) > SHOWN:
                lines[SHOWN:] = [self.env._("… and %s more.", len(lines) - SHOWN)]
            wizard.missing = '\n'.join(lines) or False

    @api.depends('printed_ids')
    def _compute_file(self):
        """Merge at download: it takes time, and nobody's screen waits for it."""
        for wizard in self:
            packages = self.env['lazada.package'].browse(wizard.printed_ids or [])
            packages.check_access('read')
            # The label of a package may be attached to its sales order.
            labels = [package.label_id.raw for package in packages.sudo() if package.label_id]
            wizard.file = base64.b64encode(merge_pdf(labels)) if labels else False

    @api.model
    def _open(self, pickings=None, packages=None):
        """Open the wizard; one delivery with all its labels is printed without a question."""
        wizard = self.create({
            'picking_ids': pickings.ids if pickings else [],
            'package_ids': packages.ids if packages else []})
        damaged = wizard._get_packages().filtered(
            lambda package: package.label_state == 'ready' and not package._has_label())
        damaged.sudo()._ask_for_label()  # the mirror is written by the connector only
        selected = len(wizard.picking_ids or wizard.package_ids)
        if selected == 1 and wizard.ready_count and not wizard.missing:
            return wizard.action_print()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Print Lazada Labels"),
            'res_model': self._name,
            'res_id': wizard.id,
            'view_mode': 'form',
            'target': 'new',
        }

    def _get_packages(self):
        """Return the packages that still are parcels; the warehouse reads no more than these."""
        self.ensure_one()
        packages = self.package_ids | self.picking_ids.lazada_package_ids
        return packages.filtered(lambda package: package._is_live())

    def action_print(self):
        """Download the labels as one file and remember that they were printed."""
        self.ensure_one()
        packages = self._get_packages().filtered(
            lambda package: package._has_label()
            and not (self.only_new and package.printed_at))
        if not packages:
            raise UserError(self.missing or self.env._(
                "There is no label to print: pack the deliveries first."))
        packages = packages._sort_for_picking(self.order_by)
        packages._mark_printed()
        self.printed_ids = packages.ids
        name = self.env._("Lazada labels")
        return {
            'type': 'ir.actions.act_url',
            'url': f'/web/content/{self._name}/{self.id}/file/{name}.pdf?download=true',
            'target': 'new',
            'close': True,
        }
