# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statuses of units that are not known here: each is told once per shop."""
import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .lazada_issue import UNKNOWN_STATUS

_logger = logging.getLogger(__name__)

PREFIX = 'status:'


class LazadaOrderItem(models.Model):
    _inherit = 'lazada.order.item'

    _unknown_idx = models.Index("(shop_id, raw_status, order_id) WHERE status = 'unknown'")


class LazadaIssue(models.Model):
    """A status stays known as reported when no unit has it any more: the next one is no news."""
    _inherit = 'lazada.issue'

    @api.model
    def _refresh(self, shop):
        result = super()._refresh(shop)
        self._refresh_statuses(shop)
        return result

    @api.model
    def _refresh_statuses(self, shop):
        counts = self._count_unknown(shop)
        known = self.search([('shop_id', '=', shop.id), ('code', '=', UNKNOWN_STATUS)])
        for issue in known:
            count = counts.pop(issue.key, 0)
            if issue.order_count != count:
                issue.order_count = count
        for key in counts:
            _logger.warning("Lazada shop %s: unknown %s", shop.id, key)
        new = self.create([{
            'shop_id': shop.id, 'key': key, 'code': UNKNOWN_STATUS, 'order_count': count,
            'message': self._describe_status(key), 'since_at': self.env.cr.now(),
        } for key, count in counts.items()])
        (known + new)._tell()

    @api.model
    def _count_unknown(self, shop):
        """Return {issue key: orders with units in that status}, from the partial index alone."""
        self.env['lazada.order.item'].flush_model()
        return {f'{PREFIX}{raw}': count for raw, count in self.env.execute_query(SQL(
            """
            SELECT COALESCE(raw_status, ''), count(DISTINCT order_id) FROM lazada_order_item
             WHERE shop_id = %s AND status = 'unknown'
             GROUP BY 1
            """, shop.id))}

    def _describe_status(self, key):
        return self.env._(
            "Lazada uses the status \"%s\", which this version does not know. Its units are kept "
            "and shown as Unknown. They are no reason to import an order, and go on by "
            "themselves when their status changes. Look at these orders on Lazada and tell "
            "support about the status.", key.removeprefix(PREFIX))

    def _get_note(self):
        if self.code != UNKNOWN_STATUS:
            return super()._get_note()
        return self.env._(
            "%(message)s\nOrders with such units: %(count)s. This is said once.",
            message=self.message, count=self.order_count)

    def _get_order_domain(self):
        statuses = self.filtered(lambda issue: issue.code == UNKNOWN_STATUS)
        if not statuses:
            return super()._get_order_domain()
        raw = [issue.key.removeprefix(PREFIX) for issue in statuses]
        domain = Domain('shop_id', 'in', statuses.shop_id.ids) & Domain('item_ids', 'any', [
            ('status', '=', 'unknown'), ('raw_status', 'in', raw + [False] * ('' in raw))])
        others = self - statuses
        return list(domain | Domain(others._get_order_domain()) if others else domain)
