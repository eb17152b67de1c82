# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Validating a Lazada delivery: tracking number, ready to ship, and no word to the buyer."""
from odoo import fields, models
from odoo.exceptions import UserError

from .. import const


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    lazada_handled = fields.Boolean(
        "Handled", copy=False,
        help="Somebody has seen to this delivery, which left without a tracking number.")

    # === TRACKING POLICY === #

    def _pre_action_done_hook(self):
        untracked = self.filtered(lambda picking: picking.sudo()._lazada_is_untracked())
        if untracked and not self.env.context.get('lazada_without_tracking'):
            blocked = untracked.filtered(
                lambda picking: picking.lazada_shop_id.tracking_policy == 'block')
            if blocked:
                raise UserError(self.env._(
                    "No tracking number yet: %s. Pack these deliveries first, or set the number "
                    "in Seller Center; the next synchronisation brings it here.",
                    ", ".join(blocked.mapped('name'))))
            return untracked._lazada_warn_untracked()
        return super()._pre_action_done_hook()

    def _lazada_is_untracked(self):
        """Whether units of this delivery go to the courier without a tracking number."""
        self.ensure_one()
        if not self._is_lazada_delivery() or self.state == 'cancel':
            return False
        units = self._lazada_get_lines().lazada_item_ids.filtered(
            lambda item: item.status in const.LIVE_STATUSES and item._is_seller_shipped())
        packages = self.lazada_package_ids.filtered(lambda package: package._is_live())
        if not units or packages and packages == packages.filtered('own_fleet'):
            return False
        parcels = packages.filtered(lambda package: not package.own_fleet)
        # A number somebody typed in stands for a parcel without one.
        typed = self._lazada_get_numbers() - set(packages.mapped('tracking_number'))
        unnumbered = parcels.filtered(lambda package: not package.tracking_number)
        return bool(
            not self.carrier_tracking_ref or len(unnumbered) > len(typed)
            or self._lazada_get_units_to_pack())

    def _lazada_left_untracked(self):
        """Whether it was validated without a tracking number and nobody has seen to it."""
        self.ensure_one()
        return self.state == 'done' and not self.lazada_handled and self._lazada_is_untracked()

    def _lazada_warn_untracked(self):
        wizard = self.env['lazada.picking.untracked'].create({'picking_ids': self.ids})
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("No Tracking Number"),
            'res_model': 'lazada.picking.untracked',
            'res_id': wizard.id,
            'view_mode': 'form',
            'target': 'new',
            'context': self.env.context,
        }

    # === DONE === #

    def _action_done(self):
        result = super()._action_done()
        # The mirror is written by the connector only, also when a stock user validates.
        done = self.sudo().filtered(
            lambda picking: picking.state == 'done' and picking._is_lazada_delivery())
        done._lazada_move_overflow()
        done.lazada_package_ids._follow()
        done._lazada_update_activity()
        return result

    def _lazada_move_overflow(self):
        """Parcels that did not fit into what was delivered wait in the backorder."""
        for picking in self:
            for line in picking._lazada_get_lines():
                packages = picking.lazada_package_ids & line.lazada_item_ids.package_id
                for package in packages.sorted('id', reverse=True):
                    if picking._lazada_get_room(line) >= 0:
                        break
                    package.picking_ids -= picking
                    package._link_pickings()

    # === NO WORD TO THE BUYER === #

    def _check_warn_sms(self):
        """Called by stock_sms only."""
        others = self.filtered(lambda picking: not picking.lazada_shop_id)
        return super(StockPicking, others)._check_warn_sms()

    def _send_confirmation_email(self):
        """Lazada forbids to write to its buyers; and its courier needs no booking here."""
        others = self.filtered(lambda picking: not picking.lazada_shop_id)
        return super(StockPicking, others)._send_confirmation_email()

    # === HANDLING === #

    def action_lazada_mark_handled(self):
        """Somebody has seen to these deliveries and their packages: close the activities."""
        self.check_access('write')
        deliveries = self.sudo()  # packages are written by the connector only
        deliveries.filtered(
            lambda picking: picking._lazada_left_untracked()).lazada_handled = True
        deliveries.lazada_package_ids.filtered(
            lambda package: package._needs_handling()).is_handled = True
        deliveries._lazada_update_activity()
        return True

    def _lazada_get_handling_reasons(self):
        """Return why somebody has to look at this delivery, in plain words."""
        self.ensure_one()
        reasons = [
            package.handling_reason for package in self.lazada_package_ids
            if package._needs_handling()]
        if self._lazada_left_untracked():
            reasons.append(self.env._(
                "This delivery left without a tracking number. Pack it now, or set the number in "
                "Seller Center; the next synchronisation brings it here."))
        return list(dict.fromkeys(reasons))

    def _lazada_update_activity(self):
        for picking in self:
            self.env['lazada.package']._update_activity(
                picking, picking._lazada_get_handling_reasons(), picking.lazada_shop_id)
