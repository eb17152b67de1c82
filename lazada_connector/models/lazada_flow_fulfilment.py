# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import random
import time
from collections import deque
from functools import partial

from odoo import SUPERUSER_ID, api, models

from .. import const
from ..lazada_api import errors, outcomes
from .flow_run import CONCURRENCY_ERRORS, MAX_ATTEMPTS, LeaseLost, is_infrastructure
from .label_download import download_label

_logger = logging.getLogger(__name__)

WOKEN = 'lazada.flow.woken'

# In this order, so that a package undone in this turn can be packed anew in it.
KINDS = ('cancel', 'repack', 'pack', 'rts', 'sof_delivered', 'sof_failed')


class LazadaFlow(models.Model):
    """Fulfilment: send what people asked for, each write once, and fetch the labels."""
    _inherit = 'lazada.flow'

    def _run_fulfilment(self, run):
        """Send the open commands and fetch the labels that are due. Return whether work is left.
        """
        shop, packages = self.shop_id, self.env['lazada.package']
        run.attempt(self.env['lazada.pack.rule']._apply, shop)
        with run.client() as client:
            self._settle_unanswered(run, client)
            self._do_each(run, [
                *((partial(self._send_commands, run, client, kind),
                   partial(self.env['lazada.command']._get_due, shop, kind)) for kind in KINDS),
                (partial(self._fetch_labels, run, client),
                 partial(packages._get_due_labels, shop))])
        return self._has_work_now()

    def _do_each(self, run, steps):
        """Do these steps, each with a call of its own: Lazada may refuse one call to a shop, as it
        does during campaigns, and take the others. The first refusal is raised at the end.

        :param steps: (what to do, what returns the records that wait for it)
        """
        refusal = None
        for step, get_due in steps:
            try:
                step()
            except (errors.LazadaPermissionError, errors.LazadaThrottleError) as error:
                run.rollback()
                if isinstance(error, errors.LazadaSuspendedError):
                    run.attempt(get_due()._hold_back, error)
                refusal = refusal or error
        if refusal:
            raise refusal

    def _get_suspended_minutes(self):
        """What needs the call that is switched off waits by itself; the rest does not have to."""
        minutes = super()._get_suspended_minutes()
        if self.name != 'fulfilment':
            return minutes
        return min(minutes, self._get_interval_minutes())

    def _has_work_now(self):
        commands, packages = self.env['lazada.command'], self.env['lazada.package']
        return any(commands._get_due(self.shop_id, kind) for kind in KINDS) or bool(
            packages._get_due_labels(self.shop_id))

    def _get_interval_minutes(self):
        """Come back when the next command or label is due, at the latest after the interval."""
        minutes = super()._get_interval_minutes()
        if self.name != 'fulfilment':
            return minutes
        now = self.env.cr.now()
        times = [
            self.env['lazada.command']._get_next_due(self.shop_id),
            self.env['lazada.package']._get_next_label(self.shop_id)]
        waits = [(at - now).total_seconds() / 60 for at in times if at]
        return max(min([minutes, *waits]), 1 / 60)

    def _wake_after_commit(self):
        """Wake these flows when the transaction is through, in a short one of its own.

        A person's transaction, which may validate hundreds of deliveries, then never collides
        with a flow that writes its own state all the time.
        """
        postcommit = self.env.cr.postcommit
        if self and WOKEN not in postcommit.data:
            postcommit.add(lambda: self._wake_now(postcommit.data.pop(WOKEN)))
        if self:
            postcommit.data.setdefault(WOKEN, set()).update(self.ids)

    @api.model
    def _wake_now(self, flow_ids):
        """Wake these flows in a transaction of its own; a collision is tried again."""
        for _attempt in range(MAX_ATTEMPTS):
            try:
                with self.env.registry.cursor() as cr:
                    flows = api.Environment(cr, SUPERUSER_ID, {})['lazada.flow'].browse(flow_ids)
                    flows.exists().filtered(lambda flow: not flow._is_due())._wake()
                return
            except CONCURRENCY_ERRORS:
                time.sleep(random.uniform(0, 0.1))
        _logger.info("Lazada flows %s run at their next regular time", flow_ids)

    # === WITHOUT ANSWER === #

    def _settle_unanswered(self, run, client):
        """Look at Lazada before repeating a write that has no answer."""
        Command = self.env['lazada.command']
        commands = Command._get_unanswered(self.shop_id)
        if not commands:
            return
        run.attempt(commands._mark_unknown)
        orders = commands.order_id
        for start in range(0, len(orders), const.ITEMS_PER_CALL):
            chunk = orders[start:start + const.ITEMS_PER_CALL]
            external_ids = chunk.mapped('external_id')
            asked_at = run.ask()
            answer = client.orders.items(external_ids)
            self._mirror_answer(run, [], chunk, answer.items, asked_at)
            run.attempt(self._settle_orders, commands, chunk, answer.items)
        self.shop_id._get_flow('import_orders')._wake()

    def _settle_orders(self, commands, orders, items):
        answered = orders.filtered(
            lambda order: order.external_id in items and order.items_state == 'read')
        commands.filtered(lambda command: command.order_id in answered)._settle()._tell()

    # === SENDING === #

    def _send_commands(self, run, client, kind):
        commands = self.env['lazada.command']._get_due(self.shop_id, kind)
        batches = deque(commands._split_in_batches())
        while batches and not run.out_of_time:
            batches.extend(self._send_batch(run, client, kind, batches.popleft()))

    def _send_batch(self, run, client, kind, batch):
        """Commit `sent`, call, commit the answer. A crash in between leaves `sent` behind.

        :return: the batches to send instead: a refusal of a whole call tells not whose fault it is
        """
        batch = run.attempt(batch._mark_sent)
        if not batch:
            return []
        try:
            rows = getattr(self, f'_call_{kind}')(run, client, batch)
        except errors.LazadaError as error:
            # The client raises only when surely nothing was applied.
            run.rollback()
            if not outcomes.is_about_content(error):
                run.attempt(batch._mark_todo)
                raise
            rows = batch._fail_rows(error)
        if any(row.whole for row in rows):
            run.attempt(batch._separate)
            return batch._split_in_batches()
        run.attempt(self._receive, batch, rows)
        if batch.filtered(lambda command: command.state == 'unknown'):
            self._settle_unanswered(run, client)
        return []

    def _receive(self, batch, rows):
        batch._receive(rows)._tell()

    def _call_pack(self, run, client, batch):
        orders, code = batch._prepare_pack(), batch[0].provider_code
        own_fleet = batch[0]._is_own_fleet()
        run.release()
        providers = client.fulfilment.providers(orders)[0]
        if own_fleet or providers.platform_default:
            code = None     # Lazada refuses a courier where it does not ask for one
        elif not code:
            run.attempt(self._learn_choices, batch, providers)
            return []
        run.release()
        return client.fulfilment.pack(
            orders, allocate_type=providers.allocate_type or 'TFS', provider_code=code)

    def _learn_choices(self, batch, providers):
        """Lazada leaves the courier to the seller here: remember the choice and ask for it."""
        shop = self.shop_id
        self.env['lazada.provider']._learn(shop, dict(providers.choices))
        shop.provider_choice = True
        batch._refuse('provider_needed')

    def _call_rts(self, run, client, batch):
        return self._call_packages(run, client.fulfilment.ready_to_ship, batch)

    def _call_repack(self, run, client, batch):
        return self._call_packages(run, client.fulfilment.repack, batch)

    def _call_sof_delivered(self, run, client, batch):
        return self._call_packages(run, client.fulfilment.sof_delivered, batch)

    def _call_sof_failed(self, run, client, batch):
        return self._call_packages(run, client.fulfilment.sof_failed, batch)

    def _call_packages(self, run, call, batch):
        external_ids = batch.package_id.mapped('external_id')
        run.release()
        return call(external_ids)

    # === LABELS === #

    def _fetch_labels(self, run, client):
        """Fetch the labels that are due, one call a package: several come as one file."""
        lost = self.env['lazada.package']._get_lost_labels(self.shop_id)
        if lost:
            run.attempt(lost._recover_labels)
        for package in self.env['lazada.package']._get_due_labels(self.shop_id):
            if run.out_of_time:
                return
            self._fetch_label(run, client, package)

    def _fetch_label(self, run, client, package):
        """Fetch one label; only an error of the whole shop stops the others."""
        external_id, pdf = package.external_id, None
        tries, max_bytes = package.label_tries, package._get_label_limit()
        run.release()
        try:
            pdf = download_label(client, external_id, tries, max_bytes)
            run.attempt(package._keep_label, pdf)
        except (errors.LazadaAuthError, errors.LazadaPermissionError,
                errors.LazadaThrottleError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - one odd label never stops those behind it
            if is_infrastructure(error):
                raise
            run.rollback()
            if not isinstance(error, errors.LazadaError):
                _logger.warning("Lazada label of %s was not kept", external_id, exc_info=True)
                self.env['lazada.package']._drop_partial_file(pdf)
            run.attempt(package._postpone_label, error)
