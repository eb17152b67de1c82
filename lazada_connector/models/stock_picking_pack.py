# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Packages of a delivery: which units it can pack, and what became of them."""
from odoo import api, fields, models

from .. import const


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    lazada_package_ids = fields.Many2many(
        'lazada.package', string="Lazada Packages", copy=False, readonly=True,
        groups='stock.group_stock_user,lazada_connector.group_user')
    lazada_package_status = fields.Selection(
        const.PACKAGE_STATUSES, string="Lazada Package", copy=False,
        compute='_compute_lazada_package_status', store=True, index='btree_not_null',
        help="Where the packages of this delivery are; of several, the one that needs somebody "
             "first. Package Pending also means that units still have to be packed.")
    lazada_provider = fields.Char(
        "Lazada Courier", compute='_compute_lazada_provider', compute_sudo=True)
    lazada_handling_reason = fields.Text(
        compute='_compute_lazada_provider', compute_sudo=True)
    lazada_label_message = fields.Text(
        "Label", compute='_compute_lazada_provider', compute_sudo=True)
    lazada_label_count = fields.Integer(
        compute='_compute_lazada_provider', compute_sudo=True)
    lazada_command_ids = fields.One2many(
        'lazada.command', 'picking_id', groups='lazada_connector.group_user')
    lazada_push_state = fields.Selection(
        [('todo', "Being Sent to Lazada"), ('failed', "Synchronization with Lazada failed"),
         ('done', "Synchronized with Lazada")],
        string="Lazada Synchronization", copy=False, compute='_compute_lazada_push_state',
        store=True)
    lazada_push_message = fields.Text(
        "Lazada Refused", copy=False, compute='_compute_lazada_push_state', store=True)
    lazada_connected = fields.Boolean(compute='_compute_lazada_connected')
    lazada_seller_center_url = fields.Char(related='lazada_order_id.seller_center_url')

    # === COMPUTES === #

    @api.depends(
        'state', 'carrier_tracking_ref', 'lazada_shop_id', 'lazada_package_ids.status',
        'sale_id.lazada_order_id.item_ids.status',
        'sale_id.lazada_order_id.item_ids.package_id')
    def _compute_lazada_package_status(self):
        for picking in self:
            statuses = set()
            if picking._is_lazada_delivery():
                statuses = set(picking.lazada_package_ids.mapped('status'))
                if picking._lazada_has_units_to_pack():
                    statuses.add('pending')
                if picking.state == 'done' and picking._lazada_is_untracked():
                    statuses.add('manual')
            picking.lazada_package_status = next(
                (status for status in const.PACKAGE_URGENCY if status in statuses), False)

    @api.depends(
        'state', 'carrier_tracking_ref', 'lazada_package_ids.provider',
        'lazada_package_ids.handling_reason', 'lazada_package_ids.label_state')
    def _compute_lazada_provider(self):
        for picking in self:
            live = picking.lazada_package_ids.filtered(lambda package: package._is_live())
            picking.lazada_provider = ', '.join(
                dict.fromkeys(filter(None, live.mapped('provider'))))
            picking.lazada_handling_reason = '\n'.join(picking._lazada_get_handling_reasons())
            picking.lazada_label_message = '\n'.join(dict.fromkeys(
                package.label_message for package in live
                if package.label_state == 'waiting' and package.label_message))
            picking.lazada_label_count = len(live.filtered(
                lambda package: package.label_state == 'ready'))

    @api.depends('lazada_command_ids.state', 'lazada_command_ids.error_message')
    def _compute_lazada_push_state(self):
        for picking in self:
            last = {}
            for command in picking.lazada_command_ids.sorted('id'):
                last[command.kind, command.package_id] = command
            states = {command.state for command in last.values()}
            failed = [command for command in last.values() if command.state == 'failed']
            picking.lazada_push_state = (
                'failed' if failed else 'todo' if states & set(const.OPEN_COMMAND_STATES)
                else 'done' if states else False)
            picking.lazada_push_message = '\n'.join(
                command.error_message for command in failed if command.error_message) or False

    @api.depends('lazada_shop_id')
    def _compute_lazada_connected(self):
        for picking in self:
            shop = picking.sudo().lazada_shop_id
            picking.lazada_connected = bool(shop) and shop._is_runnable()

    # === ACTIONS === #

    def action_lazada_pack(self):
        """Ask Lazada to pack what is reserved in these deliveries.

        Only notes what has to be done: the fulfilment flow does it a moment later. A second
        click finds the first.

        :return: a notification, or the choice of the courier where Lazada leaves it to the seller
        """
        self.check_access('write')
        # The mirror is not writable, and orders are not even readable, for the warehouse.
        deliveries = self.sudo().filtered(lambda picking: picking._is_lazada_delivery())
        if deliveries._lazada_must_choose_provider():
            return self.env['ir.actions.act_window']._for_xml_id(
                'lazada_connector.lazada_package_pack_action') | {
                    'context': {'default_picking_ids': deliveries.ids}}
        return deliveries._lazada_pack()

    def action_lazada_retry(self):
        """Send again what Lazada refused, and look for missing labels at once."""
        self.check_access('write')
        deliveries = self.sudo()
        deliveries.lazada_command_ids.filtered(
            lambda command: command.state == 'failed')._reopen()
        deliveries.lazada_package_ids._ask_for_label()
        return self.env['lazada.account']._notify(
            self.env._("Lazada is asked again. The result appears here."), 'info')

    def action_lazada_print_labels(self):
        """Print the labels of these deliveries as one file, in picking order."""
        self.check_access('read')
        return self.env['lazada.package.print']._open(
            pickings=self.filtered(lambda picking: picking._is_lazada_delivery()))

    def action_view_lazada_packages(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_package_action')
        action['domain'] = [('picking_ids', 'in', self.ids)]
        action['context'] = {}
        return action

    # === PACKING === #

    def _is_lazada_delivery(self):
        self.ensure_one()
        return bool(
            self.lazada_shop_id and self.picking_type_code == 'outgoing' and not self.return_id)

    def _lazada_must_choose_provider(self):
        return any(
            shop.provider_choice and not shop.provider_id for shop in self.lazada_shop_id)

    def _lazada_pack(self, provider_code=False):
        """Create the commands and say, per delivery, what was not asked for and why."""
        requests, notes = [], []
        for picking in self:
            units = picking._lazada_get_units_to_pack()
            if units:
                requests += picking._lazada_prepare_pack(units, provider_code)
            else:
                notes.append(f"{picking.name}: {picking._lazada_explain_nothing_to_pack()}")
        commands = self.env['lazada.command']._request(requests)
        message = self.env._(
            "%s packages are being arranged. Tracking numbers and labels appear here by "
            "themselves.", len(commands)) if commands else ''
        return self.env['lazada.account']._notify(
            '\n'.join(filter(None, [message, *notes[:10]]))
            or self.env._("None of these is a delivery of a Lazada order."),
            'success' if commands and not notes else 'warning', sticky=bool(notes))

    def _lazada_prepare_pack(self, units, provider_code=False):
        """One parcel per warehouse: Lazada refuses units of different ones together."""
        self.ensure_one()
        order = self.sale_id.lazada_order_id
        provider_code = provider_code or order.shop_id.provider_id.code
        return [{
            'kind': 'pack', 'order': order, 'items': group, 'picking': self,
            'provider_code': provider_code,
        } for group in units.grouped('warehouse_code').values()]

    def _lazada_get_units_to_pack(self):
        """Return the units to pack now: per order line, of those that wait for a package the
        lowest ids that are covered by what is reserved or done here.
        """
        self.ensure_one()
        if self.state == 'cancel':
            return self.env['lazada.order.item']
        units = self.env['lazada.order.item']
        for line in self._lazada_get_lines():
            room = self._lazada_get_covered(line) - self._lazada_get_packed(line)
            free = line.lazada_item_ids.filtered(lambda item: item._is_packable())
            units |= free._sort_by_age()[:max(room, 0)]
        return units

    def _lazada_has_units_to_pack(self):
        """Whether this delivery still owes a package, reserved or not."""
        return self.state != 'cancel' and any(
            self._lazada_get_room(line) > 0
            and any(unit.status == 'to_pack' and unit._is_seller_shipped()
                    and not (unit.package_id and unit.package_id._is_live())
                    for unit in line.lazada_item_ids)
            for line in self._lazada_get_lines())

    def _lazada_get_lines(self):
        return self.move_ids.filtered(
            lambda move: move._is_lazada_delivery() and move.state != 'cancel').sale_line_id

    def _lazada_get_covered(self, line):
        """Return how many units of the order line are reserved or done in this delivery."""
        moves = self._lazada_get_line_moves(line)
        if all(move.product_id == line.product_id for move in moves):
            return int(sum(moves.mapped('quantity')) / line.lazada_bundle_qty)
        # A kit: its units are covered when all components are.
        complete = all(move.product_uom.compare(move.quantity, move.product_uom_qty) >= 0
                       for move in moves)
        return int(line.product_uom_qty / line.lazada_bundle_qty) if complete else 0

    def _lazada_get_room(self, line):
        """Return how many more units of the order line fit into the parcels of this delivery."""
        moves = self._lazada_get_line_moves(line)
        if all(move.product_id == line.product_id for move in moves):
            size = sum(move.quantity if move.state == 'done' else move.product_uom_qty
                       for move in moves)
        else:
            size = line.product_uom_qty
        return int(size / line.lazada_bundle_qty) - self._lazada_get_packed(line)

    def _lazada_get_packed(self, line):
        """Return how many units of the order line are in parcels of this delivery already, or
        on their way into one."""
        return len(line.lazada_item_ids.filtered(
            lambda item: self in item.package_id.picking_ids
            or self in item._get_open_lines('pack').command_id.picking_id))

    def _lazada_get_line_moves(self, line):
        return self.move_ids.filtered(
            lambda move: move.sale_line_id == line and move._is_lazada_delivery()
            and move.state != 'cancel')

    def _lazada_explain_nothing_to_pack(self):
        if self.state == 'cancel':
            return self.env._("this delivery is canceled.")
        if self.lazada_command_ids.filtered(
                lambda command: command.kind == 'pack'
                and command.state in const.OPEN_COMMAND_STATES):
            return self.env._("Lazada has been asked already.")
        if not self._lazada_has_units_to_pack():
            return self.env._("there is nothing left to pack.")
        return self.env._("nothing is reserved yet. Check the availability first.")

    # === TRACKING === #

    def _lazada_update_tracking(self):
        """Show the tracking numbers and the courier of the packages on their deliveries."""
        for picking in self:
            packages = picking.lazada_package_ids.filtered(lambda package: package._is_live())
            vals = {}
            numbers = ','.join(
                dict.fromkeys(filter(None, packages.sorted('id').mapped('tracking_number'))))
            void = picking.lazada_package_ids - packages
            if numbers or picking.carrier_tracking_ref in void.mapped('tracking_number'):
                vals['carrier_tracking_ref'] = numbers
            carrier = packages.provider_id.carrier_id[:1]
            if carrier and picking.state != 'done':
                vals['carrier_id'] = carrier.id
            changes = {
                name: value for name, value in vals.items()
                if value != picking._fields[name].convert_to_write(picking[name], picking)
                and (value or picking[name])}
            if changes:
                picking.write(changes)
        self._lazada_update_activity()
