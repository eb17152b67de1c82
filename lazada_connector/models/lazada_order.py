# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import const
from .lazada_order_item import AMOUNT_DIGITS

# What tells who bought.
BUYER_FIELDS = (
    'customer_name', 'shipping_address', 'billing_address', 'buyer_note', 'gift_message',
    'tax_code', 'branch_number', 'buyer_external_id')


class LazadaOrder(models.Model):
    """The mirror of one Lazada order. No chatter: the mirror grows to millions of rows."""
    _name = 'lazada.order'
    _inherit = ['lazada.mirror']
    _description = "Lazada Order"
    _order = 'ordered_at desc, id desc'
    _rec_name = 'order_number'
    _rec_names_search = ['order_number', 'external_id']
    _check_company_auto = True

    shop_id = fields.Many2one('lazada.shop', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='shop_id.company_id', store=True, index=True, precompute=True)
    site = fields.Selection(related='shop_id.site')
    external_id = fields.Char("Order ID", required=True)
    order_number = fields.Char(required=True, index=True)
    status = fields.Selection(
        const.ITEM_STATUSES, required=True, default='unknown',
        help="What the live units need next. Lazada itself keeps a status per unit only. The "
             "guides' READY_TO_SHIP is To Pack, their PROCESSED is To Ship.")
    raw_statuses = fields.Char("Lazada's Own Statuses")
    sync_state = fields.Selection(
        [('todo', "In Progress"), ('done', "Done"), ('attention', "Needs Attention"),
         ('ignored', "Not Imported")],
        required=True, default='todo')
    issue_code = fields.Char()
    issue_key = fields.Char(help="What has to be repaired, for example sku:ABC.")
    issue_message = fields.Text("What Happened")
    failure_count = fields.Integer("Tries")
    items_state = fields.Selection(
        [('missing', "To Be Read"), ('read', "Read"), ('unreadable', "Not Readable")],
        required=True, default='missing')
    items_error = fields.Char(help="What could not be read in the units as Lazada sent them.")
    items_read_at = fields.Datetime()
    ordered_at = fields.Datetime("Ordered")
    remote_updated_at = fields.Datetime("Changed on Lazada", index=True)
    ship_by_at = fields.Datetime("Ship By")
    digest = fields.Char()

    # === MONEY === #
    currency_id = fields.Many2one('res.currency')
    amount_total = fields.Float(
        "Expected Total", digits=AMOUNT_DIGITS,
        help="What the sales order must come to: item prices less the seller's vouchers, plus "
             "shipping if the shop says so.")
    header_total = fields.Float("Total of the Header", digits=AMOUNT_DIGITS)
    voucher_seller_total = fields.Float("Seller Vouchers", digits=AMOUNT_DIGITS)
    voucher_platform_total = fields.Float(
        "Lazada Vouchers", digits=AMOUNT_DIGITS,
        help="Paid by Lazada; they never lower the sales order.")
    shipping_total = fields.Float("Shipping Paid by Buyer", digits=AMOUNT_DIGITS)
    buyer_total = fields.Float("Paid by Buyer", digits=AMOUNT_DIGITS)
    payment_method = fields.Char()

    # === BUYER === #
    buyer_external_id = fields.Char("Buyer ID")
    customer_name = fields.Char("Buyer")
    shipping_address = fields.Json()
    billing_address = fields.Json()
    address_incomplete = fields.Boolean(
        readonly=True, help="Country, state, city or post code is missing or not known in Odoo. "
        "What Lazada sent stands as text in the street lines of the contact.")
    ship_to = fields.Text(compute='_compute_ship_to')
    buyer_note = fields.Text()
    gift_message = fields.Text()
    tax_code = fields.Char("Tax ID")
    branch_number = fields.Char()
    tax_invoice_requested = fields.Boolean()
    buyer_forgotten = fields.Boolean(
        readonly=True, help="Personal data of the buyer was removed as the shop asks for.")
    need_cancel_confirm = fields.Boolean("Buyer Asks to Cancel")
    items_count = fields.Integer("Number of Units")
    is_presale = fields.Boolean(
        "Pre-Sale", help="Sold before it is available: imported when the buyer has paid in full.")

    # === LINKS === #
    item_ids = fields.One2many('lazada.order.item', 'order_id', string="Units")
    package_ids = fields.One2many('lazada.package', 'order_id', string="Packages")
    sale_order_id = fields.Many2one(
        'sale.order', index='btree_not_null', ondelete='set null', copy=False, check_company=True)
    imported_at = fields.Datetime(
        help="When the sales order was made. A sales order that a person deleted afterwards "
             "comes back only by Retry.")
    seller_center_url = fields.Char(compute='_compute_seller_center_url')

    _shop_external_uniq = models.Constraint(
        'unique(shop_id, external_id)', "An order is mirrored once per shop.")
    _todo_idx = models.Index("(shop_id, ordered_at, id) WHERE sync_state = 'todo'")
    _attention_idx = models.Index("(shop_id, issue_key) WHERE sync_state = 'attention'")
    _missing_idx = models.Index("(shop_id) WHERE items_state = 'missing'")
    _open_idx = models.Index(
        "(shop_id, items_read_at) WHERE status IN ('unpaid', 'to_pack', 'to_ship')")

    @api.depends('shipping_address')
    def _compute_ship_to(self):
        for order in self:
            address = order.shipping_address or {}
            keys = ('raw_name', 'raw_phone', 'raw_street', 'city', 'state_name', 'zip')
            order.ship_to = '\n'.join(filter(None, (address.get(key) for key in keys)))

    @api.depends('external_id', 'shop_id')
    def _compute_seller_center_url(self):
        for order in self:
            base = order.shop_id.seller_center_url
            order.seller_center_url = base and (
                f"{base}/apps/order/detail?tradeOrderId={order.external_id}")

    # === ACTIONS === #

    def action_retry(self):
        """Decide and import these orders again, deleted sales orders included."""
        self.check_access('read')
        orders_sudo = self.sudo()  # the mirror is written by the connector only
        orders_sudo.filtered(lambda order: not order.sale_order_id).imported_at = False
        orders_sudo._clear_issue()
        orders_sudo.sync_state = 'todo'
        orders_sudo._read_again()
        orders_sudo.shop_id.flow_ids.filtered(
            lambda flow: flow.name == 'import_orders')._run_in_place(const.BUTTON_SECONDS)
        self.invalidate_recordset()
        stuck = self.filtered(lambda order: order.sync_state == 'attention')
        if stuck:
            return self.env['lazada.account']._notify(
                '\n'.join(f"{order.order_number}: {order.issue_message}" for order in stuck[:5]),
                'warning', sticky=True)
        return self.env['lazada.account']._notify(self.env._(
            "%s orders were worked on again.", len(self)))

    def _get_payload_domain(self):
        """What Lazada sent about these orders: their headers and their units."""
        return (
            Domain('res_model', '=', self._name) & Domain('res_id', 'in', self.ids)
            | Domain('res_model', '=', 'lazada.order.item')
            & Domain('res_id', 'in', self.item_ids.ids))

    def action_view_payloads(self):
        """Show what Lazada sent, as it sent it."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_payload_order_action')
        return {**action, 'domain': list(self._get_payload_domain())}

    def action_view_sale_order(self):
        self.ensure_one()
        if not self.sale_order_id:
            raise UserError(self.env._("There is no sales order for %s yet.", self.order_number))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sale.order',
            'res_id': self.sale_order_id.id,
            'view_mode': 'form',
        }

    def action_view_calls(self):
        """Show the calls that named this order or one of its packages, the last days'."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'lazada_connector.lazada_call_action')
        action['domain'] = list(
            fields.Domain('shop_id', '=', self.shop_id.id) & self.env['lazada.call']._about(
                [self.external_id, *self.package_ids.mapped('external_id')]))
        return action

    def _forget_buyer(self):
        """Remove what tells who bought: texts, addresses, labels and the raw answer."""
        self.env['lazada.payload'].search(self._get_payload_domain()).unlink()
        self.package_ids._forget_labels()
        self.write({
            **dict.fromkeys(BUYER_FIELDS, False), 'address_incomplete': False,
            'buyer_forgotten': True})

    def _drop_forgotten(self, vals):
        """Leave what tells who bought out of an answer about an order whose buyer is forgotten."""
        if not self.buyer_forgotten:
            return vals
        return {name: value for name, value in vals.items() if name not in BUYER_FIELDS}

    # === ISSUES === #

    def _set_issue(self, code, message, key=False, state='attention'):
        for order in self:
            order._write_changes({
                'sync_state': state, 'issue_code': code, 'issue_message': message,
                'issue_key': key or code})

    def _clear_issue(self):
        self.write({'issue_code': False, 'issue_message': False, 'issue_key': False})

    @api.model
    def _wake_issues(self, shop, keys):
        """Put the orders back to work whose cause was repaired."""
        orders = self.sudo().search([
            ('shop_id', '=', shop.id), ('sync_state', '=', 'attention'),
            ('issue_key', 'in', list(keys))])
        if orders:
            orders.sync_state = 'todo'
            shop._get_flow('import_orders')._wake()
        return orders
