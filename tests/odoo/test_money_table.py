"""Order and invoice totals are the formula's, to the cent, in every tax set-up."""
import itertools
from decimal import ROUND_DOWN, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from tests.harness.profile import PROFILE

from .money_case import COINS, COMMON_SHAPES, ROUNDINGS, SETUPS, MoneyCase, build_items

COUNTS = st.integers(0, 300_000)
PERCENTS = st.one_of(st.just(0), st.integers(0, 100))
UNITS = st.lists(
    st.tuples(st.sampled_from(['A', 'B']), COUNTS, PERCENTS, PERCENTS), min_size=1, max_size=9)


@tagged('post_install', '-at_install')
class TestMoneyTable(MoneyCase):

    def set_cell(self, setup, rounding, shipping=False):
        self.set_taxes(setup)
        self.env.company.tax_calculation_rounding_method = rounding
        self.shop.include_shipping = shipping

    def check_cell(self, shapes, currency='SGD', **options):
        return self.check({name: build_items(name, currency) for name in shapes}, **options)

    def get_rounding_lines(self, sale):
        return sale.order_line.filtered(lambda line: line.lazada_kind == 'rounding')

    # === THE TABLE === #

    def test_every_tax_set_up_with_both_rounding_methods_and_with_shipping_or_without(self):
        self.assertEqual(set(SETUPS), set(self.setups))
        for setup, rounding, shipping in itertools.product(SETUPS, ROUNDINGS, (False, True)):
            with self.subTest(taxes=setup, rounding=rounding, shipping=shipping):
                self.set_cell(setup, rounding, shipping)
                self.check_cell(COMMON_SHAPES)

    def test_every_currency_in_two_tax_set_ups_with_both_rounding_methods(self):
        for code, setup, rounding in itertools.product(COINS, ('mixed', 'fixed'), ROUNDINGS):
            with self.subTest(currency=code, taxes=setup, rounding=rounding):
                self.set_cell(setup, rounding, shipping=True)
                sales = self.check_cell(('uneven vouchers', 'gift', 'fine'), code)
                self.assertEqual({sale.currency_id.name for sale in sales.values()}, {code})

    def test_three_hundred_units_with_both_rounding_methods(self):
        for rounding in ROUNDINGS:
            with self.subTest(rounding=rounding):
                self.set_cell('excluded', rounding, shipping=True)
                self.check_cell(('many',))

    @settings(max_examples=PROFILE.money_orders, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))
    @given(
        units=UNITS, shipping=st.one_of(st.none(), COUNTS), currency=st.sampled_from(list(COINS)),
        setup=st.sampled_from(SETUPS), rounding=st.sampled_from(ROUNDINGS), halves=st.booleans())
    def test_any_order(self, units, shipping, currency, setup, rounding, halves):
        coin = Decimal(COINS[currency][1]) / (2 if halves else 1)

        def part(count, percent):
            return str((Decimal(count * percent) / 100).quantize(Decimal(1), ROUND_DOWN) * coin)

        items = [
            {'sku': sku, 'price': str(count * coin), 'currency': currency,
             'voucher_seller': part(count, seller), 'voucher_platform': part(count, platform)}
            for sku, count, seller, platform in units]
        items[0]['shipping_amount'] = str((shipping or 0) * coin)
        self.set_cell(setup, rounding, shipping is not None)
        self.check({'drawn': items})

    # === WHAT THE TABLE RESTS ON === #

    def test_the_fiscal_positions_of_the_table_do_map(self):
        for setup, position in self.mappings.items():
            with self.subTest(setup=setup):
                self.set_cell(setup, 'round_per_line')
                sale = self.check_cell(('thousands',))['thousands', True]
                self.assertEqual(sale.fiscal_position_id, position)
                original = self.setups[setup][0]
                line = sale.order_line.filtered(
                    lambda line: line.product_id == self.products['A'])
                self.assertTrue(line.tax_ids)
                self.assertEqual(line.tax_ids.original_tax_ids, original)

    # === ROUNDING === #

    def test_amounts_finer_than_the_currency_leave_one_explicit_rounding_line(self):
        """Each line is rounded up, half a dong too much; so would the rest alone be."""
        items = [
            {'sku': 'A', 'price': price, 'currency': 'VND'}
            for price in ('19990.5', '19991.5', '19992.5')]
        for setup in ('none', 'excluded', 'mixed'):
            with self.subTest(taxes=setup):
                self.set_cell(setup, 'round_per_line')
                sales = self.check({'halves': items})
                for whole, total, rest in ((True, 59975, -1), (False, 39982, -1)):
                    sale = sales['halves', whole]
                    rounding = self.get_rounding_lines(sale)
                    self.assertEqual(len(rounding), 1)
                    self.assertFalse(rounding.tax_ids)
                    self.assertEqual(
                        (rounding.price_unit, rounding.product_uom_qty), (rest, 1))
                    self.assertEqual(sale.amount_total, total)
                    self.assertEqual(sale.invoice_ids.amount_total, total)

    def test_rounded_once_for_the_whole_order_nothing_is_left_to_explain(self):
        items = [
            {'sku': 'A', 'price': price, 'currency': 'VND'}
            for price in ('19990.5', '19991.5', '19992.5')]
        self.set_cell('excluded', 'round_globally')
        sales = self.check({'halves': items})
        self.assertEqual([sale.amount_total for sale in sales.values()], [59975, 39982])
        for sale in sales.values():
            self.assertFalse(self.get_rounding_lines(sale))

    def test_a_rounding_line_follows_the_units_that_are_left(self):
        """The rest of the whole order is -1, of the units that are left it is nothing."""
        self.set_cell('none', 'round_per_line')
        sales = self.check({'halves': [
            {'sku': 'A', 'price': price, 'currency': 'VND'}
            for price in ('19990.0', '19991.5', '19992.5')]})
        whole, left = sales['halves', True], sales['halves', False]
        self.assertEqual(self.get_rounding_lines(whole).price_unit, -1)
        self.assertEqual((whole.amount_total, left.amount_total), (59974, 39982))
        self.assertEqual(self.get_rounding_lines(left).price_unit, 0)

    # === PRICES AND RATES === #

    def test_update_prices_and_a_free_gift_are_never_repriced(self):
        self.products['A'].list_price = 222
        sale = self.check_cell(('gift',), invoice=False)['gift', True]
        total = sale.amount_total
        sale.action_update_prices()
        sale.order_line[0].product_uom_qty = 2
        self.assertEqual(sale.order_line[0].price_unit, 0)
        self.assertEqual(sale.amount_total, total)

    def test_a_currency_without_a_rate_imports_exactly_but_does_not_invoice(self):
        self.env['res.currency.rate'].search([]).unlink()
        for setup, rounding in itertools.product(('mixed', 'fixed'), ROUNDINGS):
            with self.subTest(taxes=setup, rounding=rounding):
                self.set_cell(setup, rounding, shipping=True)
                sales = self.check_cell(('uneven vouchers', 'gift'), 'MYR', invoice=False)
                for sale in sales.values():
                    self.assertEqual(sale.currency_id.name, 'MYR')
                    with self.assertRaisesRegex(UserError, "MYR"):
                        sale._create_invoices()
