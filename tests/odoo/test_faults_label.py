"""F75 to F78: labels that lag, are none, are too large, or lead somewhere else."""
import io
import socketserver
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from unittest.mock import patch

import urllib3
from reportlab.pdfgen.canvas import Canvas

from odoo.tests import tagged

from odoo.addons.lazada_connector.lazada_api import downloads
from odoo.addons.lazada_connector.lazada_api import fulfilment as api_fulfilment
from odoo.addons.lazada_connector.models import label_download

from .test_faults_fulfilment import DOCUMENT, FulfilmentFaultsCase


def draw(text):
    """A PDF of one page."""
    page = io.BytesIO()
    canvas = Canvas(page)
    canvas.drawString(72, 72, text)
    canvas.save()
    return page.getvalue()


PDF = draw("fetched from where it must not")
MEGABYTE = 2 ** 20
# Stands for wkhtmltopdf, and is worse: it opens every address it can find in the page.
CURIOUS = '''#!{python}
import re, shutil, sys, urllib.request
page = open(sys.argv[-2], encoding="utf-8").read()
page = re.sub(r"\\\\([0-9a-fA-F]{{1,6}})\\s?", lambda match: chr(int(match[1], 16)), page)
for url in re.findall(r"(?:https?:)?//[^\\s'\\"()<>]+", page):
    try:
        urllib.request.urlopen(url if url.startswith("http") else "http:" + url, timeout=5).read()
    except OSError:
        pass
shutil.copy(sys.argv[0] + ".pdf", sys.argv[-1])
'''
HOSTILE = """<script src="{url}/a.js"></script><link rel="stylesheet" href="{url}/b.css">
<style>@import url({url}/c.css); h1 {{ background: url({url}/d.png) }}</style>
<style>@\\69mport "{url}/e.css"; h2 {{ background: \\75rl({url}/f.png) }}</style>
<style>@im\\port '{url}/g.css'; p {{ background: image-set("{url}/h.png" 1x) }}</style>
<p style="background:url({url}/i.png)">x</p><p style="background:\\75 rl({url}/j.png)">x</p>
<img src="{url}/k.png"><img srcset="{url}/l.png 2x"><iframe src="{url}/m"></iframe>
<object data="{url}/n"></object><meta http-equiv="refresh" content="0;url={url}/o">
<svg><image href="{url}/p"></image></svg><img src="data:image/svg+xml,<image href={url}/w>">
<table background="{url}/q"><tr><td>x</td></tr></table>
<video poster="{url}/r"></video><base href="{url}/"><p onclick="fetch('{url}/s')">x</p>
<input type="image" src="{url}/t"><isindex action="{url}/u"><img lowsrc="{url}/v">"""


class LabelFaultsCase(FulfilmentFaultsCase):

    def assert_waits_for_label(self, package):
        self.assertRecordValues(package, [{'label_state': 'waiting', 'label_id': False}])
        self.assertTrue(package.label_message)
        self.assertGreater(package.label_due_at, self.env.cr.now())
        self.assertFalse(self.env['ir.attachment'].search([
            ('res_model', '=', 'stock.picking'), ('res_id', 'in', package.picking_ids.ids)]))

    def assert_label_comes(self, package):
        self.run_again()
        self.assertEqual(package.label_state, 'ready', package.label_message)
        self.assertTrue(package.label_id.raw.startswith(b'%PDF-'))


