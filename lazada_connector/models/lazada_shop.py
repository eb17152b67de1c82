# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from .. import const
from ..lazada_api import SITES
from .plain_note import plain_note


class LazadaShop(models.Model):
    """One storefront: a seller on a country's site, with the policies of the merchant."""
    _name = 'lazada.shop'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Lazada Shop"
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    paused = fields.Boolean(
        tracking=True, help="Nothing is exchanged with Lazada while a shop is paused.")
    account_id = fields.Many2one(
        'lazada.account', required=True, index=True, ondelete='restrict', check_company=True)
    account_state = fields.Selection(related='account_id.state', string="Connection")
    endpoint = fields.Char(related='account_id.endpoint', store=True, precompute=True)
    site = fields.Selection(
        const.SITES, string="Marketplace", required=True, tracking=True)
    external_id = fields.Char("Seller ID", required=True)
    short_code = fields.Char(help="The seller's short code on Lazada.")
    company_id = fields.Many2one(
        'res.company', required=True, index=True, tracking=True,
        default=lambda self: self.env.company)
    currency_id = fields.Many2one('res.currency', required=True, tracking=True)
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", check_company=True, tracking=True,
        help="Orders and invoices of this shop carry this team, so that sales reports can be "
             "filtered by shop.")
    warehouse_id = fields.Many2one(
        'stock.warehouse', string="FBM Warehouse", required=True, check_company=True,
        tracking=True, help="Orders are delivered from here.")
    pricelist_id = fields.Many2one(
        'product.pricelist', check_company=True,
        help="Carries the currency of the orders. Its rules are never applied to them.")
    user_id = fields.Many2one(
        'res.users', string="Responsible", tracking=True, default=lambda self: self.env.user,
        help="Gets the activities when something needs a person.")
    generic_partner_id = fields.Many2one(
        'res.partner', string="Generic Customer", check_company=True, copy=False)

    # === POLICIES === #
    include_shipping = fields.Boolean(
        "Shipping on Orders", tracking=True,
        help="Add what the buyer pays for shipping to the sales order.")
    unpaid_as_quotation = fields.Boolean(
        "Unpaid Orders as Quotations", tracking=True,
        help="Import orders that are not paid yet as quotations; they are confirmed when paid.")
    fbl_import = fields.Boolean(
        "Import FBL Orders", tracking=True,
        help="Import completed orders that Lazada shipped from its own warehouse. Their stock "
             "leaves the FBL location; there is nothing to pick.")
    fbl_location_id = fields.Many2one(
        'stock.location', string="FBL Location", check_company=True, tracking=True,
        help="Stands for the stock that Lazada holds. Made at the first FBL order when empty.")
    sell_archived = fields.Boolean(
        "Sell Archived Products", tracking=True,
        help="Import orders of products that are archived in Odoo. Otherwise such orders wait "
             "until the product is unarchived or the listing linked to another.")
    personal_data_days = fields.Integer(
        "Forget Buyers After (Days)", tracking=True,
        help="Names, phones and addresses of buyers are removed this many days after their last "
             "order. 0 keeps them.")
    order_sync_minutes = fields.Integer(
        "Minutes Between Order Syncs", default=60, tracking=True,
        help="How often orders are read by themselves. Lazada does not like to be asked all the "
             "time; push messages bring new orders within seconds.")
    first_sync_days = fields.Integer(
        "Days of the First Sync", default=30, tracking=True,
        help="How far back to look when Last Order Sync is empty.")
    generic_customer = fields.Boolean(
        "One Generic Customer", tracking=True,
        help="Book all orders on one customer of the shop; the buyer is the delivery contact.")
    auto_catalogue = fields.Boolean(
        "Automatic Catalogue Sync", default=True, tracking=True,
        help="Read the catalogue every day and link new listings by Internal Reference. Off: it is "
             "still read, without linking, where the stock is synchronised.")
    skip_ordered_before = fields.Datetime(
        "Open Orders Left Out Before", copy=False, tracking=True,
        help="Orders placed before were shipped with another system and are not imported.")

    # === SYNCHRONISATION === #
    flow_ids = fields.One2many('lazada.flow', 'shop_id')
    last_order_sync = fields.Datetime(
        compute='_compute_last_syncs', inverse='_inverse_last_order_sync',
        search='_search_last_order_sync',
        help="Everything that changed on Lazada until then is known here. Set it to an earlier "
             "time and save to read the orders since then once more; clear it to start anew.")
    last_catalogue_sync = fields.Datetime(
        compute='_compute_last_syncs', inverse='_inverse_last_catalogue_sync',
        search='_search_last_catalogue_sync',
        help="Clear it before Sync Product Catalogue to match all listings anew; links made by "
             "hand stay.")
    next_order_sync = fields.Datetime(compute='_compute_last_syncs')
    error_message = fields.Text(compute='_compute_error_message')
    listing_ids = fields.One2many('lazada.listing', 'shop_id')
    order_count = fields.Integer(compute='_compute_counts')
    attention_count = fields.Integer(compute='_compute_counts')
    to_ship_count = fields.Integer(compute='_compute_counts')
    listing_count = fields.Integer(compute='_compute_counts')
    missing_count = fields.Integer(compute='_compute_counts')
    seller_center_url = fields.Char(compute='_compute_seller_center_url')
    is_rate_missing = fields.Boolean(compute='_compute_is_rate_missing')

    _seller_uniq = models.UniqueIndex(
        '(endpoint, site, external_id)',
        "This seller is already connected. Look for it among the shops, the archived ones and "
        "those of other companies included.")

    # === COMPUTES === #

    @api.depends('flow_ids.cursor_at', 'flow_ids.last_success_at', 'flow_ids.due_at')
    def _compute_last_syncs(self):
        for shop in self:
            flows = {flow.name: flow for flow in shop.flow_ids}
            orders, catalogue = flows.get('fetch_orders'), flows.get('catalogue')
            shop.last_order_sync = orders and orders.cursor_at
            shop.next_order_sync = orders and orders.due_at
            shop.last_catalogue_sync = catalogue and catalogue.cursor_at

    def _search_last_order_sync(self, operator, value):
        return self._search_cursor('fetch_orders', operator, value)

    def _search_last_catalogue_sync(self, operator, value):
        return self._search_cursor('catalogue', operator, value)

    def _search_cursor(self, name, operator, value):
        return [('flow_ids', 'any', [('name', '=', name), ('cursor_at', operator, value)])]

    @api.depends('flow_ids.error_message', 'account_id.error_message', 'account_id.state')
    def _compute_error_message(self):
        for shop in self:
            messages = [flow.error_message for flow in shop.flow_ids if flow.error_message]
            if shop.account_id.state == 'expired':
                messages.insert(0, shop.account_id.error_message or self.env._(
                    "The authorisation has ended. Open the account and press Re-authorise."))
            shop.error_message = '\n'.join(dict.fromkeys(messages)) or False

    def _compute_counts(self):
        Order, Listing = self.env['lazada.order'], self.env['lazada.listing']

        def count(model, domain):
            groups = model._read_group(
                Domain('shop_id', 'in', self.ids) & Domain(domain), ['shop_id'], ['__count'])
            return {shop.id: number for shop, number in groups}

        orders = count(Order, [])
        attention = count(Order, [('sync_state', '=', 'attention')])
        to_ship = count(Order, [('status', 'in', const.LIVE_STATUSES)])
        listings = count(Listing, [])
        missing = count(Listing, [
            ('link_state', 'in', ('missing', 'ambiguous')),
            ('status', 'not in', ('inactive', 'deleted'))])
        for shop in self:
            shop.order_count = orders.get(shop.id, 0)
            shop.attention_count = attention.get(shop.id, 0)
            shop.to_ship_count = to_ship.get(shop.id, 0)
            shop.listing_count = listings.get(shop.id, 0)
            shop.missing_count = missing.get(shop.id, 0)

    @api.depends('site', 'endpoint')
    def _compute_seller_center_url(self):
        for shop in self:
            if shop.endpoint == 'production':
                shop.seller_center_url = shop.site and SITES[shop.site].seller_center_url
            else:
                shop.seller_center_url = shop.endpoint

    @api.depends('currency_id', 'company_id')
    def _compute_is_rate_missing(self):
        for shop in self:
            shop.is_rate_missing = bool(shop.currency_id) and not (
                shop.currency_id._lazada_has_rate(shop.company_id))

    @api.constrains('order_sync_minutes')
    def _check_order_sync_minutes(self):
        shortest, longest = const.ORDER_SYNC_MINUTES
        for shop in self:
            if not shortest <= shop.order_sync_minutes <= longest:
                raise ValidationError(self.env._(
                    "Orders can be read every %(shortest)s to %(longest)s minutes.",
                    shortest=shortest, longest=longest))

    @api.constrains('company_id')
    def _check_company_frozen(self):
        for shop in self:
            orders = self.env['lazada.order'].sudo().search_count(
                [('shop_id', '=', shop.id), ('company_id', '!=', shop.company_id.id)], limit=1)
            if orders:
                raise ValidationError(self.env._(
                    "The company of %s cannot be changed any more: the shop has orders.",
                    shop.name))

    # === LAST ORDER SYNC === #

    def _inverse_last_order_sync(self):
        for shop in self:
            flow = shop._get_flow('fetch_orders')
            wanted, known = shop.last_order_sync, flow.cursor_at
            if wanted == (known and known.replace(microsecond=0)):
                continue  # people and scripts see whole seconds
            if wanted and wanted > (known or self.env.cr.now()):
                raise UserError(self.env._(
                    "Last Order Sync of %(shop)s can only be set to an earlier time: %(wanted)s "
                    "would skip the orders since %(known)s.",
                    shop=shop.name, wanted=format_datetime(self.env, wanted),
                    known=format_datetime(self.env, known) if known else self.env._("today")))
            flow._rewind(wanted)
            self.env.user._bus_send('simple_notification', {
                'type': 'info', 'message': self.env._(
                    "The orders of %s are read again in the background.", shop.name)})

    def _inverse_last_catalogue_sync(self):
        for shop in self:
            flow = shop._get_flow('catalogue')
            if shop.last_catalogue_sync == flow.cursor_at:
                continue
            if shop.last_catalogue_sync and (
                    not flow.cursor_at or shop.last_catalogue_sync > flow.cursor_at):
                raise UserError(self.env._(
                    "Last Catalogue Sync of %s can be cleared or set to an earlier time.",
                    shop.name))
            flow._rewind(shop.last_catalogue_sync)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # Copies: Odoo calls again with the same values when the transaction collides.
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._complete_vals(vals)
        cursors = [vals.pop('last_order_sync', False) for vals in vals_list]
        shops = super().create(vals_list)
        shops._ensure_flows()
        for shop, cursor in zip(shops, cursors, strict=True):
            if cursor:
                shop.last_order_sync = cursor
        return shops

    @api.model
    def _complete_vals(self, vals):
        """A shop made with name, account, site and seller id works: fill in the rest."""
        company = self.env['res.company'].browse(
            vals.setdefault('company_id', self.env.company.id))
        site = SITES.get(vals.get('site'))
        if site and not vals.get('currency_id'):
            vals['currency_id'] = self._get_currency(site.currency).id
        if not vals.get('warehouse_id'):
            vals['warehouse_id'] = self._get_warehouse(company).id
        if not vals.get('pricelist_id') and vals.get('currency_id'):
            currency = self.env['res.currency'].browse(vals['currency_id'])
            vals['pricelist_id'] = self._get_pricelist(company, currency).id
        if not vals.get('team_id') and vals.get('name'):
            vals['team_id'] = self._create_team(vals['name'], company).id

    @api.model
    def _get_currency(self, name):
        """Return the currency, activated if needed."""
        currency = self.env['res.currency'].with_context(active_test=False).sudo().search(
            [('name', '=', name)], limit=1)
        if currency and not currency.active:
            currency.active = True
        return currency.sudo(False)

    @api.model
    def _get_warehouse(self, company):
        """Return a warehouse of the company; Odoo makes none for a company added later."""
        warehouses = self.env['stock.warehouse'].with_context(active_test=False).sudo()
        warehouse = warehouses.search(
            [('company_id', '=', company.id), ('active', '=', True)], limit=1)
        if not warehouse:
            code = f"W{company.id}"
            warehouse = warehouses.with_company(company).create({
                'name': company.name, 'code': code[:5], 'company_id': company.id,
                'partner_id': company.partner_id.id})
        return warehouse.sudo(False)

    @api.model
    def _get_pricelist(self, company, currency):
        """Return a pricelist without rules: it carries the currency and never a price."""
        pricelists = self.env['product.pricelist'].sudo()
        name = f"Lazada {currency.name}"
        pricelist = pricelists.search([
            ('name', '=', name), ('company_id', '=', company.id),
            ('currency_id', '=', currency.id), ('item_ids', '=', False)], limit=1)
        if not pricelist:
            pricelist = pricelists.create({
                'name': name, 'company_id': company.id, 'currency_id': currency.id})
        return pricelist.sudo(False)

    @api.model
    def _create_team(self, name, company):
        return self.env['crm.team'].sudo().create(
            {'name': name, 'company_id': company.id}).sudo(False)

    @api.model
    def _ensure_all_flows(self):
        """Give the shops the flows that an update of the app has added."""
        self.search([('active', 'in', (True, False))])._ensure_flows()

    def _ensure_flows(self):
        flows = self.env['lazada.flow'].sudo()
        now = fields.Datetime.now()
        created = flows.create([
            {'shop_id': shop.id, 'name': name, 'due_at': now}
            for shop in self
            for name in const.FLOWS if name not in shop.sudo().flow_ids.mapped('name')
        ])
        # What is fetched now is compared at night: that asks for every day of the last month.
        for flow in created.filtered(lambda flow: flow.name == 'reconcile'):
            flow.due_at = now + timedelta(minutes=flow._get_interval_minutes())
        for name in const.FLOWS:
            flows._schedule(name)

    def write(self, vals):
        result = super().write(vals)
        if vals.get('active') or vals.get('paused') is False:
            self.flow_ids._wake()
        if vals.get('order_sync_minutes'):
            for flow in self._get_flow('fetch_orders').filtered('last_success_at'):
                flow._wake(flow.last_success_at + timedelta(
                    minutes=flow._get_interval_minutes()))
        if vals.get('sell_archived'):
            self._wake_archived()
        return result

    def _wake_archived(self):
        """Put the orders back to work that waited for an archived product."""
        for shop, keys in self.env['lazada.order'].sudo()._read_group(
                [('shop_id', 'in', self.ids), ('sync_state', '=', 'attention'),
                 ('issue_code', '=', 'product_archived')],
                ['shop_id'], ['issue_key:array_agg_distinct']):
            self.env['lazada.order']._wake_issues(shop, keys)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_orders(self):
        if self.env['lazada.order'].sudo().search_count(
                [('shop_id', 'in', self.ids)], limit=1):
            raise UserError(self.env._(
                "A shop with orders cannot be deleted. Archive it instead: it stops "
                "synchronising and its history stays."))

    # === CONNECTING === #

    @api.model
    def _connect_granted(self, account, granted):
        """Return the shop of this grant: found again, or created from what Lazada says."""
        shop = self.sudo().with_context(active_test=False).search([
            ('endpoint', '=', account.endpoint), ('site', '=', granted.country),
            ('external_id', '=', granted.seller_id)])
        if shop and shop.account_id != account:
            raise UserError(self.env._(
                "The seller %(seller)s (%(site)s) is already connected by the account "
                "%(account)s. Re-authorise that one instead.",
                seller=granted.seller_id, site=dict(const.SITES)[granted.country],
                account=shop.account_id.name))
        if shop:
            return shop.sudo(False)
        shop = self.create(self._prepare_granted_vals(account, granted))
        # Without renewal: that would wait for the very transaction which writes the new tokens.
        shop._verify_seller(renew=False)
        return shop

    @api.model
    def _prepare_granted_vals(self, account, granted):
        site = dict(const.SITES)[granted.country]
        skip = account.open_orders == 'skip'
        return {
            'name': f"{account.name} {site}",
            'account_id': account.id,
            'site': granted.country,
            'external_id': granted.seller_id,
            'short_code': granted.short_code,
            'company_id': account.company_id.id or self.env.company.id,
            'last_order_sync': account.import_from,
            'skip_ordered_before': fields.Datetime.now() if skip else False,
        }

    def _verify_seller(self, renew=True):
        """Compare the seller id with the one Lazada answers.

        :param renew: whether a token that is refused may be renewed
        :raise UserError: Lazada does not answer, or another seller does
        """
        self.ensure_one()
        with self.env['lazada.call']._client(self.account_id, self, renew=renew) as client:
            seller = client.seller.get()
        if str(seller.get('seller_id')) != self.external_id:
            raise UserError(self.env._(
                "%(shop)s is set up for the seller %(expected)s, but Lazada answers as "
                "%(actual)s. Authorise with the right seller login.",
                shop=self.name, expected=self.external_id, actual=seller.get('seller_id')))
        if not self.short_code:
            self.short_code = seller.get('short_code')

    def _get_client(self, on_call=None, renew=True, seconds=None):
        self.ensure_one()
        started = time.monotonic()
        if renew:
            self.account_id._renew_if_ending(seconds=seconds)
        if seconds:
            seconds = max(1.0, seconds - (time.monotonic() - started))
        return self.account_id._get_client(self.site, on_call, renew, seconds)

    def _get_fbl_location(self):
        """Return the location of the stock that Lazada holds, made when needed."""
        self.ensure_one()
        shop = self.sudo()  # the importing user may not be allowed to set up shops
        if not shop.fbl_location_id:
            shop.fbl_location_id = self.env['stock.location'].sudo().create({
                'name': self.env._("Lazada FBL %s", self.name),
                'usage': 'internal',
                'company_id': self.company_id.id,
            })
        return shop.fbl_location_id.sudo(False)

    # === FLOWS === #

    def _get_flow(self, name):
        return self.sudo().flow_ids.filtered(lambda flow: flow.name == name)

    def _get_first_sync_start(self):
        return fields.Datetime.now() - timedelta(days=max(self.first_sync_days, 1))

    def action_sync_orders(self):
        """Read and import orders at once; what does not fit into some seconds goes on alone."""
        return self._run_button('fetch_orders', 'import_orders')

    def action_sync_catalogue(self):
        """Read the whole catalogue and link what can be linked."""
        return self.with_context(lazada_by_hand=True)._run_button('catalogue')

    def _run_button(self, *names):
        self.check_access('write')
        self._check_runnable()
        ends = time.monotonic() + const.BUTTON_SECONDS
        for name in names:
            self._get_flow(name)._run_in_place(ends - time.monotonic())
        self.invalidate_recordset()
        problem = '\n'.join(filter(None, self.mapped('error_message')))
        if problem:
            return self.env['lazada.account']._notify(problem, 'warning', sticky=True)
        if any(flow.name in names and flow._is_unfinished() for flow in self.sudo().flow_ids):
            return self.env['lazada.account']._notify(self.env._(
                "The synchronisation goes on in the background."), 'info')
        return self.env['lazada.account']._notify(self._get_sync_summary(names[-1]))

    def _check_runnable(self):
        for shop in self:
            if shop.account_id.state != 'connected':
                raise UserError(self.env._(
                    "%s is not connected to Lazada. Open its account and press Re-authorise.",
                    shop.name))
            if shop.paused or not shop.active:
                raise UserError(self.env._(
                    "%s is paused or archived. Nothing is exchanged until it is active again.",
                    shop.name))

    def _get_sync_summary(self, name):
        """What a button says when the flow `name` has finished."""
        if name == 'catalogue':
            return self.env._(
                "Catalogue up to date. %(listings)s listings, %(missing)s not linked.",
                listings=sum(self.mapped('listing_count')),
                missing=sum(self.mapped('missing_count')))
        return self.env._(
            "Up to date. %(orders)s orders known, %(attention)s need attention.",
            orders=sum(self.mapped('order_count')),
            attention=sum(self.mapped('attention_count')))

    # === ALERTS === #

    def _open_sync_activity(self, name, message):
        """Tell the responsible once that a flow keeps failing."""
        activity_type = 'lazada_connector.mail_activity_sync'
        summary = self.env._("Lazada: %s keeps failing", const.FLOWS[name][0])
        shop = self.sudo()
        if shop._find_sync_activity(name):
            return
        shop.activity_schedule(
            activity_type, summary=summary, note=plain_note(message),
            user_id=self._get_responsible().id)

    def _get_responsible(self):
        """Return who is told when something needs a person; never somebody who has left."""
        people = self.user_id + self.create_uid + self.env.ref('base.user_admin') + self.env.user
        return people.filtered('active')[:1] or self.env.user

    def _close_sync_activity(self, name):
        self.sudo()._find_sync_activity(name).unlink()

    def _find_sync_activity(self, name):
        summary = self.env._("Lazada: %s keeps failing", const.FLOWS[name][0])
        return self.activity_search(
            ['lazada_connector.mail_activity_sync'],
            additional_domain=[('summary', '=', summary)])
