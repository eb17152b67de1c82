# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person asked to be fetched: some orders by number, or a period."""
import re
from datetime import timedelta
from itertools import takewhile

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import const
from ..exceptions import describe
from ..lazada_api import errors

DAYS_KEPT = 90
OPEN_STATES = ('todo', 'running')


class LazadaFetch(models.Model):
    """One request, worked off in the background with its progress and its result."""
    _name = 'lazada.fetch'
    _description = "Lazada Fetch"
    _order = 'id desc'

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    kind = fields.Selection(
        [('numbers', "Recover Orders"), ('range', "Fetch Date Range"),
         ('history', "Import History")], required=True)
    numbers = fields.Text("Order Numbers")
    date_from = fields.Datetime("From")
    date_to = fields.Datetime("To")
    include_cancelled = fields.Boolean("With Canceled Orders")
    state = fields.Selection(
        [('todo', "Waiting"), ('running', "In Progress"), ('done', "Done"),
         ('cancelled', "Stopped"), ('failed', "Failed")],
        required=True, default='todo')
    position = fields.Integer(help="Numbers that have been worked off.")
    resume_at = fields.Datetime("Read Until")
    missing_count = fields.Integer("New Here")
    changed_count = fields.Integer("Updated")
    order_ids = fields.Many2many('lazada.order', string="Recovered Orders")
    unknown_numbers = fields.Text("Not Known to Lazada")
    error_message = fields.Text()
    finished_at = fields.Datetime("Finished")
    progress = fields.Float(compute='_compute_progress')
    order_count = fields.Integer("Orders", compute='_compute_counts')
    todo_count = fields.Integer("Still to Import", compute='_compute_counts')
    attention_count = fields.Integer("Need Attention", compute='_compute_counts')
    sale_count = fields.Integer("Sales Orders", compute='_compute_counts')
    result = fields.Text(compute='_compute_result')

    _open_idx = models.Index("(shop_id, id) WHERE state IN ('todo', 'running')")

    # === COMPUTES === #

    @api.depends('kind', 'shop_id')
    def _compute_display_name(self):
        labels = dict(self._fields['kind']._description_selection(self.env))
        for request in self:
            request.display_name = f"{labels.get(request.kind, '')} {request.shop_id.name or ''}"

    @api.depends('state', 'position', 'resume_at')
    def _compute_progress(self):
        for request in self:
            if request.state == 'done':
                request.progress = 100
            elif request.kind == 'numbers':
                request.progress = 100 * request.position / len(request._get_numbers())
            else:
                read = (request.resume_at or request.date_from) - request.date_from
                request.progress = 100 * read / (request.date_to - request.date_from)

    def _get_order_domain(self):
        self.ensure_one()
        if self.kind == 'numbers':
            return [('id', 'in', self.order_ids.ids)]
        return [
            ('shop_id', '=', self.shop_id.id), ('ordered_at', '>=', self.date_from),
            ('ordered_at', '<=', self.date_to)]

    @api.depends('state', 'position', 'resume_at')
    def _compute_counts(self):
        for request in self:
            groups = self.env['lazada.order']._read_group(
                request._get_order_domain(), ['sync_state'], ['__count', 'sale_order_id:count'])
            counts = {state: count for state, count, _sales in groups}
            request.order_count = sum(counts.values())
            request.todo_count = counts.get('todo', 0)
            request.attention_count = counts.get('attention', 0)
            request.sale_count = sum(sales for _state, _count, sales in groups)

    @api.depends('state', 'order_ids', 'unknown_numbers', 'error_message')
    def _compute_result(self):
        for request in self:
            lines = [request.error_message] if request.error_message else []
            lines += [
                f"{order.order_number}: {request._describe_order(order)}"
                for order in request.order_ids]
            if request.unknown_numbers:
                lines.append(self.env._(
                    "Not known to Lazada in this shop: %s", request.unknown_numbers))
            request.result = '\n'.join(lines)

    def _describe_order(self, order):
        if order.sync_state == 'done':
            return self.env._("sales order %s", order.sale_order_id.name)
        if order.sync_state == 'todo':
            return self.env._("is being imported")
        return order.issue_message

    @api.constrains('kind', 'numbers', 'date_from', 'date_to')
    def _check_complete(self):
        for request in self:
            if request.kind == 'numbers':
                request._get_numbers()
            elif not request.date_from or not request.date_to:
                raise UserError(self.env._("Enter the first and the last day to fetch."))
            elif request.date_from >= request.date_to:
                raise UserError(self.env._("The period must end after it begins."))

    def _get_numbers(self):
        """Return the order numbers that were typed or pasted, each once.

        :raise UserError: there is none, or one cannot be a number of Lazada
        """
        numbers = list(dict.fromkeys(re.split(r'[\s,;]+', (self.numbers or '').strip())))
        wrong = [number for number in numbers if not re.fullmatch('[0-9]{1,20}', number)]
        if wrong:
            raise UserError(self.env._(
                "Enter one or more Lazada order numbers, which consist of digits; \"%s\" is not "
                "one.", wrong[0][:40]))
        return numbers

    # === ACTIONS === #

    def action_stop(self):
        """Leave it at what was fetched so far."""
        self.check_access('read')
        open_requests = self.filtered(lambda request: request.state in OPEN_STATES)
        # Requests are written by the connector only; who may see one may stop it.
        open_requests.sudo().write({
            'state': 'cancelled', 'finished_at': fields.Datetime.now()})
        return True

    def action_refresh(self):
        """Show the form anew: progress is made in the background."""
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def action_view_orders(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_order_action')
        return {
            **action, 'domain': self._get_order_domain(), 'context': {},
            'name': self.env._("Fetched Orders")}

    # === WORK === #

    @api.model
    def _get_next(self, shop):
        return self.search(
            [('shop_id', '=', shop.id), ('state', 'in', OPEN_STATES)], order='id', limit=1)

    def _work(self, run, client):
        """Work on this request until it is through or the turn is over."""
        run.attempt(self.write, {'state': 'running'})
        try:
            if self.kind == 'numbers':
                finished = self._fetch_numbers(run, client)
            else:
                finished = self._fetch_period(run, client)
        except errors.LazadaRequestError as error:
            run.rollback()
            run.attempt(self._finish, 'failed', describe(self.env, error))
        else:
            if finished:
                run.attempt(self._finish, 'done')

    def _finish(self, state, message=False):
        self.write({
            'state': state, 'error_message': message, 'finished_at': self.env.cr.now()})

    def _is_stopped(self):
        """Whether a person stopped it meanwhile; read anew after each commit."""
        self.invalidate_recordset(['state'])
        return self.state not in OPEN_STATES

    # === BY NUMBER === #

    def _fetch_numbers(self, run, client):
        numbers = self._get_numbers()
        while self.position < len(numbers):
            if run.out_of_time or self._is_stopped():
                return False
            self._fetch_some(
                run, client, numbers[self.position:self.position + const.ITEMS_PER_CALL])
        return True

    def _fetch_some(self, run, client, numbers):
        """Fetch the first of these orders, as many as there is time for."""
        flow, known = run.flow, self._get_external_ids(numbers)
        external_ids = {number: known.get(number, number) for number in numbers}
        read = flow._read_headers(run, client, list(dict.fromkeys(external_ids.values())))
        numbers = list(takewhile(lambda number: external_ids[number] in read, numbers))
        headers = list(filter(None, read.values()))
        unknown = [number for number in numbers if not read[external_ids[number]]]
        flow._mirror_headers(run, client, headers, force=True)
        run.attempt(self._note_recovered, numbers, headers, unknown)

    def _get_external_ids(self, numbers):
        """Return {order number: order id} of what is known; old orders have two numbers."""
        orders = self.env['lazada.order'].search([
            ('shop_id', '=', self.shop_id.id), ('order_number', 'in', numbers)])
        return {order.order_number: order.external_id for order in orders}

    def _note_recovered(self, numbers, headers, unknown):
        orders = self.env['lazada.order'].browse(
            order.id for order in self.env['lazada.order']._find_mirrored(
                self.shop_id, headers).values())
        orders.filtered(lambda order: not order.sale_order_id).imported_at = False
        orders._decide()
        self.write({
            'position': self.position + len(numbers),
            'order_ids': [fields.Command.link(order.id) for order in orders],
            'unknown_numbers': ', '.join(filter(None, [self.unknown_numbers, *unknown])) or False})

    # === BY PERIOD === #

    def _fetch_period(self, run, client):
        """Read the orders placed in the period, page by page."""
        start = self.resume_at or self.date_from
        run.release()
        pages = client.orders.pages(
            created_after=start, created_before=self.date_to, limit=const.ORDERS_PER_PAGE)
        for page in pages:
            headers = [header for header in page.orders if header.get('order_id')]
            missing, changed = run.flow._mirror_headers(run, client, headers)
            run.attempt(self._note_page, headers, len(missing), len(changed))
            if self._is_stopped() or (run.out_of_time and self.resume_at > start):
                return False
        return True

    def _note_page(self, headers, missing, changed):
        """Decide the orders of a page again, as the policies may have changed; keep the place."""
        orders = self.env['lazada.order'].browse(
            order.id for order in self.env['lazada.order']._find_mirrored(
                self.shop_id, headers).values())
        orders.filtered(lambda order: not order.sale_order_id)._decide()
        if self.kind == 'history':
            orders._mark_history(self.include_cancelled)
        placed = [order.ordered_at for order in orders if order.ordered_at]
        self.write({
            'resume_at': max([self.resume_at or self.date_from, *placed]),
            'missing_count': self.missing_count + missing,
            'changed_count': self.changed_count + changed})

    @api.autovacuum
    def _gc_requests(self):
        limit = fields.Datetime.now() - timedelta(days=DAYS_KEPT)
        old = self.search([('finished_at', '<', limit)], limit=1_000)
        old.unlink()
        return len(old), len(old)


class LazadaFlow(models.Model):
    """Work off what people asked for."""
    _inherit = 'lazada.flow'

    def _run_backfill(self, run):
        requests, worked = self.env['lazada.fetch'], False
        with run.client() as client:
            while request := requests._get_next(self.shop_id):
                if worked and run.out_of_time:
                    break
                request._work(run, client)
                worked = True
        if worked:
            run.attempt(self.shop_id._get_flow('import_orders')._wake)
        return bool(request)
