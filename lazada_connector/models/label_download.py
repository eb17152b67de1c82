# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Getting a label as PDF, whatever form Lazada offers it in. Not a record."""
import io
import re
import subprocess
import tempfile
from pathlib import Path
from shutil import which

from lxml import etree, html

from odoo.tools.pdf import PdfFileReader

from .. import const
from ..lazada_api.downloads import FileRefused
from ..lazada_api.errors import LazadaError, LazadaTransportError
from ..lazada_api.files import is_pdf

CONVERTER = 'wkhtmltopdf'
CONVERTER_SECONDS = 20
# Whatever could make the converter open an address. The page is converted without network too.
ACTIVE_TAGS = ('script', 'iframe', 'frame', 'object', 'embed', 'link', 'base', 'meta', 'form',
               'video', 'audio', 'source', 'applet', 'svg')
# A backslash in CSS may spell any of these words; an address as mere text names a host by //.
ADDRESS = re.compile(
    r'\\|//|url\s*\(|@import|image-set|src\s*\(|expression\s*\(', re.IGNORECASE)
INLINE = re.compile(r'data:image/(png|jpe?g|gif);base64,')


class LabelNotPrintable(LazadaError):
    """The label exists as a web page only, and this server cannot turn it into a PDF."""

    def __init__(self, message):
        super().__init__(message)
        self.message = message


def download_label(client, package_id, tries, max_bytes):
    """Return the label of one package as a complete PDF.

    :param int tries: after some refused files the web page form is taken instead
    :raise LazadaError: there is none yet, or nothing of it can be used
    """
    document = client.fulfilment.document([package_id])
    if has_pages(document.pdf):
        return document.pdf
    if document.url or document.pdf:
        try:
            return _fetch_pdf(client, document.url, max_bytes)
        except (FileRefused, LazadaTransportError):
            if tries < const.LABEL_TRIES_BEFORE_HTML:
                raise
    page = document.file
    # A frame shows the very file that was refused, and a PDF is no web page.
    if not page or document.pdf or b'<iframe' in page:
        page = client.fulfilment.document([package_id], doc_type='HTML').file
    return print_page(page)


def _fetch_pdf(client, url, max_bytes):
    pdf = url and client.fulfilment.fetch_label(
        url, max_bytes=max_bytes, deadline=const.LABEL_CALL_SECONDS)
    if not has_pages(pdf):
        raise FileRefused('what came is a PDF that cannot be read')
    return pdf


def has_pages(content):
    """Can this be read as a PDF, and does it have a page?"""
    if not content or not is_pdf(content):
        return False
    try:
        return len(PdfFileReader(io.BytesIO(content), strict=False).pages) > 0
    except Exception:  # noqa: BLE001 - a broken file makes the reader stumble in many ways
        return False


def print_page(page):
    """Return a web page, given as bytes, as PDF. Nothing it refers to is loaded.

    :raise LabelNotPrintable: no converter here, or it failed
    """
    converter = which(CONVERTER)
    if not converter:
        raise LabelNotPrintable("Lazada offers it as a web page only, and wkhtmltopdf is missing")
    with tempfile.TemporaryDirectory(prefix='lazada-label-') as folder:
        source, target = Path(folder, 'label.html'), Path(folder, 'label.pdf')
        source.write_bytes(quiet_page(page))
        try:
            subprocess.run(
                [converter, '--quiet', '--disable-javascript', '--disable-local-file-access',
                 '--proxy', 'http://127.0.0.1:9', '--page-size', 'A6', '--margin-top', '2',
                 '--margin-bottom', '2', '--margin-left', '2', '--margin-right', '2',
                 str(source), str(target)],
                check=False, timeout=CONVERTER_SECONDS, capture_output=True)
            pdf = target.read_bytes() if target.exists() else b''
        except subprocess.TimeoutExpired:
            pdf = b''
    if not has_pages(pdf):
        raise LabelNotPrintable("Lazada offers it as a web page only, which cannot be printed")
    return pdf


def quiet_page(page):
    """Return the page without anything that is active or loaded from elsewhere."""
    if not page.strip():
        raise FileRefused('the label is empty')
    try:
        document = html.document_fromstring(page, parser=html.HTMLParser(encoding='utf-8'))
    except etree.LxmlError:     # nothing but a comment, for example
        raise FileRefused('the label is a web page without content') from None
    for element in document.xpath('|'.join(f'//{tag}' for tag in ACTIVE_TAGS)):
        element.drop_tree()
    for element in document.iter('style'):
        if ADDRESS.search(element.text or ''):
            element.text = ''
    for element in document.iter():
        for name, value in list(element.attrib.items()):
            inline = name == 'src' and INLINE.match(value)
            if not inline and (
                    name.startswith('on') or name in ('src', 'href', 'srcset', 'background', 'data',
                                                      'poster', 'action', 'xlink:href', 'lowsrc',
                                                      'dynsrc')
                    or ADDRESS.search(value)):
                del element.attrib[name]
    return html.tostring(document, encoding='utf-8', doctype='<!DOCTYPE html>')
