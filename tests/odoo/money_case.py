"""Orders by the dozen for the money tests: made, changed, canceled in parts, invoiced, compared."""
import itertools
from decimal import ROUND_HALF_UP, Decimal

from odoo.fields import Command

from .offline import OfflineCase
from .payloads import make_order

# Per line: SKU, units, price, and what the vouchers of the seller and of Lazada give per unit,
# repeated over the units. The first unit carries the shipping.
SHAPES = {
    'uneven vouchers': ('1.49', [
        ('A', 3, '33.33', ('3.33', '3.33', '3.34'), ('1.10', '0', '0.07')),
        ('B', 2, '0.08', ('0',), ('0.01',))]),
    'thousands': ('0.03', [
        ('A', 7, '19.99', ('0.71',), ('0',)), ('B', 1, '1152.00', ('0.04',), ('99.96',))]),
    'gift': ('2.03', [
        ('A', 1, '0.00', ('0',), ('0',)), ('B', 3, '9.99', ('1.11', '1.12'), ('0.55', '0'))]),
    'all voucher': ('0', [('A', 2, '5.05', ('5.05',), ('0',))]),
    'many': ('0.01', [('A', 300, '0.01', ('0',), ('0',))]),
    # Finer than any currency: the rests.
    'fine': ('1.0045', [
        ('A', 1, '10.0055', ('0.3335',), ('0',)), ('A', 1, '11.0055', ('0',), ('0.0015',)),
        ('B', 2, '20.0055', ('0.0045',), ('0',))]),
}
COMMON_SHAPES = tuple(name for name in SHAPES if name != 'many')
ROUNDINGS = ('round_per_line', 'round_globally')
SETUPS = (
    'none', 'included', 'excluded', 'mixed', 'one untaxed', 'several', 'several mixed', 'fixed',
    'in base', 'mapped away', 'mapped to included')
INCLUDED, EXCLUDED = 'tax_included', 'tax_excluded'
# Currency: by what the prices above are multiplied, and the smallest coin.
COINS = {
    'SGD': ('1', '0.01'), 'MYR': ('1', '0.01'), 'PHP': ('17.03', '0.01'), 'THB': ('9.07', '0.01'),
    'IDR': ('1000.7', '0.01'), 'VND': ('1000', '1'),
}


def build_items(name, currency='SGD'):
    """Return the units of a shape as `make_order` takes them; prices look as Lazada's do."""
    factor, coin = map(Decimal, COINS[currency])
    shipping, lines = SHAPES[name]

    def scale(text):
        amount = Decimal(text) * factor
        return f"{amount if name == 'fine' else amount.quantize(coin, ROUND_HALF_UP):,}"

    items = []
    for sku, count, price, sellers, platforms in lines:
        for number in range(count):
            items.append({
                'sku': sku, 'price': scale(price), 'currency': currency,
                'voucher_seller': scale(sellers[number % len(sellers)]),
                'voucher_platform': scale(platforms[number % len(platforms)])})
    items[0]['shipping_amount'] = scale(shipping)
    return items


