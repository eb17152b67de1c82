# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .. import const
from ..mappers.package import map_trace
from ..mappers.status import PACKAGE_STATUS


class LazadaPackage(models.Model):
    """The courier's own timeline, read when somebody asks for it."""
    _inherit = 'lazada.package'

    def action_trace(self):
        """Read the courier's events of this order and add those that are new."""
        self.ensure_one()
        self._check_operator()
        package_sudo = self.sudo()  # the mirror is written by the connector only
        shop = package_sudo.shop_id
        with self.env['lazada.call']._client(
                shop.account_id, shop, seconds=const.BUTTON_SECONDS) as client:
            modules = client.fulfilment.trace(package_sudo.order_id.external_id)
        package_sudo.order_id.package_ids._follow_trace(modules)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _follow_trace(self, modules):
        """Add the courier's events of these packages of one order (`client.fulfilment.trace`).

        When the last of them needs a person, it becomes the status: units do not show it.
        """
        for package in self:
            events = [
                event for event in map_trace(modules, package.shop_id.site)
                if event['package_external_id'] == package.external_id and event['happened_at']]
            package._add_trace(events)
            if (events and events[-1]['status'] in const.HANDLING_STATUSES
                    and events[-1]['raw_status'].lower() in PACKAGE_STATUS):
                package._set_raw_status(events[-1]['raw_status'], events[-1]['happened_at'])
        self._follow()

    def _add_trace(self, events):
        self.ensure_one()
        known = {(event.at, event.raw_status) for event in self.event_ids}
        self.env['lazada.package.event'].create([{
            'package_id': self.id,
            'at': event['happened_at'].replace(microsecond=0),
            'status': event['status'],
            'raw_status': event['raw_status'],
            'description': ': '.join(filter(None, (event['title'], event['description']))),
            'location': event['location'],
            'source': 'courier',
        } for event in events
            if (event['happened_at'].replace(microsecond=0), event['raw_status']) not in known])
