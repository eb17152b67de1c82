# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From the units of orders to packages, and from packages to the deliveries that hold them."""
from odoo import api, models

from ..mappers.package import map_packages


class LazadaPackage(models.Model):
    _inherit = 'lazada.package'

    # === MIRROR === #

    @api.model
    def _mirror_items(self, orders, rows_by_order):
        """Keep the packages that the units of these orders of one shop name.

        :param dict rows_by_order: mapped units by order
        """
        mapped = {
            order: map_packages(self._drop_outdated(order, rows_by_order[order]))
            for order in orders}
        orders = self.env['lazada.order'].concat(*(
            order for order in orders if mapped[order] or order.package_ids))
        if not orders:
            return
        known = {
            package.external_id: package for package in self.search([
                ('shop_id', 'in', orders.shop_id.ids),
                ('external_id', 'in', [
                    values['external_id'] for order in orders for values in mapped[order]])])}
        packages = orders.package_ids
        for order in orders:
            packages |= self._mirror_order(order, rows_by_order[order], mapped[order], known)
        packages._follow()

    @api.model
    def _drop_outdated(self, order, rows):
        """Leave out rows that still show the state before our own write."""
        items = {item.external_id: item for item in order.item_ids if item.written_at}
        return [
            row for row in rows
            if row['external_id'] not in items
            or not items[row['external_id']]._is_outdated(row['raw_status'])]

    @api.model
    def _mirror_order(self, order, rows, mapped, known):
        items = {item.external_id: item for item in order.item_ids}
        packages = self.browse()
        for values in mapped:
            package = known.get(values['external_id']) or self.create({
                'shop_id': order.shop_id.id, 'order_id': order.id,
                'external_id': values['external_id']})
            known[values['external_id']] = package
            units = self.env['lazada.order.item'].concat(*(
                items[external_id] for external_id in values['item_external_ids']))
            package._update(values, units)
            packages |= package
        for row in rows:
            item = items[row['external_id']]
            if (item.package_id and not row['package_external_id']
                    and not item._is_outdated(row['raw_status'])):
                packages |= item.package_id
                item.package_id = False
        packages._void_empty()
        return packages

    def _update(self, values, units):
        """Take over the values of one package (`map_packages`) and its units."""
        self.ensure_one()
        provider = self.env['lazada.provider']
        if values['provider'] and values['provider'] != self.provider_id.name:
            provider = provider._learn(
                self.shop_id, {values['provider']: None})[values['provider']]
        self._write_changes({
            'tracking_number': values['tracking_number'] or self.tracking_number,
            'provider': values['provider'] or self.provider,
            'provider_id': provider.id or self.provider_id.id,
            'own_fleet': values['own_fleet'],
        })
        moved = units.filtered(lambda unit: unit.package_id != self)
        if moved:
            left = moved.package_id
            moved.package_id = self
            left._void_empty()
        raw_status = values['raw_status']
        if raw_status != self.item_raw_status:
            self.item_raw_status = raw_status
            self._set_raw_status(raw_status)
        else:
            self._set_raw_status(self.raw_status)  # a tracking number may have come

    def _void_empty(self):
        """A package whose units all left it does not exist any more."""
        for package in self:
            if not package.item_ids and package._is_live():
                package.item_raw_status = 'canceled'
                package._set_raw_status('canceled')

    # === FOLLOW === #

    def _follow(self):
        """Bring deliveries, labels and activities in line with these packages."""
        packages = self.filtered('order_id.sale_order_id')
        packages._link_pickings()
        packages.picking_ids._lazada_update_tracking()
        packages._update_labels()
        packages._hand_over()
        packages._update_activities()

    def _link_pickings(self):
        """Find the deliveries that hold the units. A link that still fits is kept."""
        for package in self:
            candidates = package._get_moves().picking_id
            if not candidates or (
                    package.picking_ids and package.picking_ids <= candidates):
                continue
            package.picking_ids = package._allocate() or candidates[:1]

    def _get_moves(self):
        """Return the moves that take the units of this package to the customer."""
        return self.item_ids.sale_line_id.move_ids.filtered(
            lambda move: move._is_lazada_delivery() and move.state != 'cancel')

    def _allocate(self):
        """Return the deliveries with room for the units: finished ones first, then the oldest."""
        self.ensure_one()
        chosen = self.env['stock.picking']
        for line, units in self.item_ids.grouped('sale_line_id').items():
            left = len(units)
            moves = (self._get_moves() & line.move_ids).sorted(
                lambda move: (move.state != 'done', move.id))
            for move in moves:
                room = move.picking_id._lazada_get_room(line)
                if left > 0 and room > 0:
                    chosen |= move.picking_id
                    left -= room
        return chosen
