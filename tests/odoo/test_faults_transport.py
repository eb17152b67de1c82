"""F01 to F16: what the network and the gateway can do to a synchronisation. F11 needs two real
workers and is in tests/faults."""
import http.server
import json
import socket
import ssl
import threading
import tracemalloc
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.addons.lazada_connector import const

from .faults_case import FETCH, ITEMS, REFRESH, FaultsCase

SELLER = '/seller/get'


def no_wait(_seconds):
    """Instead of sleeping between two tries."""


class TestServerErrors(FaultsCase):

    def check_page_2_fails(self, status):
        self.small_pages()
        self.hurry(sleep=no_wait)
        ids = self.buy_one_a_second(9)
        self.set_cursor(hours=1)
        self.break_calls(FETCH, skip=1, times=3, status=status)
        flow = self.run_flow('fetch_orders')
        self.assertEqual(set(self.mirrored()), set(ids[:3]))
        self.assertEqual(flow.cursor_at, self.changed_at(ids[2]))
        self.assert_waits(flow, 10, within=5)
        self.check_invariants(settled=False)
        self.sync()
        self.assert_imported(*ids)
        self.assertRecordValues(self.get_flow(), [
            {'error_message': False, 'failure_count': 0}])

    def test_f01_http_500_on_page_2_keeps_page_1_and_goes_on_there(self):
        self.check_page_2_fails(500)

    def test_f01_http_502_on_page_2_keeps_page_1_and_goes_on_there(self):
        self.check_page_2_fails(502)

    def test_f01_http_503_on_page_2_keeps_page_1_and_goes_on_there(self):
        self.check_page_2_fails(503)

    def test_f01_one_server_error_is_healed_by_the_call_itself(self):
        waits = []
        self.hurry(sleep=waits.append)
        order_id = self.buy('LZT-TEE')
        self.break_calls(FETCH, times=2, status=503)
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
        self.assertIn(order_id, self.mirrored())
        self.assertEqual(len(waits), 2)
        self.assertLess(waits[0], waits[1], "the second wait is longer")

    def test_f01_a_failing_shop_waits_longer_each_time_up_to_an_hour(self):
        self.hurry(sleep=no_wait)
        self.break_calls(FETCH, times=0, status=500)
        self.assert_waits(self.run_flow('fetch_orders'), 10, within=5)
        for minutes in (1, 2, 5, 15, 30, 60, 60):
            self.assert_waits(self.run_flow('fetch_orders'), 60 * minutes)
        self.assertEqual(len(self.get_activities()), 1, "said once")
        self.heal()
        self.sync()
        self.assertFalse(self.get_activities(), "and taken back")

    def test_f01_units_that_failed_are_asked_for_again_soon(self):
        order_id = self.buy('LZT-TEE')
        self.hurry(sleep=no_wait)
        self.break_calls(ITEMS, times=6, status=502)
        flow = self.run_flow('fetch_orders')
        self.assertEqual(self.get_order(order_id).issue_code, 'items_missing')
        wait = flow.due_at - self.env.cr.now()
        self.assertLessEqual(wait, timedelta(minutes=15), "long before the next hour")
        self.sync()
        self.assert_imported(order_id)


