# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From Lazada's answers to the mirror: headers, units and raw data, nothing else."""
import logging
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import const
from ..mappers import order as order_mapper
from ..mappers import status as status_mapper
from ..mappers.money import BadValue

_logger = logging.getLogger(__name__)

# Keys of the mapped header that are fields of the same name.
HEADER_FIELDS = (
    'order_number', 'ordered_at', 'remote_updated_at', 'header_total', 'voucher_seller_total',
    'voucher_platform_total', 'shipping_total', 'buyer_total', 'payment_method', 'items_count',
    'buyer_note', 'gift_message', 'tax_code', 'branch_number', 'tax_invoice_requested',
    'need_cancel_confirm', 'customer_name',
)
ITEM_FIELDS = (
    'raw_status', 'status', 'channel', 'is_choice', 'order_type', 'is_presale',
    'stage_pay_status', 'seller_sku', 'shop_sku', 'sku_external_id', 'item_external_id', 'name',
    'variation', 'item_price', 'paid_price',
    'voucher_seller', 'voucher_platform', 'shipping_amount', 'warehouse_code', 'ship_by_at',
    'paid_at', 'reason', 'cancel_initiator', 'return_status',
)
ITEM_AMOUNTS = (
    'item_price', 'paid_price', 'voucher_seller', 'voucher_platform', 'shipping_amount')
# What Lazada calls the amounts of a header; only a cross-check for the units.
HEADER_AMOUNTS = ('price', 'voucher', 'voucher_seller', 'voucher_platform', 'shipping_fee')


