"""What must hold after every test, crash and fault, whatever the platform did.

One checker for every suite: it reads Odoo by SQL, over the cursor of an ORM test or over a
connection of its own, and compares with the truth of the sandbox's `/_control` interface.

I1  every order of the platform is exactly once in Odoo, or visible with a reason
I2  no key twice, no second sales order, no second delivery
I3  the total of every sales order is its units' price less the seller's vouchers, to the cent
I4  the cursor never passes an order that is not mirrored
I5  what is reserved in stock is what the transfers hold
I6  every write took effect at most once on the platform
I7  no secret anywhere it can be read
I8  when the fault is over nothing is left to do, and nothing failed
I9  no shop waits more than five minutes for another
"""
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

CENT = Decimal('0.01')
LONGEST_WAIT = timedelta(minutes=5)
MOST_SHOWN = 30
# Whole rows of these tables are searched for secrets.
READABLE = (
    'lazada_call', 'lazada_flow', 'lazada_order', 'lazada_order_item', 'lazada_payload',
    'lazada_listing', 'lazada_shop', 'mail_message', 'mail_activity', 'mail_tracking_value',
    'ir_logging', 'res_partner', 'sale_order', 'sale_order_line',
)


def env_query(env):
    """Return a query function over the cursor of an ORM test."""
    def query(statement, **params):
        env.flush_all()
        env.cr.execute(statement, params)
        return env.cr.dictfetchall()
    return query


