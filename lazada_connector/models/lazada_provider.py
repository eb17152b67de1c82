# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class LazadaProvider(models.Model):
    """A courier by the name Lazada gives it, and the delivery method it stands for here."""
    _name = 'lazada.provider'
    _description = "Lazada Courier"
    _order = 'shop_id, name'
    _check_company_auto = True

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    name = fields.Char(required=True)
    code = fields.Char(
        help="Lazada asks for it when packing, where the seller chooses the courier.")
    carrier_id = fields.Many2one(
        'delivery.carrier', string="Delivery Method", check_company=True, ondelete='set null',
        help="Set on the deliveries that this courier carries. Its tracking link then opens the "
             "courier's page; Odoo never books a shipment with it.")

    _shop_name_uniq = models.Constraint(
        'unique(shop_id, name)', "A courier is listed once per shop.")

    @api.model
    def _learn(self, shop, names):
        """Keep the couriers of a shop.

        :param dict names: provider code, or None where Lazada chooses, by name
        :return: {name: courier}
        """
        known = {
            provider.name: provider for provider in self.search([
                ('shop_id', '=', shop.id), ('name', 'in', list(names))])}
        for name, code in names.items():
            if name in known:
                if code and known[name].code != code:
                    known[name].code = code
            else:
                known[name] = self.create({'shop_id': shop.id, 'name': name, 'code': code})
        return known