class TestConnection(FaultsCase):

    def connections(self):
        port = int(self.sandbox.url.rpartition(':')[2])
        return [
            each for each in psutil.Process().net_connections('tcp')
            if each.raddr and each.raddr.port == port and each.status == 'ESTABLISHED']

    @contextmanager
    def platform_at(self, url):
        """Let the account look for Lazada at another address for a while."""
        account = self.shop.account_id
        home = account.sandbox_url
        account.sandbox_url = url
        self.env.flush_all()
        try:
            yield
        finally:
            account.sandbox_url = home
            self.env.flush_all()

    def test_f02_no_connection_in_time(self):
        with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
            deaf.bind(('127.0.0.1', 0))
            deaf.listen(0)
            for caller in (first, second):      # the queue of callers is full
                caller.setblocking(False)
                caller.connect_ex(deaf.getsockname())
            self.hurry(timeout=(0.2, 0.2), sleep=no_wait)
            with self.platform_at(f'http://127.0.0.1:{deaf.getsockname()[1]}'):
                flow = self.run_flow('fetch_orders')
        self.assertIn("could not be reached", flow.error_message)
        self.assertIn("timeout", self.last_call().code)

    def last_call(self):
        return self.env['lazada.call'].search([], limit=1)

    def test_f02_no_answer_in_time_and_broken_answers(self):
        self.hurry(timeout=(1, 0.3), sleep=no_wait)
        order_id = self.buy('LZT-TEE')
        for fault, code in (
                ({'kind': 'delay', 'seconds': 0.6}, 'timeout'),
                ({'kind': 'reset'}, 'reset'),
                ({'kind': 'cut', 'bytes': 200}, 'reset')):
            for path in (FETCH, ITEMS):
                with self.subTest(fault=fault, path=path):
                    self.set_cursor(hours=1)
                    self.break_calls(path, times=0, **fault)
                    self.run_flow('fetch_orders')
                    self.assertIn(code, self.env['lazada.call'].search(
                        [('path', '=', path)], limit=1).code)
                    self.assertFalse(self.connections(), "sockets are closed")
                    self.check_invariants(settled=False)
                    self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f03_an_answer_that_trickles_in_is_cut_off_in_time(self):
        self.startPatcher(patch.object(const, 'CALL_SECONDS', 1.0))
        order_id = self.buy('LZT-TEE')
        self.break_calls(FETCH, kind='drip', times=0, seconds=0.1)
        flow = self.run_flow('fetch_orders')
        self.assertEqual(self.last_call().code, 'deadline')
        self.assertIn("could not be reached", flow.error_message)
        self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f03_the_slowest_page_ends_before_its_lease_and_before_the_worker_is_killed(self):
        """A page costs two calls at most, its units two, and Odoo kills a worker after 120 s."""
        slowest_page = 4 * const.CALL_SECONDS
        self.assertLess(slowest_page, const.LEASE_SECONDS)
        self.assertLess(slowest_page + const.TURN_SECONDS, 120)

    def test_f04_truncated_json_changes_nothing(self):
        self.hurry(sleep=no_wait)
        order_id = self.buy('LZT-TEE')
        for path in (FETCH, ITEMS):
            self.break_calls(path, times=0, status=200, body='{"code":"0","data":{"orders":[{"ord')
            self.run_flow('fetch_orders')
            self.assertFalse(self.get_order(order_id).item_ids)
            self.check_invariants(settled=False)
            self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f05_answers_that_are_none(self):
        self.hurry(sleep=no_wait)
        order_id = self.buy('LZT-TEE')
        html = '<html><body>' + 'Lazada is being improved. ' * 40 + '</body></html>'
        for body in (html, '', 'null', '[]', '"text"', '{}', '{"code": "0", "data": []}',
                     '{"code": "0", "data": {"orders": {}}}',
                     '{"code": "0", "data": {"orders": [1]}}'):
            with self.subTest(body=body[:20]):
                self.break_calls(FETCH, times=0, status=200, body=body)
                flow = self.run_flow('fetch_orders')
                self.assertIn("gave no usable answer", flow.error_message)
                self.heal()
        self.break_calls(FETCH, times=0, status=200, body=f'{html} sara@example.com 66812345678')
        self.run_flow('fetch_orders')
        call = self.last_call()
        self.assertEqual(call.code, 'bad_response')
        self.assertLessEqual(len(call.body), 200)
        self.assertTrue(call.body.startswith('<html><body>Lazada is being improved.'))
        self.assertFalse(self.mirrored())
        self.heal()
        self.break_calls(FETCH, times=0, status=200, body='sara@example.com 66812345678')
        self.run_flow('fetch_orders')
        self.assertEqual(self.last_call().body, '*** ***')
        self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f06_200_mb_and_a_gzip_bomb_are_cut_off_with_little_memory(self):
        order_id = self.buy('LZT-TEE')
        for packed in (False, True):
            with self.subTest(packed=packed):
                self.break_calls(FETCH, kind='bulk', times=0, megabytes=200, gzip=packed)
                tracemalloc.start()
                self.run_flow('fetch_orders')
                _now, peak = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                self.assertLess(peak, 64 * 2 ** 20)
                self.assertEqual(self.last_call().code, 'size')
                self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f06_units_that_are_too_many_for_one_answer_are_asked_for_in_smaller_lists(self):
        ids = self.buy_one_a_second(4)
        self.set_cursor(hours=1)
        # the list of four and its first half are too large
        self.break_calls(ITEMS, kind='bulk', times=2, megabytes=10)
        mark = self.mark()
        self.run_flow('fetch_orders')
        self.assertEqual(
            {order.items_state for order in self.mirrored().values()}, {'read'})
        self.assertEqual(self.count_calls(mark, ITEMS), 5, "4, 2, 1, 1 and 2 orders")
        self.sync()
        self.assert_imported(*ids)


