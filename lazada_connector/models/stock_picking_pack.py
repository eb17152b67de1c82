# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Packages of a delivery: which units it can pack, and what became of them."""
from odoo import api, fields, models

from .. import const
from .sellable_stock import explode_kits


def _get_size(move):
    """Return the pieces a move took, or is to take."""
    return move.quantity if move.state == 'done' else move.product_uom_qty


def _count_pieces(moves, count=_get_size):
    """Return the pieces of moves of one product in the unit of measure of the product."""
    return sum(
        move.product_uom._compute_quantity(count(move), move.product_id.uom_id, round=False)
        for move in moves)


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
    lazada_can_pack = fields.Boolean(
        compute='_compute_lazada_can_pack', compute_sudo=True,
        help="Units wait for a package, whatever else the delivery needs first.")
    lazada_seller_center_url = fields.Char(related='lazada_order_id.seller_center_url')

    # === COMPUTES === #

    @api.depends(
        'state', 'carrier_tracking_ref', 'lazada_shop_id', 'lazada_handled',
        'lazada_package_ids.status', 'lazada_package_ids.tracking_number',
        'sale_id.lazada_order_id.item_ids.status',
        'sale_id.lazada_order_id.item_ids.package_id')
    def _compute_lazada_package_status(self):
        deliveries = self.filtered(lambda picking: picking._is_lazada_delivery())
        # Read for all of them; below they are asked for one delivery at a time.
        deliveries.move_ids.sale_line_id.lazada_item_ids.mapped('command_line_ids')
        for picking in self:
            statuses = set()
            if picking in deliveries:
                statuses = set(picking.lazada_package_ids.mapped('status'))
                if picking._lazada_has_units_to_pack():
                    statuses.add('pending')
                if picking._lazada_left_untracked():
                    statuses.add('manual')
            picking.lazada_package_status = next(
                (status for status in const.PACKAGE_URGENCY if status in statuses), False)

    @api.depends(
        'state', 'carrier_tracking_ref', 'lazada_handled', 'lazada_package_ids.provider',
        'lazada_package_ids.handling_reason', 'lazada_package_ids.is_handled',
        'lazada_package_ids.label_state', 'lazada_package_ids.label_id')
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
                lambda package: package.label_state == 'ready' and package.label_id))

    @api.depends(
        'lazada_command_ids.line_ids.state', 'lazada_command_ids.line_ids.message',
        'lazada_command_ids.package_id.status')
    def _compute_lazada_push_state(self):
        for picking in self:
            lines = picking._lazada_get_last_lines()
            states = set(lines.mapped('state'))
            failed = lines.filtered(lambda line: line.state == 'failed')
            picking.lazada_push_state = (
                'failed' if failed else 'todo' if states & set(const.OPEN_COMMAND_STATES)
                else 'done' if states else False)
            # What is still tried says why it takes so long.
            said = failed or lines.filtered(lambda line: line.state != 'done')
            picking.lazada_push_message = '\n'.join(
                dict.fromkeys(filter(None, said.mapped('message')))) or False

    def _lazada_get_last_lines(self):
        """Return what was last asked for each unit; a refusal about a package that is gone is
        nobody's work any more.
        """
        self.ensure_one()
        last = {
            (line.item_id, line.kind): line
            for line in self.lazada_command_ids.line_ids.sorted('id')}
        return self.env['lazada.command.line'].concat(*last.values()).filtered(
            lambda line: line.state != 'failed' or not line.command_id._is_over())

    @api.depends('lazada_shop_id')
    def _compute_lazada_connected(self):
        for picking in self:
            shop = picking.sudo().lazada_shop_id
            picking.lazada_connected = bool(shop) and shop._is_runnable()

    @api.depends(
        'state', 'move_ids.quantity', 'lazada_connected', 'lazada_command_ids.state',
        'sale_id.lazada_order_id.item_ids.status',
        'sale_id.lazada_order_id.item_ids.package_id.status')
    def _compute_lazada_can_pack(self):
        for picking in self:
            picking.lazada_can_pack = (
                picking.lazada_connected and picking.state != 'draft'
                and picking._is_lazada_delivery() and picking._lazada_has_units_to_pack())

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
        choosing = deliveries.filtered(lambda picking: picking._lazada_must_choose_provider())
        if not choosing:
            return deliveries._lazada_pack()
        dialogue = choosing._lazada_ask_for_provider()
        if choosing == deliveries:
            return dialogue
        notice = (deliveries - choosing)._lazada_pack()
        notice['params']['next'] = dialogue
        return notice

    def action_lazada_retry(self):
        """Send again what Lazada refused, and look for missing labels at once."""
        self.check_access('write')
        deliveries = self.sudo()
        deliveries.lazada_command_ids.filtered(
            lambda command: command.state == 'failed')._reopen()
        deliveries.lazada_package_ids.filtered('label_state')._ask_for_label()
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
        self.ensure_one()
        shop = self.lazada_shop_id
        return shop.provider_choice and not shop.provider_id and any(
            unit.channel != 'own_fleet' for unit in self._lazada_get_units_to_pack())

    def _lazada_ask_for_provider(self):
        """Open the choice of the courier for the first shop; those of the others follow it."""
        first = self.filtered(
            lambda picking: picking.lazada_shop_id == self.lazada_shop_id[:1])
        return self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_package_pack_action') | {'context': {
                'default_picking_ids': first.ids,
                'default_next_picking_ids': (self - first).ids}}

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
        """One parcel per warehouse: Lazada refuses units of different ones together. Parcels of the
        seller's own fleet go apart, and without a courier.
        """
        self.ensure_one()
        order = self.sale_id.lazada_order_id
        provider_code = provider_code or order.shop_id.provider_id.code
        return [{
            'kind': 'pack', 'order': order, 'items': group, 'picking': self,
            'provider_code': False if own_fleet else provider_code,
        } for (_warehouse, own_fleet), group in units.grouped(
            lambda unit: (unit.warehouse_code, unit.channel == 'own_fleet')).items()]

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
        return self._lazada_count_units(line, lambda move: move.quantity)

    def _lazada_get_room(self, line):
        """Return how many more units of the order line fit into the parcels of this delivery."""
        return self._lazada_count_units(line, _get_size) - self._lazada_get_packed(line)

    def _lazada_count_units(self, line, count):
        """Return how many units of the order line the pieces of this delivery make.

        :param count: pieces of a move. Of a kit, the scarcest component decides.
        """
        moves = self._lazada_get_line_moves(line)
        if all(move.product_id == line.product_id for move in moves):
            pieces = sum(map(count, moves))
        else:
            kit = explode_kits(line.product_id).get(line.product_id.id, {})
            pieces = min(
                _count_pieces(some, count)
                / (kit.get(part.id) or self._lazada_get_share(line, part))
                for part, some in moves.grouped('product_id').items())
        return int(pieces / line.lazada_bundle_qty + 1e-6)

    @api.model
    def _lazada_get_share(self, line, part):
        """Return how many of a component one product sold takes, going by what was asked for."""
        moves = line.move_ids.filtered(
            lambda move: move.product_id == part and move._is_lazada_delivery()
            and move.state != 'cancel')
        return _count_pieces(moves) / (line.product_uom_qty or 1) or 1

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

    def _lazada_get_numbers(self):
        """Return the tracking numbers this delivery shows."""
        return set(filter(None, (self.carrier_tracking_ref or '').split(',')))

    def _lazada_update_tracking(self):
        """Show the tracking numbers and the courier of the packages on their deliveries."""
        for picking in self:
            packages = picking.lazada_package_ids.filtered(lambda package: package._is_live())
            vals = {}
            numbers = ','.join(
                dict.fromkeys(filter(None, packages.sorted('id').mapped('tracking_number'))))
            void = (picking.lazada_package_ids - packages).mapped('tracking_number')
            if numbers or picking._lazada_get_numbers() <= set(void):
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
