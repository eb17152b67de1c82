# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import models

from .. import const
from ..lazada_api import errors
from ..mappers.status import package_status

_logger = logging.getLogger(__name__)


class LazadaFlow(models.Model):
    """What only the courier knows: a push message says that it happened, its timeline what."""
    _inherit = 'lazada.flow'

    def _reread_pushed(self, run, client, orders):
        told = self._get_told_orders(run, orders)  # before the messages are closed
        result = super()._reread_pushed(run, client, orders)
        for order in told:
            self._read_trace(run, client, order)
        return result

    def _get_told_orders(self, run, orders):
        """Return those of these orders with a parcel that needs a person, as a message says.

        The units say everything else themselves.
        """
        events = self.env['lazada.event']._get_waiting(self, run.started_at).filtered(
            lambda event: event.message_type == const.PUSH_PACKAGE
            and package_status(event.raw_status) in const.HANDLING_STATUSES)
        named = set(events.mapped('order_external_id'))
        return orders.filtered(lambda order: order.external_id in named)

    def _read_trace(self, run, client, order):
        external_id, packages = order.external_id, order.package_ids
        run.release()
        try:
            modules = client.fulfilment.trace(external_id)
        except errors.LazadaApiError as error:  # a parcel without timeline is no failure
            _logger.info("Lazada order %s has no timeline: %s", external_id, error)
            return
        run.attempt(packages._follow_trace, modules)
