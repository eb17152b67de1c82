# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a batch of orders shares, looked up once. Not a record."""
from .customer_finder import CustomerFinder


class OrderIssue(Exception):
    """This order cannot be imported as it is: `code`, a message for a person, and a key."""

    def __init__(self, code, message, key=None, state='attention'):
        super().__init__(message)
        self.code, self.message, self.key, self.state = code, message, key, state


class ImportLookups:
    """Contacts, taxes, names, pricelists and fiscal positions of orders of one shop."""

    def __init__(self, orders):
        self.shop = orders.shop_id
        self.env = orders.env
        self.company = self.shop.company_id
        self._product_ids = orders.item_ids.product_id.ids
        self._finder = CustomerFinder(self.shop, orders)
        self._contacts = {}
        self._fiscal_positions = {}
        self._taxes = {}
        self._names = {}
        self._pricelists = {}

    def get_contacts(self, order):
        """Return (customer, delivery contact, invoice contact)."""
        if order not in self._contacts:
            self._contacts[order] = self._finder.find(order)
        return self._contacts[order]

    def is_address_incomplete(self, order):
        return self._finder.is_address_incomplete(order)

    def get_fiscal_position(self, order):
        if order.sale_order_id:
            return order.sale_order_id.fiscal_position_id
        if order not in self._fiscal_positions:
            customer, delivery, _invoice = self.get_contacts(order)
            self._fiscal_positions[order] = self.env['account.fiscal.position'].with_company(
                self.company)._get_fiscal_position(customer, delivery)
        return self._fiscal_positions[order]

    def get_taxes(self, product, fiscal_position):
        """Return (ids of the product's taxes, the same without the fixed ones)."""
        key = (product, fiscal_position)
        if key not in self._taxes:
            taxes = fiscal_position.map_tax(
                product.taxes_id._filter_taxes_by_company(self.company))
            self._taxes[key] = (tuple(taxes.ids), tuple(taxes._without_fixed().ids))
        return self._taxes[key]

    def get_product(self, line):
        if line.product_id:
            return self.env['product.product'].browse(line.product_id).with_prefetch(
                self._product_ids)
        return self.company._get_lazada_product(line.kind)

    def get_name(self, product):
        if product not in self._names:
            self._names[product] = product.get_product_multiline_description_sale()
        return self._names[product]

    def get_pricelist(self, currency):
        if currency not in self._pricelists:
            own = self.shop.pricelist_id
            self._pricelists[currency] = (
                own if own.currency_id == currency
                else self.shop._get_pricelist(self.company, currency))
        return self._pricelists[currency]
