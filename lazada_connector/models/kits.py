# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Kits of Manufacturing, which may be missing. Not a record."""
from collections import defaultdict

# Odoo rounds what a kit takes up to the unit of the part. This many kits are looked at together:
# a number that small batches, and kits in kits, divide without a rest.
MANY = 720720


def explode_kits(products):
    """Return {kit id: {part id: pieces in one kit}}; empty where Manufacturing is missing."""
    env = products.env
    if 'mrp.bom' not in env or not products:
        return {}
    kits = {}
    boms = env['mrp.bom'].sudo()._bom_find(
        products, company_id=env.company.id, bom_type='phantom')
    for product, bom in boms.items():
        if not bom:
            continue
        parts = defaultdict(float)
        boms_in_one = product.uom_id._compute_quantity(
            1, bom.product_uom_id, round=False) / bom.product_qty
        for line, vals in bom.explode(product, MANY)[1]:
            if line.product_id.is_storable:
                parts[line.product_id.id] += line.product_uom_id._compute_quantity(
                    vals['qty'] / MANY * boms_in_one, line.product_id.uom_id, round=False)
        kits[product.id] = {part: pieces for part, pieces in parts.items() if pieces > 0}
    return {kit: parts for kit, parts in kits.items() if parts}


def expand(pieces, kits):
    """Return `pieces` ({product id: quantity}) with kits replaced by their parts."""
    result = defaultdict(float)
    for product_id, quantity in pieces.items():
        for part, factor in kits.get(product_id, {product_id: 1}).items():
            result[part] += quantity * factor
    return result
