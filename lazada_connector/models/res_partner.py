# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    lazada_buyer_key = fields.Char(
        copy=False, readonly=True,
        help="Site and buyer id on Lazada: how a returning buyer is known.")
    lazada_address_key = fields.Char(
        copy=False, readonly=True, index='btree_not_null',
        help="Digest of the address as Lazada sent it: how an address is known again.")
    lazada_masked = fields.Boolean(
        copy=False, readonly=True, help="Lazada hides name, phone or street of this contact.")

    # Of two workers who meet a new buyer at once, the second collides and finds the contact.
    _lazada_buyer_uniq = models.UniqueIndex(
        '(lazada_buyer_key, COALESCE(company_id, 0)) WHERE lazada_buyer_key IS NOT NULL',
        "A buyer of Lazada is one contact of a company.")
