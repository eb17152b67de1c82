# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Shipping labels: fetched as soon as they exist, kept once, checked by their content."""
import contextlib
from datetime import timedelta
from pathlib import Path

from odoo import api, fields, models

from .. import const
from ..exceptions import describe
from ..lazada_api.errors import LazadaApiError, LazadaNotReadyError
from .label_download import has_pages

DEFAULT_MEGABYTES = 10


class LazadaPackage(models.Model):
    _inherit = 'lazada.package'

    label_id = fields.Many2one('ir.attachment', ondelete='set null', copy=False)
    label_state = fields.Selection(
        [('waiting', "Awaiting Label"), ('ready', "Label Ready"), ('none', "No Label"),
         ('void', "Label Void")],
        index='btree_not_null',
        help="Labels exist some time after packing. They are fetched by themselves.")
    label_due_at = fields.Datetime("Next Try")
    label_tries = fields.Integer("Tries")
    label_message = fields.Text("Why There Is No Label")
    printed_at = fields.Datetime("Printed", copy=False)
    printed_by_id = fields.Many2one('res.users', ondelete='set null')

    _label_idx = models.Index("(shop_id, label_due_at) WHERE label_state = 'waiting'")
    _label_lost_idx = models.Index(
        "(shop_id) WHERE label_state = 'ready' AND label_id IS NULL")

    # === WHICH === #

    def _update_labels(self):
        """Ask for the labels of packages that need one; void those of packages undone."""
        wanting = self.filtered(lambda package: package._wants_label())
        wanting._ask_for_label()
        for package in self:
            if not package._is_live() and package.label_state in ('waiting', 'ready'):
                package.write({
                    'label_state': 'void', 'label_due_at': False,
                    'label_message': self.env._(
                        "The package was undone or canceled. Do not use its label.")})
            elif package.label_state == 'waiting' and package._is_past_label():
                package._end_label()
            elif package.own_fleet and not package.label_state:
                package.write({'label_state': 'none', 'label_message': self.env._(
                    "Parcels of the seller's own fleet have no label.")})

    def _wants_label(self):
        self.ensure_one()
        return (
            self.label_state in (False, 'none') and not self.own_fleet
            and not self.order_id.buyer_forgotten
            and self.status in (*const.PACKED_STATUSES, 'pickup_failed'))

    def _is_past_label(self):
        """Whether nobody will print a label for this package any more."""
        self.ensure_one()
        return self.status in const.GONE_PACKAGE_STATUSES

    def _end_label(self):
        """Stop asking: the parcel went without a label from here."""
        self.write({
            'label_state': 'none', 'label_due_at': False, 'label_message': self.env._(
                "The parcel is on its way or beyond: its label is not asked for any more. If you "
                "need it nevertheless, look in Seller Center.")})

    def _has_label(self):
        """Whether the label is here and can be printed: attachments get lost, files get damaged.
        """
        self.ensure_one()
        # The web client asks for sizes instead of contents.
        package_sudo = self.sudo().with_context(bin_size=False)
        return self.label_state == 'ready' and has_pages(package_sudo.label_id.raw)

    def _ask_for_label(self):
        """Fetch these labels as soon as possible, unless they are here."""
        packages = self.filtered(
            lambda package: package._is_live() and not package.own_fleet
            and not package.order_id.buyer_forgotten
            and not package._is_past_label() and not package._has_label())
        packages.filtered(lambda package: package.label_state == 'ready').label_message = (
            self.env._("The file of the label was lost or damaged. It is fetched again."))
        packages.write({
            'label_state': 'waiting', 'label_due_at': self.env.cr.now(), 'label_tries': 0,
            'label_id': False})
        for shop in packages.shop_id:
            shop._get_flow('fulfilment')._wake_after_commit()

    @api.model
    def _get_lost_labels(self, shop):
        """Return packages whose label somebody deleted, from the chatter for example."""
        return self.search([
            ('shop_id', '=', shop.id), ('label_state', '=', 'ready'), ('label_id', '=', False),
        ], order='id', limit=const.COMMANDS_PER_TURN)

    def _recover_labels(self):
        """Fetch labels that were deleted again, as long as they are of use."""
        past = self.filtered(lambda package: package._is_past_label())
        past._end_label()
        (self - past)._ask_for_label()

    @api.model
    def _get_due_labels(self, shop):
        return self.search([
            ('shop_id', '=', shop.id), ('label_state', '=', 'waiting'),
            ('label_due_at', '<=', self.env.cr.now())],
            order='label_due_at, id', limit=const.COMMANDS_PER_TURN)

    @api.model
    def _get_next_label(self, shop):
        return self.search([
            ('shop_id', '=', shop.id), ('label_state', '=', 'waiting')],
            order='label_due_at', limit=1).label_due_at

    @api.model
    def _get_label_limit(self):
        """Return how many bytes a label may have."""
        megabytes = self.env['ir.config_parameter'].sudo().get_param(
            'lazada_connector.label_megabytes', DEFAULT_MEGABYTES)
        return int(float(megabytes) * 1024 * 1024)

    # === OUTCOMES === #

    def _keep_label(self, pdf):
        """Attach the label once to the delivery, where everybody looks for it."""
        self.ensure_one()
        if self.label_state != 'waiting':
            return  # undone, or somebody else was faster
        document = self.picking_id or self.order_id.sale_order_id
        attachment = self.env['ir.attachment'].with_context(
            attachments_mime_plainxml=True).create({
                'name': f"{self._get_label_name()}.pdf", 'raw': pdf,
                'mimetype': 'application/pdf',
                'res_model': document._name or self._name, 'res_id': document.id or self.id,
                'company_id': self.company_id.id})
        self.write({
            'label_id': attachment.id, 'label_state': 'ready', 'label_due_at': False,
            'label_message': False})
        if document:
            document.message_post(
                body=self.env._(
                    "Shipping label of package %(package)s, tracking number %(number)s",
                    package=self.external_id, number=self.tracking_number or '-'),
                attachment_ids=attachment.ids)

    @api.model
    def _drop_partial_file(self, content):
        """Remove what a full disk left of this file: Odoo would refuse the whole one for ever."""
        attachment = self.env['ir.attachment']
        if not content or attachment._storage() != 'file':
            return
        checksum = attachment._compute_checksum(content)
        path = Path(attachment._full_path(f'{checksum[:2]}/{checksum}'))
        if path.is_file() and not attachment._same_content(content, str(path)):
            with contextlib.suppress(OSError):
                path.unlink()

    def _get_label_name(self):
        parts = ["Lazada", self.order_number, self.tracking_number or self.external_id]
        return '-'.join(''.join(c for c in part if c.isalnum()) for part in parts)

    def _forget_labels(self):
        """Remove the labels, which show the buyer's name, phone and address, for good."""
        self.label_id.unlink()
        self.filtered(lambda package: package.label_state in ('waiting', 'ready')).write({
            'label_state': 'none', 'label_due_at': False, 'label_message': self.env._(
                "The label was removed together with the buyer's personal data.")})

    def _postpone_label(self, error):
        """Try again later, with the reason in the meantime."""
        self.ensure_one()
        if self.label_state != 'waiting':
            return
        if self._is_past_label():
            self._end_label()
            return
        steps = const.LABEL_BACKOFF_SECONDS
        wait = steps[min(self.label_tries, len(steps) - 1)]
        self.write({
            'label_tries': self.label_tries + 1,
            'label_due_at': self.env.cr.now() + timedelta(seconds=wait),
            'label_message': self._explain_missing_label(error),
        })

    def _hold_back(self, error):
        """Lazada has switched labels off: ask for these later, and say so meanwhile."""
        self.write({
            'label_due_at': self.env.cr.now() + timedelta(minutes=const.SUSPENDED_MINUTES),
            'label_message': self._explain_missing_label(error),
        })

    def _explain_missing_label(self, error):
        reason = describe(self.env, error) if isinstance(error, LazadaApiError) else error
        if isinstance(error, LazadaNotReadyError):
            return self.env._("The label is not ready yet; it is fetched by itself. %s", reason)
        return self.env._(
            "The label could not be fetched; it is tried again by itself. %s", reason)

    # === PRINTING === #

    def action_print_labels(self):
        """Print the labels of these packages as one file."""
        self.check_access('read')
        return self.env['lazada.package.print']._open(packages=self)

    def action_fetch_labels(self):
        """Look for missing labels at once instead of at the next try."""
        self._check_operator()
        self.sudo()._ask_for_label()
        return self.env['lazada.account']._notify(
            self.env._("Lazada is asked. The result appears here."), 'info')

    def _mark_printed(self):
        """Remember who took these labels out of the printer; the mirror itself is read only."""
        self.sudo().write({'printed_at': self.env.cr.now(), 'printed_by_id': self.env.uid})

    def _sort_for_picking(self, order_by):
        """Return these packages sorted.

        :param str order_by: location (as the shelves are walked) or order (the oldest first)
        """
        packages = self.sudo()  # orders are not for the warehouse's eyes, their sequence is
        if order_by == 'location':
            packages = packages.sorted(lambda package: package._get_location_key())
        else:
            packages = packages.sorted(lambda package: (
                package.order_id.ordered_at or package.create_date, package.order_number,
                package.id))
        return packages.sudo(False)

    def _get_location_key(self):
        """Return (shelf, product, delivery, package): the first shelf its units lie on."""
        moves = self._get_moves() & self.picking_ids.move_ids
        while moves.move_orig_ids:
            moves = moves.move_orig_ids  # where they are picked, not where they wait
        lines = moves.move_line_ids.sorted(
            lambda line: (line.location_id.complete_name, line.product_id.display_name))[:1]
        return (
            lines.location_id.complete_name or '', lines.product_id.display_name or '',
            self.picking_id.id or 0, self.id)
