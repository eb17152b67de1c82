"""Switches for what the platform's documentation leaves open or contradicts itself about.

`POST /_control/behaviour {name: value}` changes them; a reset brings the defaults back.
"""

DEFAULTS = {
    # Tokens. The form of country_user_info in token answers: 'list', 'dict' (old reference
    # example) or 'list_name' (country_user_info_list in create as well).
    'country_user_info': 'list',
    'access_seconds': 2592000,
    'refresh_seconds': 15552000,
    # Does a refresh end the previous pair at once?
    'refresh_kills_access_token': True,
    'refresh_kills_refresh_token': True,
    # Service-market apps: every refresh is answered AUTH_TYPE_UNSUPPORTED.
    'refresh_unsupported': False,
    # Are parameters with an empty value part of the signature? 'either', 'signed', 'skipped'.
    'empty_params': 'either',
    # HTTP status of error answers (200 in most sources, 400 in one).
    'error_http_status': 200,
    # orders/get: countTotal 'as_captured' (Thailand leaves it out), 'always', 'never', or wrong:
    # 'low' (half), 'high' (double).
    'count_total': 'as_captured',
    # Beyond offset 5000: 'error' (code 14) or 'empty'.
    'deep_offset': 'error',
    # Time bounds: 'inclusive' or 'exclusive'.
    'bounds': 'inclusive',
    # Code for an unknown status filter: '36' or '6'.
    'bad_status_code': '36',
    # Seconds until a changed order shows up in orders/get.
    'index_lag': 0,
    # products/get without rows: 'empty_list' or 'no_key'.
    'empty_products': 'empty_list',
    # product/item/get: 'snake' or 'camel' member names.
    'product_item_form': 'snake',
    # Stock calls where some rows fail: code '501' or '0' (both carry detail[]).
    'partial_stock_code': '501',
    # Members of detail[] rows: 'full' (with seller_sku) or 'bare' (field, message, code).
    'stock_detail': 'full',
    # Inner tag of the multi-warehouse form of stock updates.
    'multi_warehouse_tag': 'SellableQuantity',
    # Packing a packed unit again: '700026' (refused) or 'same' (the package it has).
    'pack_again': '700026',
    # Seconds, and number of calls, before a fresh package has its document.
    'label_lag_seconds': 0,
    'label_lag_calls': 0,
    # The code a label call answers until then, or for packages that have none.
    'label_lag_code': '700040',
    # What the file of a label is: 'pdf', 'html', 'empty', 'truncated', 'png'.
    'label_content': 'pdf',
    # Megabytes by which a PDF is larger than its pages need.
    'label_megabytes': 0,
    # What `file` of a PDF answer decodes to: 'frame' (around the address) or 'pdf' (the file).
    'label_file': 'frame',
    # More markup in the HTML form of labels.
    'label_markup': '',
    # Redirect downloads of labels to this address.
    'label_redirect': '',
    # Put this in place of pdf_url ('' leaves the real one).
    'label_url': '',
    # Seconds until items show what pack did (the call itself answers at once).
    'pack_visible_after': 0,
    # How fulfilment answers name their error fields: 'camel' (errorCode), 'snake' (error_code) or
    # 'none' (left out on success).
    'result_error_names': 'camel',
    # Provider look-up and pack: 'TFS' (Lazada chooses), 'NTFS' (a provider code is mandatory).
    'allocation': 'TFS',
    # RTS leads to 'ready_to_ship' or 'ready_to_ship_pending'.
    'rts_status': 'ready_to_ship',
    # Returns: amounts of the reverse list in 'cents' (but not in Vietnam) or in 'units'.
    'reverse_amounts': 'cents',
    # payouts: `payout` carries its currency; sign of fees_total ('positive' or 'negative').
    'payout_currency_suffix': True,
    'fees_total_sign': 'positive',
    # Pushes: seconds between tries, how many, and the share of failures that ends pushing.
    'push_retry_seconds': 1800,
    'push_retries': 12,
    'push_stop_share': 0.5,
    # Minutes until an unpaid order is cancelled.
    'unpaid_minutes': 30,
    # Calls per second: {path: limit} per seller -> ApiCallLimit; 0 = no limit.
    'api_call_limit': {'/product/stock/sellable/update': 50, '/product/stock/sellable/adjust': 50},
    'seller_call_limit': 0,
    'app_daily_limit': 0,
}


class Behaviour:
    """The switches as attributes."""

    def __init__(self):
        self.__dict__.update(DEFAULTS)

    def set(self, values):
        """Change switches. KeyError names an unknown one."""
        for name in values:
            if name not in DEFAULTS:
                raise KeyError(name)
        self.__dict__.update(values)

    def values(self):
        return dict(self.__dict__)
