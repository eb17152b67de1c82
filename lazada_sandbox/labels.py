"""Shipping labels: PDF and HTML documents, kept for ten minutes under an address of their own."""
import base64
import html
import io
import secrets

VALID_SECONDS = 600
PDF_PATH = '/oss/proxy/waybillprintbucket/PDF/'


class Labels:
    """Documents waiting to be downloaded."""

    def __init__(self, world):
        self._world = world
        self._documents = {}           # name -> (packages, expires_at)

    def offer(self, packages):
        """A host-relative address good for ten minutes."""
        name = secrets.token_hex(16)
        expires_at = self._world.clock.second() + VALID_SECONDS
        self._documents[name] = list(packages), expires_at
        return (f'{PDF_PATH}{name}?Expires={expires_at}&OSSAccessKeyId=SANDBOX'
                f'&Signature={secrets.token_hex(8)}')

    def fetch(self, name):
        """(content type, bytes), or None if the address is unknown or too old."""
        packages, expires_at = self._documents.get(name, ([], 0))
        if expires_at < self._world.clock.now():
            return None
        behaviour = self._world.behaviour
        kind, file = content(behaviour.label_content, packages)
        return kind, padded(file, behaviour.label_megabytes)


def content(kind, packages):
    """What a download holds: a PDF, or one of the things that are not."""
    if kind == 'html':
        return 'application/pdf', markup(packages).encode()
    if kind == 'png':
        return 'application/pdf', b'\x89PNG\r\n\x1a\n' + b'\0' * 64
    if kind == 'empty':
        return 'application/pdf', b''
    pdf = draw(packages)
    return 'application/pdf', pdf[:len(pdf) // 2] if kind == 'truncated' else pdf


def padded(pdf, megabytes):
    """The same PDF, larger: a line of blanks between its last object and its end."""
    if not megabytes:
        return pdf
    body, mark, end = pdf.rpartition(b'startxref')
    return body + b' ' * int(megabytes * 2 ** 20) + b'\n' + mark + end


def draw(packages):
    """One A6 page per package, with tracking number, order, buyer and items as text."""
    from reportlab.graphics.barcode import code128  # late: a third of the start-up time
    from reportlab.lib.pagesizes import A6
    from reportlab.pdfgen.canvas import Canvas
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A6, invariant=1)
    for package in packages:
        width, height = A6
        canvas.setFont('Helvetica-Bold', 15)
        canvas.drawString(20, height - 36, package.provider)
        code128.Code128(package.tracking_number, barHeight=44, barWidth=0.95).drawOn(
            canvas, 0, height - 100)
        canvas.setFont('Helvetica-Bold', 13)
        canvas.drawString(20, height - 122, package.tracking_number)
        canvas.setFont('Helvetica', 9)
        for number, line in enumerate(_lines(package)):
            canvas.drawString(20, height - 146 - 14 * number, line)
        canvas.setFont('Helvetica', 7)
        canvas.drawString(20, 16, 'Sandbox label: not valid for transport')
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _lines(package):
    order = package.order
    return [
        f'Order {order.order_id}', f'Package {package.package_id}',
        f'From {_latin(order.shop.name)}',
        f'To {_latin(order.buyer.name)}, {_latin(order.buyer.city)} {order.buyer.post_code}',
        *(f'1 x {_latin(unit.seller_sku)}' for unit in package.units[:12]),
    ]


def _latin(text):
    """The standard PDF fonts know Latin letters only."""
    return text.encode('latin-1', 'replace').decode('latin-1')[:60]


def markup(packages):
    """The HTML form of the same labels."""
    return '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />' + ''.join(
        '<div class="cn-html-body" style="height: 148mm; width: 105mm;">'
        f'<h1>{html.escape(package.provider)}</h1><h2>{package.tracking_number}</h2>'
        + ''.join(f'<p>{html.escape(line)}</p>' for line in _lines(package)) + '</div>'
        for package in packages)


def iframe(path):
    """What the `file` of a PDF answer decodes to: not a PDF, a frame around a relative address."""
    return (f'<iframe src="{path}" width="100%" height="100%" '
            'style="display: block;min-height: 990px;"></iframe>')


def base64_text(content):
    return base64.b64encode(content if isinstance(content, bytes) else content.encode()).decode()
