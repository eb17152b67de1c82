"""Addresses of files come from outside: nothing may be fetched that is not Lazada's."""

import pytest
import requests

from lazada_connector.lazada_api import FileRefused, LazadaClient, downloads, errors, products
from lazada_connector.lazada_api.files import is_pdf
from lazada_connector.lazada_api.regions import FILE_DOMAINS, IMAGE_DOMAINS

PDF = b'%PDF-1.4\nlabel\n%%EOF\n'
GOOD = 'https://sellercenter.lazada.com.my/label.pdf'


def resolving(*addresses, port=443):
    def resolve(_host, _port, **_kwargs):
        return [(2, 1, 6, '', (address, port)) for address in addresses]
    return resolve


def fetch_label(url, allowed, resolve):
    return downloads.fetch_file(
        url, what='label', check=is_pdf, allowed=allowed, max_bytes=1000, resolve=resolve)


def refuse(url, *addresses):
    with pytest.raises(FileRefused):
        fetch_label(url, allowed=FILE_DOMAINS,
                           resolve=resolving(*(addresses or ('8.8.8.8',))))


@pytest.mark.parametrize('url', [
    'http://sellercenter.lazada.com.my/x', 'https://evil.example/x', 'file:///etc/passwd',
    'https://lazada.com.my.evil.example/x', 'https://evillazada.com.my/x', 'ftp://lazada.sg/x',
    'https://sellercenter.lazada.sg:8443/x', 'https://user:pw@sellercenter.lazada.sg/x',
    'https://user@sellercenter.lazada.sg/x', 'https://127.0.0.1/x', 'https://169.254.169.254/x',
    'https://[::1]/x', 'https://sellercenter.lazada.sg:99999/x', 'https://[bad/x', '', 'label.pdf',
    '//sellercenter.lazada.sg/x', 'https://evil.example\\@sellercenter.lazada.sg/x'])
def test_only_https_addresses_of_lazada_are_asked(url, monkeypatch):
    monkeypatch.setattr(downloads, 'exchange', lambda *_args, **_kwargs: pytest.fail('was asked'))
    refuse(url)


@pytest.mark.parametrize('address', [
    '127.0.0.1', '10.0.0.8', '172.16.3.4', '192.168.1.1', '169.254.169.254', '100.64.0.1',
    '0.0.0.0', '224.0.0.1', '::1', 'fe80::1', 'fc00::1', '::ffff:127.0.0.1', 'fe80::1%eth0'])
def test_hosts_that_resolve_to_private_addresses_are_refused(address, monkeypatch):
    monkeypatch.setattr(downloads, 'exchange', lambda *_args, **_kwargs: pytest.fail('was asked'))
    refuse(GOOD, address)
    refuse(GOOD, '8.8.8.8', address)


def test_an_unknown_host_is_a_transport_error():
    def nowhere(*_args, **_kwargs):
        raise OSError

    with pytest.raises(errors.LazadaTransportError):
        fetch_label(GOOD, allowed=FILE_DOMAINS, resolve=nowhere)


def test_the_checked_address_is_the_one_connected_to(tls_server, monkeypatch):
    """The name is resolved once; the connection goes to that address, the certificate is checked
    for the name. Only the address check is lifted here, because the server is on this machine."""
    monkeypatch.setattr(downloads, '_is_public', lambda _address: True)
    monkeypatch.setattr(requests.adapters, 'DEFAULT_CA_BUNDLE_PATH', str(tls_server.certificate))
    port = tls_server.server.server_port
    tls_server.answers = [(200, {}, PDF)]
    seen = []

    def resolve(host, _port, **_kwargs):
        seen.append(host)
        return [(2, 1, 6, '', ('127.0.0.1', port))]

    url = 'https://localhost/label.pdf?Signature=a%3D'
    assert fetch_label(url, allowed=['localhost'], resolve=resolve) == PDF
    assert seen == ['localhost']
    request = tls_server.requests[0]
    assert (request.headers['Host'], request.path, request.query) == (
        'localhost', '/label.pdf', {'Signature': 'a='})
    with pytest.raises(errors.LazadaTransportError) as caught:
        fetch_label('https://other.example/x', allowed=['example'], resolve=resolve)
    assert caught.value.reason == 'tls', 'the certificate is for another name'


