"""Labels: fetched when they exist and kept once. What is no label: test_faults_label."""
import io
from datetime import timedelta
from unittest.mock import MagicMock, patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.lazada_connector import const

from lazada_sandbox import labels

from .test_pack import PackCase

FULFILMENT_LOG = 'odoo.addons.lazada_connector.models.lazada_flow_fulfilment'


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

    def test_what_begins_and_ends_as_a_pdf_and_has_no_page_is_refused(self):
        with patch.object(labels, 'draw', return_value=b'%PDF-1.4\n%%EOF\n'):
            _picking, package = self.pack_one()
            self.assertNoLabel(package)
        self.assertIn("could not be fetched", package.label_message)
        self.fetch_again(package)
        self.assertEqual(package.label_state, 'ready')

    def test_a_label_deleted_from_the_chatter_is_fetched_again(self):
        picking, package = self.pack_one()
        package.label_id.unlink()
        package.invalidate_recordset()
        picking.invalidate_recordset()
        self.assertEqual(picking.lazada_label_count, 0)
        self.run_flow('fulfilment')
        self.assertEqual(package.label_state, 'ready')
        self.assertTrue(package.label_id.raw.startswith(b'%PDF-'))

    def test_nobody_asks_for_the_label_of_a_parcel_that_is_gone(self):
        for status in ('shipped', 'delivered', 'returned'):
            with self.subTest(status=status):
                self.behave(label_lag_calls=100)
                order_id, sale, picking = self.import_order('LZT-TEE')
                self.pack(sale)
                package = picking.lazada_package_ids
                self.assertIn("not ready yet", package.label_message)
                self.move(order_id, status)
                self.sync()
                self.assertRecordValues(package, [{'label_state': 'none', 'label_due_at': False}])
                self.assertIn("Seller Center", package.label_message)
                mark = self.mark()
                picking.action_lazada_retry()
                self.run_flow('fulfilment')
                self.assertEqual(self.count_calls(mark, '/order/package/document/get'), 0)

    def test_a_label_deleted_after_the_parcel_is_gone_stays_away(self):
        order_id, sale, picking = self.import_order('LZT-TEE')
        self.pack(sale)
        package = picking.lazada_package_ids
        self.move(order_id, 'shipped')
        self.sync()
        self.assertEqual(package.label_state, 'ready')
        package.label_id.unlink()
        package.invalidate_recordset()
        mark = self.mark()
        self.run_flow('fulfilment')
        self.assertEqual(package.label_state, 'none')
        self.assertEqual(self.count_calls(mark, '/order/package/document/get'), 0)

    def fill_disk(self):
        """Have files of the attachment store end after some bytes, and the partial file stay."""
        real_open = open

        def write_some(file, content):
            file.write(content[:10])
            file.flush()
            raise OSError(28, "No space left on device")

        def open_full(path, mode='r', *args, **kwargs):
            file = real_open(path, mode, *args, **kwargs)
            if mode != 'wb':
                return file
            full = MagicMock(wraps=file)
            full.__enter__.return_value = full
            full.__exit__.side_effect = lambda *_exc: file.close()
            full.write.side_effect = lambda content: write_some(file, content)
            return full

        return patch('odoo.addons.base.models.ir_attachment.open', open_full, create=True)

    def test_f56_a_full_disk_leaves_the_delivery_alone_and_the_label_is_fetched_again(self):
        with self.fill_disk(), mute_logger(FULFILMENT_LOG):
            picking, package = self.pack_one()
            self.assertNoLabel(package)
        self.assertIn("No space left", package.label_message)
        self.assertEqual(picking.carrier_tracking_ref, package.tracking_number)
        self.assertFalse(self.shop._get_flow('fulfilment').error_message)
        self.fetch_again(package)
        self.assertEqual(package.label_state, 'ready')
        self.assertTrue(package.label_id.raw.startswith(b'%PDF-'))

    def test_a_label_that_cannot_be_kept_leaves_those_behind_it_alone(self):
        first = self.import_order('LZT-TEE')[2]
        second = self.import_order('LZT-TEE')[2]
        keep = type(first.lazada_package_ids)._keep_label

        def refuse_first(package, pdf):
            if package.picking_id == first:
                raise UserError("A rule says no.")
            return keep(package, pdf)

        with (patch.object(type(first.lazada_package_ids), '_keep_label', refuse_first),
              mute_logger(FULFILMENT_LOG)):
            self.pack(first | second)
        self.assertNoLabel(first.lazada_package_ids)
        self.assertIn("A rule says no.", first.lazada_package_ids.label_message)
        self.assertEqual(second.lazada_package_ids.label_state, 'ready')
        self.assertFalse(self.shop._get_flow('fulfilment').error_message)

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
