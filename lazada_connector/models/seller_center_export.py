# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The file that Seller Center's Bulk Manage exports: titles, rows, numbers. Not a record."""
import math
import re
import unicodedata
from typing import NamedTuple

# Column titles, letters and digits only -> field of products. Titles differ by language and year.
COLUMNS = {
    'sellersku': 'default_code',
    'lazadasku': 'default_code',
    'productname': 'name',
    'price': 'list_price',
    'barcode': 'barcode',
    'barcodeean': 'barcode',
}
# Titles of an export that make rows variants of one product.
GROUP_TITLES = ('productid', 'itemid')
VARIATION_TITLES = ('variationscombo', 'variation')
NUMBER_TITLES = ('price', 'quantity')
# How many rows an export may take to explain itself before its titles.
MOST_EXPLANATIONS = 10

_GROUPED = {
    separator: re.compile(rf'[0-9]{{1,3}}(?:{re.escape(separator)}[0-9]{{3}})+')
    for separator in '.,'}


class Export(NamedTuple):
    """titles: as they stand in the file; rows: those of SKUs; others: number of rows below the
    titles that explain the columns.
    """
    titles: list
    rows: list
    others: int


def fold_title(title):
    return re.sub(r'[^a-z0-9]', '', str(title or '').lower())


def read_export(rows):
    """Return the Export that a file holds, None when no column of it is an SKU."""
    for number, row in enumerate(rows[:MOST_EXPLANATIONS], 1):
        titles = [fold_title(cell) for cell in row]
        if any(COLUMNS.get(title) == 'default_code' for title in titles):
            below = rows[number:]
            skus = [each for each in below if _is_sku(dict(zip(titles, each, strict=False)))]
            return Export(row, skus, len(below) - len(skus))
    return None


def _is_sku(cells):
    """Whether a row is an SKU: explanations have words where an SKU has its numbers."""
    ids = [str(cells[title]).strip() for title in GROUP_TITLES if title in cells]
    if ids and not any(re.fullmatch(r'[0-9]+(?:\.0)?', text) for text in ids):
        return False
    numbers = [str(cells[title] or '').strip() for title in NUMBER_TITLES if title in cells]
    if any(parse_amount(text) is not None for text in numbers if text):
        return True
    return not numbers or bool(ids) and not any(numbers)


def parse_amount(text, *, whole=False):
    """Return an amount as float, None when it is none: 19,99 and 1.299.000 and 1,299.00.

    :param whole: of a currency without decimals, where 1.299 is more than a thousand
    """
    text = ''.join(
        each for each in str(text) if unicodedata.category(each) not in ('Sc', 'Zs', 'Cf'))
    last = max(text.rfind('.'), text.rfind(','))
    point = text[last] if last >= 0 else ''
    other = {'.': ',', ',': '.'}.get(point, '')
    if other and other in text:  # both: the last one is the decimal point
        head = text[:last]
        if not _GROUPED[other].fullmatch(head):
            return None
        text = f'{head.replace(other, "")}.{text[last + 1:]}'
    elif point and _GROUPED[point].fullmatch(text) and (
            whole or point == ',' or text.count(point) > 1) and not text.startswith('0'):
        text = text.replace(point, '')
    else:
        text = text.replace(',', '.')
    if not re.fullmatch(r'(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?', text):
        return None
    amount = float(text)
    return amount if math.isfinite(amount) else None
