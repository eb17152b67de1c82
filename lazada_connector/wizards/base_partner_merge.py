# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Hand the buyer's key over before core copies it: two contacts never have the same."""
        partners = src_partners + dst_partner   # core lets the last of them win, too
        key = next(filter(None, reversed(partners.mapped('lazada_buyer_key'))), False)
        if key:
            src_partners.lazada_buyer_key = False
            src_partners.flush_recordset(['lazada_buyer_key'])
            dst_partner.lazada_buyer_key = key
        return super()._update_values(src_partners, dst_partner)
