# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .lazada_shop_stock import overlap


class LazadaStockSource(models.Model):
    """A place a shop sells from. Without any, a shop sells from its FBM warehouse."""
    _name = 'lazada.stock.source'
    _description = "Lazada Stock Source"
    _order = 'shop_id, code, id'
    _check_company_auto = True

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    warehouse_id = fields.Many2one(
        'stock.warehouse', required=True, check_company=True, ondelete='restrict')
    location_id = fields.Many2one(
        'stock.location', check_company=True, ondelete='restrict',
        domain="[('warehouse_id', '=', warehouse_id), ('usage', '=', 'internal')]",
        help="Sell only what is in this location and below. Empty: the whole warehouse.")
    code = fields.Char(
        "Lazada Warehouse",
        help="The warehouse code of Seller Center, for a seller with several warehouses on "
             "Lazada. Leave it empty on all lines to add up their stock.")

    @api.constrains('warehouse_id', 'location_id', 'code')
    def _check_source(self):
        for source in self:
            if source.location_id and source.location_id.warehouse_id != source.warehouse_id:
                raise ValidationError(self.env._(
                    "%(location)s is not a part of %(warehouse)s.",
                    location=source.location_id.display_name,
                    warehouse=source.warehouse_id.display_name))
            if len({bool(each.code) for each in source.shop_id.source_ids}) > 1:
                raise ValidationError(self.env._(
                    "Give every line of %s a Lazada warehouse, or none of them.",
                    source.shop_id.name))
            if source._get_twice_sold():
                raise ValidationError(self.env._(
                    "%(location)s is sold under two Lazada warehouses. Each would show the same "
                    "goods.", location=source._get_location().display_name))

    def _get_twice_sold(self):
        """Return the lines that sell the same goods under another Lazada warehouse."""
        self.ensure_one()
        return self.shop_id.source_ids.filtered(
            lambda other: other.code != self.code
            and overlap(self._get_location(), other._get_location()))

    def _get_location(self):
        self.ensure_one()
        return self.location_id or self.warehouse_id.view_location_id
