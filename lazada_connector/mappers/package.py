# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Parcels. Lazada has no call that lists them: they are read off the items."""

from datetime import datetime

from .datetimes import optional_datetime
from .status import package_status
from .text import code, one_line
from .values import as_rows, parse_id

# The raw status of a package is that of its items; the one furthest from its end counts.
_PROGRESS = ('repacked', 'pending', 'packed', 'ready_to_ship_pending', 'ready_to_ship', 'shipped')


def map_packages(items):
    """The packages of an order, from its items as `order.map_item` gives them.

    Returns one dict per package, in the order of the items; cancelled items still name theirs.
    """
    packages = {}
    for item in items:
        if item['package_external_id']:
            packages.setdefault(item['package_external_id'], []).append(item)
    return [_map_package(external_id, units) for external_id, units in packages.items()]


def _map_package(external_id, units):
    live = [unit for unit in units if unit['status'] != 'cancelled'] or units
    tracking = next((unit['tracking_number'] for unit in live if unit['tracking_number']), '')
    raw = min((unit['raw_status'] for unit in live), key=_distance)
    return {
        'external_id': external_id,
        'item_external_ids': [unit['external_id'] for unit in units],
        'tracking_number': tracking,
        'provider': next((unit['shipment_provider'] for unit in live
                          if unit['shipment_provider']), ''),
        'raw_status': raw,
        'status': package_status(raw, tracking),
        'own_fleet': any(unit['channel'] == 'own_fleet' for unit in live),
    }


def _distance(raw):
    folded = raw.lower()
    return _PROGRESS.index(folded) if folded in _PROGRESS else len(_PROGRESS)


def map_trace(modules, site):
    """The courier's events (`client.fulfilment.trace`), oldest first.

    Keys: package_external_id, tracking_number, raw_status, status, title, description, location,
    happened_at (naive UTC or None).
    """
    events = []
    for module in as_rows(modules):
        for package in as_rows(module.get('package_detail_info_list')):
            events += [_map_event(package, event, site)
                       for event in as_rows(package.get('logistic_detail_info_list'))]
    return sorted(events, key=lambda event: event['happened_at'] or datetime.min)


def _map_event(package, event, site):
    raw = code(event.get('status_code'))
    return {
        'package_external_id': parse_id(package.get('ofc_package_id')),
        'tracking_number': code(package.get('tracking_number')),
        'raw_status': raw,
        'status': package_status(raw),
        'title': one_line(event.get('title')),
        'description': one_line(event.get('description')),
        'location': one_line(event.get('package_location_name')),
        'happened_at': optional_datetime(event.get('event_time'), site),
    }
