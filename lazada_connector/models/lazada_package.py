# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..mappers import order as order_mapper


class LazadaPackage(models.Model):
    """One parcel: what Lazada put together, with its tracking number."""
    _name = 'lazada.package'
    _inherit = ['lazada.mirror']
    _description = "Lazada Package"
    _order = 'id desc'
    _rec_name = 'external_id'
    _rec_names_search = ['external_id', 'tracking_number']

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    order_id = fields.Many2one('lazada.order', required=True, index=True, ondelete='cascade')
    external_id = fields.Char("Package ID", required=True)
    tracking_number = fields.Char(index='btree_not_null')
    provider = fields.Char("Courier")
    item_ids = fields.One2many('lazada.order.item', 'package_id', string="Units")

    _shop_external_uniq = models.Constraint(
        'unique(shop_id, external_id)', "A package is mirrored once per shop.")

    @api.model
    def _mirror_items(self, orders, items_by_order):
        """Keep the packages that the units of these orders of one shop name."""
        named = {}
        for order in orders:
            for payload in items_by_order[order]:
                mapped = order_mapper.map_item(payload, order.shop_id.site)
                if mapped['package_external_id']:
                    named[str(payload['order_item_id'])] = (order, mapped)
        if not named:
            return
        shop = orders.shop_id
        known = {
            package.external_id: package for package in self.search([
                ('shop_id', '=', shop.id),
                ('external_id', 'in', [m['package_external_id'] for _o, m in named.values()])])}
        for order, mapped in named.values():
            vals = {
                'tracking_number': mapped['tracking_number'],
                'provider': mapped['shipment_provider'],
            }
            external_id = mapped['package_external_id']
            if external_id in known:
                known[external_id]._write_changes(vals)
            else:
                known[external_id] = self.create({
                    'shop_id': shop.id, 'order_id': order.id, 'external_id': external_id,
                    **vals})
        for item in orders.item_ids:
            if item.external_id in named:
                package = known[named[item.external_id][1]['package_external_id']]
                item._write_changes({'package_id': package.id})
