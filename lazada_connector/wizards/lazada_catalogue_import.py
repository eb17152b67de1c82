# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.product_builder import ProductBuilder, Seed, parse_variation
from ..models.seller_center_export import (
    COLUMNS,
    GROUP_TITLES,
    VARIATION_TITLES,
    fold_title,
    read_export,
)

OPTIONS = {'quoting': '"', 'separator': '', 'encoding': '', 'has_headers': True}


class LazadaCatalogueImport(models.TransientModel):
    """Makes products of the file that Seller Center's Bulk Manage exports, unchanged."""
    _name = 'lazada.catalogue.import'
    _description = "Import a Seller Center Export"

    file = fields.Binary("Export of Seller Center", required=True, attachment=False)
    file_name = fields.Char()
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company)
    shop_id = fields.Many2one(
        'lazada.shop', domain="[('company_id', '=', company_id)]",
        help="The shop that was exported. Prices are in the currency of its country.")
    has_shops = fields.Boolean(default=lambda self: bool(
        self.env['lazada.shop'].search_count([], limit=1)))
    seller_center_url = fields.Char(related='shop_id.seller_center_url')

    @api.onchange('company_id')
    def _onchange_company_id(self):
        """Of one shop there is nothing to choose."""
        shops = self.env['lazada.shop'].search([('company_id', '=', self.company_id.id)], limit=2)
        self.shop_id = shops if len(shops) == 1 else False

    def action_import(self):
        """Create the products that are new; those whose Internal Reference exists are left alone.
        """
        self.ensure_one()
        seeds = self._read_seeds()
        known = self.env['product.product']._lazada_find_by_reference(
            set(seeds), self.company_id)
        new = [seed for sku, seed in seeds.items() if sku not in known]
        siblings = {}
        for sku, products in known.items():
            if len(products) == 1:
                siblings.setdefault(seeds[sku].group, []).append(
                    (products, seeds[sku].variation))
        ProductBuilder(self.company_id).build(new, siblings)
        return self.env['lazada.account']._notify(self.env._(
            "%(created)s products were created, %(known)s exist already. Listings with the same "
            "SKU are linked.", created=len(new), known=len(seeds) - len(new)))

    def _read_seeds(self):
        """Return {SKU: Seed}; rows without a SKU are skipped."""
        export = read_export(self._read_rows())
        if not export:
            raise UserError(self.env._(
                "No column SellerSKU was found in the file. Export it in Seller Center with Bulk "
                "Manage, SKUs included."))
        titles = [fold_title(title) for title in export.titles]
        seeds = {}
        for row in export.rows:
            seed = self._prepare_seed(dict(zip(titles, row, strict=False)))
            if seed.sku:
                seeds.setdefault(seed.sku, seed)
        return seeds

    def _prepare_seed(self, cells):
        def get(field):
            values = (str(value or '').strip() for title, value in cells.items()
                      if COLUMNS.get(title) == field)
            return next(filter(None, values), '')

        def first(titles):
            return next((str(cells[title]).strip() for title in titles if cells.get(title)), '')

        sku = get('default_code')
        return Seed(
            sku=sku, name=get('name') or sku, group=first(GROUP_TITLES),
            variation=parse_variation(first(VARIATION_TITLES)),
            price=self._parse_price(get('list_price')), barcode=get('barcode'))

    def _parse_price(self, text):
        try:
            return float(text.replace(',', '') or 0)
        except ValueError:
            return 0.0

    def _read_rows(self):
        name = (self.file_name or '').lower()
        kind = 'text/csv' if name.endswith('.csv') else (
            'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
        reader = self.env['base_import.import'].create({
            'res_model': self._name, 'file': base64.b64decode(self.file),
            'file_name': self.file_name, 'file_type': kind})
        try:
            return reader._read_file(dict(OPTIONS))[1]
        except Exception as error:
            raise UserError(self.env._(
                "The file could not be read as xlsx or csv: %s", error)) from error
