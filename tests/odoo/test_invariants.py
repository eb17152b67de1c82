"""The checker of the invariants finds what it is there to find."""
from datetime import timedelta

from lazada_sandbox.world import fulfilment
from tests.harness.invariants import broken

from .faults_case import FaultsCase


class TestInvariants(FaultsCase):

    def setUp(self):
        super().setUp()
        self.order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.order = self.get_order(self.order_id)
        self.sale = self.order.sale_order_id

    def tearDown(self):
        """Each test leaves something broken on purpose: nothing is repaired or checked."""
        super(FaultsCase, self).tearDown()

    def execute(self, statement, *values):
        self.env.flush_all()
        self.env.cr.execute(statement, values)
        self.env.invalidate_all()

    def test_a_sound_world_passes(self):
        self.check_invariants()

    def test_a_lost_order_breaks_1_and_4(self):
        self.buy('LZT-TEE')
        self.get_flow().cursor_at += timedelta(hours=1)
        with broken(1, 4):
            self.check_invariants()

    def test_a_change_that_was_passed_breaks_1_and_4(self):
        self.move(self.order_id, 'shipped')
        self.execute("UPDATE lazada_order SET remote_updated_at = '2020-01-01'")
        self.get_flow().cursor_at += timedelta(hours=1)
        with broken(1, 4):
            self.check_invariants()

    def test_an_order_kept_back_without_reason_breaks_1(self):
        self.attention.add(self.order_id)
        self.execute("UPDATE lazada_order SET sync_state = 'attention'")
        with broken(1):
            self.check_invariants()

    def test_an_order_left_out_breaks_1(self):
        self.execute("UPDATE lazada_order SET sync_state = 'ignored', issue_code = 'x', "
                     "issue_message = 'x'")
        with broken(1):
            self.check_invariants()

    def test_another_unit_status_or_price_breaks_1(self):
        self.execute("UPDATE lazada_order_item SET raw_status = 'shipped'")
        with broken(1):
            self.check_invariants()

    def test_a_second_sales_order_breaks_2(self):
        copy = self.sale.copy({'client_order_ref': self.sale.client_order_ref})
        self.execute("UPDATE sale_order SET lazada_shop_id = %s WHERE id = %s",
                     self.shop.id, copy.id)
        with broken(2):
            self.check_invariants()

    def test_a_second_customer_breaks_2(self):
        customer = self.sale.partner_id
        copy = customer.copy()
        self.execute("DROP INDEX res_partner_lazada_buyer_uniq")    # what keeps it from happening
        self.execute("UPDATE res_partner SET lazada_buyer_key = %s WHERE id = %s",
                     customer.lazada_buyer_key, copy.id)
        with broken(2):
            self.check_invariants()

    def test_a_second_delivery_breaks_2(self):
        self.sale.picking_ids.copy().move_ids.sale_line_id = self.sale.order_line[0]
        with broken(2):
            self.check_invariants()

    def test_a_cent_too_much_breaks_3(self):
        self.execute("UPDATE sale_order SET amount_total = amount_total + 0.01 WHERE id = %s",
                     self.sale.id)
        with broken(3):
            self.check_invariants()

    def test_a_unit_without_line_breaks_3(self):
        self.execute("UPDATE lazada_order_item SET sale_line_id = NULL WHERE id = %s",
                     self.order.item_ids[0].id)
        with broken(3):
            self.check_invariants()

    def test_a_reservation_nobody_holds_breaks_5(self):
        self.execute("UPDATE stock_quant SET reserved_quantity = reserved_quantity + 1 "
                     "WHERE product_id = %s AND quantity > 0", self.tee.id)
        with broken(5):
            self.check_invariants()

    def test_a_bundle_that_sells_as_many_pieces_as_units_breaks_3(self):
        listing = self.order.item_ids.listing_id.filtered(
            lambda listing: listing.seller_sku == 'LZT-TEE')
        listing.bundle_qty = 3
        sale = self.import_one('LZT-TEE', 'LZT-TEE')
        self.assertEqual(sale.order_line.product_uom_qty, 6)
        self.check_invariants()
        self.execute("UPDATE sale_order_line SET product_uom_qty = 2 WHERE id = %s",
                     sale.order_line.id)
        self.execute("UPDATE stock_move SET product_uom_qty = 2 WHERE sale_line_id = %s",
                     sale.order_line.id)
        with broken(3):
            self.check_invariants()

    def test_a_bundle_of_another_size_than_was_sold_breaks_3(self):
        self.execute("UPDATE sale_order_line SET lazada_bundle_qty = 2 WHERE order_id = %s",
                     self.sale.id)
        with broken(3):
            self.check_invariants()

    def import_one(self, *skus):
        order_id = self.buy(*skus)
        self.sync()
        return self.get_sale(order_id)

    def pack(self):
        """Let Lazada make a parcel of the whole order, as its answer to a call would."""
        world = self.platform.world
        shop = world.shops[self.site, self.shop.external_id]
        order = shop.orders[int(self.order_id)]
        with world.lock:
            return fulfilment.pack(world, order, order.units)

    def test_each_write_applied_once_is_sound(self):
        package = self.pack()
        fulfilment.ready_to_ship(self.platform.world, package)
        self.sync()
        self.check_invariants()

    def test_a_write_applied_twice_breaks_6(self):
        package = self.pack()
        for _times in range(2):
            fulfilment.ready_to_ship(self.platform.world, package)
        self.sync()
        with broken(6):
            self.check_invariants()

    def test_units_packed_into_two_parcels_break_6(self):
        self.pack()
        self.pack()
        self.sync()
        with broken(6):
            self.check_invariants()

    def cancel(self):
        wizard = self.env['lazada.order.cancel'].browse(
            self.order.action_cancel_on_lazada()['res_id'])
        wizard.reason_id = wizard.reason_ids[0]
        wizard.action_cancel()
        self.run_flow('fulfilment')
        self.sync()

    def test_a_cancellation_applied_once_is_sound(self):
        self.cancel()
        self.assertEqual(self.order.status, 'cancelled')
        self.check_invariants()

    def test_a_cancellation_applied_twice_breaks_6(self):
        self.cancel()
        self.platform.gateway.calls.applied['cancel'] += 2
        with broken(6):
            self.check_invariants()

    def test_a_cancellation_that_never_happened_breaks_6(self):
        units = [unit['order_item_id'] for unit in self.truth(self.order_id)['items']]
        self.cancel()
        self.move(self.order_id, 'pending', units)
        self.forged.add(self.order_id)
        with broken(6):
            self.check_invariants()

    def test_a_secret_in_a_call_breaks_7(self):
        self.execute("UPDATE lazada_call SET body = %s", self.shop.account_id.access_token)
        with broken(7):
            self.check_invariants()

    def test_work_left_over_breaks_8_once_the_fault_is_over(self):
        self.execute("UPDATE lazada_order SET sync_state = 'todo'")
        self.check_invariants(settled=False)
        with broken(8):
            self.check_invariants()

    def test_a_failing_flow_breaks_8(self):
        self.get_flow().error_message = "broken"
        with broken(8):
            self.check_invariants()

    def test_a_shop_that_waits_breaks_9(self):
        self.get_flow().due_at = self.env.cr.now() - timedelta(minutes=6)
        with broken(9):
            self.check_invariants()
