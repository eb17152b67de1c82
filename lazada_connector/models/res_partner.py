# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    lazada_buyer_key = fields.Char(
        copy=False, readonly=True, index='btree_not_null',
        help="Site and buyer id on Lazada: how a returning buyer is known.")
    lazada_address_key = fields.Char(
        copy=False, readonly=True, index='btree_not_null',
        help="Digest of the address as Lazada sent it: how an address is known again.")
    lazada_masked = fields.Boolean(
        copy=False, readonly=True, help="Lazada hides name, phone or street of this contact.")
