# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

from .. import const

DAYS_KEPT = 90


class LazadaReconciliation(models.Model):
    """What Lazada and the mirror know of one day of one shop."""
    _name = 'lazada.reconciliation'
    _description = "Lazada Reconciliation"
    _order = 'day desc, shop_id'
    _rec_name = 'day'
    _log_access = False

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    day = fields.Date(required=True, help="In the time of the marketplace.")
    remote_count = fields.Integer("On Lazada")
    local_count = fields.Integer("Here")
    missing_count = fields.Integer(
        "Fetched", help="Orders that were missing here and were fetched by the last check.")
    changed_count = fields.Integer(
        "Updated", help="Orders whose last change was missing here and was fetched by the last "
                        "check.")
    drift = fields.Integer(
        "Still Missing", help="Orders that Lazada has and that are not here; must be 0.")
    checked_at = fields.Datetime("Checked")
    listed_at = fields.Datetime(
        "Compared One by One", help="Other checks compare the number of orders.")

    _shop_day_uniq = models.Constraint('unique(shop_id, day)', "A day is checked once per shop.")

    @api.autovacuum
    def _gc_days(self):
        limit = fields.Date.today() - timedelta(days=DAYS_KEPT)
        old = self.search([('day', '<', limit)], limit=10_000)
        old.unlink()
        return len(old), len(old)


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    reconciled_at = fields.Datetime("Last Check", compute='_compute_reconciled')
    reconciled_result = fields.Char(
        "Orders Complete", compute='_compute_reconciled',
        help="Orders of the last 30 days that are here, of those that Lazada has.")
    reconciled_drift = fields.Integer(compute='_compute_reconciled')

    @api.depends('flow_ids.last_success_at')
    def _compute_reconciled(self):
        since = fields.Date.today() - timedelta(days=const.RECONCILE_DAYS)
        sums = {
            shop.id: numbers
            for shop, *numbers in self.env['lazada.reconciliation']._read_group(
                [('shop_id', 'in', self.ids), ('day', '>=', since)], ['shop_id'],
                ['remote_count:sum', 'drift:sum', 'checked_at:max'])}
        for shop in self:
            remote, drift, shop.reconciled_at = sums.get(shop.id, (0, 0, False))
            shop.reconciled_drift = drift
            shop.reconciled_result = shop.reconciled_at and self.env._(
                "%(here)s of %(all)s", here=remote - drift, all=remote)

    def action_reconcile(self):
        """Compare the last 30 days with Lazada now, and fetch what is missing."""
        return self._run_button('reconcile')

    def action_view_reconciliation(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_reconciliation_action')
        action['domain'] = [('shop_id', '=', self.id)]
        return action
