# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes that must happen once: asked for by people, sent by the fulfilment flow."""
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .. import const
from ..lazada_api.outcomes import Row, outcome
from .lazada_command_words import AGAIN, ENOUGH, explain

# Lazada's answer says that the world is not as we think: read the units again, then decide.
LOOK_AGAIN_CODES = ('700000', '700026', '600001', '600002')


class LazadaCommand(models.Model):
    """One write to Lazada with the units it concerns.

    todo -> sent -> done or failed. The state `sent` is committed before the call: one that is left
    over had no answer, becomes `unknown`, and its units are read again before anything is repeated.
    """
    _name = 'lazada.command'
    _description = "Lazada Command"
    _order = 'id desc'
    _rec_name = 'kind'

    kind = fields.Selection(const.COMMAND_KINDS, required=True)
    state = fields.Selection(
        const.COMMAND_STATES, compute='_compute_state', store=True, required=True,
        precompute=True)
    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    order_id = fields.Many2one('lazada.order', required=True, index=True, ondelete='cascade')
    package_id = fields.Many2one('lazada.package', index='btree_not_null', ondelete='cascade')
    picking_id = fields.Many2one(
        'stock.picking', string="Delivery", index='btree_not_null', ondelete='set null')
    line_ids = fields.One2many('lazada.command.line', 'command_id', string="Units")
    provider_code = fields.Char("Courier Code")
    user_id = fields.Many2one(
        'res.users', string="Asked By", default=lambda self: self.env.uid, ondelete='set null')
    due_at = fields.Datetime("Not Before", required=True, default=lambda self: self.env.cr.now())
    sent_at = fields.Datetime()
    tries = fields.Integer()
    alone = fields.Boolean(
        "On Its Own", help="Sent in a call of its own: Lazada refused a whole call with it.")
    error_message = fields.Text("What Happened")

    _open_idx = models.Index(
        "(shop_id, kind, due_at) WHERE state IN ('todo', 'sent', 'unknown')")

    @api.depends('line_ids.state')
    def _compute_state(self):
        """The state of a command is that of its unit which is furthest from its end."""
        for command in self:
            states = set(command.line_ids.mapped('state')) or {'todo'}
            command.state = next(
                state for state in ('sent', 'unknown', 'todo', 'failed', 'done')
                if state in states)

    # === ASKING === #

    @api.model
    def _request(self, requests):
        """Create the commands for these writes and wake their flows.

        Units that are in an open command of the same kind are left out: a second click finds the
        first, also when both arrive at once (the database refuses the second line).

        :param list requests: dicts with kind, order, items and maybe package, picking,
            provider_code
        :return: the new commands
        """
        commands = self.create([{
            'kind': request['kind'],
            'shop_id': request['order'].shop_id.id,
            'order_id': request['order'].id,
            'package_id': request.get('package', self.env['lazada.package']).id,
            'picking_id': request.get('picking', self.env['stock.picking']).id,
            'provider_code': request.get('provider_code'),
        } for request in requests])
        rows = [
            (command.id, command.company_id.id, item.id, command.kind, 'todo')
            for command, request in zip(commands, requests, strict=True)
            for item in request['items']]
        if rows:
            self.env.execute_query(SQL(
                """
                INSERT INTO lazada_command_line (command_id, company_id, item_id, kind, state)
                     VALUES %s ON CONFLICT DO NOTHING RETURNING id
                """, SQL(", ").join(SQL("%s", row) for row in rows)))
        commands.invalidate_recordset(['line_ids'])
        commands.line_ids.modified(['command_id', 'state'])
        self.env['lazada.order.item'].invalidate_model(['command_line_ids'])
        empty = commands.filtered(lambda command: not command.line_ids)
        empty.unlink()
        commands -= empty
        for shop in commands.shop_id:
            shop._get_flow('fulfilment')._wake_after_commit()
        return commands

    def action_retry(self):
        """Send again what Lazada refused."""
        self.check_access('read')
        self.sudo()._reopen()
        return True

    def _reopen(self):
        """Put the failed units of these commands back to work, unless a newer command has them,
        their package is gone, or it came about in another way meanwhile.
        """
        lines = self.filtered(lambda command: not command._is_over()).line_ids.filtered(
            lambda line: line.state == 'failed' and line._is_newest())
        reached = lines.filtered(
            lambda line: line.command_id._check_applied(line.item_id) == 'done')
        reached.write({'state': 'done', 'message': False})
        for command in reached.command_id:
            getattr(command, f'_apply_{command.kind}')(
                [(line, None) for line in reached & command.line_ids])
            command._summarise()
        lines -= reached
        lines.write({'state': 'todo', 'message': False})
        lines.command_id.write({
            'tries': 0, 'due_at': self.env.cr.now(), 'error_message': False})
        for shop in lines.command_id.shop_id:
            shop._get_flow('fulfilment')._wake_after_commit()

    def _is_over(self):
        """Whether nobody has to see to this command any more: its package is gone."""
        self.ensure_one()
        return bool(self.package_id) and not self.package_id._is_live()

    # === SENDING === #

    @api.model
    def _get_due(self, shop, kind):
        return self.search([
            ('shop_id', '=', shop.id), ('kind', '=', kind), ('state', '=', 'todo'),
            ('due_at', '<=', self.env.cr.now())], order='id', limit=const.COMMANDS_PER_TURN)

    def _split_in_batches(self):
        """Return these commands of one kind in batches for one call each: one courier a call, the
        own fleet apart, and an order at most once in it: each command is a parcel of its own.
        """
        batches = []
        for command in self:
            for batch in batches:
                if (len(batch) < const.COMMANDS_PER_CALL
                        and not command.alone and not batch[0].alone
                        and batch[0].provider_code == command.provider_code
                        and batch[0]._is_own_fleet() == command._is_own_fleet()
                        and command.order_id not in {other.order_id for other in batch}):
                    batch.append(command)
                    break
            else:
                batches.append([command])
        return [self.browse([command.id for command in batch]) for batch in batches]

    def _is_own_fleet(self):
        self.ensure_one()
        return 'own_fleet' in self.line_ids.item_id.mapped('channel')

    def _mark_sent(self):
        """Say that these are on their way. Return those that still had something to send."""
        commands = self.exists().filtered(lambda command: command.state == 'todo')
        commands._get_lines('todo').state = 'sent'
        for command in commands:
            command.write({'sent_at': self.env.cr.now(), 'tries': command.tries + 1})
        return commands

    def _mark_todo(self):
        """Nothing was sent after all."""
        self._get_lines('sent').state = 'todo'
        for command in self:
            command.tries -= 1

    def _separate(self):
        """One of these spoiled the whole call, and nothing was done: send each on its own."""
        self._mark_todo()
        self.alone = True

    def _hold_back(self, error):
        """Lazada has switched this call off: send these later, and say so meanwhile."""
        self._get_lines('todo').message = explain(self.env, error.code, error.message, AGAIN)
        self.due_at = self.env.cr.now() + timedelta(minutes=const.SUSPENDED_MINUTES)
        for command in self:
            command._summarise()

    def _get_lines(self, *states):
        return self.line_ids.filtered(lambda line: line.state in states)

    def _prepare_pack(self):
        """Return the (order id, [order item id]) pairs of these commands."""
        return [
            (command.order_id.external_id, command._get_lines('sent').item_id._sort_by_age()
             .mapped('external_id')) for command in self]

    # === ANSWERS === #

    def _receive(self, rows):
        """Take over Lazada's answer, row by row. What is missing in it stays `sent`.

        :param rows: `lazada_api.outcomes.Row`
        :return: the commands that ended
        """
        by_item = {row.order_item_id: row for row in rows if row.order_item_id}
        by_package = {row.package_id: row for row in rows if not row.order_item_id}
        for command in self:
            answered = [
                (line, by_item.get(line.item_id.external_id)
                 or by_package.get(command.package_id.external_id))
                for line in command._get_lines('sent')]
            command._receive_rows([(line, row) for line, row in answered if row])
        return self.filtered(lambda command: command.state in ('done', 'failed'))

    def _fail_rows(self, error):
        """Return the answer to these commands when Lazada refused a look-up they need."""
        values = outcome(error, self)
        return [
            Row(order_item_id=line.item_id.external_id, **values)
            for line in self._get_lines('sent')]

    def _receive_rows(self, answered):
        self.ensure_one()
        for line, row in answered:
            line.write(self._judge(row))
        done = [(line, row) for line, row in answered if line.state == 'done']
        if done:
            getattr(self, f'_apply_{self.kind}')(done)
        self._summarise(retry=any(line.state == 'todo' for line, _row in answered))

    def _judge(self, row):
        """Return the values of a line for this answer."""
        if row.state == 'done':
            return {'state': 'done', 'message': False}
        if row.state == 'unsent':
            return {'state': 'todo'}
        if row.state == 'unknown' or row.code in LOOK_AGAIN_CODES:
            return {'state': 'unknown', 'message': explain(self.env, row.code, row.message)}
        again = row.retry and self.tries < const.COMMAND_TRIES_BY_CODE.get(
            row.code, const.COMMAND_TRIES)
        return {
            'state': 'todo' if again else 'failed',
            'message': explain(
                self.env, row.code, row.message, AGAIN if again else ENOUGH if row.retry else '')}

    def _summarise(self, retry=False):
        """Show the outcome of the units on the command, and when it is tried again."""
        self.ensure_one()
        messages = dict.fromkeys(
            line.message for line in self.line_ids if line.message and line.state != 'done')
        vals = {'error_message': '\n'.join(messages) or False}
        if retry:
            steps = const.COMMAND_BACKOFF_MINUTES
            wait = steps[min(max(self.tries, 1), len(steps)) - 1]
            vals['due_at'] = self.env.cr.now() + timedelta(minutes=wait)
        self.write(vals)

    def _refuse(self, code):
        """These were not sent for a reason of our own."""
        for command in self:
            command._get_lines('sent').write(
                {'state': 'failed', 'message': explain(self.env, code)})
            command._summarise()
        self._tell()

    @api.model
    def _get_next_due(self, shop):
        """Return when the next open command has to be looked at."""
        now = self.env.cr.now()
        todo = self.search([('shop_id', '=', shop.id), ('state', '=', 'todo')],
                           order='due_at', limit=1)
        times = [todo.due_at] if todo else []
        if self._get_unanswered(shop):
            times.append(now + timedelta(seconds=const.LOOK_AGAIN_SECONDS))
        return min(times, default=None)

    # === WITHOUT ANSWER === #

    @api.model
    def _get_unanswered(self, shop):
        return self.search([
            ('shop_id', '=', shop.id), ('state', 'in', ('sent', 'unknown'))], order='id')

    def _mark_unknown(self):
        """The flow is ours, so nobody else is sending: what is still `sent` has no answer."""
        self._get_lines('sent').state = 'unknown'

    def _settle(self):
        """Decide on commands without answer, after their units were read again.

        :return: the commands that ended
        """
        settled_before = self.env.cr.now() - timedelta(seconds=const.WRITE_SETTLES_SECONDS)
        for command in self:
            verdicts = [
                (line, command._check_applied(line.item_id))
                for line in command._get_lines('unknown')]
            for line, verdict in verdicts:
                if verdict == 'open':
                    if command.sent_at and command.sent_at > settled_before:
                        continue  # Lazada may still show it; a second write would be too early
                    verdict = 'todo' if command.tries < const.COMMAND_TRIES else 'failed'
                line.write(command._get_verdict_values(line, verdict))
            done = [(line, None) for line, _verdict in verdicts if line.state == 'done']
            if done:
                getattr(command, f'_apply_{command.kind}')(done)
            command._summarise()
        return self.filtered(lambda command: command.state in ('done', 'failed'))

    def _get_verdict_values(self, line, verdict):
        """Return the values of a line; what failed without a word of Lazada says why."""
        if verdict == 'done':
            return {'state': verdict, 'message': False}
        if verdict == 'failed' and not line.message:
            return {'state': verdict, 'message': self.env._(
                "Lazada did not do it. There the unit is in the status %s.",
                line.item_id.raw_status or '-')}
        return {'state': verdict}

    def _check_applied(self, item):
        """Return whether this write reached a unit: done, failed (it cannot any more) or open."""
        return getattr(self, f'_check_{self.kind}')(item)

    def _check_pack(self, item):
        if item.package_id and item.package_id._is_live():
            return 'done'
        return 'open' if item.status == 'to_pack' else 'failed'

    def _check_rts(self, item):
        if item.package_id != self.package_id or item.status == 'cancelled':
            return 'failed'
        return 'open' if item.raw_status == 'packed' else 'done'

    def _check_repack(self, item):
        if item.package_id != self.package_id or item.status == 'to_pack':
            return 'done'
        return 'open' if item.raw_status == 'packed' else 'failed'

    def _check_sof_delivered(self, item):
        return 'done' if item.status in ('delivered', 'completed') else 'open'

    def _check_sof_failed(self, item):
        return 'done' if item.status in ('returning', 'returned') else 'open'

    # === EFFECTS === #

    def _apply_pack(self, answered):
        """Mirror the packages Lazada made. Rows are None when the mirror has them already."""
        items = self.env['lazada.order.item'].concat(*(line.item_id for line, _row in answered))
        packages = self.env['lazada.package']._mirror_packed(
            self.order_id, [(line.item_id, row) for line, row in answered if row])
        packages |= items.package_id
        if self.picking_id:
            packages.filtered(lambda package: not package.picking_ids).picking_ids = self.picking_id
        packages._follow()

    def _apply_rts(self, answered):
        if any(row for _line, row in answered):
            self.package_id._write_status('ready_to_ship')

    def _apply_repack(self, answered):
        if any(row for _line, row in answered):
            package = self.package_id
            items = package.item_ids
            items._write_status('repacked')
            items.package_id = False
            package._void_empty()
            package._follow()

    def _apply_sof_delivered(self, answered):
        if any(row for _line, row in answered):
            self.package_id._write_status('delivered')

    def _apply_sof_failed(self, answered):
        if any(row for _line, row in answered):
            self.package_id._write_status('failed_delivery')

    # === TELLING === #

    def _tell(self):
        """Tell the people who asked what became of it, as a notification in their browser."""
        for user, commands in self.grouped('user_id').items():
            if not user or user._is_superuser():
                continue
            failed = commands.filtered(lambda command: command.state == 'failed')
            message = self.env._(
                "Lazada: %(done)s done, %(failed)s refused.",
                done=len(commands) - len(failed), failed=len(failed))
            reasons = dict.fromkeys(filter(None, failed.mapped('error_message')))
            user._bus_send('simple_notification', {
                'type': 'warning' if failed else 'success', 'sticky': bool(failed),
                'message': '\n'.join([message, *list(reasons)[:3]])})

    @api.autovacuum
    def _gc_commands(self):
        """Done writes are history after half a year; the packages keep their own."""
        old = self.search([
            ('state', 'in', ('done', 'failed')),
            ('write_date', '<', fields.Datetime.now() - timedelta(days=180))], limit=10_000)
        old.unlink()
        return len(old), len(old)
