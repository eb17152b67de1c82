# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What keeps orders waiting: one record and one activity per cause, not per order."""
import re
import textwrap

from odoo import api, fields, models
from odoo.tools import SQL

from .plain_note import plain_note

# More would bury the person; the list of causes shows the rest.
ACTIVITIES_PER_SHOP = 20
SUMMARY_LENGTH = 80
UNKNOWN_STATUS = 'unknown_status'


class LazadaIssue(models.Model):
    """A cause for which orders of a shop need attention; gone as soon as the last one is."""
    _name = 'lazada.issue'
    _description = "Lazada Cause of Attention"
    _order = 'order_count desc, id'
    _rec_name = 'message'
    _log_access = False

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    key = fields.Char(required=True)
    code = fields.Char()
    message = fields.Text("What Happened")
    order_count = fields.Integer("Orders Waiting")
    since_at = fields.Datetime("Since")
    activity_id = fields.Many2one('mail.activity', index='btree_not_null', ondelete='set null')
    is_told = fields.Boolean(help="Somebody was told; done by hand, it is not told again.")

    _shop_key_uniq = models.Constraint('unique(shop_id, key)', "A cause is kept once per shop.")

    # === ACTIONS === #

    def _get_order_domain(self):
        return [
            ('sync_state', '=', 'attention'), ('shop_id', 'in', self.shop_id.ids),
            ('issue_key', 'in', self.mapped('key'))]

    def action_view_orders(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_order_action')
        return {
            **action, 'domain': self._get_order_domain(), 'context': {},
            'name': self.env._("Orders That Need Attention")}

    def action_retry(self):
        """Retry the orders of these causes in the background."""
        self.check_access('read')
        return self.env['lazada.order'].search(self._get_order_domain())._retry_later()

    # === UPKEEP === #

    @api.model
    def _refresh(self, shop):
        """Bring the causes of a shop and their activities up to what its orders say."""
        counts = self._count_orders(shop)
        known = {issue.key: issue for issue in self.search([
            ('shop_id', '=', shop.id), ('code', '!=', UNKNOWN_STATUS)])}
        if not self._has_work(shop):
            gone = self.concat(*(issue for key, issue in known.items() if key not in counts))
            gone.activity_id.unlink()
            gone.unlink()
        for key in counts.keys() & known.keys():
            if known[key].order_count != counts[key]:
                known[key].order_count = counts[key]
        new = self._create_new(shop, {
            key: count for key, count in counts.items() if key not in known})
        (self.concat(*known.values()).exists() + new)._tell()

    @api.model
    def _has_work(self, shop):
        """Whether orders are still to be worked on: they may come back to their cause."""
        return bool(self.env['lazada.order'].search_count(
            [('shop_id', '=', shop.id), ('sync_state', '=', 'todo')], limit=1))

    @api.model
    def _count_orders(self, shop):
        """Return {issue key: orders waiting for it}, from the partial index alone."""
        self.env['lazada.order'].flush_model()
        return dict(self.env.execute_query(SQL(
            """
            SELECT issue_key, count(*) FROM lazada_order
             WHERE shop_id = %s AND sync_state = 'attention' AND issue_key IS NOT NULL
             GROUP BY issue_key
            """, shop.id)))

    @api.model
    def _create_new(self, shop, counts):
        if not counts:
            return self
        examples = self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (issue_key) issue_key, issue_code, issue_message
              FROM lazada_order
             WHERE shop_id = %s AND sync_state = 'attention' AND issue_key IN %s
             ORDER BY issue_key, id
            """, shop.id, tuple(counts)))
        return self.create([{
            'shop_id': shop.id, 'key': key, 'code': code, 'message': message,
            'order_count': counts[key], 'since_at': self.env.cr.now(),
        } for key, code, message in examples])

    def _get_note(self):
        return self.env._(
            "%(message)s\nOrders waiting for this: %(count)s. They go on by themselves when the "
            "cause is gone, and this activity closes then.",
            message=self.message, count=self.order_count)

    def _tell(self):
        """Give the shop's responsible an activity for each cause not told yet."""
        places = ACTIVITIES_PER_SHOP - len(self.activity_id)
        for issue in self.filtered(lambda issue: not issue.is_told)[:max(places, 0)]:
            issue.activity_id = issue.shop_id._open_issue_activity(issue)
            issue.is_told = True


class LazadaShop(models.Model):
    _inherit = 'lazada.shop'

    issue_ids = fields.One2many('lazada.issue', 'shop_id', string="Causes of Attention")

    def _open_issue_activity(self, issue):
        sentence = re.split(r'(?<=\w)[.:](?:\s|$)', issue.message or issue.key)[0]
        return self.sudo().activity_schedule(
            'lazada_connector.mail_activity_attention',
            summary=textwrap.shorten(sentence, SUMMARY_LENGTH, placeholder='…'),
            note=plain_note(issue._get_note()),
            user_id=self._get_responsible().id)


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    def action_retry_all(self):
        """Retry every order that needs attention, whatever is selected."""
        orders = self.search([('sync_state', '=', 'attention')])
        return orders._retry_later()

    def _retry_later(self):
        """Put these orders back to work in the background and say so."""
        orders_sudo = self.sudo()  # the mirror is written by the connector only
        orders_sudo.write({'sync_state': 'todo', 'failure_count': 0})
        orders_sudo._read_again()
        for name in ('fetch_orders', 'import_orders'):  # some wait for units to be read
            orders_sudo.shop_id.flow_ids.filtered(lambda flow, name=name: flow.name == name)._wake()
        return self.env['lazada.account']._notify(self.env._(
            "%s orders are worked on again in the background.", len(self)))


class LazadaFlow(models.Model):
    _inherit = 'lazada.flow'

    def _run_import_orders(self, run):
        more = super()._run_import_orders(run)
        run.attempt(self.env['lazada.issue']._refresh, self.shop_id)
        return more
