"""A listing linked to a kit of Manufacturing offers what its components allow.

The connector does not depend on Manufacturing: these tests run where it is installed, see
tests/system/test_kits.py.
"""
import unittest

from odoo.fields import Command

from .test_stock import StockCase


class TestKits(StockCase):
    """A gift box holds 2 cups and 1 tray."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if 'mrp.bom' not in cls.env:
            raise unittest.SkipTest("Manufacturing is not installed")

    def setUp(self):
        super().setUp()
        self.cup = self.make_product('LZK-CUP', stock=9)
        self.tray = self.make_product('LZK-TRAY', stock=10)
        self.box = self.make_product('LZK-BOX')
        self.bom = self.env['mrp.bom'].create({
            'product_tmpl_id': self.box.product_tmpl_id.id, 'type': 'phantom', 'product_qty': 1,
            'bom_line_ids': [
                Command.create({'product_id': self.cup.id, 'product_qty': 2}),
                Command.create({'product_id': self.tray.id, 'product_qty': 1})]})
        self.make_listing('LZK-BOX', sellable=0, price='10.00')
        self.make_listing('LZK-CUP', sellable=0, price='4.00')
        self.run_flow('catalogue')
        self.pull()

    def offered(self):
        self.pull()
        self.push()
        return self.sellable('LZK-BOX'), self.sellable('LZK-CUP')

    def test_the_scarcest_component_decides(self):
        self.assertEqual(self.offered(), (4, 9))
        self.receive(self.tray, -8)
        self.assertEqual(self.offered(), (2, 9))

    def test_a_component_sold_alone_is_missing_in_the_kit(self):
        self.sell_here(self.cup, 4)
        self.assertEqual(self.offered(), (2, 5))

    def test_a_kit_sold_takes_its_components_once(self):
        self.offered()
        order_id = self.buy('LZK-BOX')
        self.pull()
        self.assertEqual(self.offered(), (3, 7), "owed from the pull on")
        self.run_flow('import_orders')
        order = self.get_order(order_id)
        self.assertEqual((order.sync_state, order.issue_message), ('done', False))
        moves = order.sale_order_id.picking_ids.move_ids
        self.assertEqual({move.product_id: move.product_uom_qty for move in moves},
                         {self.cup: 2, self.tray: 1})
        self.assertEqual(order.sale_order_id.amount_total, 10)
        self.assertEqual(self.offered(), (3, 7))
        self.deliver(order.sale_order_id)
        self.assertEqual(self.offered(), (3, 7))

    def test_a_cancelled_kit_gives_its_components_back(self):
        self.offered()
        order_id = self.buy('LZK-BOX')
        self.sync()
        self.move(order_id, 'canceled')
        self.sync()
        self.assertEqual(self.get_order(order_id).sale_order_id.state, 'cancel')
        self.assertEqual(self.offered(), (4, 9))

    def test_a_pack_of_kits_and_a_kit_in_dozens(self):
        self.get_listing('LZK-BOX').bundle_qty = 2
        self.assertEqual(self.offered(), (2, 9))
        self.get_listing('LZK-BOX').bundle_qty = 1
        self.bom.product_qty = 2  # the same components make two boxes
        self.assertEqual(self.offered(), (9, 9))
        self.bom.product_qty = 7
        self.assertEqual(self.offered(), (31, 9), "9 cups make 4.5 batches, not one box less")

    def test_kits_in_kits(self):
        crate = self.make_product('LZK-CRATE')
        self.env['mrp.bom'].create({
            'product_tmpl_id': crate.product_tmpl_id.id, 'type': 'phantom', 'product_qty': 1,
            'bom_line_ids': [Command.create({'product_id': self.box.id, 'product_qty': 3})]})
        self.make_listing('LZK-CRATE', sellable=0)
        self.run_flow('catalogue')
        self.offered()
        self.assertEqual(self.sellable('LZK-CRATE'), 1)

    def test_the_parts_of_a_kit_are_replenished(self):
        action = self.get_listing('LZK-BOX').action_replenish()
        products = self.env['product.product'].search([('id', 'in', [
            product_id for leaf in action['domain'] if leaf[0] == 'product_id'
            for product_id in leaf[2]])])
        self.assertEqual(products, self.cup + self.tray)

    def test_a_kit_need_not_be_tracked_itself(self):
        """As Odoo makes them: goods whose inventory is not tracked, with a kit."""
        self.box.is_storable = False
        loose = self.make_product('LZK-LOOSE', is_storable=False)
        listing = self.make_listing('LZK-LOOSE', sellable=7)
        self.run_flow('catalogue')
        self.assertEqual(self.get_listing('LZK-LOOSE').product_id, loose)
        self.assertEqual(self.offered(), (4, 9))
        self.assertEqual(self.get_listing('LZK-BOX').preview_verdict, 'same')
        self.assertEqual(self.get_listing('LZK-LOOSE').preview_verdict, 'never')
        self.assertEqual(self.sellable('LZK-LOOSE'), listing['sellable'])

    def test_the_preview_counts_the_kits_of_the_shops_company(self):
        """Whatever company the viewer works in."""
        self.bom.company_id = self.shop.company_id
        self.offered()
        other = self.env['res.company'].create({'name': "Elsewhere"})
        listing = self.get_listing('LZK-BOX').with_context(
            allowed_company_ids=[other.id, self.shop.company_id.id])
        self.assertEqual(listing.preview_qty, 4)
        self.buy('LZK-BOX')
        self.pull()
        listing.invalidate_recordset()
        self.assertEqual(listing.preview_qty, 3)
