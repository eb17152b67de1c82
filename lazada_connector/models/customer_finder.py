# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Customers of a batch of orders: found again, or created together. Not a record."""
import hashlib
import json

ADDRESS_KEYS = (
    'name', 'phone', 'street', 'street2', 'city', 'state_name', 'zip', 'country_code',
    'raw_name', 'raw_phone', 'raw_street',
)


def address_key(address):
    """Return the digest that identifies an address as Lazada sent it."""
    text = json.dumps([address.get(key) or '' for key in ADDRESS_KEYS])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class CustomerFinder:
    """Find or create the contacts of orders of one shop.

    A buyer is known by site and buyer id, else by an exact match on unmasked name, phone and
    street. A masked buyer without id is booked on the shop's generic customer. Masked text
    never gets into phone, street or e-mail.
    """

    def __init__(self, shop, orders):
        self.shop = shop
        self.env = shop.env
        self.partners = self.env['res.partner'].with_context(
            tracking_disable=True, mail_create_nolog=True, no_vat_validation=True)
        self.company_domain = [('company_id', 'in', (False, shop.company_id.id))]
        self.countries = {}
        self.states = {}
        self._prefetch(orders)

    def _prefetch(self, orders):
        """One search for the buyers of the batch, one for their addresses."""
        buyer_keys = {self._buyer_key(order) for order in orders} - {None}
        address_keys = {
            address_key(address)
            for order in orders for address in (order.shipping_address, order.billing_address)
            if address}
        found = self.partners.search([
            '|', ('lazada_buyer_key', 'in', list(buyer_keys)),
            ('lazada_address_key', 'in', list(address_keys)), *self.company_domain],
            order='id desc')
        self.buyers = {p.lazada_buyer_key: p for p in found if p.lazada_buyer_key}
        self.addresses = {
            (p.commercial_partner_id.id, p.lazada_address_key): p
            for p in found if p.lazada_address_key}

    def find(self, order):
        """Return (customer, delivery contact, invoice contact) of an order."""
        shipping = order.shipping_address or {'country_code': self.shop.site.upper()}
        billing = order.billing_address or shipping
        customer = self._find_customer(order, billing if self._is_clear(billing) else shipping)
        return (
            customer,
            self._find_contact(customer, shipping, 'delivery'),
            self._find_contact(customer, billing, 'invoice'),
        )

    def _find_customer(self, order, address):
        if self.shop.generic_customer:
            return self._get_generic()
        key = self._buyer_key(order)
        customer = self.buyers.get(key)
        if not customer and self._is_clear(address):
            customer = self._find_same(address)
        if not customer and not key and not self._is_clear(address):
            return self._get_generic()
        if not customer:
            customer = self._create(address, order, lazada_buyer_key=key)
        elif customer.lazada_masked and self._is_clear(address):
            customer.write(self._prepare_vals(address, order))  # unmasked at last
        if key:
            if not customer.lazada_buyer_key:
                customer.lazada_buyer_key = key
            self.buyers[key] = customer
        return customer

    def _find_same(self, address):
        """Return the contact with exactly this unmasked name, phone and street."""
        return self.partners.search([
            ('name', '=', address.get('name')), ('phone', '=', address.get('phone')),
            ('street', '=', address.get('street')), ('parent_id', '=', False),
            *self.company_domain], limit=1)

    def _find_contact(self, customer, address, kind):
        """Return the customer itself when it lives there, else its contact for the address."""
        key = address_key(address)
        if customer.lazada_address_key == key:
            return customer
        contact = self.addresses.get((customer.id, key))
        if not contact and self._is_clear(address) and self._lives_there(customer, address):
            return customer
        if not contact:
            contact = self._create(address, None, parent_id=customer.id, type=kind)
            self.addresses[customer.id, key] = contact
        return contact

    def _lives_there(self, customer, address):
        return (
            customer.name == address.get('name')
            and customer.street == address.get('street')
            and (customer.phone or '') == (address.get('phone') or ''))

    def _get_generic(self):
        shop = self.shop.sudo()
        if not shop.generic_partner_id:
            shop.generic_partner_id = self.partners.create({
                'name': self.env._("Lazada customers of %s", shop.name),
                'company_id': shop.company_id.id,
                'country_id': self._get_country(shop.site.upper()).id,
            })
        return shop.generic_partner_id

    def _create(self, address, order, **values):
        return self.partners.create({**self._prepare_vals(address, order), **values})

    def _prepare_vals(self, address, order):
        country = self._get_country(address.get('country_code') or self.shop.site.upper())
        state_name = address.get('state_name') or ''
        state = self._get_state(country, state_name)
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
            'lazada_masked': not self._is_clear(address),
        }

    def _get_name(self, address, order):
        names = [address.get('name'), address.get('raw_name'), order and order.customer_name]
        return next(filter(None, names), self.env._("Lazada buyer"))

    def _get_country(self, code):
        if code not in self.countries:
            self.countries[code] = self.env['res.country'].search(
                [('code', '=', code)], limit=1)
        return self.countries[code]

    def _get_state(self, country, name):
        """Return the state of exactly that name or code; what does not match stays text."""
        if country not in self.states:
            states = self.env['res.country.state'].search([('country_id', '=', country.id)])
            self.states[country] = {
                **{state.code.casefold(): state for state in states},
                **{state.name.casefold(): state for state in states}}
        return self.states[country].get(name.strip().casefold(), self.env['res.country.state'])

    def _buyer_key(self, order):
        buyer = order.buyer_external_id
        return f'{self.shop.site}:{buyer}' if buyer else None

    @staticmethod
    def _is_clear(address):
        return bool(address.get('name')) and not address.get('masked')
