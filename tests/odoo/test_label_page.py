"""Labels that Lazada offers as a web page only: printed without loading anything, or explained."""
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.tests import BaseCase, tagged

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.lazada_api.downloads import FileRefused
from odoo.addons.lazada_connector.models import label_download

from .test_label import LabelCase

# Stands for wkhtmltopdf: keeps what it was given beside itself and answers with a PDF.
CONVERTER = """#!/bin/sh
for argument; do before="$last"; last="$argument"; done
cp "$before" "$(dirname "$0")/page.html"
cp "$(dirname "$0")/blank.pdf" "$last"
"""
HOSTILE = """<html><head><script src="{url}/a.js"></script>
<link rel="stylesheet" href="{url}/b.css">
<style>@import url({url}/c.css); h1 {{ background: url({url}/d.png) }}</style>
<meta http-equiv="refresh" content="0;url={url}/e"></head>
<body onload="fetch('{url}/f')" background="{url}/g.png"><h1>LEX123</h1>
<img src="{url}/h.png"><img src="data:image/png;base64,AAAA"><iframe src="{url}/i"></iframe>
<img src="file:///etc/passwd"><p style="background:url({url}/j.png)">To the buyer</p>
<a href="{url}/k">link</a><object data="{url}/l"></object></body></html>"""


@tagged('post_install', '-at_install')
class TestQuietPage(BaseCase):

    def test_the_label_stays_and_every_address_goes(self):
        page = label_download.quiet_page(HOSTILE.format(url='http://127.0.0.1:1').encode())
        self.assertIn(b'LEX123', page)
        self.assertIn(b'To the buyer', page)
        self.assertIn(b'data:image/png;base64,AAAA', page)
        for trace in (b'127.0.0.1', b'file:', b'script', b'iframe', b'onload', b'url('):
            self.assertNotIn(trace, page)

    def test_an_empty_page_is_no_label(self):
        for page in (b'  ', b'<!-- x -->', b'<?xml version="1.0"?>'):
            with self.subTest(page=page), self.assertRaises(FileRefused):
                label_download.quiet_page(page)

    def test_without_converter_the_reason_is_given(self):
        with (patch.object(label_download, 'which', return_value=None),
              self.assertRaisesRegex(label_download.LabelNotPrintable, 'wkhtmltopdf')):
            label_download.print_page(b'<p>LEX123</p>')


@tagged('post_install', '-at_install')
class TestLabelPage(LabelCase):

    def setUp(self):
        super().setUp()
        self.behave(label_content='html')

    def wait_for_page_form(self, package):
        self.fetch_again(package, const.LABEL_TRIES_BEFORE_HTML)

    def put_converter(self):
        folder = Path(self.enterContext(TemporaryDirectory()))
        canvas = Canvas(str(folder / 'blank.pdf'))
        canvas.showPage()
        canvas.save()
        converter = folder / 'wkhtmltopdf'
        converter.write_text(CONVERTER)
        converter.chmod(0o755)
        self.patch(label_download, 'which', lambda name: str(converter))
        return folder

    def test_a_file_that_is_never_delivered_is_printed_from_the_page(self):
        self.behave(label_content='pdf')
        self.env['ir.config_parameter'].set_param('lazada_connector.label_megabytes', '0.0005')
        folder = self.put_converter()
        _picking, package = self.pack_one()
        self.assertEqual(package.label_state, 'waiting')
        self.assertIn("could not be fetched", package.label_message)
        self.wait_for_page_form(package)
        self.assertEqual(package.label_state, 'ready')
        self.assertIn(package.tracking_number, (folder / 'page.html').read_text())

    def test_it_is_turned_into_a_pdf(self):
        folder = self.put_converter()
        _picking, package = self.pack_one()
        self.assertEqual(package.label_state, 'waiting')  # the PDF is tried some times first
        self.wait_for_page_form(package)
        self.assertEqual(package.label_state, 'ready')
        self.assertTrue(package.label_id.raw.startswith(b'%PDF-'))
        self.assertIn(package.tracking_number, (folder / 'page.html').read_text())

    def test_where_that_is_impossible_the_reason_and_seller_center_are_offered(self):
        self.patch(label_download, 'which', lambda name: None)
        picking, package = self.pack_one()
        self.wait_for_page_form(package)
        self.assertRecordValues(package, [{'label_state': 'waiting', 'label_id': False}])
        self.assertIn('wkhtmltopdf', picking.lazada_label_message)
        self.assertTrue(picking.lazada_seller_center_url)
        self.assertTrue(picking.carrier_tracking_ref)