def test_an_untrusted_certificate_is_refused(tls_server, monkeypatch):
    monkeypatch.setattr(downloads, '_is_public', lambda _address: True)
    port = tls_server.server.server_port
    with pytest.raises(errors.LazadaTransportError) as caught:
        fetch_label(GOOD, allowed=FILE_DOMAINS, resolve=resolving('127.0.0.1', port=port))
    assert caught.value.reason == 'tls'
    assert tls_server.requests == []


def test_a_stand_in_platform_serves_its_own_labels_only(platform_of, client_of):
    platform, other = platform_of((200, {}, PDF)), platform_of((200, {}, PDF))
    fulfilment = client_of(platform).fulfilment
    assert fulfilment.fetch_label(f'{platform.url}/labels/1.pdf') == PDF
    port = platform.server.server_port
    for url in (GOOD, f'{other.url}/1.pdf', f'http://localhost:{port}/1.pdf',
                f'https://127.0.0.1:{port}/1.pdf', f'http://127.0.0.1:{port}@evil.example/1.pdf'):
        with pytest.raises(FileRefused):
            fulfilment.fetch_label(url)
    assert other.requests == []
    assert len(platform.requests) == 1


@pytest.mark.parametrize('body', [
    b'<html>sign in</html>', b'\x89PNG\r\n\x1a\n', b'', b'%PDF-1.4 cut off', b'<iframe>%PDF-%%EOF'])
def test_what_is_no_pdf_is_refused_by_its_content(platform_of, client_of, body):
    platform = platform_of((200, {'Content-Type': 'application/pdf'}, body))
    with pytest.raises(FileRefused) as caught:
        client_of(platform).fulfilment.fetch_label(f'{platform.url}/1.pdf')
    assert caught.value.retryable


@pytest.mark.parametrize('answer, reason', [
    ((302, {'Location': 'http://127.0.0.1:1/x'}, b''), 'redirect'), ((404, {}, b''), 'http'),
    ((200, {}, PDF + b' ' * 2000), 'size')])
def test_redirects_errors_and_giants_are_transport_errors(platform_of, client_of, answer, reason):
    platform = platform_of(answer)
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform).fulfilment.fetch_label(f'{platform.url}/1.pdf', max_bytes=1000)
    assert caught.value.reason == reason


PNG = b'\x89PNG\r\n\x1a\n' + bytes(64)


@pytest.mark.parametrize('body', [
    PNG, b'\xff\xd8\xff\xe0jpeg', b'GIF89a', b'RIFF\x10\0\0\0WEBPVP8 '])
def test_an_image_is_known_by_its_content(platform_of, client_of, body):
    platform = platform_of((200, {'Content-Type': 'text/html'}, body))
    assert client_of(platform).products.fetch_image(f'{platform.url}/1.jpg') == body


@pytest.mark.parametrize('body', [
    b'<svg xmlns="http://www.w3.org/2000/svg"/>', b'<html>', b'', b'%PDF-1.4', b'RIFF0000WAVE'])
def test_what_is_no_image_is_refused(platform_of, client_of, body):
    platform = platform_of((200, {'Content-Type': 'image/png'}, body))
    with pytest.raises(FileRefused):
        client_of(platform).products.fetch_image(f'{platform.url}/1.jpg')


def test_an_image_has_a_size_limit(platform_of, client_of):
    platform = platform_of((200, {}, PNG * 20))
    with pytest.raises(errors.LazadaTransportError) as caught:
        client_of(platform).products.fetch_image(f'{platform.url}/1.png', max_bytes=1000)
    assert caught.value.reason == 'size'


def test_images_come_from_lazadas_content_network_over_https(monkeypatch):
    asked = []
    monkeypatch.setattr(products, 'fetch_file', lambda url, **options: asked.append(
        (url, options['allowed'], options['origin'])))
    LazadaClient('key', 'secret', site='th').products.fetch_image('http://th-live.slatic.net/1.jpg')
    assert asked == [('https://th-live.slatic.net/1.jpg', IMAGE_DOMAINS, None)]
    assert 'slatic.net' in IMAGE_DOMAINS
