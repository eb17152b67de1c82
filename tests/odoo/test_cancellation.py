"""Cancelled on Lazada: what it means depends on how far the order has come here."""
from .orders_case import OrdersCase


class TestCancellation(OrdersCase):

    def get_free(self, product):
        return product.with_context(warehouse_id=self.shop.warehouse_id.id).free_qty

    def cancel(self, order_id, *positions):
        """Cancel the units at these positions, all without."""
        items = self.truth(order_id)['items']
        self.move(order_id, 'canceled', [items[each]['order_item_id'] for each in positions])
        self.sync()

    def get_quantities(self, sale):
        return {line.product_id: line.product_uom_qty for line in sale.order_line}

    # === BEFORE THE SALES ORDER === #

    def test_before_it_was_read_it_is_never_imported(self):
        order_id = self.buy('LZT-TEE')
        self.cancel(order_id)
        self.assertRecordValues(self.get_order(order_id), [{
            'status': 'cancelled', 'sync_state': 'ignored', 'sale_order_id': False}])

    def test_between_reading_and_importing_it_is_not_imported(self):
        order_id = self.buy('LZT-TEE')
        self.run_flow('fetch_orders')
        self.assertEqual(self.get_order(order_id).sync_state, 'todo')
        self.move(order_id, 'canceled')
        self.run_flow('fetch_orders')
        self.run_flow('import_orders')
        self.assertRecordValues(self.get_order(order_id), [{
            'status': 'cancelled', 'sync_state': 'ignored', 'sale_order_id': False}])

    def test_units_cancelled_before_the_import_are_left_out_with_a_note(self):
        order_id = self.buy(
            'LZT-TEE', {'seller_sku': 'LZT-MUG', 'status': 'canceled'})
        self.sync()
        sale = self.get_sale(order_id)
        self.assertEqual(self.get_quantities(sale), {self.tee: 1})
        self.assertEqual(sale.amount_total, 19.99)
        self.assertIn("LZT-MUG", ' '.join(sale.message_ids.mapped('body')))

    def test_an_order_in_attention_that_is_cancelled_waits_no_longer(self):
        self.make_listing('LZT-NOBODY', price='1.00')
        order_id = self.buy('LZT-NOBODY')
        self.sync()
        self.assertEqual(self.get_order(order_id).sync_state, 'attention')
        self.cancel(order_id)
        self.assertEqual(self.get_order(order_id).sync_state, 'ignored')

    # === AFTER === #

    def test_all_units_cancel_the_order_and_free_what_was_reserved(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        self.assertEqual(self.get_free(self.tee), 999)
        self.cancel(order_id)
        sale = self.get_sale(order_id)
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(sale.picking_ids.state, 'cancel')
        self.assertEqual((self.get_free(self.tee), self.get_free(self.mug)), (1000, 1000))

    def test_both_spellings_cancel(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        self.move(order_id, 'cancelled')
        self.sync()
        self.assertEqual(self.get_sale(order_id).state, 'cancel')

    def test_one_unit_after_the_other(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_sale(order_id)
        self.cancel(order_id, 0)
        self.assertEqual(self.get_quantities(sale), {self.tee: 1, self.mug: 1})
        self.assertEqual((sale.state, sale.amount_total), ('sale', 1171.99))
        self.cancel(order_id, 2)
        self.assertEqual(self.get_quantities(sale), {self.tee: 1, self.mug: 0})
        self.assertEqual(sale.amount_total, 19.99)
        self.assertEqual((self.get_free(self.tee), self.get_free(self.mug)), (999, 1000))
        self.cancel(order_id, 1)
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(self.get_free(self.tee), 1000)

    def test_what_is_cancelled_on_one_line_leaves_the_other_alone(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_sale(order_id)
        picking = sale.picking_ids
        mug_move = picking.move_ids.filtered(lambda move: move.product_id == self.mug)
        mug_move.write({'quantity': 1, 'picked': True})
        self.cancel(order_id, 0)
        self.assertTrue(mug_move.picked)
        self.assertEqual(self.get_quantities(sale), {self.tee: 0, self.mug: 1})

    def test_a_line_that_left_is_not_lowered_while_the_others_are(self):
        order_id = self.buy('LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_sale(order_id)
        picking = sale.picking_ids
        picking.move_ids.filtered(lambda move: move.product_id == self.tee).write(
            {'quantity': 1, 'picked': True})
        wizard = picking.with_context(lazada_without_tracking=True).button_validate()
        self.env['stock.backorder.confirmation'].with_context(
            **wizard['context']).create({}).process()
        self.cancel(order_id)
        self.assertEqual(sale.state, 'sale')
        self.assertEqual(self.get_quantities(sale), {self.tee: 1, self.mug: 0})
        self.assertEqual(len(sale.activity_ids), 1)
        self.assertEqual(self.get_free(self.mug), 1000)

    def test_it_is_the_same_when_it_is_told_again(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        self.cancel(order_id, 0)
        messages = len(sale.message_ids)
        for _again in range(2):
            self.shop.last_order_sync = self.shop.last_order_sync.replace(microsecond=0, second=0)
            self.override(order_id, header={'remarks': f'again {_again}'})
            self.sync()
        self.assertEqual(self.get_quantities(sale), {self.tee: 1})
        self.assertEqual(len(sale.message_ids), messages)

    # === WHAT PEOPLE DID === #

    def test_an_order_edited_by_hand_follows_and_keeps_the_edit(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE', 'LZT-MUG')
        self.sync()
        sale = self.get_sale(order_id)
        mug_line = sale.order_line.filtered(lambda line: line.product_id == self.mug)
        mug_line.price_unit = 1000
        self.cancel(order_id, 0)
        self.assertEqual(self.get_quantities(sale), {self.tee: 1, self.mug: 1})
        self.assertEqual(mug_line.price_unit, 1000)
        order = self.get_order(order_id)
        self.assertEqual(order.issue_code, 'total_mismatch', "a person is told the difference")

    def test_an_order_cancelled_here_stays_so_and_nothing_goes_to_lazada(self):
        order_id = self.buy('LZT-TEE', 'LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        mark = self.mark()
        sale.action_cancel()
        self.assertEqual(self.calls_since(mark), [])
        self.cancel(order_id, 0)
        self.assertEqual(sale.state, 'cancel')
        self.assertEqual(self.get_order(order_id).sync_state, 'done')
        self.assertEqual({item['status'] for item in self.truth(order_id)['items']},
                         {'canceled', 'pending'})

    def test_statuses_go_on_after_the_order_left_the_import_scope(self):
        order_id = self.buy('LZT-TEE')
        self.sync()
        sale = self.get_sale(order_id)
        for raw, status in (('packed', 'to_ship'), ('shipped', 'shipped'),
                            ('delivered', 'delivered'), ('confirmed', 'completed'),
                            ('returned', 'returned')):
            self.move(order_id, raw)
            self.sync()
            self.assertEqual(sale.lazada_status, status)
            self.assertEqual((sale.state, self.get_order(order_id).sync_state), ('sale', 'done'))
