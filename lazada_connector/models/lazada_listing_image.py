# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Images of products that were made from listings; fetched later, one by one."""
import base64

from PIL import Image

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.image import image_process

from .. import const
from ..lazada_api import FileRefused, errors

BAD_IMAGE = (UserError, ValueError, OSError, Image.DecompressionBombError)


class LazadaListing(models.Model):
    _inherit = 'lazada.listing'

    image_wanted = fields.Boolean(
        readonly=True, copy=False,
        help="The product was made from this listing and gets its image soon.")

    _image_wanted_idx = models.Index("(shop_id) WHERE image_wanted")

    def _want_images(self):
        """Have the images of these listings' new products fetched soon."""
        wanted = self.filtered(lambda listing: listing.product_id and listing.image_url)
        wanted._write_link({'image_wanted': True})
        wanted.shop_id._get_flow('catalogue')._wake_after_commit()

    def _take_image(self, content):
        """Give the product this image, unless a person was faster. b'': there is none."""
        self.image_wanted = False
        product = self.product_id
        has_one = product.image_variant_1920 or (
            product.product_variant_count == 1 and product.image_1920)
        if not content or not product or has_one:
            return
        try:
            image = image_process(content, size=(1920, 1920), verify_resolution=True)
        except BAD_IMAGE:
            return  # a product without image is complete
        product.image_1920 = base64.b64encode(image)


class LazadaFlow(models.Model):
    _inherit = 'lazada.flow'

    def _run_catalogue(self, run):
        read = self._is_linking() or self.shop_id.stock_sync
        return read and super()._run_catalogue(run) or self._fetch_images(run)

    def _fetch_images(self, run):
        """Fetch the images that are wanted. Return whether some are left for the next turn.

        Nothing depends on them: those that cannot be had now are asked for at the next run.
        """
        wanted = self.env['lazada.listing'].search(
            [('shop_id', '=', self.shop_id.id), ('image_wanted', '=', True)])
        with run.client() as client:
            for listing in wanted:
                if run.out_of_time:
                    return True
                url = listing.image_url
                run.release()
                try:
                    image = client.products.fetch_image(url, deadline=const.IMAGE_SECONDS)
                except FileRefused:
                    image = b''
                except errors.LazadaTransportError as error:
                    if _may_come(error):
                        return False
                    image = b''
                run.attempt(listing._take_image, image)
        return False


def _may_come(error):
    """Whether asking again may help: there is an answer, and it is final, where it does not."""
    if error.reason == 'http':
        return (error.http_status or 0) >= 500
    return error.reason not in ('redirect', 'size')
