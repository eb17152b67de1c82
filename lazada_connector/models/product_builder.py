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

    def build(self, seeds, siblings=None):
        """Create the products. Return {SKU: product}.

        :param siblings: {group: [(product, variation)]} of the SKUs that have their products
        """
        groups = {}
        for seed in seeds:
            groups.setdefault(seed.group or seed.sku, []).append(seed)
        made, single = {}, []
        for group, members in groups.items():
            added = self._add_variants(members, (siblings or {}).get(group, []))
            made.update(added)
            rest = [seed for seed in members if seed.sku not in added]
            if _are_variants([seed.variation for seed in rest]):
                made.update(self._build_variants(rest))
            else:
                single += rest
        products = self.env['product.product'].create([
            {**self._prepare_vals(seed), 'name': seed.name, 'list_price': seed.price,
             'is_storable': True} for seed in single])
        made.update(zip([seed.sku for seed in single], products, strict=True))
        return made

    def _prepare_vals(self, seed):
        return {'default_code': seed.sku, 'barcode': seed.barcode or False}

    def _build_variants(self, seeds):
        values = self._find_values([seed.variation for seed in seeds])
        template = self.env['product.template'].create({
            'name': seeds[0].name, 'is_storable': True,
            'list_price': min(seed.price for seed in seeds),
            'attribute_line_ids': [
                Command.create({'attribute_id': attribute.id, 'value_ids': [Command.set(ids)]})
                for attribute, ids in values.items()]})
        return self._create_variants(template, seeds)

    def _create_variants(self, template, seeds):
        """Give `template`, which has their values, these SKUs. Return {SKU: product}; a variant
        that is an SKU already is left alone.
        """
        made, choices = {}, template.attribute_line_ids.product_template_value_ids._only_active()
        for seed in seeds:
            wanted = dict(seed.variation)
            combination = choices.filtered(
                lambda choice, wanted=wanted: wanted.get(
                    choice.attribute_id.name) == choice.name)
            product = template._create_product_variant(combination)
            if product and not product.default_code:
                product.write(self._prepare_vals(seed))
                made[seed.sku] = product
        return made

    def _add_variants(self, seeds, siblings):
        """Add SKUs to the product whose variants their siblings are. Return {SKU: product}; empty
        where siblings have no product in common, or one that varies by something else.
        """
        template = self.env['product.template'].union(
            *(product.product_tmpl_id for product, _variation in siblings))
        variations = [variation for _product, variation in siblings]
        if len(template) != 1 or not _are_variants(
                variations + [seed.variation for seed in seeds]):
            return {}
        if not template.attribute_line_ids and len(siblings) == 1:
            self._tell_variation(template, variations[0])
        lines = {line.attribute_id.name: line for line in template.attribute_line_ids}
        if set(lines) != set(dict(variations[0])) or any(
                line.attribute_id.create_variant == 'no_variant' for line in lines.values()):
            return {}
        for label, line in lines.items():
            texts = dict.fromkeys(dict(seed.variation)[label] for seed in seeds)
            ids = [self._find_value(line.attribute_id, text).id for text in texts]
            if not set(ids) <= set(line.value_ids.ids):
                line.value_ids = [Command.link(value_id) for value_id in ids]
        return self._create_variants(template, seeds)

    def _tell_variation(self, template, variation):
        """A product that was the only SKU of its item becomes the first of several variants."""
        template.attribute_line_ids = [
            Command.create({'attribute_id': attribute.id, 'value_ids': [Command.set(ids)]})
            for attribute, ids in self._find_values([variation]).items()]

    def _find_values(self, variations):
        """Return {attribute: ids of its values}; attributes of ours make listed variants only."""
        found = {}
        for label, text in dict.fromkeys(pair for each in variations for pair in each):
            attribute = self.env['product.attribute'].search(
                [('name', '=', label), ('create_variant', '=', 'dynamic')], limit=1)
            if not attribute:
                attribute = self.env['product.attribute'].create(
                    {'name': label, 'create_variant': 'dynamic'})
            found.setdefault(attribute, []).append(self._find_value(attribute, text).id)
        return found

    def _find_value(self, attribute, text):
        value = attribute.value_ids.filtered(lambda value: value.name == text)[:1]
        return value or self.env['product.attribute.value'].create(
            {'name': text, 'attribute_id': attribute.id})


def _are_variants(variations):
    """Whether these variations of one item differ in values of the very same labels."""
    labels = {tuple(sorted(label for label, _value in each)) for each in variations}
    return len(variations) > 1 and len(labels) == 1 and labels != {()} and (
        len({frozenset(each) for each in variations}) == len(variations))
