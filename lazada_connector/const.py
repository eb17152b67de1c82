# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Routes, mapping tables and sizes shared by the layers."""

OAUTH_CALLBACK = '/lazada/oauth/callback'
OAUTH_SCOPE = 'lazada_oauth'
WEBHOOK_ROUTE = '/lazada/webhook'

SITES = [
    ('sg', "Singapore"),
    ('my', "Malaysia"),
    ('ph', "Philippines"),
    ('th', "Thailand"),
    ('vn', "Vietnam"),
    ('id', "Indonesia"),
]

# Their prices are whole numbers, written with points for the thousands.
SITES_WITHOUT_CENTS = ('vn', 'id')

# An account may also be cross-border: one token for several sites.
ACCOUNT_SITES = [*SITES, ('cb', "Cross-border")]

# name -> (label, minutes between two successful runs). The scheduled actions carry the same
# intervals; each shop moves at its own pace because `due_at` is kept per shop.
FLOWS = {
    'fetch_orders': ("Fetch orders", 60),
    'import_orders': ("Import orders", 60),
    'fulfilment': ("Fulfilment", 15),
    'stock': ("Stock", 30),
    'catalogue': ("Catalogue", 24 * 60),
    'health': ("Health", 24 * 60),
    'reconcile': ("Reconciliation", 24 * 60),
    'backfill': ("Fetch on request", 24 * 60),
}

ITEM_STATUSES = [
    ('unpaid', "Unpaid"),
    ('to_pack', "To Pack"),
    ('to_ship', "To Ship"),
    ('shipped', "Shipped"),
    ('delivered', "Delivered"),
    ('completed', "Completed"),
    ('returning', "Returning"),
    ('returned', "Returned"),
    ('lost', "Lost"),
    ('cancelled', "Canceled"),
    ('unknown', "Unknown"),
]

# The shortest and the longest time between two reads of a shop's orders by themselves.
ORDER_SYNC_MINUTES = (5, 24 * 60)

# What becomes of a unit when its order is imported (design: scope limits creation only).
LIVE_STATUSES = ('to_pack', 'to_ship')
ALREADY_SENT_STATUSES = ('shipped', 'delivered', 'completed')
SOLD_STATUSES = (*LIVE_STATUSES, *ALREADY_SENT_STATUSES)
GONE_STATUSES = ('cancelled', 'returning', 'returned', 'lost')

CHANNELS = [
    ('seller', "Seller ships by Lazada courier"),
    ('own_fleet', "Seller's own fleet"),
    ('fbl', "Fulfilled by Lazada"),
    ('digital', "Digital"),
    ('pickup', "Store pickup"),
]
# Packed and shipped by the seller; the other channels never make picking work.
SELLER_SHIPPED_CHANNELS = ('seller', 'own_fleet')

# Sizes of one turn of a flow; the lease is renewed by every commit.
LEASE_SECONDS = 90
# A call with all its tries. Reading a page takes four of them at most: less than the lease, and
# less than the 120 seconds after which Odoo kills a worker.
CALL_SECONDS = 20.0
TURN_SECONDS = 10.0
BUTTON_SECONDS = 8.0
# How often a button looks whether a scheduled action has finished with what it wants to run.
BUSY_SECONDS = 0.2
# What needs a call that Lazada has switched off waits so long: campaigns last for hours.
SUSPENDED_MINUTES = 15
PAGES_PER_TURN = 10
BATCHES_PER_TURN = 5
IMPORT_BATCH = 20
ORDERS_PER_PAGE = 100
ITEMS_PER_CALL = 50
REREAD_PER_TURN = 500
# Each read goes back so far behind the last one; reads that follow within some minutes go back
# only a little.
CURSOR_OVERLAP_MINUTES = 10
SHORT_OVERLAP_MINUTES = 1
OVERLAP_EVERY_MINUTES = 3
ITEMS_REREAD_HOURS = 6
REREAD_REST_MINUTES = 1
# Units asked for this soon after the change their header tells may miss one of the same second:
# clocks differ.
SAME_SECOND_MARGIN = 2
ITEMS_RETRY_MINUTES = 10

# === FULFILMENT === #

# The words of both user guides; the help of the field explains what each of them means.
PACKAGE_STATUSES = [
    ('pending', "Package Pending"),
    ('confirmed', "Package Confirmed"),
    ('ready_to_ship', "Ready to Ship"),
    ('shipment_arranged', "Shipment Arranged"),
    ('shipped', "Shipped"),
    ('delivered', "Delivered"),
    ('cancelled', "Canceled"),
    ('pickup_failed', "Pickup Failed"),
    ('manual', "Manual Handling Required"),
    ('failed_delivery', "Delivery Failed"),
    ('returned', "Returned"),
    ('lost', "Lost"),
    ('damaged', "Damaged"),
]
# Several packages are shown as the one that needs somebody first.
PACKAGE_URGENCY = (
    'manual', 'pickup_failed', 'pending', 'confirmed', 'ready_to_ship', 'shipment_arranged',
    'lost', 'damaged', 'failed_delivery', 'returned', 'shipped', 'delivered', 'cancelled',
)
# Their badges, as numbers of Odoo's palette: grey, blue, teal, green, orange, red.
PACKAGE_COLORS = {
    'pending': 0, 'cancelled': 0, 'confirmed': 4, 'ready_to_ship': 4, 'shipment_arranged': 4,
    'shipped': 7, 'delivered': 10, 'pickup_failed': 2, 'manual': 1, 'failed_delivery': 1,
    'returned': 1, 'lost': 1, 'damaged': 1,
}
# Packed and not yet with the courier: these have, or wait for, a label.
PACKED_STATUSES = ('confirmed', 'ready_to_ship', 'shipment_arranged')
# With the courier, or beyond: nobody prints a label any more.
GONE_PACKAGE_STATUSES = (
    'shipped', 'delivered', 'failed_delivery', 'returned', 'lost', 'damaged')