def server_query(server, database):
    """Return a query function over a connection of its own (see `tools.postgres.Server`)."""
    def query(statement, **params):
        with server.cursor(database) as cursor:
            cursor.execute(statement, params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return query


class Invariants:
    """The checker of one database against one sandbox (a `SandboxControl`).

    since: naive UTC; orders that changed earlier need not be known.
    attention: ids of orders that a person has to look at: their own data is the cause.
    forged: ids of orders whose answers a test forced; their content is not compared.
    lag: seconds by which the platform's own index is late.
    secrets: texts, beside the tokens in the database, that nobody may read.
    now: naive UTC; what the clock of the machine shows, where a test moved it.
    """

    def __init__(self, query, sandbox, *, since=datetime.min, attention=(), forged=(), lag=0,
                 secrets=(), now=None):
        self.query = query
        self.sandbox = sandbox
        self.since = since
        self.attention = set(map(str, attention))
        self.forged = set(map(str, forged))
        self.lag = timedelta(seconds=lag)
        self.secrets = set(secrets)
        self.now = now
        self.broken = []

    def check(self, settled=True, secrets=True):
        """Raise an AssertionError that names everything that is broken.

        settled: the fault is over and the two runs that repair it are done (I8); before that,
        work may be left.
        secrets: look for secrets too (I7); it reads every row there is.
        """
        self.broken = []
        for shop in self._get_shops():
            self._check_shop(shop, settled)
        self._check_sales()
        self._check_deliveries()
        self._check_reservations()
        self._check_writes()
        if secrets:
            self._check_secrets()
        self._check_waiting()
        if self.broken:
            shown = self.broken[:MOST_SHOWN]
            if len(self.broken) > len(shown):
                shown.append(f'  I0  and {len(self.broken) - len(shown)} more')
            raise AssertionError('\n'.join(['broken:', *shown]))

    def _report(self, number, text):
        self.broken.append(f'  I{number}  {text}')

    # === SHOPS: I1, I4, I8 === #

    def _get_shops(self):
        """The shops of this sandbox; `runs`: whether anybody works for them now."""
        return self.query(
            """
            SELECT shop.id, shop.site, shop.external_id,
                   shop.active AND NOT COALESCE(shop.paused, FALSE)
                   AND account.active AND account.state = 'connected' AS runs
              FROM lazada_shop shop JOIN lazada_account account ON account.id = shop.account_id
             WHERE shop.endpoint = %(url)s
            """, url=self.sandbox.url)

    def _check_shop(self, shop, settled):
        orders = {row['external_id']: row for row in self.query(
            "SELECT external_id, sync_state, issue_code, issue_message, items_state, "
            "remote_updated_at, sale_order_id FROM lazada_order WHERE shop_id = %(shop)s",
            shop=shop['id'])}
        truth = {
            order['order_id']: order for order in self.sandbox.get(
                'orders', site=shop['site'], seller_id=shop['external_id'])['orders']
            if _moment(order['updated_at']) >= self.since}
        self._check_cursor(shop, orders, truth)
        for order in orders.values():
            self._check_reason(order)
        if settled and shop['runs']:
            self._check_settled(shop, orders, truth)

    def _check_reason(self, order):
        """What is not imported says why."""
        waits = order['sync_state'] in ('attention', 'ignored')
        if waits and not (order['issue_code'] and order['issue_message']):
            self._report(1, f"{order['external_id']} is {order['sync_state']} without a reason")
        if order['sync_state'] == 'done' and not order['sale_order_id']:
            self._report(1, f"{order['external_id']} is done without a sales order")

    def _check_cursor(self, shop, orders, truth):
        [flow] = self.query(
            "SELECT cursor_at FROM lazada_flow WHERE shop_id = %(shop)s "
            "AND name = 'fetch_orders'", shop=shop['id'])
        if not flow['cursor_at']:
            return
        passed = flow['cursor_at'].replace(microsecond=0) - self.lag
        for order_id, order in truth.items():
            changed_at = _moment(order['updated_at'])
            known = orders.get(order_id)
            if changed_at >= passed or order_id in self.forged:
                continue
            if not known:
                self._report(4, f"the cursor {passed} passed {order_id} of {changed_at}")
            elif (known['remote_updated_at'] or datetime.min) < changed_at:
                self._report(4, f"the cursor {passed} passed the change of {order_id} at "
                                f"{changed_at}; known is {known['remote_updated_at']}")

    def _check_settled(self, shop, orders, truth):
        for order_id, order in truth.items():
            if order_id not in orders:
                self._report(1, f"{order_id} of {shop['site']} is not in Odoo")
            elif order_id not in self.forged:
                self._check_fate(orders[order_id], order)
        self._check_units(shop, orders, truth)
        for order in orders.values():
            if order['sync_state'] == 'todo' or order['items_state'] == 'missing':
                self._report(8, f"{order['external_id']} is left: {order['sync_state']}, units "
                                f"{order['items_state']}, {order['issue_message']}")
            if order['sync_state'] == 'attention' and order['external_id'] not in self.attention:
                self._report(8, f"{order['external_id']} needs a person: "
                                f"{order['issue_code']}, {order['issue_message']}")
        for flow in self.query(
                "SELECT * FROM lazada_flow WHERE shop_id = %(shop)s AND name IN %(names)s",
                shop=shop['id'], names=('fetch_orders', 'import_orders')):
            if flow['error_message'] or flow['failure_count'] or flow['token']:
                self._report(8, f"{flow['name']} of {shop['site']}: {flow['error_message']} "
                                f"({flow['failure_count']} failures, lease {flow['token']})")

    def _check_fate(self, known, order):
        """An order that has to be shipped is imported, unless a person said otherwise."""
        if order['importable'] and known['sync_state'] == 'ignored' and (
                known['issue_code'] not in ('sale_deleted', 'before_go_live')):
            self._report(1, f"{order['order_id']} should be imported: {known['issue_message']}")

    def _check_units(self, shop, orders, truth):
        units = defaultdict(dict)
        for row in self.query(
                "SELECT o.external_id AS order_id, i.external_id, i.raw_status, i.item_price, "
                "i.voucher_seller, i.shipping_amount FROM lazada_order_item i "
                "JOIN lazada_order o ON o.id = i.order_id WHERE i.shop_id = %(shop)s",
                shop=shop['id']):
            units[row['order_id']][row['external_id']] = (
                row['raw_status'], *_cents(row, 'item_price', 'voucher_seller', 'shipping_amount'))
        for order_id, order in truth.items():
            real = {
                unit['order_item_id']: (
                    unit['status'], *_cents(unit, 'item_price', 'voucher_seller', 'shipping'))
                for unit in order['items']}
            if order_id in orders and order_id not in self.forged and units[order_id] != real:
                self._report(1, f"the units of {order_id} are {units[order_id]}, not {real}")

    # === DOCUMENTS: I2, I3, I5 === #

    def _check_sales(self):
        for row in self.query(
                """
                SELECT lazada_shop_id, client_order_ref, count(*) FROM sale_order
                 WHERE lazada_shop_id IS NOT NULL
                 GROUP BY lazada_shop_id, client_order_ref HAVING count(*) > 1
                """):
            self._report(2, f"{row['count']} sales orders of {row['client_order_ref']}")
        for row in self.query(
                """
                SELECT lazada_buyer_key, company_id, count(*) FROM res_partner
                 WHERE lazada_buyer_key IS NOT NULL
                 GROUP BY lazada_buyer_key, company_id HAVING count(*) > 1
                """):
            self._report(2, f"{row['count']} customers of the buyer {row['lazada_buyer_key']}")
        for sale in self.query(
                """
                SELECT sale.name, sale.state, sale.amount_total,
                       SUM(item.item_price - item.voucher_seller) AS goods,
                       SUM(item.shipping_amount) AS shipping,
                       EXISTS (SELECT 1 FROM sale_order_line line WHERE line.order_id = sale.id
                                  AND line.lazada_kind = 'shipping') AS with_shipping
                  FROM sale_order sale
                  LEFT JOIN sale_order_line line ON line.order_id = sale.id
                  JOIN lazada_order_item item ON item.sale_line_id = line.id
                 GROUP BY sale.id
                """):
            expected = sale['goods'] + (sale['shipping'] if sale['with_shipping'] else 0)
            [total, formula] = _cents({'a': sale['amount_total'], 'b': expected}, 'a', 'b')
            if total != formula:
                self._report(3, f"{sale['name']} comes to {total}, its units to {formula}")
        for line in self.query(
                """
                SELECT sale.name, line.product_uom_qty, line.lazada_bundle_qty AS pieces,
                       count(item.id) AS units
                  FROM sale_order_line line JOIN sale_order sale ON sale.id = line.order_id
                  LEFT JOIN lazada_order_item item ON item.sale_line_id = line.id
                 WHERE line.lazada_kind = 'product' AND sale.state != 'cancel'
                 GROUP BY sale.id, line.id
                HAVING line.product_uom_qty != count(item.id) * line.lazada_bundle_qty
                """):
            self._report(3, f"{line['name']} sells {line['product_uom_qty']} of "
                            f"{line['units']} units of {line['pieces']} pieces")

    def _check_deliveries(self):
        """What is delivered, or going to be, is what was sold: each unit once."""
        for line in self.query(
                """
                SELECT sale.name, sale.state, line.product_uom_qty, line.lazada_no_delivery,
                       COALESCE(SUM(move.product_uom_qty) FILTER (
                           WHERE move.state != 'cancel' AND place.usage = 'customer'), 0) AS moved
                  FROM sale_order_line line
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                  LEFT JOIN stock_move move ON move.sale_line_id = line.id
                  LEFT JOIN stock_location place ON place.id = move.location_dest_id
                 WHERE line.lazada_kind = 'product' AND template.type = 'consu'
                 GROUP BY sale.id, line.id
                """):
            wanted = line['product_uom_qty'] if line['state'] == 'sale' else 0
            if line['lazada_no_delivery']:
                wanted = 0
            if line['moved'] != wanted:
                self._report(2, f"{line['name']} ({line['state']}) delivers {line['moved']} "
                                f"of {wanted}")

    def _check_reservations(self):
        for row in self.query(
                """
                WITH held AS (
                    SELECT line.product_id, line.location_id, SUM(line.quantity_product_uom) AS qty
                      FROM stock_move_line line
                     WHERE line.state NOT IN ('done', 'cancel', 'draft')
                     GROUP BY 1, 2),
                reserved AS (
                    SELECT quant.product_id, quant.location_id, SUM(reserved_quantity) AS qty
                      FROM stock_quant quant GROUP BY 1, 2)
                SELECT both_sides.* FROM (
                    SELECT product_id, location_id, COALESCE(held.qty, 0) AS held,
                           COALESCE(reserved.qty, 0) AS reserved
                      FROM held FULL JOIN reserved USING (product_id, location_id)) both_sides
                  JOIN stock_location place ON place.id = both_sides.location_id
                  JOIN product_product product ON product.id = both_sides.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE place.usage IN ('internal', 'transit') AND template.is_storable
                   AND both_sides.held != both_sides.reserved
                """):
            self._report(5, f"product {row['product_id']}: {row['reserved']} reserved, the "
                            f"transfers hold {row['held']}")

    # === TRUST: I6, I7, I9 === #

    def _check_writes(self):
        """A package is packed, handed over and undone once; a unit is in one parcel, and
        cancelled once.
        """
        parcels = defaultdict(list)
        for package in self.sandbox.get('packages')['packages']:
            for kind, count in package['applied'].items():
                if count > 1:
                    self._report(6, f"{kind} of {package['package_id']} was applied {count} times")
            if package['status'] != 'canceled':
                for unit in package['order_item_ids']:
                    parcels[package['site'], unit].append(package['package_id'])
        for (_site, unit), packages in parcels.items():
            if len(packages) > 1:
                self._report(6, f"unit {unit} was packed {len(packages)} times: {packages}")
        self._check_cancels()

    def _check_cancels(self):
        """Units are cancelled by calls as often as commands of ours wanted it: once each, with
        the rest of their parcel; and what we call cancelled, is.
        """
        lines = self.query(
            """
            SELECT shop.site, shop.external_id AS seller_id, orders.external_id AS order_id,
                   item.external_id AS unit, line.state
              FROM lazada_command_line line
              JOIN lazada_order_item item ON item.id = line.item_id
              JOIN lazada_order orders ON orders.id = item.order_id
              JOIN lazada_shop shop ON shop.id = item.shop_id
             WHERE line.kind = 'cancel' AND shop.endpoint = %(url)s
            """, url=self.sandbox.url)
        statuses = {}
        for site, seller_id, order_id in {
                (line['site'], line['seller_id'], line['order_id']) for line in lines}:
            for order in self.sandbox.get(
                    'orders', site=site, seller_id=seller_id, order_id=order_id)['orders']:
                for unit in order['items']:
                    statuses[site, unit['order_item_id']] = unit['status']
        gone = sum(status == 'canceled' for status in statuses.values())
        applied = self.sandbox.get('calls', since=1 << 62)['counters'].get('cancel', 0)
        if applied > gone:
            self._report(6, f"{applied} units were cancelled by calls, {gone} of our orders are")
        for line in lines:
            status = statuses.get((line['site'], line['unit']))
            if line['state'] == 'done' and status != 'canceled':
                self._report(6, f"unit {line['unit']} is said to be cancelled and is {status}")

    def _check_secrets(self):
        tokens = self.query("SELECT app_secret, access_token, refresh_token FROM lazada_account")
        secrets = self.secrets.union(*(row.values() for row in tokens))
        patterns = [f'%{secret}%' for secret in secrets if secret and len(secret) > 15]
        rows = self.query(" UNION ALL ".join(
            f"SELECT '{table}' AS name, count(*) FROM {table} AS r"
            f" WHERE r::text LIKE ANY(%(patterns)s::text[])" for table in READABLE),
            patterns=patterns)
        for row in rows:
            if row['count']:
                self._report(7, f"a secret stands in {row['count']} rows of {row['name']}")

    def _check_waiting(self):
        """A flow that is due, and that nobody works on, is taken up in time."""
        limit = (self.now or datetime.now(UTC).replace(tzinfo=None)) - LONGEST_WAIT
        for flow in self.query(
                """
                SELECT shop.name AS shop, flow.name, flow.due_at
                  FROM lazada_flow flow JOIN lazada_shop shop ON shop.id = flow.shop_id
                  JOIN lazada_account account ON account.id = shop.account_id
                 WHERE flow.due_at < %(limit)s AND shop.endpoint = %(url)s AND shop.active
                   AND NOT COALESCE(shop.paused, FALSE) AND account.state = 'connected'
                """, limit=limit, url=self.sandbox.url):
            self._report(9, f"{flow['name']} of {flow['shop']} waits since {flow['due_at']}")


@contextmanager
def broken(*numbers):
    """Expect that `check()` in this block finds exactly these invariants broken."""
    try:
        yield
    except AssertionError as error:
        found = {int(line.split()[0][1:]) for line in str(error).splitlines()[1:]}
        if found == set(numbers):
            return
        raise
    raise AssertionError(f"I{numbers} should be broken, and nothing is")


def _moment(text):
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _cents(row, *names):
    return [Decimal(str(row[name])).quantize(CENT) for name in names]
