# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The columns of an export of Seller Center, proposed when products are imported."""
import re

from odoo import models

# Column titles, letters and digits only -> field of products. Titles differ by language and year.
COLUMNS = {
    'sellersku': 'default_code',
    'lazadasku': 'default_code',
    'productname': 'name',
    'price': 'list_price',
    'barcode': 'barcode',
    'barcodeean': 'barcode',
}


def fold_title(title):
    return re.sub(r'[^a-z0-9]', '', (title or '').lower())


class BaseImportImport(models.TransientModel):
    _inherit = 'base_import.import'

    def _get_mapping_suggestion(self, header, fields_tree, header_types, mapping_fields):
        wanted = COLUMNS.get(fold_title(header))
        if (self.res_model in ('product.template', 'product.product') and wanted
                and header.lower() not in mapping_fields
                and any(field['name'] == wanted for field in fields_tree)):
            return {'field_path': [wanted], 'distance': 0}
        return super()._get_mapping_suggestion(
            header, fields_tree, header_types, mapping_fields)
