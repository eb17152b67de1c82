# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import api, fields, models

from .. import const
from ..mappers.status import package_status
from .plain_note import plain_note


class LazadaPackage(models.Model):
    """One parcel: what Lazada put together, with its tracking number and its label.

    Read by the warehouse too: no field of it shows an amount or the buyer.
    """
    _name = 'lazada.package'
    _inherit = ['lazada.mirror']
    _description = "Lazada Package"
    _order = 'id desc'
    _rec_name = 'external_id'
    _rec_names_search = ['external_id', 'tracking_number', 'order_number']

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    order_id = fields.Many2one('lazada.order', required=True, index=True, ondelete='cascade')
    order_number = fields.Char(
        related='order_id.order_number', store=True, precompute=True, string="Lazada Number")
    ship_by_at = fields.Datetime(related='order_id.ship_by_at', string="Ship By", store=True)
    external_id = fields.Char("Package ID", required=True)
    tracking_number = fields.Char(index='btree_not_null')
    provider = fields.Char("Courier")
    provider_id = fields.Many2one(
        'lazada.provider', string="Known Courier", index='btree_not_null', ondelete='set null')
    tracking_url = fields.Char(compute='_compute_tracking_url')
    own_fleet = fields.Boolean(
        help="Delivered by the seller, who also reports how it went. No label.")
    item_ids = fields.One2many('lazada.order.item', 'package_id', string="Units")
    content = fields.Text("Contents", compute='_compute_content', compute_sudo=True)
    unit_count = fields.Integer("Number of Units", compute='_compute_content', compute_sudo=True)

    # === STATUS === #
    status = fields.Selection(
        const.PACKAGE_STATUSES, required=True, default='confirmed', index=True,
        help="Package Pending: awaits receipt, tagging or processing.\n"
             "Package Confirmed: packed, ready for pick-up or drop-off.\n"
             "Ready to Ship: packed and reported, awaits the courier.\n"
             "Shipment Arranged: the tracking number is known.\n"
             "Shipped: dropped off or picked up.\n"
             "Delivered: the shipment is completed.\n"
             "Canceled (cancelled): the package is void.\n"
             "Pickup Failed: the pick-up has to be arranged again.\n"
             "Manual Handling Required: somebody has to act outside Odoo.")
    status_color = fields.Integer(compute='_compute_status_color')
    raw_status = fields.Char("Lazada Status")
    item_raw_status = fields.Char(
        help="What the units said last. A later message about the package itself stays in force "
             "until the units say something new.")
    handling_reason = fields.Text("What to Do", readonly=True)
    is_handled = fields.Boolean("Handled", help="Somebody has seen to it.")
    event_ids = fields.One2many('lazada.package.event', 'package_id', string="History")

    # === LINKS === #
    picking_ids = fields.Many2many(
        'stock.picking', string="Deliveries", copy=False,
        help="The deliveries that hold the units of this package.")
    picking_id = fields.Many2one(
        'stock.picking', string="Delivery", compute='_compute_picking_id',
        search='_search_picking_id')
    command_ids = fields.One2many('lazada.command', 'package_id', string="Sent to Lazada")
    seller_center_url = fields.Char(related='order_id.seller_center_url')

    _shop_external_uniq = models.Constraint(
        'unique(shop_id, external_id)', "A package is mirrored once per shop.")

    # === COMPUTES === #

    @api.depends('status')
    def _compute_status_color(self):
        for package in self:
            package.status_color = const.PACKAGE_COLORS.get(package.status, 0)

    @api.depends('picking_ids.state')
    def _compute_picking_id(self):
        for package in self:
            pickings = package.picking_ids.sorted('id')
            still_open = pickings.filtered(lambda picking: picking.state not in ('done', 'cancel'))
            package.picking_id = (still_open or pickings)[:1]

    def _search_picking_id(self, operator, value):
        return [('picking_ids', operator, value)]

    @api.depends('tracking_number', 'provider_id.carrier_id')
    def _compute_tracking_url(self):
        for package in self:
            template = package.sudo().provider_id.carrier_id.tracking_url
            package.tracking_url = template and package.tracking_number and template.replace(
                '<shipmenttrackingnumber>', package.tracking_number)

    @api.depends('item_ids.sale_line_id')
    def _compute_content(self):
        for package in self:
            lines = package._get_content_lines()
            package.content = '\n'.join(f"{line['quantity']} × {line['name']}" for line in lines)
            package.unit_count = sum(line['quantity'] for line in lines)

    def _get_content_lines(self):
        """Return what is in the parcel: dicts with name, sku and quantity in units sold."""
        self.ensure_one()
        # Units carry prices, which are not for the warehouse: only names and counts leave here.
        counts = Counter(
            (item.sale_line_id.product_id.display_name or item.name or '', item.seller_sku or '')
            for item in self.sudo().item_ids)
        return [
            {'name': name or sku, 'sku': sku, 'quantity': count}
            for (name, sku), count in counts.items()]

    # === ACTIONS === #

    def action_view_pickings(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('stock.action_picking_tree_all')
        action['domain'] = [('id', 'in', self.picking_ids.ids)]
        return action

    def action_mark_handled(self):
        """Somebody has seen to the package: close its activity, keep what Lazada says."""
        self._check_operator()
        self.sudo().is_handled = True
        self.sudo()._update_activities()
        return True

    def _check_operator(self):
        """Whoever may work the deliveries may work their packages; the mirror itself is written
        by the connector only.
        """
        self.check_access('read')
        self.env['stock.picking'].check_access('write')
        self.picking_ids.check_access('write')

    # === STATUS === #

    def _is_live(self):
        self.ensure_one()
        return self.status != 'cancelled'

    def _set_raw_status(self, raw_status, at=None):
        """Take over what Lazada says about this package; a change becomes part of its history.

        :return: whether something changed
        """
        self.ensure_one()
        status = package_status(raw_status, self.tracking_number or '')
        if raw_status == self.raw_status and status == self.status:
            return False
        self.write({
            'raw_status': raw_status, 'status': status, 'is_handled': False,
            'handling_reason': self._describe_handling(status, raw_status)})
        self.env['lazada.package.event'].create({
            'package_id': self.id, 'at': at or self.env.cr.now(), 'status': status,
            'raw_status': raw_status})
        return True

    def _describe_handling(self, status, raw_status):
        if status == 'pickup_failed' and self.item_raw_status == 'packed':
            return self.env._(
                "The courier could not pick up the parcel. Hand it over at the next pick-up, or "
                "press Undo Package and pack it again.")
        if status == 'pickup_failed':
            return self.env._(
                "The courier could not pick up the parcel. Hand it over at the next pick-up, or "
                "arrange another one in Seller Center.")
        if status != 'manual':
            return False
        if raw_status.lower() == 'info_st_need_review':
            return self.env._(
                "Lazada checks this parcel. Open it in Seller Center and follow the notes.")
        return self.env._(
            "Lazada reports a status that is not known here: %s. Open the parcel in Seller "
            "Center to see what it needs.", raw_status)

    # === HANDLING === #

    def _needs_handling(self):
        self.ensure_one()
        return self.status in const.HANDLING_STATUSES and not self.is_handled

    def _update_activities(self):
        """One activity on the document of a package that needs a person; it closes by itself."""
        self.picking_ids._lazada_update_activity()
        for sale, packages in self.filtered(
                lambda package: not package.picking_ids).grouped(
                    lambda package: package.order_id.sale_order_id).items():
            self._update_activity(
                sale, [package.handling_reason for package in packages
                       if package._needs_handling()], packages.shop_id)

    @api.model
    def _update_activity(self, document, reasons, shop):
        activity_type = 'lazada_connector.mail_activity_handling'
        known = document.activity_search([activity_type])
        if reasons and not known:
            document.activity_schedule(
                activity_type, note=plain_note('\n'.join(reasons)),
                user_id=shop._get_responsible().id)
        elif known and not reasons:
            known.action_feedback(feedback=self.env._("Solved on Lazada."))
