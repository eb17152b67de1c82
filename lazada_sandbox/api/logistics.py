"""Where a parcel is, and the seller's warehouses."""
from ..gateway.errors import ApiError
from ..world.lifecycle import PACKAGE_STATUS
from .params import json_value
from .registry import endpoint

TITLES = {'PACKED': 'Packed', 'READY_TO_SHIP': 'Ready to ship', 'DELIVERED': 'Delivered',
          'DELIVER_FAILED': 'Delivery failed', 'CANCELLED': 'Cancelled',
          PACKAGE_STATUS['shipped']: 'Shipped'}


@endpoint('/logistic/order/trace', 'GET', 'POST')
def trace(call):
    """Works once the parcel was handed over."""
    order_id = call.need('order_id')
    order = call.shop.orders.get(int(order_id)) if order_id.isdigit() else None
    if order is None:
        raise ApiError('LD_INVOKE_DOWNSTREAM_RESPONSE_BLANK', 'order not found')
    text = call.params.get('ofcPackageIdList')
    wanted = text and json_value(text, list, ApiError(
        'INPUT_PARAM_VALID', 'ofcPackageIdList is not a list'))
    packages = [package for package in call.shop.packages.values()
                if package.order is order and package.status not in ('packed', 'canceled')
                and (not wanted or package.package_id in wanted)]
    return {'result': {
        'success': True, 'not_success': False, 'repeated': False, 'retry': False, 'error_code': {},
        'module': [{
            'ofc_order_id': f'FO{package.package_id[2:]}', 'warehouse_detail_info': '',
            'package_detail_info_list': [_package(package)]} for package in packages]}}


def _package(package):
    return {
        'ofc_package_id': package.package_id, 'tracking_number': package.tracking_number,
        'order_line_info_list': '',
        'logistic_detail_info_list': [_event(package, at, code) for at, code in package.history]}


def _event(package, at, code):
    title = TITLES.get(code, code)
    return {
        'title': title, 'description': f'{title}.',
        'detail_type': 'DELIVERED' if code == 'DELIVERED' else 'TRANSIT', 'status_code': code,
        'event_time': at * 1000, 'receive_time': at * 1000 + 3000,
        'event_date': package.order.shop.place.local(at).strftime('%Y-%m-%d'),
        'package_location_name': '', 'icon': '', 'proof_images': []}


@endpoint('/seller/warehouse/get', 'GET')
def warehouses(call):
    return {'result': {'success': True, 'error_code': {}, 'module': [
        {'code': code, 'name': name, 'detailAddress': '12 Jalan Contoh', 'needToUpdate': False,
         'defaultAddress': code == 'dropshipping', 'status': 'ACTIVE'}
        for code, name in call.shop.warehouses]}}