@tagged('post_install', '-at_install')
class TestLabelContent(LabelFaultsCase):

    def test_f75_a_label_that_is_not_ready_keeps_nobody_from_working(self):
        for code in ('30012', '700040', '34'):
            with self.subTest(code=code):
                self.behave(label_lag_code=code, label_lag_calls=2)
                picking, package = self.pack_one()
                self.assert_waits_for_label(package)
                first = package.label_due_at - self.env.cr.now()
                self.validate(picking)
                self.assertEqual(picking.state, 'done')
                self.run_flow('fulfilment')
                self.assert_applied('rts', package)
                self.run_again()
                self.assert_waits_for_label(package)
                self.assertGreater(package.label_due_at - self.env.cr.now(), first)
                self.assertFalse(self.shop._get_flow('fulfilment').error_message)
                self.assert_label_comes(package)
                self.assertEqual(package.label_id.res_id, picking.id)

    def test_f75_also_when_the_whole_call_is_refused_with_it(self):
        for code in ('30012', '700040', '34'):
            with self.subTest(code=code):
                self.break_calls(DOCUMENT, 'error', code=code, message='no document')
                _picking, package = self.pack_one()
                self.assert_waits_for_label(package)
                self.assert_label_comes(package)

    def test_f76_what_is_not_a_complete_pdf_is_refused_by_its_content(self):
        """The header says application/pdf each time."""
        for content in ('html', 'png', 'empty', 'truncated'):
            with self.subTest(content=content):
                self.behave(label_content=content)
                _picking, package = self.pack_one()
                self.assert_waits_for_label(package)
                self.behave(label_content='pdf')
                self.assert_label_comes(package)

    def test_f77_a_file_of_20_megabytes_is_refused_while_it_comes(self):
        self.behave(label_megabytes=20)
        chunks = self.watch_chunks()
        _picking, package = self.pack_one()
        self.assert_waits_for_label(package)
        self.assertIn('larger than', package.label_message)
        self.assertGreater(sum(chunks), 10 * MEGABYTE)
        self.assertLess(sum(chunks), 11 * MEGABYTE, "it was read to its end")
        self.assertLess(max(chunks), MEGABYTE, "it was read in one piece")

    def test_f77_the_limit_can_be_set(self):
        limit = self.env['ir.config_parameter'].set_param
        limit('lazada_connector.label_megabytes', '1.5')
        self.behave(label_megabytes=2)
        _picking, package = self.pack_one()
        self.assert_waits_for_label(package)
        limit('lazada_connector.label_megabytes', '25')
        self.behave(label_megabytes=20)
        self.assert_label_comes(package)
        self.assertGreater(len(package.label_id.raw), 20 * MEGABYTE)

    def watch_chunks(self):
        """Return a list of the sizes in which downloads are read from now on."""
        sizes, stream = [], urllib3.HTTPResponse.stream

        def watched(response, *args, **kwargs):
            for chunk in stream(response, *args, **kwargs):
                sizes.append(len(chunk))
                yield chunk

        self.startPatcher(patch.object(urllib3.HTTPResponse, 'stream', watched))
        return sizes