class TestLimits(FaultsCase):

    def ban(self, seconds, path=FETCH, **options):
        self.break_calls(path, kind='error', code='ApiCallLimit', **options, message=(
            "Api access frequency exceeds the limit. "
            f"this ban will last {seconds} seconds"))

    def test_f07_a_short_ban_is_waited_for(self):
        waits = []
        self.hurry(sleep=waits.append)
        order_id = self.buy('LZT-TEE')
        self.ban(1)
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
        self.assertIn(order_id, self.mirrored())
        [wait] = waits
        self.assertTrue(1 <= wait <= 1.25, "the second, and a little chance")

    def test_f07_a_long_ban_reschedules_the_shop(self):
        waits = []
        self.hurry(sleep=waits.append)
        order_id = self.buy('LZT-TEE')
        for path in (FETCH, ITEMS):
            with self.subTest(path=path):
                self.ban(600, path, times=0)
                mark = self.mark()
                flow = self.run_flow('fetch_orders')
                self.assert_waits(flow, 600)
                self.assertIn("slow down", flow.error_message)
                self.assertIn("600 seconds", flow.error_message)
                self.assertEqual(self.count_calls(mark, path), 1, "asking on prolongs the ban")
                self.check_invariants(settled=False)
                self.heal()
        self.assertEqual(waits, [], "nobody sleeps")
        self.assertEqual(self.get_order(order_id).issue_code, 'items_missing')
        self.sync()
        self.assert_imported(order_id)

    def test_f07_a_ban_of_one_shop_leaves_the_others_alone(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        ids = self.buy('LZT-TEE'), self.buy('LZT-TEE', shop=other)
        self.ban(600, site='th', times=0)
        self.run_due('fetch_orders', 'import_orders')
        self.assertTrue(self.get_flow().error_message)
        self.assert_imported(ids[1], shop=other)
        self.heal()
        self.sync()
        self.assert_imported(ids[0])

    def run_due(self, *names):
        """Run scheduled actions once, as the scheduler would."""
        with self.committing() as env:
            for name in names:
                env['lazada.flow']._cron_run(name)

    def test_f08_code_901_and_429_with_retry_after_are_honoured(self):
        waits = []
        self.hurry(sleep=waits.append)
        order_id = self.buy('LZT-TEE')
        self.break_calls(FETCH, kind='error', code='901', message="Limit service request speed "
                         "in server side temporarily.")
        self.break_calls(FETCH, status=429, body='slow', headers={'Retry-After': '2'})
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
        self.assertEqual([round(wait) for wait in waits], [1, 2])
        self.heal()
        self.break_calls(FETCH, times=0, status=429, body='slow', headers={'Retry-After': '120'})
        mark = self.mark()
        flow = self.run_flow('fetch_orders')
        self.assert_waits(flow, 120, within=10)
        self.assertEqual(self.count_calls(mark, FETCH), 1)
        self.heal()
        self.sync()
        self.assert_imported(order_id)

    def test_f09_lazada_switches_the_call_off_for_six_hours(self):
        self.break_calls(FETCH, kind='error', times=0, code='998',
                         message="this API service is disabled")
        mark, ids = self.mark(), []
        for _quarter in range(24):
            ids.append(self.buy('LZT-TEE'))
            flow = self.run_flow('fetch_orders')
            self.assert_waits(flow, 15 * 60)
            self.sandbox.post('clock', {'advance': 15 * 60})
        self.assertIn("switched this function off", flow.error_message)
        self.assertEqual(self.count_calls(mark, FETCH), 24, "one call every quarter")
        self.assertLessEqual(len(self.get_activities()), 1, "no storm")
        self.heal()
        self.sync()
        self.assert_imported(*ids)
        self.assertFalse(self.get_activities())


class TestTokens(FaultsCase):

    def setUp(self):
        super().setUp()
        self.account = self.shop.account_id
        self.authorise()    # the platform remembers what the tests before did to their tokens
        self.secrets |= {self.account.access_token, self.account.refresh_token}

    def end_access(self):
        """The access token ends; the refresh token still works."""
        self.account.access_token = self.forget(self.account.access_token)
        self.env.flush_all()

    @staticmethod
    def forget(token):
        return token[:-4] + 'aaaa'

    def authorise(self):
        """A person goes through the consent page again."""
        state = self.sandbox.get('state')
        login = next(each for each in state['accounts']
                     if self.shop.external_id in each['seller_ids'])
        token = self.sandbox.post('tokens', {
            'app_key': self.account.app_key, 'account': login['login']})
        self.account.write({
            name: token[name] for name in ('access_token', 'refresh_token')})
        self.env.flush_all()

    def test_f10_a_token_that_ends_in_mid_run_is_renewed_once(self):
        self.small_pages()
        ids = self.buy_one_a_second(6)
        self.set_cursor(hours=1)
        self.break_calls(FETCH, kind='error', code='IllegalAccessToken', skip=1,
                         message="The specified access token is invalid or expired")
        before, mark = self.account.access_token, self.mark()
        flow = self.run_flow('fetch_orders')
        self.assertFalse(flow.error_message)
        self.assertEqual(set(self.mirrored()), set(ids))
        self.assertEqual(self.count_calls(mark, REFRESH), 1)
        self.assertNotEqual(self.account.access_token, before)
        pages = [call['params']['offset'] for call in self.calls_since(mark)
                 if call['path'] == FETCH]
        self.assertEqual(pages[:3], ['0', '2', '2'], "the same page goes on")

    def test_f10_renewing_a_token_wakes_nobody(self):
        """The other flows of the account go their own way; only a new consent wakes them."""
        self.end_access()
        self.end_runs()
        self.run_flow('fetch_orders')
        catalogue = self.get_flow('catalogue')
        self.assertGreater(catalogue.due_at, self.env.cr.now())

    def test_f12_the_answer_to_a_renewal_is_lost_and_the_old_token_still_works(self):
        self.behave(refresh_kills_refresh_token=False, refresh_kills_access_token=False)
        order_id = self.buy('LZT-TEE')
        self.end_access()
        self.break_calls(REFRESH, kind='reset', after=True)
        flow = self.run_flow('fetch_orders')
        self.assertTrue(flow.error_message)
        self.assertEqual(self.account.state, 'connected')
        self.sync()
        self.assert_imported(order_id)
        self.assertFalse(self.get_activities())

    def test_f12_the_answer_to_a_renewal_is_lost_and_the_old_token_is_refused(self):
        order_id = self.buy('LZT-TEE')
        self.end_access()
        self.break_calls(REFRESH, kind='reset', after=True)
        self.run_flow('fetch_orders')
        self.assertEqual(self.account.state, 'connected', "it may have been the network alone")
        mark = self.mark()
        for _run in range(3):
            self.run_due('fetch_orders')
        self.assertEqual(self.account.state, 'expired')
        self.assertEqual(len(self.account.activity_ids), 1)
        self.assertLessEqual(self.count_calls(mark, REFRESH), 1, "no loop")
        self.assertLessEqual(len(self.calls_since(mark)), 2)
        self.check_invariants(settled=False)
        self.authorise()
        self.assertFalse(self.account.activity_ids)
        self.sync()
        self.assert_imported(order_id)

    def run_due(self, name):
        flow = self.get_flow(name)
        flow.due_at = self.env.cr.now() - timedelta(seconds=1)
        with self.committing() as env:
            env['lazada.flow']._cron_run(name)

    def test_f13_a_revoked_account_stops_with_its_reason_and_the_others_go_on(self):
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        for fault, switches in (
                ('IllegalRefreshToken', {}),
                ('AUTH_TYPE_UNSUPPORTED', {'refresh_unsupported': True})):
            with self.subTest(fault=fault):
                self.behave(**switches)
                ids = self.buy('LZT-TEE'), self.buy('LZT-TEE', shop=other)
                self.break_calls(FETCH, kind='error', site='th', times=0,
                                 code='IllegalAccessToken', message="expired")
                self.break_calls(REFRESH, kind='error', times=0, code=fault, message="refused")
                for _run in range(3):
                    self.run_due('fetch_orders')
                self.sync(other)
                self.assertRecordValues(self.account, [{'state': 'expired'}])
                self.assertIn("press Re-authorise", self.account.error_message)
                self.assertIn("press Re-authorise", self.shop.error_message)
                self.assertEqual(len(self.account.activity_ids), 1)
                self.assert_imported(ids[1], shop=other)
                mark = self.mark()
                self.run_due('fetch_orders')
                self.assertNotIn('th', [call['site'] for call in self.calls_since(mark)])
                self.heal()
                self.authorise()
                self.sync()
                self.assert_imported(ids[0])

    def test_f13_a_seller_takes_the_consent_back(self):
        order_id = self.buy('LZT-TEE')
        self.sandbox.delete('tokens', {'token': self.account.refresh_token})
        self.run_due('fetch_orders')
        self.assertEqual(self.account.state, 'expired')
        self.assertEqual(len(self.account.activity_ids), 1)
        self.authorise()
        self.sync()
        self.assert_imported(order_id)

    def test_f13_a_closed_seller_account_stops_only_itself(self):
        self.sandbox.post('sellers', {
            'site': 'th', 'seller_id': self.shop.external_id, 'status': 'INACTIVE'})
        order_id = self.buy('LZT-TEE')
        flow = self.run_flow('fetch_orders')
        self.assertIn("the seller is not active", flow.error_message)
        self.sandbox.post('sellers', {
            'site': 'th', 'seller_id': self.shop.external_id, 'status': 'ACTIVE'})
        self.sync()
        self.assert_imported(order_id)


class TestClock(FaultsCase):

    def test_f14_a_clock_three_hours_off_is_said_and_nothing_is_lost(self):
        order_id = self.buy('LZT-TEE')
        cursor = self.shop.last_order_sync
        self.sandbox.post('clock', {'skew': 3 * 3600})
        flow = self.run_flow('fetch_orders')
        self.assertIn("clock", flow.error_message)
        self.assertIn("nothing is lost", flow.error_message)
        self.assertEqual(self.shop.last_order_sync, cursor)
        self.sandbox.post('clock', {'skew': 0})
        self.sync()
        self.assert_imported(order_id)

    def test_f14_the_clock_of_the_platform_is_used_when_it_says_so(self):
        self.sandbox.post('clock', {'advance': 3 * 3600, 'skew': 3 * 3600})
        order_id = self.buy('LZT-TEE')
        mark = self.mark()
        self.sync()
        self.assert_imported(order_id)
        self.assertEqual(
            [call['code'] for call in self.calls_since(mark)][:2], ['InvalidTimestamp', '0'])


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another host: whoever sends it anything has been led astray."""

    def do_GET(self):
        self.server.seen.append(self.path)
        body = json.dumps({'code': '0', 'data': {'orders': []}}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_args):
        """Quiet."""


class TestStrangers(FaultsCase):
    platform_at = TestConnection.platform_at
    last_call = TestConnection.last_call

    def serve_elsewhere(self, wrap=None):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Elsewhere)
        server.seen = []
        if wrap:
            server.socket = wrap(server.socket)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def self_signed(self, sock):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'localhost')])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName('localhost')]), False)
            .sign(key, hashes.SHA256()))
        pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
        path = self.enterContext(self.temporary_file(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context.wrap_socket(sock, server_side=True)

    @staticmethod
    @contextmanager
    def temporary_file(content):
        import tempfile
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name

    def test_f15_a_certificate_nobody_vouches_for_is_refused(self):
        server = self.serve_elsewhere(self.self_signed)
        mark = self.mark()
        with self.platform_at(f'https://localhost:{server.server_port}'):
            flow = self.run_flow('fetch_orders')
        self.assertEqual(self.last_call().code, 'tls')
        self.assertTrue(flow.error_message)
        self.assertEqual(server.seen, [], "nothing was sent")
        self.assertEqual(self.calls_since(mark), [])

    def test_f15_a_redirect_to_another_host_is_refused(self):
        server = self.serve_elsewhere()
        order_id = self.buy('LZT-TEE')
        for status in (301, 302, 307, 308):
            self.break_calls(FETCH, status=status, body='', headers={
                'Location': f'http://localhost:{server.server_port}/rest/orders/get'})
            self.run_flow('fetch_orders')
            self.assertEqual(self.last_call().code, 'redirect')
        self.assertEqual(server.seen, [])
        self.sync()
        self.assert_imported(order_id)

    def test_f16_a_host_that_cannot_be_found_stops_only_its_own_shops(self):
        """Each country has a host of its own; here the Thai one is a name nobody knows."""
        other = self.connect_shop('sg')
        self.make_listing('LZT-TEE', shop=other, price='4.50')
        ids = self.buy('LZT-TEE'), self.buy('LZT-TEE', shop=other)
        resolve = socket.getaddrinfo

        def lost(host, *args, **kwargs):
            if host == 'api.lazada.example':
                raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')
            return resolve(host, *args, **kwargs)

        self.hurry(sleep=no_wait)
        with self.platform_at('https://api.lazada.example'), \
                patch.object(socket, 'getaddrinfo', lost):
            with self.committing() as env:
                env['lazada.flow']._cron_run('fetch_orders')
                env['lazada.flow']._cron_run('import_orders')
            flow = self.get_flow()
            self.assertIn("could not be reached", flow.error_message)
            self.assertEqual(self.last_call_of(self.shop).code, 'connect')
            self.assert_imported(ids[1], shop=other)
        self.sync()
        self.assert_imported(ids[0])

    def last_call_of(self, shop):
        return self.env['lazada.call'].search([('shop_id', '=', shop.id)], limit=1)
