"""The things of the world. Plain data; the rules live in the sibling modules.

Money is Decimal in the site's currency, times are epoch seconds.
"""
from dataclasses import dataclass, field
from decimal import Decimal

from .sites import SITES

ZERO = Decimal(0)


@dataclass(eq=False, repr=False)
class App:
    app_key: str
    app_secret: str
    name: str
    callback_url: str = ''


@dataclass(eq=False, repr=False)
class Shop:
    """One storefront, known by (site, seller_id)."""

    site: str
    seller_id: str
    user_id: str
    short_code: str
    name: str
    company: str
    email: str
    cross_border: bool
    status: str = 'ACTIVE'
    warehouses: list = field(default_factory=lambda: [('dropshipping', 'Main warehouse')])
    products: dict = field(default_factory=dict)      # item_id -> Product
    listings: dict = field(default_factory=dict)      # sku_id -> Listing
    orders: dict = field(default_factory=dict)        # order_id -> Order
    packages: dict = field(default_factory=dict)      # package_id -> Package
    returns: dict = field(default_factory=dict)       # reverse_order_id -> ReverseOrder
    payouts: list = field(default_factory=list)
    transactions: list = field(default_factory=list)

    @property
    def place(self):
        return SITES[self.site]

    @property
    def key(self):
        return self.site, self.seller_id


@dataclass(eq=False, repr=False)
class Account:
    """One seller login. Cross-border ones own a shop in several countries."""

    login: str
    country: str
    shops: list


@dataclass(eq=False, repr=False)
class Product:
    """One item of the catalogue with its SKUs."""

    item_id: int
    name: str
    created_at: int
    updated_at: int
    status: str = 'Active'
    category: int = 6583
    listings: list = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Listing:
    """One sellable SKU. `in_odoo`: the demo company has exactly one product for it."""

    sku_id: int
    product: Product
    seller_sku: str
    variation: str
    price: Decimal
    sellable: int
    in_odoo: bool = True
    status: str = 'active'
    special_price: Decimal = ZERO
    withheld: int = 0
    occupied: int = 0
    fbl: bool = False
    campaign: dict | None = None
    warehouse_stock: dict = field(default_factory=dict)
    zeroed_by_cancel: int = 0

    @property
    def name(self):
        return self.product.name


@dataclass(eq=False, repr=False)
class Buyer:
    """A buyer with a clear address; masking happens when it is shown."""

    buyer_id: int
    name: str
    phone: str
    address1: str
    address3: str
    address4: str
    address5: str
    city: str
    post_code: str


@dataclass(eq=False, repr=False)
class Unit:
    """One order item: exactly one piece of one SKU."""

    item_id: int
    listing: Listing
    seller_sku: str
    name: str
    variation: str
    status: str
    item_price: Decimal
    created_at: int
    updated_at: int
    voucher_seller: Decimal = ZERO
    voucher_platform: Decimal = ZERO
    shipping: Decimal = ZERO
    wallet_credits: Decimal = ZERO
    held: str = ''                     # bucket of the listing the piece is in
    package: 'Package | None' = None
    reason: str = ''
    initiator: str = ''
    return_status: str = ''
    cancel_request: 'CancelRequest | None' = None
    shown_before: dict | None = None   # {'until', 'status'}: what readers still see after a pack
    overrides: dict = field(default_factory=dict)
    warehouse: str = 'dropshipping'


@dataclass(eq=False, repr=False)
class CancelRequest:
    """A buyer's wish to cancel, answered by the seller or by time."""

    reverse_order_id: int
    deadline: int
    open: bool = True
    agreed: bool = False


@dataclass(eq=False, repr=False)
class Order:
    order_id: int
    shop: Shop
    buyer: Buyer
    created_at: int
    updated_at: int
    units: list
    channel: str = 'seller'
    presale: bool = False
    stage_pay_status: str = ''         # of a pre-sale: 'unpaid', 'unpaid final payment'
    payment_method: str = 'MIXEDCARD'
    paid_at: int | None = None
    buyer_note: str = ''
    gift_message: str = ''
    remarks: str = ''
    tax_invoice: bool = False
    voucher_code: str = ''
    quirk: str = ''                    # 'old_row', 'no_split', 'unmasked', 'no_extra'
    overrides: dict = field(default_factory=dict)
    hidden_items: set = field(default_factory=set)

    @property
    def statuses(self):
        return list(dict.fromkeys(unit.status for unit in self.units))

    @property
    def price(self):
        return sum((unit.item_price for unit in self.units), ZERO)

    @property
    def shipping(self):
        return sum((unit.shipping for unit in self.units), ZERO)

    @property
    def voucher_seller(self):
        return sum((unit.voucher_seller for unit in self.units), ZERO)

    @property
    def voucher_platform(self):
        return sum((unit.voucher_platform for unit in self.units), ZERO)

    def unit(self, item_id):
        return next((unit for unit in self.units if unit.item_id == item_id), None)


@dataclass(eq=False, repr=False)
class Package:
    """One parcel. `applied` counts how often each write took effect."""

    package_id: str
    order: Order
    tracking_number: str
    provider: str
    status: str
    created_at: int
    units: list = field(default_factory=list)
    applied: dict = field(default_factory=lambda: {'pack': 0, 'rts': 0, 'repack': 0})
    label_calls: int = 0
    history: list = field(default_factory=list)       # (epoch, package status)


@dataclass(eq=False, repr=False)
class ReverseLine:
    """One returned unit. Amounts are in the site's currency."""

    line_id: int
    unit: Unit
    status: str
    ofc_status: str
    reason_id: str
    reason_text: str
    refund_amount: Decimal
    created_at: int
    updated_at: int
    history: list = field(default_factory=list)       # (epoch, operator)
    dispute: bool = False


@dataclass(eq=False, repr=False)
class ReverseOrder:
    reverse_order_id: int
    order: Order
    request_type: str                  # CANCEL, RETURN, ONLY_REFUND
    is_rtm: bool
    lines: list
    deadline: int
