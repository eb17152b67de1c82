"""One listing that is n pieces of a product."""
from odoo.exceptions import ValidationError

from .test_stock import StockCase


class TestBundles(StockCase):

    def setUp(self):
        super().setUp()
        self.listing.bundle_qty = 3
        self.make_listing('LZT-TEE', price='10.00', sellable=10)

    def get_sale(self, order_id):
        order = self.get_order(order_id)
        self.assertEqual((order.sync_state, order.issue_message), ('done', False))
        return order.sale_order_id

    def test_a_unit_sold_is_n_pieces_at_its_exact_price(self):
        sale = self.get_sale(self.sync_order('LZT-TEE', 'LZT-TEE'))
        self.assertRecordValues(sale.order_line, [{
            'product_id': self.tee.id, 'product_uom_qty': 6, 'lazada_bundle_qty': 3}])
        self.assertEqual(sale.amount_total, 20)
        self.assertEqual(sum(sale.picking_ids.move_ids.mapped('product_uom_qty')), 6)

    def sync_order(self, *items):
        order_id = self.buy(*items)
        self.sync()
        return order_id

    def test_totals_are_exact_whatever_the_price_divides_into(self):
        taxes = self.env['account.tax'].create([{
            'name': f"{percent} %", 'amount': percent, 'price_include_override': override}
            for percent, override in ((7, 'tax_excluded'), (9, 'tax_included'))])
        for number, (pieces, price, tax) in enumerate((
                (3, '10.00', taxes[0]), (7, '19.99', taxes[1]), (12, '1152.00', taxes),
                (6, '0.01', taxes[0]), (11, '3333.33', taxes[1]))):
            sku = f'LZT-PACK{number}'
            self.make_product(sku, stock=1000, taxes_id=[(6, 0, tax.ids)])
            self.make_listing(sku, price=price)
            self.run_flow('catalogue')
            self.get_listing(sku).bundle_qty = pieces
            sale = self.get_sale(self.sync_order(sku, sku, sku))
            self.assertAlmostEqual(sale.amount_total, 3 * float(price), places=6)
            self.assertNotIn('rounding', sale.order_line.mapped('lazada_kind'))

    def test_a_bundle_and_a_single_piece_of_one_product_are_two_lines(self):
        self.make_listing('LZT-ONE', price='4.00')
        self.run_flow('catalogue')
        self.get_listing('LZT-ONE').product_id = self.tee
        self.run_flow('import_orders')
        sale = self.get_sale(self.sync_order('LZT-TEE', 'LZT-ONE'))
        self.assertEqual(sorted(sale.order_line.mapped('product_uom_qty')), [1, 3])
        self.assertEqual(sale.amount_total, 14)

    def test_a_cancelled_unit_takes_its_pieces_off(self):
        order_id = self.sync_order('LZT-TEE', 'LZT-TEE')
        sale = self.get_sale(order_id)
        self.move(order_id, 'canceled', [self.get_order(order_id).item_ids[0].external_id])
        self.sync()
        self.assertEqual(sale.order_line.product_uom_qty, 3)
        self.assertEqual((sale.amount_total, self.available()), (10, 7))

    def test_a_parcel_holds_the_units_whose_pieces_are_there(self):
        sale = self.get_sale(self.sync_order('LZT-TEE', 'LZT-TEE'))
        picking = sale.picking_ids
        self.assertEqual(len(picking._lazada_get_units_to_pack()), 2)
        picking.move_ids.quantity = 5
        self.assertEqual(len(picking._lazada_get_units_to_pack()), 1)

    def test_pieces_are_owed_from_the_pull_on(self):
        self.buy('LZT-TEE', 'LZT-TEE')
        self.pull()
        self.assertEqual(self.available(), 4)
        self.run_flow('import_orders')
        self.assertEqual(self.available(), 4)
        self.listing.bundle_qty = 5
        self.assertEqual(self.available(), 4, "an imported order keeps its pieces")

    def test_a_bundle_has_at_least_one_piece(self):
        with self.assertRaises(ValidationError):
            self.listing.bundle_qty = 0
