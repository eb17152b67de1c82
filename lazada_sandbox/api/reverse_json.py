"""How a reverse order looks: the list and the detail call name the same facts differently."""
from ..world.catalogue import shop_sku


def reverse_json(world, case):
    """One entry of the reverse list."""
    return {**_head(case), 'reverse_order_lines': [
        {**_line(world, case, line), 'buyer': {'buyer_id': case.order.buyer.buyer_id},
         'product': {'product_id': line.unit.listing.product.item_id,
                     'product_sku': str(line.unit.listing.sku_id)}} for line in case.lines]}


def detail_json(world, case):
    """The data of the detail call."""
    return {**_head(case), 'reverseOrderLineDTOList': [
        {**_line(world, case, line), 'buyer': {'user_id': case.order.buyer.buyer_id},
         'productDTO': {'product_id': line.unit.listing.product.item_id,
                        'sku': str(line.unit.listing.sku_id)}} for line in case.lines]}


def history_json(line, size, number):
    """The data of the history call."""
    events = [{'operator': operator, 'picture': [], 'time': at * 1000}
              for at, operator in line.history]
    return {'list': events[(number - 1) * size:number * size],
            'page_info': {'page_size': size, 'page_number': number, 'total': len(events)}}


def _head(case):
    return {'reverse_order_id': case.reverse_order_id, 'trade_order_id': case.order.order_id,
            'request_type': case.request_type, 'is_rtm': case.is_rtm,
            'shipping_type': 'DEFAULT' if case.request_type == 'CANCEL' else 'PICK_UP'}


def _line(world, case, line):
    shop, unit = case.order.shop, line.unit
    return {
        'reverse_order_line_id': line.line_id, 'trade_order_line_id': unit.item_id,
        'reverse_status': line.status, 'ofc_status': line.ofc_status, 'is_need_refund': True,
        'refund_amount': _amount(world, shop, line.refund_amount),
        'item_unit_price': _amount(world, shop, unit.item_price),
        'reason_text': line.reason_text, 'reason_code': int(line.reason_id),
        'refund_payment_method': 'ORIGINAL', 'whqc_decision': '', 'is_dispute': line.dispute,
        'seller_sku_id': unit.seller_sku, 'platform_sku_id': shop_sku(shop, unit.listing),
        'tracking_number': unit.package.tracking_number if unit.package else '',
        'sla': case.deadline * 1000,
        'return_order_line_gmt_create': line.created_at,
        'return_order_line_gmt_modified': line.updated_at,
        'trade_order_gmt_create': unit.created_at,
    }


def _amount(world, shop, amount):
    """Cents, except in Vietnam; plain units if so switched."""
    whole = shop.site == 'vn' or world.behaviour.reverse_amounts == 'units'
    return int(amount if whole else amount * 100)
