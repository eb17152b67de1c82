"""The log of API calls: found from the order, complete when a button fails, not kept forever."""
from datetime import timedelta
from unittest.mock import patch

import pytest

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.lazada_connector.lazada_api.client import CallRecord

from .test_pack import PackCase

ITEMS, PACK, RTS = '/orders/items/get', '/order/fulfill/pack', '/order/package/rts'


@tagged('post_install', '-at_install')
class TestCallLog(PackCase):

    def get_calls(self, order_id):
        """What the button on the order shows."""
        action = self.get_order(order_id).action_view_calls()
        self.assertEqual(action['res_model'], 'lazada.call')
        return self.env['lazada.call'].search(action['domain'])

    def test_an_order_shows_the_calls_that_named_it_or_its_packages(self):
        first, sale, _picking = self.import_order('LZT-TEE')
        second, _sale, _picking = self.import_order('LZT-MUG')
        self.shop.rts_policy = 'pack'
        self.pack(sale)
        mine, others = self.get_calls(first), self.get_calls(second)
        self.assertLessEqual({ITEMS, PACK, RTS}, set(mine.mapped('path')))
        self.assertIn(ITEMS, others.mapped('path'))
        self.assertFalse({PACK, RTS} & set(others.mapped('path')))

    def test_one_of_fifty_orders_of_a_call_is_found_and_no_longer_id(self):
        orders = [self.buy('LZT-TEE') for _number in range(50)]
        self.sync()
        [call] = self.get_calls(orders[-1]).filtered(lambda call: call.path == ITEMS)
        self.assertEqual(set(call.subjects.strip(',').split(',')), set(map(str, orders)))
        self.assertEqual(self.env['lazada.call'].search(
            self.env['lazada.call']._about([orders[0]])), self.get_calls(orders[0]))
        self.assertFalse(self.env['lazada.call'].search(
            self.env['lazada.call']._about([str(orders[0])[:-1]])))

    def log_of_failure(self, path, button):
        """Return the cursors in which the calls of a button that fails were logged, and the codes.

        Nested test cursors share a transaction, so that a rollback would take everything.
        """
        self.break_calls(path, kind='error', times=0, code='998', message="disabled")
        logged = []
        Call = self.registry['lazada.call']
        original = Call._log

        def log(model, records, account, shop=None):
            logged.extend((model.env.cr, record.path, record.code) for record in records)
            return original(model, records, account, shop)

        with self.committing() as env, patch.object(Call, '_log', log):
            with pytest.raises(UserError):      # assertRaises would open a savepoint outside
                button(env)
            self.assertTrue(logged)
            for cr, logged_path, code in logged:
                self.assertIsNot(cr, env.cr, "the error undoes this transaction")
                self.assertEqual((logged_path, code), (path, '998'))

    def test_calls_of_a_button_that_failed_are_logged_in_a_transaction_of_their_own(self):
        order_id, sale, _picking = self.import_order('LZT-TEE')
        self.pack(sale)
        order = self.get_order(order_id)
        package = order.package_ids
        account = self.shop.account_id
        for path, button in (
                ('/order/reverse/cancel/validate',
                 lambda env: order.with_env(env).action_cancel_on_lazada()),
                ('/logistic/order/trace', lambda env: package.with_env(env).action_trace()),
                ('/seller/get', lambda env: account.with_env(env).action_test_connection()),
                ('/auth/token/create', lambda env: account.with_env(env)._exchange('0_1_x'))):
            with self.subTest(path=path):
                self.log_of_failure(path, button)

    def test_calls_of_a_button_that_works_are_logged(self):
        order_id, _sale, _picking = self.import_order('LZT-TEE')
        self.get_order(order_id).action_cancel_on_lazada()
        self.assertIn(
            '/order/reverse/cancel/validate', self.get_calls(order_id).mapped('path'))

    def test_a_shop_that_only_the_undone_transaction_knows_is_not_referred_to(self):
        record = CallRecord(
            at=self.env.cr.now(), site='th', path='/seller/get', method='GET', params={},
            code='998', http_status=200, duration_ms=1, request_id='undone', error='no', body='')
        account, new = self.shop.account_id, self.shop.browse(2 ** 31 - 1)
        with self.enter_registry_test_mode():
            self.env['lazada.call']._log_apart([record], account, new)
        call = self.env['lazada.call'].search([('request_id', '=', 'undone')])
        self.assertRecordValues(call, [{'account_id': account.id, 'shop_id': False}])

    def test_calls_are_kept_for_some_days(self):
        Call = self.env['lazada.call']
        now = self.env.cr.now()
        old, recent = (Call.create({
            'account_id': self.shop.account_id.id, 'path': '/x', 'at': now - timedelta(days=days)})
            for days in (15, 13))
        Call._gc_calls()
        self.assertFalse(old.exists())
        self.assertTrue(recent.exists())
        self.env['ir.config_parameter'].set_param('lazada_connector.call_days', '7')
        Call._gc_calls()
        self.assertFalse(recent.exists())
