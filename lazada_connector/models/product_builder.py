# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products made from what Lazada sells: one template per item, real variants. Not a record."""
from dataclasses import dataclass

from odoo.fields import Command


@dataclass(frozen=True)
class Seed:
    """One SKU. group: what makes SKUs variants of one product; variation: ((label, value), …);
    price: in the company's currency, taxes as they are.
    """
    sku: str
    name: str
    group: str
    variation: tuple = ()
    price: float = 0.0
    barcode: str = ''


def parse_variation(text):
    """Return ((label, value), …) of "color_family: Black, size: M"."""
    pairs = (part.partition(':') for part in (text or '').split(', '))
    return tuple(
        (label.strip().replace('_', ' ').capitalize(), value.strip())
        for label, colon, value in pairs if colon and label.strip() and value.strip())


class ProductBuilder:

    def __init__(self, company):
        self.env = company.env
        self.company = company

    def build(self, seeds):
        """Create the products. Return {SKU: product}."""
        groups = {}
        for seed in seeds:
            groups.setdefault(seed.group or seed.sku, []).append(seed)
        made, single = {}, []
        for members in groups.values():
            if _are_variants(members):
                made.update(self._build_variants(members))
            else:
                single += members
        products = self.env['product.product'].create([
            {**self._prepare_vals(seed), 'name': seed.name, 'list_price': seed.price,
             'is_storable': True} for seed in single])
        made.update(zip([seed.sku for seed in single], products, strict=True))
        return made

    def _prepare_vals(self, seed):
        return {'default_code': seed.sku, 'barcode': seed.barcode or False}

    def _build_variants(self, seeds):
        values = self._find_values(seeds)
        template = self.env['product.template'].create({
            'name': seeds[0].name, 'is_storable': True,
            'list_price': min(seed.price for seed in seeds),
            'attribute_line_ids': [
                Command.create({'attribute_id': attribute.id, 'value_ids': [Command.set(ids)]})
                for attribute, ids in values.items()]})
        made, choices = {}, template.attribute_line_ids.product_template_value_ids
        for seed in seeds:
            wanted = dict(seed.variation)
            combination = choices.filtered(
                lambda choice, wanted=wanted: wanted.get(
                    choice.attribute_id.name) == choice.name)
            product = template._create_product_variant(combination)
            product.write(self._prepare_vals(seed))
            made[seed.sku] = product
        return made

    def _find_values(self, seeds):
        """Return {attribute: ids of its values}; attributes of ours make listed variants only."""
        found = {}
        for label, text in dict.fromkeys(pair for seed in seeds for pair in seed.variation):
            attribute = self.env['product.attribute'].search(
                [('name', '=', label), ('create_variant', '=', 'dynamic')], limit=1)
            if not attribute:
                attribute = self.env['product.attribute'].create(
                    {'name': label, 'create_variant': 'dynamic'})
            value = attribute.value_ids.filtered(lambda value, text=text: value.name == text)
            if not value:
                value = self.env['product.attribute.value'].create(
                    {'name': text, 'attribute_id': attribute.id})
            found.setdefault(attribute, []).append(value.id)
        return found


def _are_variants(seeds):
    """Whether these SKUs of one item differ in values of the very same labels."""
    labels = {tuple(sorted(label for label, _value in seed.variation)) for seed in seeds}
    return len(seeds) > 1 and len(labels) == 1 and labels != {()} and (
        len({frozenset(seed.variation) for seed in seeds}) == len(seeds))
