"""Cancelled on Lazada while the parcel is made, or after it left: whoever has it is told."""
from .orders_case import OrdersCase


class ParcelCase(OrdersCase):

    def import_tees(self, count=2):
        self.order_id = self.buy(*['LZT-TEE'] * count)
        self.sync()
        self.order = self.get_order(self.order_id)
        self.sale = self.order.sale_order_id

    def cancel(self, *positions):
        """Cancel the units at these positions, all without."""
        units = self.order.item_ids.sorted('external_id').mapped('external_id')
        self.sandbox.post('clock', {'advance': 1})
        self.move(self.order_id, 'canceled', [units[each] for each in positions])
        self.sync()

    def change(self, text):
        """Let the order change on Lazada without a change that matters."""
        self.sandbox.post('clock', {'advance': 1})
        self.override(self.order_id, header={'remarks': text})
        self.sync()

    def finish(self, pickings):
        pickings.move_ids.picked = True
        pickings.with_context(
            lazada_without_tracking=True, skip_backorder=True).button_validate()

    def get_open(self, code='outgoing'):
        return self.sale.picking_ids.filtered(
            lambda picking: picking.state not in ('done', 'cancel')
            and picking.picking_type_code == code)

    def get_tasks(self, record, name):
        return record.activity_search([f'lazada_connector.mail_activity_{name}'])

    def assert_stopped(self, picking, count):
        self.assertIn(f'{count} units', picking.lazada_take_out)
        self.assertIn('stop the parcel', picking.lazada_take_out)
        self.assertEqual(len(self.get_tasks(picking, 'take_out')), 1)


class TestStopTheParcel(ParcelCase):

    def test_a_picked_order_canceled_as_a_whole_is_stopped(self):
        self.import_tees()
        picking = self.sale.picking_ids
        picking.move_ids.picked = True
        self.cancel()
        self.assertEqual((self.sale.state, picking.state), ('cancel', 'cancel'))
        self.assert_stopped(picking, 2)

    def test_a_packed_order_canceled_as_a_whole_is_stopped(self):
        self.import_tees()
        self.move(self.order_id, 'packed')
        self.run_flow('fetch_orders')
        self.run_flow('fulfilment')
        self.assertTrue(self.order.item_ids.package_id)
        picking = self.sale.picking_ids
        self.cancel()
        self.assertEqual(picking.state, 'cancel')
        self.assert_stopped(picking, 2)

    def test_nobody_is_told_of_an_order_that_nobody_has_begun(self):
        self.import_tees()
        picking = self.sale.picking_ids
        self.cancel()
        self.assertEqual(picking.state, 'cancel')
        self.assertFalse(picking.lazada_take_out)
        self.assertFalse(picking.activity_ids)


class TestToldOnce(ParcelCase):

    def test_what_is_settled_does_not_come_back(self):
        self.import_tees()
        self.finish(self.sale.picking_ids)
        self.cancel(0)
        self.assertTrue(self.order.cancelled_after_dispatch)
        self.order.action_dispatch_settled()
        self.change('again')
        self.assertFalse(self.order.cancelled_after_dispatch)
        self.assertFalse(self.get_tasks(self.sale, 'cancelled'))

    def test_each_further_unit_is_told(self):
        self.import_tees(3)
        self.finish(self.sale.picking_ids)
        for position in range(2):
            self.cancel(position)
            self.assertEqual(len(self.get_tasks(self.sale, 'cancelled')), position + 1)
        self.order.action_dispatch_settled()
        self.cancel(2)
        self.assertTrue(self.order.cancelled_after_dispatch)
        self.assertEqual(len(self.get_tasks(self.sale, 'cancelled')), 1)

    def test_a_unit_that_came_back_and_is_canceled_again_is_told_again(self):
        self.import_tees()
        self.finish(self.sale.picking_ids)
        unit = self.order.item_ids[0]
        for _time in range(2):
            self.move(self.order_id, 'canceled', [unit.external_id])
            self.sync()
            self.assertTrue(self.order.cancelled_after_dispatch)
            self.order.action_dispatch_settled()
            self.sandbox.post('clock', {'advance': 1})
            self.move(self.order_id, 'shipped', [unit.external_id])
            self.sync()
            self.sandbox.post('clock', {'advance': 1})

    def test_what_is_on_its_way_back_is_not_prepared_again(self):
        self.import_tees()
        self.finish(self.sale.picking_ids)
        for position in range(2):
            self.cancel(position)
            action = self.order.action_prepare_return()
            back = self.env['stock.picking'].browse(action['res_id'])
            self.assertEqual(sum(back.move_ids.mapped('product_uom_qty')), 1)