class LazadaOrder(models.Model):
    _inherit = 'lazada.order'

    @api.model
    def _select_changed(self, shop, headers, force_until=None):
        """Return the ids of the orders in `headers` whose units have to be read.

        :param list headers: order objects as Lazada sends them
        :param force_until: orders that changed until then are taken even if unchanged here
        """
        known = self._find_mirrored(shop, headers)
        changed = []
        for header in headers:
            external_id = str(header['order_id'])
            order = known.get(external_id)
            if not order or order.items_state == 'missing' or not order.item_ids:
                changed.append(external_id)
            elif order.digest != self.env['lazada.payload']._encode(header)[1]:
                changed.append(external_id)
            elif order._may_hide_changes():
                changed.append(external_id)
            elif force_until and not (
                    order.remote_updated_at and order.remote_updated_at > force_until):
                changed.append(external_id)
        return changed

    def _may_hide_changes(self):
        """Whether units may have changed unseen: their header tells whole seconds.

        A second change within one shows in the header's statuses unless other units have them.
        """
        self.ensure_one()
        margin = timedelta(seconds=const.SAME_SECOND_MARGIN)
        return bool(
            len(self.item_ids) > 1 and self.remote_updated_at and self.items_read_at
            and self.items_read_at < self.remote_updated_at + margin)

    @api.model
    def _find_mirrored(self, shop, headers):
        orders = self.search([
            ('shop_id', '=', shop.id),
            ('external_id', 'in', [str(header['order_id']) for header in headers])])
        return {order.external_id: order for order in orders}

    @api.model
    def _mirror(self, shop, headers, items, asked_at, forced=False):
        """Write headers and units into the mirror and decide on every order that changed.

        :param dict items: units by order id; an order that is not in it keeps its units and is
            marked to be read again
        :param asked_at: when the units were asked for
        :param forced: decide on the others too, as a person wants who sets the last sync back
        :return: the orders
        """
        known = self._find_mirrored(shop, headers)
        headers = {str(header['order_id']): header for header in headers}  # same page twice
        encoded = {
            external_id: self.env['lazada.payload']._encode(header)
            for external_id, header in headers.items()}
        created, orders, changed = [], self.browse(), self.browse()
        for external_id, header in headers.items():
            vals = self._prepare_header_vals(shop, header, encoded[external_id][1])
            order = known.get(external_id)
            if not order:
                created.append({'shop_id': shop.id, 'external_id': external_id, **vals})
            elif order._is_older(vals):
                _logger.debug("Lazada order %s: an older answer is ignored", external_id)
            else:
                if order._write_changes(order._drop_forgotten(vals)):
                    changed += order
                orders += order
        new = self.create(created)
        orders += new
        changed |= new | orders._mirror_items(
            {order: items.get(order.external_id) for order in orders}, asked_at)
        self.env['lazada.payload']._store(
            self._name, shop.company_id,
            {order.id: encoded[order.external_id] for order in orders
             if not order.buyer_forgotten})
        if forced:
            changed = orders
        (changed | orders.filtered(lambda order: order.sync_state == 'attention'))._decide()
        return orders

    def _is_older(self, vals):
        known, updated_at = self.remote_updated_at, vals.get('remote_updated_at')
        if not known or not updated_at or known > self.env.cr.now():
            return False
        return updated_at < known

    @api.model
    def _prepare_header_vals(self, shop, header, digest):
        """Return the values of a header; amounts that cannot be read are left to the units."""
        try:
            mapped = order_mapper.map_order(header, shop.site)
        except BadValue as error:
            _logger.info("Lazada order %s: %s", header['order_id'], error)
            mapped = order_mapper.map_order(
                {**header, **dict.fromkeys(HEADER_AMOUNTS, 0)}, shop.site)
        vals = {key: mapped[key] for key in HEADER_FIELDS}
        for key in ('voucher_seller_total', 'voucher_platform_total'):
            vals[key] = vals[key] or 0
        return {
            **{key: float(value) if key.endswith('_total') else value
               for key, value in vals.items()},
            'raw_statuses': ', '.join(mapped['raw_statuses']),
            'shipping_address': mapped['shipping'],
            'billing_address': mapped['billing'],
            'digest': digest,
        }

    # === UNITS === #

    def _mirror_items(self, items_by_order, asked_at):
        """Write the units of these orders of one shop; None: Lazada did not answer.

        Somebody else may have asked later and written first: what was read after `asked_at` stays.

        :return: the orders whose units changed
        """
        known = {
            item.external_id: item for item in self.env['lazada.order.item'].search([
                ('order_id', 'in', self.ids)])}
        created, changed, answered, raw = [], self.browse(), {}, {}
        currencies = self._get_item_currencies(items_by_order)
        for order, payloads in items_by_order.items():
            if order.items_read_at and order.items_read_at > asked_at:
                _logger.debug("Lazada order %s: units read before are ignored", order.external_id)
                continue
            if payloads is None:
                order._write_changes({'items_state': 'missing'})
                continue
            try:
                rows = [order_mapper.map_item(payload, order.site) for payload in payloads]
            except BadValue as error:
                order.write({
                    'items_state': 'unreadable', 'items_error': str(error),
                    'items_read_at': asked_at})
                changed += order
                continue
            answered[order] = rows
            raw.update(zip((row['external_id'] for row in rows), payloads, strict=True))
            new, updated = order._update_items(rows, known, currencies)
            created += new
            if new or updated:
                changed += order
        new = self.env['lazada.order.item'].create(created)
        known.update({item.external_id: item for item in new})
        self._store_units(raw, known)
        orders = self.browse([order.id for order in answered])
        orders.filtered(lambda order: order.items_state != 'read').items_state = 'read'
        orders._note_reading(asked_at)
        self.env['lazada.package']._mirror_items(orders, answered)
        for order in changed:
            order._summarise_items()
        return changed

    def _store_units(self, raw, known):
        """Keep the units as Lazada sent them ({id: payload}), but not of forgotten buyers."""
        Payload = self.env['lazada.payload']
        items = [known[external_id] for external_id in raw]
        Payload._store('lazada.order.item', self.shop_id.company_id, {
            item.id: Payload._encode(raw[item.external_id])
            for item in items if not item.order_id.buyer_forgotten})

    def _note_reading(self, asked_at):
        """Note when these units were asked for. Not by `write`: what was read and is the same is
        no change of the order.
        """
        if not self:
            return
        self.flush_recordset()
        self.env.execute_query(SQL(
            "UPDATE lazada_order SET items_read_at = %s WHERE id IN %s RETURNING id",
            asked_at, tuple(self.ids)))
        self.invalidate_recordset(['items_read_at'], flush=False)

    def _get_item_currencies(self, items_by_order):
        """Return {code: currency} of the units; each is looked up and activated once."""
        codes = {
            str(payload.get('currency') or '').strip().upper()
            for payloads in items_by_order.values() for payload in payloads or []}
        return {
            code: self.env['lazada.shop']._get_currency(code) for code in codes
        } | {'': self.shop_id.currency_id}

    def _mirror_reread(self, items, asked_at):
        """Write units that were asked for without their headers."""
        changed = self._mirror_items(
            {order: items.get(order.external_id) for order in self}, asked_at)
        (changed | self.filtered(lambda order: order.sync_state == 'attention'))._decide()

    def _update_items(self, rows, known, currencies):
        """Update the units that are known; return (values of the new ones, any changed).

        The units belong to the group they came in, whatever their own order id says.
        """
        created, updated = {}, False
        for row in rows:
            vals = self._prepare_item_vals(row, currencies)
            external_id = row['external_id']
            if external_id in known:
                item = known[external_id]
                updated |= bool(item._write_changes(item._drop_outdated(vals)))
            else:
                created[external_id] = {
                    'order_id': self.id, 'shop_id': self.shop_id.id,
                    'company_id': self.company_id.id, 'external_id': external_id, **vals}
        buyer = next(filter(None, (row['buyer_external_id'] for row in rows)), False)
        if buyer and buyer != self.buyer_external_id and not self.buyer_forgotten:
            self.buyer_external_id = buyer
        return list(created.values()), updated

    def _prepare_item_vals(self, row, currencies):
        vals = {key: row[key] for key in ITEM_FIELDS}
        for key in ITEM_AMOUNTS:
            vals[key] = float(vals[key])
        return {**vals, 'currency_id': currencies[row['currency']].id}

    def _summarise_items(self):
        """Derive what the order shows from its units."""
        self.ensure_one()
        items = self.item_ids
        live = items.filtered(lambda item: item.status not in ('cancelled', 'unknown')) or items
        vals = {
            'status': status_mapper.order_status(items.mapped('status')),
            'currency_id': live.currency_id[:1].id or self.shop_id.currency_id.id,
            'is_presale': any(items.mapped('is_presale')),
            'ship_by_at': min(filter(None, live.mapped('ship_by_at')), default=False),
        }
        self.write(vals)
