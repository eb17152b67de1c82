"""One cause, one activity, whatever the number of orders; gone when the cause is."""
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.lazada_connector import const
from odoo.addons.lazada_connector.models import lazada_issue

from .orders_case import OrdersCase


class TestAttention(OrdersCase):

    def setUp(self):
        super().setUp()
        self.run_flow('catalogue')
        self.responsible = new_test_user(
            self.env, 'responsible', groups='lazada_connector.group_user')
        self.shop.user_id = self.responsible

    def buy_unknown(self, *skus):
        for sku in skus:
            self.make_listing(sku, price='5.00')
        orders = [self.buy(sku) for sku in skus]
        self.sync()
        return [self.get_order(order_id) for order_id in orders]

    def issues(self):
        self.env.invalidate_all()
        return self.env['lazada.issue'].search([('shop_id', '=', self.shop.id)])

    def activities(self):
        attention = self.env.ref('lazada_connector.mail_activity_attention')
        return self.shop.activity_ids.filtered(
            lambda activity: activity.activity_type_id == attention)

    # === ONE PER CAUSE === #

    def test_many_orders_of_one_cause_are_one_activity(self):
        self.buy_unknown('LZT-A', 'LZT-A', 'LZT-A')
        self.assertRecordValues(self.issues(), [{
            'key': 'sku:LZT-A', 'code': 'sku_not_linked', 'order_count': 3}])
        [activity] = self.activities()
        self.assertEqual(activity.user_id, self.responsible)
        self.assertEqual(activity.summary, "LZT-A is not linked to a product")
        self.assertIn("3", activity.note)

    def test_two_causes_are_two(self):
        self.buy_unknown('LZT-A', 'LZT-B', 'LZT-A')
        self.assertEqual(set(self.issues().mapped('key')), {'sku:LZT-A', 'sku:LZT-B'})
        self.assertEqual(len(self.activities()), 2)

    def test_further_orders_of_a_cause_ask_for_nothing_new(self):
        self.buy_unknown('LZT-A')
        self.buy_unknown('LZT-A')
        self.assertEqual(self.issues().order_count, 2)
        self.assertEqual(len(self.activities()), 1)

    def test_it_closes_by_itself_when_the_cause_is_gone(self):
        orders = self.buy_unknown('LZT-A', 'LZT-A', 'LZT-B')
        orders[0].item_ids.listing_id.product_id = self.tee
        self.run_flow('import_orders')
        self.assertEqual(self.issues().mapped('key'), ['sku:LZT-B'])
        self.assertEqual(len(self.activities()), 1)
        self.assertIn("LZT-B", self.activities().summary)

    def test_done_by_hand_is_not_told_again(self):
        self.buy_unknown('LZT-A')
        self.activities().action_done()
        self.buy_unknown('LZT-A')
        self.assertFalse(self.activities())
        self.assertEqual(self.issues().order_count, 2)

    def test_a_cause_that_comes_back_is_told_again(self):
        [order] = self.buy_unknown('LZT-A')
        listing = order.item_ids.listing_id
        listing.product_id = self.tee
        self.run_flow('import_orders')
        self.assertFalse(self.activities())
        listing.write({'product_id': False, 'link_state': 'missing'})
        self.buy('LZT-A')
        self.sync()
        self.assertEqual(len(self.activities()), 1)

    def test_nobody_is_buried(self):
        with patch.object(lazada_issue, 'ACTIVITIES_PER_SHOP', 2):
            self.buy_unknown('LZT-A', 'LZT-B', 'LZT-C')
            self.assertEqual(len(self.issues()), 3)
            self.assertEqual(len(self.activities()), 2)
            self.activities()[0].unlink()
            self.run_flow('import_orders')
            self.env.invalidate_all()
            self.assertEqual(len(self.activities()), 2)

    def test_texts_of_lazada_are_shown_as_they_are(self):
        self.buy_unknown('<b>x</b> <script>alert(1)</script>')
        self.assertIn('&lt;b&gt;x&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;',
                      self.activities().note)

    def test_a_cause_costs_no_query_per_order_and_causes_none_each(self):
        few, many = self.measure_refresh(50), self.measure_refresh(200)
        self.assertLessEqual(many['one cause'], few['one cause'])
        self.assertLessEqual(many['many causes'], few['many causes'] + 10, (few, many))
        self.assertLessEqual(many['other counts'], few['other counts'] + 10, (few, many))

    def measure_refresh(self, count):
        """Queries of a refresh for so many new orders: alike, all different, and again."""
        queries = {}
        for name, causes in (('one cause', 1), ('many causes', count), ('other counts', count)):
            self.env['lazada.order'].create([{
                'shop_id': self.shop.id, 'sync_state': 'attention', 'issue_code': 'sku_not_linked',
                'issue_key': f'sku:{count}-{number % causes}', 'issue_message': "Not linked.",
                'external_id': f'{name}-{count}-{number}', 'order_number': f'{number}',
            } for number in range(count)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['lazada.issue']._refresh(self.shop)
            self.env.flush_all()
            queries[name] = self.env.cr.sql_log_count - before
        self.assertEqual(len(self.issues()), count)
        self.env['lazada.order'].search([('sync_state', '=', 'attention')]).unlink()
        self.env['lazada.issue']._refresh(self.shop)
        return queries

    def test_counting_reads_an_index_only(self):
        self.env['lazada.order'].create([{
            'shop_id': self.shop.id, 'external_id': f'many-{number}', 'order_number': f'{number}',
            'sync_state': 'done',
        } for number in range(300)])
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"
                            " ANALYZE lazada_order")
        self.env.cr.execute(
            "EXPLAIN SELECT issue_key, count(*) FROM lazada_order WHERE shop_id = %s"
            " AND sync_state = 'attention' AND issue_key IS NOT NULL GROUP BY issue_key",
            [self.shop.id])
        plan = '\n'.join(line for (line,) in self.env.cr.fetchall())
        self.assertIn('Index Only Scan using lazada_order_attention_idx', plan)

    # === RETRY === #

    def test_retry_all_works_on_everything_in_the_background(self):
        orders = self.buy_unknown('LZT-A', 'LZT-B')
        self.end_runs()
        products = {order: order.item_ids.listing_id for order in orders}
        for listing in products.values():
            listing.flush_recordset()
            self.env.cr.execute(
                "UPDATE lazada_listing SET product_id = %s, link_state = 'linked' WHERE id = %s",
                [self.tee.id, listing.id])
        self.env.invalidate_all()
        action = self.env['lazada.order'].action_retry_all()
        self.assertIn("2 orders", action['params']['message'])
        self.assertEqual({order.sync_state for order in orders}, {'todo'})
        self.assert_woken('import_orders')
        self.run_flow('import_orders')
        self.env.invalidate_all()
        self.assertEqual({order.sync_state for order in orders}, {'done'})
        self.assertFalse(self.issues())

    def test_causes_stay_while_their_orders_are_worked_on(self):
        self.buy_unknown('LZT-A', 'LZT-B')
        issues, activities = self.issues(), self.activities()
        self.env['lazada.order'].action_retry_all()
        with patch.object(const, 'IMPORT_BATCH', 1), patch.object(const, 'BATCHES_PER_TURN', 1):
            for _turn in range(3):
                self.run_flow('import_orders', turns=1)
                self.assertEqual(self.issues(), issues)
                self.assertEqual(self.activities(), activities)
        self.assertFalse(self.env['lazada.order'].search_count([('sync_state', '=', 'todo')]))
        self.assertEqual(issues.mapped('order_count'), [1, 1])

    def test_what_still_cannot_go_comes_back_with_its_reason(self):
        [order] = self.buy_unknown('LZT-A')
        self.env['lazada.order'].action_retry_all()
        self.run_flow('import_orders')
        order.invalidate_recordset()
        self.assertRecordValues(order, [{
            'sync_state': 'attention', 'issue_key': 'sku:LZT-A'}])
        self.assertEqual(len(self.activities()), 1)

    def test_a_user_may_retry_one_cause_or_all(self):
        orders = self.buy_unknown('LZT-A', 'LZT-B')
        self.issues().filtered(lambda issue: issue.key == 'sku:LZT-A').with_user(
            self.responsible).action_retry()
        self.assertEqual([order.sync_state for order in orders], ['todo', 'attention'])
        self.env['lazada.order'].with_user(self.responsible).action_retry_all()
        self.assertEqual([order.sync_state for order in orders], ['todo', 'todo'])
        with self.assertRaises(AccessError):  # by these buttons, not by hand
            orders[0].with_user(self.responsible).write({'sync_state': 'done'})

    def test_the_orders_of_a_cause_are_one_click_away(self):
        orders = self.buy_unknown('LZT-A', 'LZT-B')
        issue = self.issues().filtered(lambda issue: issue.key == 'sku:LZT-A')
        action = issue.with_user(self.responsible).action_view_orders()
        self.assertEqual(self.env['lazada.order'].search(action['domain']), orders[0])
