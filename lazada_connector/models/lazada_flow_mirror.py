# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was read goes into the mirror: all of it at once or, when that fails, order by order."""
import logging
from functools import partial

from odoo import api, models

from ..mappers.datetimes import optional_datetime
from ..mappers.text import clean
from .flow_run import LeaseLost, is_infrastructure

_logger = logging.getLogger(__name__)

LONGEST_REASON = 200


class LazadaFlow(models.Model):
    _inherit = 'lazada.flow'

    def _mirror_answer(
            self, run, headers, reread, items, asked_at, forced=False, **values):
        """Mirror one answer in one commit, with `values` of this flow.

        When something in it was not foreseen, each order has a commit of its own: the bad one is
        kept with the reason, the others and the cursor go on.

        :param list headers: order objects as Lazada sends them
        :param reread: orders whose units were asked for without their headers
        :param dict items: units by order id
        :param asked_at: when these units were asked for
        :param forced: decide on orders that did not change, too
        """
        Order, shop = self.env['lazada.order'], self.shop_id

        def work():
            Order._mirror(shop, headers, items, asked_at, forced)
            reread._mirror_reread(items, asked_at)
        if self._do_unless_bad(run, work, **values) is None:
            return
        for header in headers:
            self._mirror_one(
                run, partial(Order._mirror, shop, [header], items, asked_at, forced),
                partial(Order._keep_unreadable, shop, header))
        for order in reread:
            self._mirror_one(
                run, partial(order._mirror_reread, items, asked_at), order._set_unreadable)
        run.retry(partial(run.commit, **values))

    def _mirror_one(self, run, work, keep):
        """:raise Exception: the order cannot even be kept: the cursor must not pass it"""
        error = self._do_unless_bad(run, work)
        if error is not None:
            run.attempt(keep, error)

    @staticmethod
    def _do_unless_bad(run, work, **values):
        """Do `work` in one commit. Return the error when what it works on is to blame for it."""
        try:
            run.attempt(work, **values)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - the caller keeps it on the order it is about
            run.rollback()
            if is_infrastructure(error):
                raise
            return error
        return None


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    @api.model
    def _keep_unreadable(self, shop, header, error):
        """Keep an order that could not be mirrored, so that a person sees it."""
        external_id = str(header['order_id'])
        order = self._find_mirrored(shop, [header]).get(external_id) or self.create({
            'shop_id': shop.id, 'external_id': external_id, 'order_number': external_id,
            'ordered_at': optional_datetime(header.get('created_at'), shop.site),
            'remote_updated_at': optional_datetime(header.get('updated_at'), shop.site)})
        order._set_unreadable(error)

    def _set_unreadable(self, error):
        """Say what keeps these orders from being mirrored; the digest stays that of before.

        So they are read again with every answer that shows them.
        """
        reason = clean(f"{type(error).__name__}: {error}".splitlines()[0], LONGEST_REASON)
        for order in self:
            if order._write_changes({'items_state': 'unreadable', 'items_error': reason}):
                _logger.error(
                    "Lazada order %s cannot be mirrored", order.order_number, exc_info=error)
        self._decide()

    def _read_again(self):
        """Have the next pull ask anew for what could not be read: units and headers."""
        unreadable = self.filtered(lambda order: order.items_state == 'unreadable')
        unreadable.write({'items_state': 'missing', 'digest': False})
        unreadable.shop_id.flow_ids.filtered(
            lambda flow: flow.name == 'fetch_orders')._wake_after_commit()
