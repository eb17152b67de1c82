# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import const
from ..models.product_builder import ProductBuilder, Seed, parse_variation
from ..models.seller_center_export import (
    COLUMNS,
    GROUP_TITLES,
    VARIATION_TITLES,
    fold_title,
    parse_amount,
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
    summary = fields.Char(readonly=True)
    problems = fields.Text(
        "To Look At", readonly=True, help="What the file says twice, or not clearly.")

    @api.onchange('company_id')
    def _onchange_company_id(self):
        """Of one shop there is nothing to choose."""
        shops = self.env['lazada.shop'].search([('company_id', '=', self.company_id.id)], limit=2)
        self.shop_id = shops if len(shops) == 1 else False

    def action_import(self):
        """Create the products that are new; those whose Internal Reference exists are left alone.
        """
        self.ensure_one()
        export, problems = self._read_export(), []
        seeds = self._read_seeds(export, problems)
        known = self.env['product.product']._lazada_find_by_reference(
            set(seeds), self.company_id)
        siblings = {}
        for sku, products in known.items():
            if len(products) == 1:
                siblings.setdefault(seeds[sku].group, []).append(
                    (products, seeds[sku].variation))
        new = self._drop_taken_barcodes(
            [seed for sku, seed in seeds.items() if sku not in known], problems)
        ProductBuilder(self.company_id).build(new, siblings)
        summary = self.env._(
            "%(created)s products were created, %(known)s exist already. Listings with the same "
            "SKU are linked. %(others)s rows stand for no SKU and were left out.",
            created=len(new), known=len(known), others=export.others)
        if not problems:
            return self.env['lazada.account']._notify(summary)
        self.write({'summary': summary, 'problems': '\n'.join(problems)})
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Import a Seller Center Export"),
            'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new'}

    def _read_export(self):
        export = read_export(self._read_rows())
        if not export:
            raise UserError(self.env._(
                "No column SellerSKU was found in the file. Export it in Seller Center with Bulk "
                "Manage, SKUs included."))
        return export

    def _read_seeds(self, export, problems):
        """Return {SKU: Seed} and tell, in `problems`, which rows need a look."""
        titles = [fold_title(title) for title in export.titles]
        seeds = {}
        for row in export.rows:
            seed = self._prepare_seed(dict(zip(titles, row, strict=False)), problems)
            if not seed.sku:
                problems.append(self.env._(
                    "%(name)s has no SellerSKU and was left out.", name=seed.name or '-'))
            elif seed.sku in seeds:
                problems.append(self.env._(
                    "%(sku)s stands in the file more than once; its first row was taken.",
                    sku=seed.sku))
            else:
                seeds[seed.sku] = seed
        return seeds

    def _prepare_seed(self, cells, problems):
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
            price=self._read_price(sku, get('list_price'), problems), barcode=get('barcode'))

    def _read_price(self, sku, text, problems):
        """Return a price in the company's currency; 0 where a person has to set it."""
        whole = self.shop_id.site in const.SITES_WITHOUT_CENTS
        price = parse_amount(text, whole=whole) if text else 0.0
        if price is None:
            problems.append(self.env._(
                "%(sku)s: the price %(price)s is not understood, so the product has none.",
                sku=sku, price=text[:40]))
        if not price or not self.shop_id:
            return price or 0.0
        converted = self.shop_id._convert_price(price)
        if not converted:
            problems.append(self.env._(
                "%(sku)s: there is no rate for %(currency)s, so the product has no price.",
                sku=sku, currency=self.shop_id.currency_id.name))
        return converted

    def _drop_taken_barcodes(self, seeds, problems):
        """Return `seeds` without the barcodes that another product, package or row has."""
        wanted = [seed.barcode for seed in seeds if seed.barcode]
        domain = [('barcode', 'in', wanted)]
        own = [('company_id', 'in', (False, self.company_id.id))]
        # Odoo refuses a barcode whoever may see the product that has it
        taken = {
            *self.env['product.product'].sudo().search(domain + own).mapped('barcode'),
            *self.env['product.uom'].sudo().search(domain).mapped('barcode')}
        kept = []
        for seed in seeds:
            if seed.barcode in taken:
                problems.append(self.env._(
                    "%(sku)s: the barcode %(barcode)s is in use, so the product has none.",
                    sku=seed.sku, barcode=seed.barcode))
                seed = replace(seed, barcode='')
            taken.update({seed.barcode} - {''})
            kept.append(seed)
        return kept

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
