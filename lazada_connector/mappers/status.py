# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lazada's statuses of items and packages, reduced to the few an ERP acts on."""

_ITEM = {
    'unpaid': ('unpaid',),
    'to_pack': ('pending', 'repacked'),
    'to_ship': ('packed', 'ready_to_ship_pending', 'ready_to_ship'),
    'shipped': ('shipped',),
    'delivered': ('delivered',),
    'completed': ('confirmed',),
    'returning': ('failed', 'failed_delivery', 'shipped_back', 'return_with_last_mile_3pl'),
    'returned': ('returned', 'shipped_back_success', 'package_returned'),
    'lost': ('lost', 'lost_by_3pl', 'damaged_by_3pl', 'shipped_back_failed', 'package_scrapped'),
    'cancelled': ('canceled', 'cancelled'),
}
_PACKAGE = {
    'pending': ('pending', 'repacked'),
    'confirmed': ('packed', 'ready_to_ship_pending'),
    'ready_to_ship': ('ready_to_ship', 'transit_to_ship', 'info_st_requesting_driver',
                      'info_st_driver_assigned'),
    'shipped': (
        'shipped', 'info_st_domestic_sc_sign_in_success',
        'info_st_domestic_pickup_sign_in_success', 'info_st_domestic_ib_success_first_mile_hub',
        'info_st_domestic_ob_success_first_mile_hub',
        'info_st_domestic_ib_success_in_sort_center',
        'info_st_domestic_ob_success_in_sort_center', 'info_st_domestic_package_stationed_in',
        'info_st_domestic_package_stationed_out', 'info_st_domestic_on_hold',
        'info_st_domestic_last_mile_customer_station_inbound',
        'info_st_domestic_last_mile_3pl_shipped_to_station', 'info_st_domestic_out_for_delivery',
        'info_st_domestic_1st_attempt_failed', 'info_st_domestic_redelivery',
        'info_st_cb_pickup_success', 'info_st_cb_handover_to_last_mile',
        'info_st_cb_ib_success_in_sort_center', 'info_st_cb_handover', 'info_st_cb_uplifted',
        'info_st_cb_linehaul_arrival_success', 'info_st_cb_customs_clearance_success',
        'info_st_cb_received_by_last_mile', 'info_st_cb_pickup_in_bag_level',
        'info_st_cb_received_in_bag_level'),
    'delivered': ('delivered', 'confirmed'),
    'cancelled': ('canceled', 'cancelled'),
    'pickup_failed': ('info_st_domestic_pickup_sign_in_failure',),
    'failed_delivery': (
        'failed', 'failed_delivery', 'deliver_failed', 'shipped_back',
        'info_st_domestic_reattempts_failed', 'info_st_domestic_delivery_failed',
        'info_st_domestic_return_at_transit_hub',
        'info_st_domestic_last_mile_station_customer_failed_pickup', 'on_the_way_back_to_shipper',
        'info_st_package_intercepted', 'return_with_last_mile_3pl',
        'info_st_domestic_package_return_attempt_failed',
        'info_st_domestic_package_return_failed_pickup_pending'),
    'returned': (
        'returned', 'shipped_back_success', 'package_returned', 'back_to_shipper',
        'info_st_domestic_back_to_shipper', 'info_st_domestic_warehouse_returned'),
    'lost': ('lost', 'lost_by_3pl', 'shipped_back_failed',
             'info_st_domestic_package_returned_failed'),
    'damaged': ('damage_by_3pl', 'damaged_by_3pl', 'package_scrapped'),
    'manual': ('info_st_need_review',),
}
# What the courier says about a parcel is also said about the items in it.
_ITEM_OF_PACKAGE = {
    'pending': 'to_pack', 'confirmed': 'to_ship', 'ready_to_ship': 'to_ship',
    'pickup_failed': 'to_ship', 'shipped': 'shipped', 'delivered': 'delivered',
    'failed_delivery': 'returning', 'returned': 'returned', 'lost': 'lost', 'damaged': 'lost',
    'cancelled': 'cancelled', 'manual': 'unknown',
}
_COURIER = 'info_st_'

# raw package status (lower case) -> pending · confirmed · ready_to_ship · shipped · delivered ·
# cancelled · pickup_failed · failed_delivery · returned · lost · damaged · manual
PACKAGE_STATUS = {raw: status for status, raws in _PACKAGE.items() for raw in raws}

# raw item status (lower case) -> unpaid · to_pack · to_ship · shipped · delivered · completed ·
# returning · returned · lost · cancelled
ITEM_STATUS = {
    **{raw: _ITEM_OF_PACKAGE[status] for raw, status in PACKAGE_STATUS.items()},
    **{raw: status for status, raws in _ITEM.items() for raw in raws},
}

# An order's status is the first of these that any of its live items has.
_ORDER_OF_URGENCY = (
    'to_pack', 'to_ship', 'unpaid', 'shipped', 'returning', 'lost', 'returned', 'delivered',
    'completed',
)


def _folded(raw):
    return str(raw or '').strip().lower()


def normalise(raw):
    """The normalised status of an item; courier events that are not known yet count as shipped,
    anything else that is not known is 'unknown'."""
    raw = _folded(raw)
    return ITEM_STATUS.get(raw) or ('shipped' if raw.startswith(_COURIER) else 'unknown')


def order_status(item_statuses):
    """The status of an order from its items' normalised ones; none at all is 'unknown'."""
    statuses = set(item_statuses)
    if statuses == {'cancelled'}:
        return 'cancelled'
    return next((status for status in _ORDER_OF_URGENCY if status in statuses), 'unknown')


def package_status(raw, tracking_number=''):
    """The normalised status of a package; what is not known is 'manual'.

    Packed or waiting for the courier, with a tracking number, is 'shipment_arranged'.
    """
    status = PACKAGE_STATUS.get(_folded(raw), 'manual')
    return 'shipment_arranged' if tracking_number and status in (
        'confirmed', 'ready_to_ship') else status
