"""Cancelled on Lazada, at every moment after the import."""
from .common import LazadaCase


class TestCancellationFollow(LazadaCase):

    def setUp(self):
        super().setUp()
        self.tax = self.env['account.tax'].create({
            'name': "7 % on top", 'amount': 7, 'price_include_override': 'tax_excluded'})
        self.tee = self.make_product('LZF-TEE', stock=100, taxes_id=[(6, 0, self.tax.ids)])
        self.make_listing('LZF-TEE', price='33.33')
        self.run_flow('catalogue')
        self.env['res.currency.rate'].create({
            'currency_id': self.shop.currency_id.id, 'rate': 25, 'name': '2020-01-01'})
        self.order_id = self.buy(
            *({'seller_sku': 'LZF-TEE', 'item_price': '33.33', 'voucher_seller': voucher}
              for voucher in ('3.33', '3.33', '3.34')))
        self.sync()
        self.order = self.get_order(self.order_id)
        self.sale = self.order.sale_order_id

    def cancel_one(self):
        """The last unit is cancelled: 66.66 less 6.66 are left."""
        unit = self.order.item_ids.sorted('external_id')[-1]
        self.move(self.order_id, 'canceled', [unit.external_id])
        self.sync()

    def invoice(self):
        invoice = self.sale._create_invoices()
        return invoice

    def test_one_unit_of_three_leaves_order_delivery_and_voucher(self):
        self.assertAlmostEqual(self.sale.amount_total, 89.99)
        self.cancel_one()
        self.assertAlmostEqual(self.sale.amount_total, 60.00)
        self.assertEqual(self.sale.picking_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(self.sale.picking_ids.move_ids.quantity, 2)
        self.sync()
        self.assertAlmostEqual(self.sale.amount_total, 60.00)

    def test_a_picked_unit_has_to_come_out_of_the_parcel(self):
        picking = self.sale.picking_ids
        picking.move_ids.write({'quantity': 3, 'picked': True})
        self.cancel_one()
        self.assertEqual(picking.move_ids.quantity, 2)
        self.assertFalse(picking.move_ids.picked)
        self.assertIn('1 units', picking.lazada_take_out)
        self.assertEqual(len(picking.activity_ids), 1)
        picking.move_ids.picked = True
        picking.with_context(lazada_without_tracking=True).button_validate()
        self.assertEqual(self.sale.order_line[0].qty_delivered, 2)
        picking.action_lazada_taken_out()
        self.assertFalse(picking.lazada_take_out)
        self.assertFalse(picking.activity_search(['lazada_connector.mail_activity_take_out']))

    def test_a_locked_order_follows_and_stays_locked(self):
        self.sale.action_lock()
        self.cancel_one()
        self.assertTrue(self.sale.locked)
        self.assertAlmostEqual(self.sale.amount_total, 60.00)
        self.assertEqual(self.sale.picking_ids.move_ids.product_uom_qty, 2)

    def test_what_left_is_never_taken_back_silently(self):
        picking = self.sale.picking_ids
        picking.move_ids.picked = True
        picking.with_context(lazada_without_tracking=True).button_validate()
        self.assertEqual(picking.state, 'done')
        self.cancel_one()
        self.sync()
        self.assertEqual(self.sale.state, 'sale')
        self.assertAlmostEqual(self.sale.amount_total, 89.99)
        self.assertTrue(self.order.cancelled_after_dispatch)
        self.assertEqual(len(self.sale.activity_ids), 1)
        action = self.order.action_prepare_return()
        back = self.env['stock.picking'].browse(action['res_id'])
        self.assertEqual(back.move_ids.product_uom_qty, 1)
        self.assertNotEqual(back.state, 'done')
        self.order.action_dispatch_settled()
        self.assertFalse(self.order.cancelled_after_dispatch)
        self.assertFalse(self.sale.activity_ids)

    def test_a_draft_invoice_is_voided(self):
        invoice = self.invoice()
        self.cancel_one()
        self.assertEqual(invoice.state, 'cancel')
        again = self.invoice()
        self.assertAlmostEqual(again.amount_total, 60.00)

    def test_a_posted_invoice_gets_a_draft_credit_note_over_the_unit(self):
        self.invoice().action_post()
        self.cancel_one()
        credit = self.sale.invoice_ids.filtered(lambda move: move.move_type == 'out_refund')
        self.assertRecordValues(credit, [{'state': 'draft'}])
        self.assertAlmostEqual(credit.amount_total, 29.99)
        self.sync()
        self.assertEqual(len(self.sale.invoice_ids), 2)

    def test_all_units_with_a_posted_invoice_are_credited_in_full(self):
        self.invoice().action_post()
        self.move(self.order_id, 'canceled')
        self.sync()
        credit = self.sale.invoice_ids.filtered(lambda move: move.move_type == 'out_refund')
        self.assertEqual(self.sale.state, 'cancel')
        self.assertRecordValues(credit, [{'state': 'draft'}])
        self.assertAlmostEqual(credit.amount_total, 89.99)

    def test_all_units_with_a_draft_invoice_void_it(self):
        invoice = self.invoice()
        self.move(self.order_id, 'canceled')
        self.sync()
        self.assertEqual((self.sale.state, invoice.state), ('cancel', 'cancel'))
        self.assertEqual(self.sale.invoice_ids, invoice)