@tagged('post_install', '-at_install')
class TestLabelAddress(LabelFaultsCase):
    """F78: whatever the address says, nothing on this machine or in its network is asked.

    A listener on this machine would answer with a fine PDF, and notes every connection.
    """

    def setUp(self):
        super().setUp()
        self.connections = connections = []

        class Answer(socketserver.BaseRequestHandler):
            def handle(self):
                connections.append(self.request.recv(200))
                self.request.sendall(
                    b'HTTP/1.0 200 OK\r\nContent-Type: application/pdf\r\n\r\n' + PDF)

        server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]
        self.local = f'http://127.0.0.1:{self.port}'

    def tearDown(self):
        self.assertEqual(self.connections, [])
        super().tearDown()

    def get_bad_urls(self):
        port = self.port
        return (
            f'{self.local}/label.pdf', f'https://127.0.0.1:{port}/label.pdf',
            f'http://localhost:{port}/label.pdf', f'http://[::1]:{port}/label.pdf',
            f'http://2130706433:{port}/label.pdf', f'http://0.0.0.0:{port}/label.pdf',
            f'http://user@127.0.0.1:{port}/x', f'http://user:word@localhost:{port}/x',
            f'http://sellercenter.lazada.co.th@127.0.0.1:{port}/x',
            'http://169.254.169.254/latest/meta-data', 'https://169.254.169.254/label.pdf',
            'http://10.0.0.1/label.pdf', 'https://172.16.0.1/label.pdf',
            'https://192.168.1.1/label.pdf', 'file:///etc/passwd',
            f'file://127.0.0.1:{port}/label.pdf', f'ftp://127.0.0.1:{port}/label.pdf',
            f'https://sellercenter.lazada.co.th.evil.example:{port}/label.pdf',
            f'https://evil.example/?to=127.0.0.1:{port}')

    @contextmanager
    def as_real_shop(self, resolve):
        """Judge addresses as for a real shop, which has no origin of its own; names are resolved
        by `resolve`. Give a list of the addresses that are connected to."""
        fetch_file, exchange, targets = downloads.fetch_file, downloads.exchange, []

        def as_production(url, **options):
            return fetch_file(url, **{**options, 'origin': None, 'resolve': resolve})

        def noting(session, method, url, **options):
            targets.append(url)
            return exchange(session, method, url, **options)

        with (patch.object(api_fulfilment, 'fetch_file', as_production),
              patch.object(downloads, 'exchange', noting)):
            yield targets

    def resolve_to(self, *answers):
        """Return a resolver that gives these addresses, an answer a call; the last for ever."""
        left = [list(answer) for answer in answers]

        def resolve(_host, _port, **_kwargs):
            found = left.pop(0) if len(left) > 1 else left[0]
            return [(2, 1, 6, '', (address, self.port)) for address in found]

        return resolve

    def test_f78_nothing_is_fetched_from_a_bad_address(self):
        self.refuse_bad_urls()

    def test_f78_nor_by_the_rules_of_a_real_shop(self):
        with self.as_real_shop(self.resolve_to(['127.0.0.1'])) as targets:
            self.refuse_bad_urls()
        self.assertEqual(targets, [])

    def refuse_bad_urls(self):
        self.behave(label_lag_calls=1)
        _picking, package = self.pack_one()
        for url in self.get_bad_urls():
            with self.subTest(url=url):
                self.behave(label_url=url)
                package.write({'label_tries': 0, 'label_message': False})
                self.run_again()
                self.assertEqual(package.label_tries, 1)
                self.assert_waits_for_label(package)

    def test_f78_the_file_in_the_answer_is_used_instead(self):
        self.behave(label_file='pdf', label_url=f'{self.local}/label.pdf')
        _picking, package = self.pack_one()
        self.assertEqual(package.label_state, 'ready')
        self.assertNotEqual(package.label_id.raw, PDF)

    def test_f78_a_redirect_is_not_followed(self):
        self.behave(label_redirect=f'{self.local}/label.pdf')
        _picking, package = self.pack_one()
        self.assert_waits_for_label(package)

    def test_f78_a_name_of_lazada_that_leads_here_is_refused(self):
        for answer in (['127.0.0.1'], ['10.0.0.8'], ['169.254.169.254'], ['::1'],
                       ['8.8.8.8', '127.0.0.1']):
            with self.subTest(answer=answer):
                self.behave(label_url='https://sellercenter.lazada.co.th/label.pdf')
                with self.as_real_shop(self.resolve_to(answer)) as targets:
                    _picking, package = self.pack_one()
                self.assert_waits_for_label(package)
                self.assertEqual(targets, [])

    def test_f78_a_name_that_changes_after_the_check_is_not_asked_again(self):
        """DNS rebinding: the address that was checked is the one connected to."""
        self.behave(label_url='https://sellercenter.lazada.co.th/label.pdf')
        with self.as_real_shop(self.resolve_to(['8.8.8.8'], ['127.0.0.1'])) as targets:
            _picking, package = self.pack_one()
        self.assert_waits_for_label(package)    # tests reach no host beyond this machine
        self.assertEqual(targets, [f'https://8.8.8.8:{self.port}/label.pdf'])

    def test_f78_nothing_a_web_page_names_is_fetched(self):
        """Also by a converter that opens every address it finds."""
        folder = Path(self.enterContext(TemporaryDirectory()))
        curious = folder / 'wkhtmltopdf'
        curious.write_text(CURIOUS.format(python=sys.executable))
        curious.chmod(0o755)
        (folder / 'wkhtmltopdf.pdf').write_bytes(draw("printed"))
        self.print_hostile_page(str(curious))

    def test_f78_nothing_a_web_page_names_is_fetched_by_the_real_converter(self):
        converter = which(label_download.CONVERTER)
        if not converter:
            self.skipTest("wkhtmltopdf is not installed")
        self.print_hostile_page(converter)

    def print_hostile_page(self, converter):
        self.patch(label_download, 'which', lambda _name: converter)
        self.patch(label_download.const, 'LABEL_TRIES_BEFORE_HTML', 0)
        self.behave(label_content='html', label_markup=HOSTILE.format(url=self.local))
        _picking, package = self.pack_one()
        self.assertEqual(package.label_state, 'ready', package.label_message)
