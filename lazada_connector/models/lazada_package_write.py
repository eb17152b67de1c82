# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What we ask Lazada to do with packages, and the mirror of what it did."""
from odoo import api, models
from odoo.exceptions import UserError


class LazadaPackage(models.Model):
    _inherit = 'lazada.package'

    # === BUTTONS === #

    def action_ready_to_ship(self):
        """Report these packages as ready for the courier."""
        return self._button(
            self._is_waiting_for_rts, lambda packages: packages._request('rts'))

    def action_repack(self):
        """Undo these packages, so that their units can be packed anew."""
        return self._button(
            self._is_undoable, lambda packages: packages._request('repack'))

    def action_own_fleet_delivered(self):
        """Report that our own fleet delivered these packages."""
        return self._button(
            self._is_on_own_way, lambda packages: packages._request('sof_delivered'))

    def action_own_fleet_failed(self):
        """Report that our own fleet could not deliver these packages."""
        return self._button(
            self._is_on_own_way, lambda packages: packages._request('sof_failed'))

    def _button(self, condition, request):
        self._check_operator()
        packages = self.sudo()
        packages = packages.filtered(condition)
        if not packages:
            raise UserError(self.env._(
                "The status of this package does not allow that. Refresh the page to see it."))
        request(packages)
        return self.env['lazada.account']._notify(
            self.env._("Lazada is asked. The result appears here."), 'info')

    @staticmethod
    def _is_waiting_for_rts(package):
        return package.raw_status == 'packed' and package._is_live()

    @staticmethod
    def _is_undoable(package):
        """Lazada undoes what is packed and not reported as ready to ship yet. The units say so,
        also while the courier's own words are the status of the package.
        """
        return package.item_raw_status == 'packed' and package._is_live()

    @staticmethod
    def _is_on_own_way(package):
        return package.own_fleet and package.raw_status in ('ready_to_ship', 'shipped')

    # === COMMANDS === #

    def _hand_over(self):
        """Report packages as ready to ship when the policy of their shop says so, once each: what
        Lazada refused is for a person to retry.
        """
        ready = self.filtered(
            lambda package: self._is_waiting_for_rts(package)
            and not package.command_ids.filtered(lambda command: command.kind == 'rts')
            and (package.shop_id.rts_policy == 'pack' or package._has_left()))
        ready._request('rts')

    def _has_left(self):
        """Whether all deliveries that hold its units are validated."""
        self.ensure_one()
        return bool(self.picking_ids) and set(self.picking_ids.mapped('state')) == {'done'}

    def _request(self, kind):
        return self.env['lazada.command']._request([{
            'kind': kind, 'order': package.order_id, 'items': package.item_ids,
            'package': package, 'picking': package.picking_id,
        } for package in self])

    # === EFFECTS === #

    @api.model
    def _mirror_packed(self, order, answered):
        """Mirror the packages that Lazada has just made of these units of one order.

        :param list answered: (unit, `lazada_api.outcomes.Row`) pairs
        """
        packages = self.browse()
        by_package = {}
        for item, row in answered:
            by_package.setdefault(row.package_id, []).append((item, row))
        for external_id, pairs in by_package.items():
            if not external_id:
                continue  # the units themselves will name it
            units = self.env['lazada.order.item'].concat(*(item for item, _row in pairs))
            row = pairs[0][1]
            units._write_status('packed')
            package = self.search([
                ('shop_id', '=', order.shop_id.id), ('external_id', '=', external_id)])
            package = package or self.create({
                'shop_id': order.shop_id.id, 'order_id': order.id, 'external_id': external_id})
            package._update({
                'tracking_number': row.tracking_number, 'provider': row.provider,
                'own_fleet': 'own_fleet' in units.mapped('channel'), 'raw_status': 'packed',
            }, units)
            packages |= package
        return packages

    def _write_status(self, raw_status):
        """Take over a status that Lazada has confirmed for these packages and their units."""
        for package in self:
            package.item_ids._write_status(raw_status)
            package.item_raw_status = raw_status
            package._set_raw_status(raw_status)
        self._follow()
