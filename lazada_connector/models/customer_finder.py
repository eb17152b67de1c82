# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Customers of a batch of orders: found again, or created together. Not a record."""
import hashlib
import json

from ..mappers.text import is_masked

ADDRESS_KEYS = (
    'name', 'phone', 'street', 'street2', 'city', 'state_name', 'zip', 'country_code',
    'raw_name', 'raw_phone', 'raw_street',
)
BUYER, ADDRESS, GENERIC = 'buyer', 'address', 'generic'


def address_key(address):
    """Return the digest that identifies an address as Lazada sent it."""
    text = json.dumps([address.get(key) or '' for key in ADDRESS_KEYS])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def tax_key(address, tax_vals):
    """Return the digest that identifies an address together with who is taxed there."""
    text = json.dumps([address_key(address), tax_vals['vat'], tax_vals['company_registry'] or ''])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plain_number(text):
    """Return a tax number for comparing: however somebody, or Odoo, wrote it."""
    return ''.join(filter(str.isalnum, text or '')).casefold()


def is_clear(address):
    """Whether name, phone and street may be used: nothing is masked."""
    return bool(address.get('name')) and not address.get('masked')


class CustomerFinder:
    """The contacts of orders of one shop.

    A buyer is known by site and buyer id; else by an exact match on unmasked name, phone and
    street; else, masked and without an id, it is the shop's generic customer with a delivery
    contact of the order. Masked text never gets into phone, street or e-mail. The tax number that
    stands on the invoice is the customer's, or that of an invoice contact of its own.
    """

    def __init__(self, shop, orders):
        self.shop = shop
        self.env = shop.env
        self.partners = self.env['res.partner'].with_context(
            active_test=False, tracking_disable=True, no_vat_validation=True)
        self.company_domain = [('company_id', 'in', (False, shop.company_id.id))]
        self._countries, self._states = {}, {}
        self._prefetch(orders)
        self._customers = self._find_customers(orders)
        self._create_contacts(orders)

    def find(self, order):
        """Return (customer, delivery contact, invoice contact) of an order."""
        customer = self._customers[self._identify(order)]
        return (
            customer,
            self._get_contact(customer, self._get_shipping(order)),
            self._get_invoice_contact(customer, order),
        )

    def is_address_incomplete(self, order):
        """Whether a person should look at the address: a part is missing or matches nothing here.

        The order is imported all the same, with what Lazada sent as text.
        """
        return any(map(self._is_incomplete, (self._get_shipping(order), self._get_billing(order))))

    def _is_incomplete(self, address):
        country = self._get_country(address.get('country_code') or '')
        state = self._get_state(country, address)
        return not (
            country and address.get('country_known') and address.get('city')
            and (state or not self._states[country])
            and (address.get('zip') or not country.zip_required))

    # === WHO === #

    def _identify(self, order):
        """Return what tells the buyer of an order from others."""
        if self.shop.generic_customer:
            return GENERIC, None
        if order.buyer_external_id:
            return BUYER, f'{self.shop.site}:{order.buyer_external_id}'
        address = self._get_main_address(order)
        return (ADDRESS, address_key(address)) if is_clear(address) else (GENERIC, None)

    def _get_shipping(self, order):
        return order.shipping_address or {'country_code': self.shop.site.upper()}

    def _get_billing(self, order):
        return order.billing_address or self._get_shipping(order)

    def _get_main_address(self, order):
        billing = self._get_billing(order)
        return billing if is_clear(billing) else self._get_shipping(order)

    def _prefetch(self, orders):
        """Two searches for the whole batch: who is known by key, who by the same address."""
        buyer_keys = [
            key for kind, key in map(self._identify, orders) if kind == BUYER]
        addresses = [
            address for order in orders
            for address in (self._get_shipping(order), self._get_billing(order))]
        known = self.partners.search([
            '|', ('lazada_buyer_key', 'in', buyer_keys),
            ('lazada_address_key', 'in', [
                *map(address_key, addresses), *filter(None, map(self._get_tax_key, orders))]),
            *self.company_domain], order='id desc')
        self._buyers = {p.lazada_buyer_key: p for p in known if p.lazada_buyer_key}
        self._contacts = {
            (p.parent_id.id or p.id, p.lazada_address_key): p
            for p in known if p.lazada_address_key}
        self._residents = {
            p.lazada_address_key: p for p in known if p.lazada_address_key and not p.parent_id}
        names = {address['name'] for address in addresses if is_clear(address)}
        self._same = {
            (p.name, p.phone or '', p.street or ''): p
            for p in self.partners.with_context(active_test=True).search([
                ('name', 'in', list(names)), ('parent_id', '=', False),
                *self.company_domain], order='id desc')} if names else {}

    # === CUSTOMERS === #

    def _find_customers(self, orders):
        """Return {identity: customer}; those that are not known are created in one call."""
        customers, missing = {}, {}
        for order in orders:
            identity = self._identify(order)
            customer = customers.get(identity) or self._find_known(identity, order)
            if customer:
                self._refresh(customer, identity, order)
                customers[identity] = customer
            else:
                missing.setdefault(identity, order)
        created = self.partners.create([
            {**self._prepare_vals(self._get_main_address(order), order),
             'lazada_buyer_key': identity[1] if identity[0] == BUYER else False}
            for identity, order in missing.items()])
        customers.update(zip(missing, created, strict=True))
        for customer in created:
            self._contacts[customer.id, customer.lazada_address_key] = customer
        return customers

    def _find_known(self, identity, order):
        kind, key = identity
        if kind == GENERIC:
            return self._get_generic()
        address = self._get_main_address(order)
        known = self._buyers if kind == BUYER else self._residents
        if known.get(key) or not is_clear(address):
            return known.get(key)
        if not address.get('phone') or not address.get('street'):
            return None  # a name alone is nobody in particular
        return self._same.get((address['name'], address['phone'], address['street']))

    def _refresh(self, customer, identity, order):
        """Complete a known customer: its key, and what Lazada no longer hides."""
        kind, key = identity
        if kind == BUYER and not customer.lazada_buyer_key:
            customer.lazada_buyer_key = key
        address = self._get_main_address(order)
        if customer.lazada_masked and is_clear(address):
            customer.write(self._prepare_vals(address, order))
            self._contacts[customer.id, customer.lazada_address_key] = customer
        elif order.tax_code and not customer.vat and kind != GENERIC:
            customer.write(self._prepare_tax_vals(order))

    def _get_generic(self):
        shop = self.shop.sudo()  # the importing user may not be allowed to set up shops
        if not shop.generic_partner_id:
            shop.generic_partner_id = self.partners.create({
                'name': self.env._("Lazada customers of %s", shop.name),
                'company_id': shop.company_id.id,
                'country_id': self._get_country(shop.site.upper()).id,
            })
        return shop.generic_partner_id.sudo(False)

    # === ADDRESSES === #

    def _create_contacts(self, orders):
        """Create, in one call, the delivery and invoice contacts that are not known yet."""
        missing = {}
        for order in orders:
            customer = self._customers[self._identify(order)]
            wanted = [('delivery', self._get_shipping(order))]
            if self._is_taxed_apart(customer, order):
                key = (customer.id, self._get_tax_key(order))
                if key not in self._contacts:
                    missing.setdefault(key, self._prepare_taxed_vals(customer, order))
            else:
                wanted.append(('invoice', self._get_billing(order)))
            for kind, address in wanted:
                key = (customer.id, address_key(address))
                if key not in self._contacts and not self._lives_there(customer, address):
                    missing.setdefault(key, {
                        **self._prepare_vals(address), 'parent_id': customer.id, 'type': kind})
        self._contacts.update(
            zip(missing, self.partners.create(list(missing.values())), strict=True))

    def _get_contact(self, customer, address):
        return self._contacts.get((customer.id, address_key(address)), customer)

    def _get_invoice_contact(self, customer, order):
        if self._is_taxed_apart(customer, order):
            return self._contacts[customer.id, self._get_tax_key(order)]
        return self._get_contact(customer, self._get_billing(order))

    def _is_taxed_apart(self, customer, order):
        """Whether the tax invoice asked for is not made out to the customer's own number."""
        vals = self._prepare_tax_vals(order)
        return any(
            plain_number(customer[name]) != plain_number(value) for name, value in vals.items())

    def _get_tax_key(self, order):
        vals = self._prepare_tax_vals(order)
        return tax_key(self._get_billing(order), vals) if vals else None

    def _prepare_taxed_vals(self, customer, order):
        """Return an invoice contact; a company, because others share their parent's number."""
        return {
            **self._prepare_vals(self._get_billing(order), order),
            'lazada_address_key': self._get_tax_key(order),
            'parent_id': customer.id, 'type': 'invoice', 'is_company': True}

    @staticmethod
    def _lives_there(customer, address):
        return is_clear(address) and (
            customer.name == address['name']
            and (customer.street or '') == (address.get('street') or '')
            and (customer.phone or '') == (address.get('phone') or ''))

    def _prepare_vals(self, address, order=None):
        country = self._get_country(address.get('country_code') or self.shop.site.upper())
        state_name = address.get('state_name') or ''
        state = self._get_state(country, address)
        street2 = [address.get('street2'), state_name if not state else '']
        return {
            'name': self._get_name(address, order),
            'phone': address.get('phone') or False,
            'street': address.get('street') or False,
            'street2': ', '.join(filter(None, street2)) or False,
            'city': address.get('city') or False,
            'zip': address.get('zip') or False,
            'country_id': country.id,
            'state_id': state.id,
            'lazada_address_key': address_key(address),
            'lazada_masked': not is_clear(address),
            **(self._prepare_tax_vals(order) if order else {}),
        }

    def _prepare_tax_vals(self, order):
        """Tax number and branch, when the buyer asked for a tax invoice."""
        if not order.tax_code or not order.tax_invoice_requested or is_masked(order.tax_code):
            return {}
        return {'vat': order.tax_code, 'company_registry': order.branch_number or False}

    def _get_name(self, address, order):
        names = [address.get('name'), order and order.customer_name]
        return next(filter(None, names), self.env._("Lazada buyer"))

    def _get_country(self, code):
        if code not in self._countries:
            self._countries[code] = self.env['res.country'].search(
                [('code', '=', code)], limit=1)
        return self._countries[code]

    def _get_state(self, country, address):
        """Return the state of exactly one of the names; what does not match stays text."""
        if country not in self._states:
            states = self.env['res.country.state'].search([('country_id', '=', country.id)])
            self._states[country] = {
                **{state.code.casefold(): state for state in states},
                **{state.name.casefold(): state for state in states}}
        names = address.get('state_names') or [address.get('state_name') or '']
        return next(
            (self._states[country][name.casefold()] for name in names
             if name.casefold() in self._states[country]), self.env['res.country.state'])
