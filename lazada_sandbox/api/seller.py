"""Seller facts."""
from .registry import endpoint


@endpoint('/seller/get', 'GET')
def get_seller(call):
    shop = call.shop
    return {'data': {
        'name_company': shop.company, 'seller_id': int(shop.seller_id), 'name': shop.name,
        'short_code': shop.short_code, 'logo_url': '', 'email': shop.email,
        'cb': shop.cross_border, 'location': shop.place.country, 'status': shop.status,
        'verified': True, 'marketplaceEaseMode': False,
    }}
