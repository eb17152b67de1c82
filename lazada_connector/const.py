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

# An account may also be cross-border: one token for several sites.
ACCOUNT_SITES = [*SITES, ('cb', "Cross-border")]

# name -> (label, minutes between two successful runs). The scheduled actions carry the same
# intervals; each shop moves at its own pace because `due_at` is kept per shop.
FLOWS = {
    'fetch_orders': ("Fetch orders", 60),
    'import_orders': ("Import orders", 60),
    'catalogue': ("Catalogue", 24 * 60),
    'health': ("Health", 24 * 60),
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

# What becomes of a unit when its order is imported (design: scope limits creation only).
LIVE_STATUSES = ('to_pack', 'to_ship')
ALREADY_SENT_STATUSES = ('shipped', 'delivered', 'completed')
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
LEASE_SECONDS = 60
TURN_SECONDS = 10.0
BUTTON_SECONDS = 8.0
PAGES_PER_TURN = 10
BATCHES_PER_TURN = 5
IMPORT_BATCH = 20
ORDERS_PER_PAGE = 100
ITEMS_PER_CALL = 50
REREAD_PER_TURN = 500
CURSOR_OVERLAP_MINUTES = 10
ITEMS_REREAD_HOURS = 6