class MoneyCase(OfflineCase):
    """The company keeps its books in SGD."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile")
        cls.env.company.currency_id = cls.env.ref('base.SGD')
        cls.numbers = itertools.count(1)
        cls.tax_group = cls.env['account.tax.group'].create({'name': "Table"})
        for code in COINS:
            cls.set_rate(code)
        tax = cls.make_tax
        exported, local = tax(9, EXCLUDED), tax(12, EXCLUDED)
        cls.setups = {
            'none': ((), ()),
            'included': (tax(7, INCLUDED),) * 2,
            'excluded': (tax(9, EXCLUDED),) * 2,
            'mixed': (tax(7, INCLUDED), tax(9, EXCLUDED)),
            'one untaxed': (tax(12, EXCLUDED), ()),
            'several': (tax(7, EXCLUDED) + tax(3, EXCLUDED, sequence=5),) * 2,
            'several mixed': (tax(7, INCLUDED) + tax(3, EXCLUDED, sequence=5), tax(9, EXCLUDED)),
            'fixed': (tax(0.10, EXCLUDED, amount_type='fixed') + tax(7, EXCLUDED),) * 2,
            'in base': (tax(10, EXCLUDED, include_base_amount=True) + tax(7, EXCLUDED),) * 2,
            'mapped away': (exported,) * 2,
            'mapped to included': (local, exported),
        }
        cls.mappings = {
            'mapped away': cls.make_position(exported, tax(0, INCLUDED)),
            'mapped to included': cls.make_position(local, tax(7, INCLUDED)),
        }

    @classmethod
    def make_product(cls, sku, **values):
        """Services: deliveries would take most of the time, and change no amount."""
        return super().make_product(sku, **{'type': 'service', 'is_storable': False, **values})

    @classmethod
    def make_tax(cls, amount, include, sequence=1, **values):
        return cls.env['account.tax'].create({
            'name': f"Tax {next(cls.numbers)}", 'amount': amount,
            'price_include_override': include, 'sequence': sequence,
            'tax_group_id': cls.tax_group.id, **values})

    @classmethod
    def make_position(cls, original, mapped):
        position = cls.env['account.fiscal.position'].create({
            'name': f"Maps {original.name}", 'country_id': cls.env.ref('base.th').id})
        mapped.fiscal_position_ids = position
        mapped.original_tax_ids = original
        return position

    def set_taxes(self, setup):
        first, second = self.setups[setup]
        self.products['A'].taxes_id = [Command.set([tax.id for tax in first])]
        self.products['B'].taxes_id = [Command.set([tax.id for tax in second])]
        for label, position in self.mappings.items():
            position.auto_apply = label == setup

    # === WHAT IT MUST COME TO === #

    def formula(self, units, currency):
        """The total of these units, in whole coins."""
        total = sum((
            self.read_amount(unit, 'item_price') - self.read_amount(unit, 'voucher_seller')
            for unit in units if unit['status'] != 'canceled'), Decimal())
        if self.shop.include_shipping:
            total += sum(
                self.read_amount(unit, 'shipping_amount')
                for unit in units if unit['status'] != 'canceled')
        return total.quantize(Decimal(COINS[currency.name][1]), ROUND_HALF_UP)

    @staticmethod
    def read_amount(unit, key):
        return Decimal(str(unit[key]).replace(',', ''))

    def assert_total(self, document, units, label, sign=1):
        expected = self.formula(units, document.currency_id)
        self.assertEqual(
            document.currency_id.compare_amounts(sign * document.amount_total, float(expected)), 0,
            f"{label}: {sign * document.amount_total} instead of {expected}")

    def assert_rounding(self, sale, label):
        """What the coins cannot show stands on one line of its own, or there is none."""
        rounding = sale.order_line.filtered(lambda line: line.lazada_kind == 'rounding')
        self.assertLessEqual(len(rounding), 1, label)
        self.assertFalse(rounding.tax_ids, label)

    # === WHAT IS DONE TO THEM === #

    def check(self, orders, invoice=True):
        """Try orders ({label: units}) in every way and compare their totals each time.

        Imported twice: one keeps its units, has its quantities changed and changed back; of the
        other the last unit is canceled. Then both are invoiced.

        :return: {(label, whether it kept its units): sales order}
        """
        payloads = {
            (label, whole): make_order(items) for label, items in orders.items()
            for whole in (True, False) if whole or len(items) > 1}
        mirrored = self.import_orders(payloads.values())
        sales = {key: order.sale_order_id for key, order in zip(payloads, mirrored, strict=True)}
        self.compare(sales, payloads, "imported")
        for (_label, whole), sale in sales.items():
            if whole:
                self.change_quantities(sale)
        self.cancel_last_units([payloads[key] for key in payloads if not key[1]])
        self.compare(sales, payloads, "changed")
        if invoice:
            self.check_invoices(sales, payloads)
        return sales

    def compare(self, sales, payloads, moment):
        for key, sale in sales.items():
            label = f"{key}, {moment}"
            self.assert_total(sale, payloads[key][1], label)
            self.assert_rounding(sale, label)

    def import_orders(self, payloads):
        """Mirror and import orders together; any issue is an error."""
        payloads = list(payloads)
        Order = self.env['lazada.order'].with_context(lazada_import=True, tracking_disable=True)
        orders = Order._mirror(
            self.shop, [header for header, _units in payloads],
            {str(header['order_id']): units for header, units in payloads}, self.env.cr.now())
        orders._import()
        for order in orders:
            self.assertEqual(order.sync_state, 'done', order.issue_message)
        return orders.sorted(lambda order: int(order.external_id))

    def change_quantities(self, sale, more=2):
        for line in sale.order_line.filtered(lambda line: line.lazada_kind == 'product'):
            price, quantity = line.price_unit, line.product_uom_qty
            line.product_uom_qty = quantity + more
            self.assertEqual(line.price_unit, price)
            line.product_uom_qty = quantity

    def cancel_last_units(self, payloads):
        """Lazada cancels the last unit of each order."""
        for _header, units in payloads:
            units[-1]['status'] = 'canceled'
        self.import_orders(payloads)

    def check_invoices(self, sales, payloads):
        """Invoice and post them, one invoice for each order."""
        moves = self.env['sale.order'].union(*sales.values()).with_context(
            tracking_disable=True)._create_invoices(grouped=True, final=True)
        self.env.flush_all()
        # PostgreSQL may have looked at these tables while nothing was committed to them: it then
        # reads them in ways that take minutes.
        self.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile")
        moves.action_post()
        self.assertEqual(len(moves), len(sales))
        for key, sale in sales.items():
            move = sale.invoice_ids
            self.assert_total(
                move, payloads[key][1], f"{key}, invoiced",
                -1 if move.move_type == 'out_refund' else 1)
