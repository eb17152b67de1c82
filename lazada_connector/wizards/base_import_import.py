# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An export of Seller Center, uploaded where products are imported."""
from odoo import api, models

from ..models.seller_center_export import COLUMNS, fold_title, read_export

PRODUCT_MODELS = ('product.template', 'product.product')


class BaseImportImport(models.TransientModel):
    _inherit = 'base_import.import'

    def _read_file(self, options):
        """Of an export of Seller Center, leave out the rows that only explain the columns."""
        found = super()._read_file(options)
        if self.res_model not in PRODUCT_MODELS or not found:
            return found
        length, rows = found
        export = read_export(rows)
        return (length, [export.titles, *export.rows]) if export else found

    def _get_mapping_suggestion(self, header, fields_tree, header_types, mapping_fields):
        wanted = COLUMNS.get(fold_title(header))
        if (self.res_model in PRODUCT_MODELS and wanted
                and header.lower() not in mapping_fields
                and any(field['name'] == wanted for field in fields_tree)):
            return {'field_path': [wanted], 'distance': 0}
        return super()._get_mapping_suggestion(
            header, fields_tree, header_types, mapping_fields)


def _add_template(env, templates):
    return [*templates, {
        'label': env._("Import Template for Products Sold on Lazada"),
        'template': '/lazada_connector/static/xlsx/lazada_products.xlsx'}]


class ProductTemplate(models.Model):
    _inherit = 'product.template'

    @api.model
    def get_import_templates(self):
        return _add_template(self.env, super().get_import_templates())


class ProductProduct(models.Model):
    _inherit = 'product.product'

    @api.model
    def get_import_templates(self):
        return _add_template(self.env, super().get_import_templates())
