# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import models

from .. import const


class LazadaFlow(models.Model):
    """Pull the catalogue, then try every listing again that has no product."""
    _inherit = 'lazada.flow'

    def _run_catalogue(self, run):
        Listing, shop = self.env['lazada.listing'], self.shop_id
        since = self.cursor_at and (
            self.cursor_at - timedelta(minutes=const.CURSOR_OVERLAP_MINUTES))
        platform_time = None
        with run.client() as client:
            run.release()
            for page in client.products.pages(update_after=since or None):
                platform_time = platform_time or client.server_time
                run.attempt(Listing._mirror, shop, page.products)
        run.attempt(self._match_unlinked)
        run.commit(cursor_at=platform_time or run.started_at.replace(microsecond=0))
        shop._get_flow('import_orders')._wake()
        return False

    def _match_unlinked(self):
        self.env['lazada.listing'].search([
            ('shop_id', '=', self.shop_id.id), ('product_id', '=', False),
            ('link_state', 'in', ('missing', 'ambiguous'))])._match()
