# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    base_import_import,
    base_partner_merge,
    lazada_catalogue_import,
    lazada_order_cancel,
    lazada_package_pack,
    lazada_package_print,
    lazada_picking_untracked,
    lazada_shop_fetch,
)
