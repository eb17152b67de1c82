# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from psycopg2.extras import Json

from odoo import api, fields, models

from .. import const


class LazadaFlow(models.Model):
    """Pull the catalogue, then try every listing again that has no product."""
    _inherit = 'lazada.flow'

    catalogue_read = fields.Json(help="How far an unfinished read of the catalogue has come.")
    full_read_at = fields.Datetime("Everything Read")

    @api.model
    def _get_runnable_domain(self, name):
        """The catalogue is read for its listings, for their quantities, or images are missing."""
        domain = super()._get_runnable_domain(name)
        if name != 'catalogue':
            return domain
        wanted = self.env['lazada.listing'].sudo()._read_group(
            [('image_wanted', '=', True)], ['shop_id'])
        return [
            '|', '|', ('shop_id.auto_catalogue', '=', True), ('shop_id.stock_sync', '=', True),
            ('shop_id', 'in', [shop.id for (shop,) in wanted]), *domain]

    def _run_catalogue(self, run):
        """Mirror what changed, and once a day everything, so that quantities are compared.

        Return whether a part is left for the next turn.
        """
        read = self.catalogue_read or self._plan_read()
        with run.client() as client:
            while read['parts']:
                if not self._read_part(run, client, read):
                    return True
        if self._is_linking():
            run.attempt(self._match_listings, read.get('anew'))
        platform_time = fields.Datetime.to_datetime(read['platform_time'])
        values = {'cursor_at': platform_time or run.started_at, 'catalogue_read': None}
        if read['full']:
            values['full_read_at'] = run.started_at
        run.commit(**values)
        shops = self.shop_id.filtered('stock_sync')
        self._wake_now((self.shop_id._get_flow('import_orders') + shops._get_flow('stock')).ids)
        return False

    def _plan_read(self):
        """Return an unstarted read: its parts are (filter, changes since), one after the other."""
        since = self.cursor_at and fields.Datetime.to_string(
            self.cursor_at - timedelta(minutes=const.CURSOR_OVERLAP_MINUTES))
        oldest = self.env.cr.now() - timedelta(hours=const.CATALOGUE_FULL_HOURS)
        full = not since or (
            self.shop_id.stock_sync and (self.full_read_at or oldest) <= oldest)
        parts = [['all', None if full else since], ['deleted', since or None]]
        return {'parts': parts, 'position': None, 'full': bool(full), 'anew': not since,
                'platform_time': None}

    def _read_part(self, run, client, read):
        """Mirror the first part of `read`, page by page. Return False when time is up before."""
        name, since = read['parts'][0]
        asked_at = self.env.cr.now()
        run.release()
        for page in client.products.pages(
                filter=name, update_after=fields.Datetime.to_datetime(since),
                position=read['position']):
            read['platform_time'] = read['platform_time'] or fields.Datetime.to_string(
                client.server_time)
            read['position'] = page.position
            stop = run.out_of_time and page.position
            page_asked_at, asked_at = asked_at, self.env.cr.now()  # the next page: after this one
            run.attempt(
                self._mirror_products, page.products, page_asked_at, read['full'],
                **({'catalogue_read': Json(read)} if stop else {}))
            if stop:
                return False
        read['parts'].pop(0)
        read['position'] = None
        return True

    def _mirror_products(self, products, asked_at, full):
        listings = self.env['lazada.listing']._mirror(self.shop_id, products, asked_at)
        if full:
            listings._note_differences()

    def _is_linking(self):
        """Whether new listings are linked: not where the catalogue is read for its quantities."""
        return self.shop_id.auto_catalogue or self.env.context.get('lazada_by_hand')

    def _rewind(self, at):
        """A person's date counts more than a half finished read."""
        self.write({'catalogue_read': False, 'full_read_at': False})
        return super()._rewind(at)

    def _match_listings(self, anew):
        """Try the listings again that have no product; `anew`: judge the others once more too."""
        domain = [('shop_id', '=', self.shop_id.id), ('link_state', '!=', 'ignored')]
        Listing = self.env['lazada.listing']
        if anew:
            Listing.search(domain)._match_anew()
        else:
            Listing.search([*domain, ('product_id', '=', False)])._match()