# A person has to act, and is told so by an activity.
HANDLING_STATUSES = ('manual', 'pickup_failed')

COMMAND_KINDS = [
    ('pack', "Pack"),
    ('rts', "Ready to ship"),
    ('repack', "Undo package"),
    ('sof_delivered', "Own fleet: delivered"),
    ('sof_failed', "Own fleet: delivery failed"),
    ('cancel', "Cancel on Lazada"),
]
COMMAND_STATES = [
    ('todo', "Waiting"),
    ('sent', "Sent"),
    ('unknown', "Being Checked"),
    ('done', "Done"),
    ('failed', "Failed"),
]
OPEN_COMMAND_STATES = ('todo', 'sent', 'unknown')

COMMANDS_PER_CALL = 20
COMMANDS_PER_TURN = 200
COMMAND_TRIES = 5
# An order may be verified for a day before Lazada lets it be packed.
COMMAND_TRIES_BY_CODE = {'700031': 55}
COMMAND_BACKOFF_MINUTES = (1, 2, 5, 15, 30)
# Lazada shows a write some seconds late. An answer younger than this that still shows the state
# before our own write is old; a write without answer counts as lost only after this time, which
# is also longer than a call can take.
WRITE_SETTLES_SECONDS = 120
LOOK_AGAIN_SECONDS = 15
LABEL_BACKOFF_SECONDS = (5, 10, 20, 40, 60, 120, 300, 600, 1800, 3600)
LABEL_CALL_SECONDS = 20.0
LABEL_TRIES_BEFORE_HTML = 5

# === CATALOGUE === #

IMAGE_SECONDS = 10.0
# Why a listing has no product.
LINK_REASONS = [
    ('no_sku', "No SKU"),
    ('not_active', "Not Active"),
    ('twin_listings', "Several Listings"),
    ('twin_products', "Several Products"),
    ('no_product', "No Product"),
]

# === STOCK === #

PUSH_STATES = [
    ('todo', "To Send"),
    ('done', "Sent"),
    ('held', "Waits for Orders"),
    ('retry', "Tried Again"),
    ('parked', "Campaign Lock"),
    ('refused', "Refused"),
]
PUSH_PROBLEMS = ('retry', 'parked', 'refused')
# Listings that are written to; the others keep whatever they show.
STOCKED_STATUSES = ('active', 'sold_out', 'inactive', 'pending')
# Fields of shops and listings after whose change the quantities are computed anew.
STOCK_RULES = frozenset({
    'stock_sync', 'stock_basis', 'source_ids', 'share_percent', 'buffer_qty', 'buffer_percent',
    'last_units_qty', 'max_qty', 'warehouse_id', 'bundle_qty', 'own_rules', 'set_to_zero',
    'product_id'})
# Quantities rise only if the orders of every shop were read in the last minutes.
PULL_FRESH_MINUTES = 10
STOCK_ROWS_PER_COMMIT = 100
STOCK_RETRY_MINUTES = 1
LOCK_RETRY_MINUTES = 60
RESEND_DAYS = 21
# Everything is read again once a day, a little earlier than a day after the last time.
CATALOGUE_FULL_HOURS = 20

# === PUSH MESSAGES === #

# Lazada's number of a message -> the flow that pulls what it is about.
PUSH_FLOWS = {
    0: 'fetch_orders', 10: 'fetch_orders', 14: 'fetch_orders',
    3: 'catalogue', 4: 'catalogue', 5: 'catalogue', 6: 'stock',
    8: 'health', 13: 'health',
}
PUSH_EXPIRY = '8'
PUSH_REVERSE = '10'
PUSH_SHOP_STATUS = '13'
PUSH_PACKAGE = '14'
PUSH_MAX_BYTES = 64 * 1024
# Lazada counts an answer after half a second as failed; waiting for a lock ends long before.
PUSH_LOCK_MILLISECONDS = 200
PUSH_SETTLE_SECONDS = 1.0

# === RECONCILIATION === #

RECONCILE_DAYS = 30
RECONCILE_HOUR = 2  # of the marketplace
# Days of more than a page are compared order by order while they are young, later by the number
# of orders and now and then in full.
RECONCILE_LISTED_DAYS = 3
RECONCILE_LIST_AGAIN_DAYS = 7