class TestSteps(ParcelCase):
    """Goods that were picked for shipping have not left."""

    def setUp(self):
        super().setUp()
        self.shop.warehouse_id.delivery_steps = 'pick_ship'

    def pick(self):
        self.finish(self.get_open('internal'))
        ship = self.get_open()
        self.assertEqual(ship.move_ids.product_uom_qty, 2)
        return ship

    def test_a_unit_at_the_packing_table_is_taken_out(self):
        self.import_tees()
        ship = self.pick()
        self.cancel(0)
        self.assertFalse(self.order.cancelled_after_dispatch)
        self.assertEqual(self.sale.amount_total, 19.99)
        self.assertIn('1 units', ship.lazada_take_out)
        self.assertEqual(len(self.get_tasks(ship, 'take_out')), 1)
        moves = ship.move_ids.filtered(lambda move: move.state != 'cancel')
        self.assertEqual(sum(moves.mapped('product_uom_qty')), 1)
        self.assertEqual(sum(moves.mapped('quantity')), 1)
        self.finish(ship)
        self.assertEqual(ship.state, 'done')
        self.assertEqual(sum(self.sale.order_line.mapped('qty_delivered')), 1)

    def test_an_order_at_the_packing_table_is_stopped(self):
        self.import_tees()
        ship = self.pick()
        self.cancel()
        self.assertEqual((self.sale.state, ship.state), ('cancel', 'cancel'))
        self.assertFalse(self.order.cancelled_after_dispatch)
        self.assert_stopped(ship, 2)

    def test_what_left_after_the_last_step_is_returned(self):
        self.import_tees()
        self.finish(self.pick())
        self.cancel(0)
        self.assertTrue(self.order.cancelled_after_dispatch)
        action = self.order.action_prepare_return()
        back = self.env['stock.picking'].browse(action['res_id'])
        self.assertEqual(back.move_ids.product_uom_qty, 1)


class TestResponsible(ParcelCase):
    """Nothing is left with a person who has left."""

    def setUp(self):
        super().setUp()
        leaver = self.env['res.users'].create({'name': "Leaver", 'login': 'leaver'})
        self.shop.user_id = leaver
        self.import_tees()
        self.sale.picking_ids.user_id = leaver
        leaver.active = False

    def assert_reachable(self, tasks):
        self.assertTrue(tasks)
        self.assertTrue(all(tasks.user_id.mapped('active')), tasks.user_id.mapped('name'))

    def test_units_that_left(self):
        self.finish(self.sale.picking_ids)
        self.cancel(0)
        self.assert_reachable(self.get_tasks(self.sale, 'cancelled'))

    def test_units_that_have_to_come_out(self):
        picking = self.sale.picking_ids
        picking.move_ids.picked = True
        self.cancel(0)
        self.assert_reachable(self.get_tasks(picking, 'take_out'))

    def test_causes_of_attention(self):
        self.make_listing('LZT-NOBODY', price='1.00')
        self.buy('LZT-NOBODY')
        self.sync()
        self.assert_reachable(self.get_tasks(self.shop, 'attention'))

    def test_push_messages_that_stop(self):
        self.shop._open_push_activity(self.env.cr.now())
        self.assert_reachable(self.get_tasks(self.shop, 'sync'))

    def test_pieces_that_are_missing(self):
        self.shop.action_mapping_report()
        self.shop.stock_sync = True
        self.order._set_oversold(1)
        self.assert_reachable(self.get_tasks(self.sale, 'oversold'))

    def test_packages_that_need_handling(self):
        self.env['lazada.package']._update_activity(self.sale, ["Broken."], self.shop)
        self.assert_reachable(self.get_tasks(self.sale, 'handling'))
