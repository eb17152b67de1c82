"""Labels: fetched when they exist and kept once. What is no label: test_faults_label."""
import io
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.lazada_connector import const

from .test_pack import PackCase


def read_pages(pdf):
    """Return the text of each page."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    return [page.extract_text() for page in reader.pages]


class LabelCase(PackCase):

    def behave(self, **values):
        self.sandbox.post('behaviour', values)

    def fetch_again(self, package, times=1):
        """Let the waiting time be over and run the flow."""
        for _time in range(times):
            package.label_due_at = self.env.cr.now() - timedelta(seconds=1)
            package.flush_recordset()
            self.run_flow('fulfilment')
            package.invalidate_recordset()

    def pack_one(self):
        _order_id, sale, picking = self.import_order('LZT-TEE')
        self.pack(sale)
        return picking, picking.lazada_package_ids


@tagged('post_install', '-at_install')
class TestLabel(LabelCase):

    def assertNoLabel(self, package):
        self.assertRecordValues(package, [{'label_state': 'waiting', 'label_id': False}])
        self.assertTrue(package.label_message)
        self.assertFalse(self.env['ir.attachment'].search([
            ('res_model', '=', 'stock.picking'), ('res_id', '=', package.picking_id.id)]))

    def test_the_label_is_attached_once_to_the_delivery_and_visible_in_its_chatter(self):
        picking, package = self.pack_one()
        label = package.label_id
        self.assertEqual(package.label_state, 'ready')
        self.assertRecordValues(label, [{
            'res_model': 'stock.picking', 'res_id': picking.id, 'mimetype': 'application/pdf'}])
        self.assertTrue(label.raw.startswith(b'%PDF-'))
        self.assertIn(package.tracking_number, read_pages(label.raw)[0])
        self.assertEqual(picking.message_ids.attachment_ids, label)
        mark = self.mark()
        self.run_flow('fulfilment')
        self.sync()
        self.run_flow('fulfilment')
        self.assertEqual(self.count_calls(mark, '/order/package/document/get'), 0)
        self.assertEqual(package.label_id, label)

    def test_a_label_packed_in_seller_center_arrives_without_a_click(self):
        order_id, _sale, picking = self.import_order('LZT-TEE')
        self.move(order_id, 'packed')
        self.sync()
        self.run_flow('fulfilment')
        self.assertEqual(picking.lazada_package_ids.label_state, 'ready')

    def test_a_label_that_lags_is_fetched_again_with_growing_waits(self):
        self.behave(label_lag_calls=2)
        picking, package = self.pack_one()
        self.assertNoLabel(package)
        self.assertEqual(picking.lazada_package_status, 'shipment_arranged')
        flow = self.shop._get_flow('fulfilment')
        self.assertFalse(flow.error_message)
        self.assertEqual(flow.due_at.replace(microsecond=0),
                         package.label_due_at.replace(microsecond=0))
        first = package.label_due_at - self.env.cr.now()
        self.fetch_again(package)
        self.assertNoLabel(package)
        self.assertGreater(package.label_due_at - self.env.cr.now(), first)
        self.fetch_again(package)
        self.assertEqual(package.label_state, 'ready')

    def test_f56_a_full_disk_leaves_the_delivery_alone_and_the_label_is_fetched_again(self):
        with patch.object(
                type(self.env['ir.attachment']), '_file_write',
                side_effect=OSError(28, "No space left on device")):
            picking, package = self.pack_one()
            self.assertNoLabel(package)
        self.assertEqual(picking.carrier_tracking_ref, package.tracking_number)
        self.fetch_again(package)
        self.assertEqual(package.label_state, 'ready')

    def test_a_parcel_of_the_own_fleet_has_no_label_and_says_so(self):
        order_id = self.buy('LZT-TEE', channel='sof')
        self.sync()
        sale = self.get_order(order_id).sale_order_id
        mark = self.mark()
        self.pack(sale)
        package = sale.picking_ids.lazada_package_ids
        self.assertEqual(package.label_state, 'none')
        self.assertTrue(package.label_message)
        self.assertEqual(self.count_calls(mark, '/order/package/document/get'), 0)

    def test_the_waits_end_at_an_hour(self):
        _picking, package = self.pack_one()
        package.write({'label_state': 'waiting', 'label_tries': 50})
        package._postpone_label(OSError("no"))
        self.assertEqual(
            package.label_due_at - self.env.cr.now(),
            timedelta(seconds=const.LABEL_BACKOFF_SECONDS[-1]))
