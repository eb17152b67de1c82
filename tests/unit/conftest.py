"""Helpers of the Odoo-free suite."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lazada_connector.lazada_api import LazadaClient

from .platform import Platform


@pytest.fixture
def client_of():
    """client_of(platform, **options) -> a client that records its waits and never sleeps."""
    clients = []

    def make(platform, **options):
        waits = []
        client = LazadaClient('123456', 'secret_abc123', **{
            'site': 'th', 'access_token': 'tok-secret', 'base_url': platform.url,
            'clock': lambda: 1732172400.0, 'sleep': waits.append, 'rng': lambda: 0.0, **options})
        client.waits = waits
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def platform_of():
    """platform_of(*answers) -> a running Platform."""
    running = []

    def start(*answers):
        running.append(Platform(*answers))
        return running[-1].__enter__()

    yield start
    for platform in running:
        platform.__exit__()


@pytest.fixture
def tls_server(tmp_path):
    """A Platform behind a certificate that nobody signed."""
    with Platform({'code': '0'}) as platform:
        certificate = self_signed(tmp_path, 'localhost')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        platform.server.socket = context.wrap_socket(platform.server.socket, server_side=True)
        platform.url = f'https://localhost:{platform.server.server_port}'
        platform.certificate = certificate
        yield platform


def self_signed(folder, host):
    """The path of a fresh key and certificate for `host`, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256()))
    path = folder / 'server.pem'
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                          serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM))
    return path
