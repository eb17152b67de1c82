"""The six countries: names, currencies, clocks and how each writes numbers."""
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal


@dataclass(frozen=True)
class Site:
    """One country gateway. `sku_tag` is the middle part of a ShopSku."""

    code: str
    country: str
    currency: str
    utc_hours: int
    sku_tag: str
    domain: str
    phone_prefix: str
    carrier: str
    tracking_prefix: str

    @property
    def zone(self):
        return timezone(timedelta(hours=self.utc_hours))

    def stamp(self, epoch):
        """Epoch seconds -> "2023-11-27 17:18:12 +0700", the form of order times."""
        return datetime.fromtimestamp(epoch, self.zone).strftime('%Y-%m-%d %H:%M:%S %z')

    def iso(self, epoch):
        """Epoch seconds -> "2021-03-29T23:59:59+07:00", the form of ship-by times."""
        return datetime.fromtimestamp(epoch, self.zone).isoformat(timespec='seconds')

    def local(self, epoch):
        """Epoch seconds -> shop-local datetime."""
        return datetime.fromtimestamp(epoch, self.zone)

    def number(self, amount):
        """Amount as this country's captures print it: Thai ones drop a zero fraction."""
        if self.code == 'th' and amount == amount.to_integral_value():
            return int(amount)
        return float(amount)

    def price_text(self, amount):
        """Header price: a string, with thousands separators everywhere but in Vietnam."""
        amount = amount.quantize(Decimal('0.01'))
        return f'{amount:.2f}' if self.code == 'vn' else f'{amount:,.2f}'


SITES = {site.code: site for site in (
    Site('sg', 'Singapore', 'SGD', 8, 'SGAMZ', 'lazada.sg', '65', 'LEX SG', 'LEXSG'),
    Site('my', 'Malaysia', 'MYR', 8, 'MY', 'lazada.com.my', '60', 'LEX MY', 'LEXMY'),
    Site('ph', 'Philippines', 'PHP', 8, 'PH', 'lazada.com.ph', '63', 'LEX PH', 'LEXPH'),
    Site('th', 'Thailand', 'THB', 7, 'TH', 'lazada.co.th', '66', 'LEX TH', 'LEXDO'),
    Site('vn', 'Vietnam', 'VND', 7, 'VNAMZ', 'lazada.vn', '84', 'LEX VN', 'LEXVN'),
    Site('id', 'Indonesia', 'IDR', 7, 'ID', 'lazada.co.id', '62', 'LEX ID', 'LEXID'),
)}
