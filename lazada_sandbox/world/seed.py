"""The demo world: two sellers, four shops, 60 listings and 120 orders in every state."""
import random
from dataclasses import replace
from decimal import Decimal

from .catalogue import fill_shop
from .ids import Ids
from .lifecycle import INITIATORS, move
from .models import ZERO, App, Shop
from .shopping import Line, buyable, place_order, quantum, spread

DEMO_APP = App('100777', 'sandbox0demo0app0secret0000000001', 'Demo ERP')
OTHER_APP = App('100888', 'sandbox0other0app0secret000000002', 'Another app')
CB_LOGIN = 'cb-owner@example.com'
TH_LOGIN = 'th-shop@example.com'
HOUR, DAY = 3600, 86400

# Orders per shop, in the order in which the scenarios below are dealt out.
DEAL = ('sg', 'ph', 'my', 'sg', 'th', 'ph')
PAYMENT = {'sg': ('MIXEDCARD', 'PAYMENT_ACCOUNT', 'VIRTUAL_ACCOUNT_PAYNOW'),
           'my': ('MIXEDCARD', 'COD', 'GN_TNG_EBANK'), 'ph': ('COD', 'GCASH_PP', 'MIXEDCARD'),
           'th': ('COD', 'MIXEDCARD', 'SEVENELEVEN_OTC'), 'vn': ('COD', 'MOMO_WALLET'),
           'id': ('COD', 'BCA_VA')}

# (how many orders, statuses of their units, age in hours from..to, extras). Extras: `sku`
# 'unlinked' | 'ambiguous' | 'one' (all units of one SKU), otherwise fields of the order.
SCENARIOS = (
    (16, ['pending'], (1, 48), {}),
    (12, ['pending', 'pending'], (1, 60), {}),
    (4, ['pending', 'pending', 'pending'], (2, 60), {'sku': 'one'}),
    (3, ['pending'] * 5, (2, 60), {}),
    (3, ['repacked'], (10, 70), {}),
    (8, ['packed'], (10, 72), {}),
    (4, ['packed', 'packed'], (10, 72), {}),
    (3, ['ready_to_ship_pending'], (20, 80), {}),
    (10, ['ready_to_ship'], (20, 90), {}),
    (3, ['ready_to_ship', 'ready_to_ship'], (20, 90), {'sku': 'one'}),
    (6, ['pending', 'canceled', 'pending'], (4, 60), {}),
    (2, ['packed', 'canceled'], (12, 72), {}),
    (3, ['packed', 'shipped'], (24, 96), {}),
    (2, ['pending', 'delivered'], (60, 120), {}),
    (2, ['ready_to_ship', 'shipped', 'packed', 'pending'], (24, 96), {}),
    (3, ['pending'], (2, 48), {'channel': 'choice'}),
    (3, ['pending', 'pending'], (2, 48), {'channel': 'sof'}),
    (2, ['pending'], (2, 48), {'sku': 'unlinked'}),
    (1, ['pending'], (2, 48), {'sku': 'ambiguous'}),
    (3, ['unpaid'], (0, 0.05), {}),
    (5, ['shipped'], (72, 240), {}),
    (5, ['delivered'], (120, 480), {}),
    (3, ['confirmed', 'confirmed'], (360, 580), {}),
    (4, ['canceled'], (5, 400), {}),
    (1, ['failed_delivery'], (100, 300), {}),
    (1, ['shipped_back'], (150, 400), {}),
    (1, ['shipped_back_success'], (200, 500), {}),
    (1, ['returned', 'delivered'], (200, 500), {}),
    (1, ['lost_by_3pl'], (150, 400), {}),
    (1, ['INFO_ST_DOMESTIC_ON_HOLD'], (72, 200), {}),
    (2, ['pending', 'confirmed'], (24, 200), {'channel': 'fbl'}),
    (1, ['pending'], (1, 30), {'channel': 'digital'}),
    (1, ['ready_to_ship'], (1, 60), {'channel': 'pickup'}),
)
NOTES = ('', '', 'Please wrap it well 🎁🙏', '=HYPERLINK("http://example.com","free gift")',
         '<script>alert("note")</script>', 'ฝากไว้ที่ป้อมยาม', 'Call before delivery; leave at lobby')


def seed_world(world, seed):
    """Fill an empty world. Accounts, shops and listings are the same for every seed."""
    fixed = random.Random(20260101)
    world.ids = Ids(fixed)
    now = world.clock.second()
    world.apps = {app.app_key: replace(app) for app in (DEMO_APP, OTHER_APP)}
    world.add_account(CB_LOGIN, 'cb', [
        _shop('ph', '500176699001', 'PHEXAMPL1', 'Contoh Manila', 'Contoh Trading Pte Ltd', True),
        _shop('sg', '1000399001', 'SGEXAMPL1', 'Contoh Official Store', 'Contoh Trading Pte Ltd',
              True),
        _shop('my', '1000399002', 'MYEXAMPL1', 'Kedai Contoh', 'Contoh Trading Pte Ltd', True),
    ])
    world.add_account(TH_LOGIN, 'th', [
        _shop('th', '100199001', 'THEXAMPL1', 'ร้านตัวอย่าง', 'Tua Yang Co., Ltd.', False)])
    for shop in world.shops.values():
        fill_shop(world, shop, now - 200 * DAY)
    _awkward_listings(world)
    world.ids = Ids(world.random)
    _seed_orders(world, now)
    world.ids.leave_seeded_range(now)


def _shop(site, seller_id, short_code, name, company, cross_border):
    login = CB_LOGIN if cross_border else TH_LOGIN
    return Shop(site, seller_id, seller_id, short_code, name, company, login, cross_border)


def new_shop(world, site, name, account=None):
    """A further shop with the whole catalogue, in an account of its own unless one is given."""
    number = 300_000_000_000 + world.random.randrange(10 ** 9)
    shop = _shop(site, str(number), f'{site.upper()}{number % 10 ** 7:07d}', name, name, False)
    shop.email = account.login if account else f'{shop.short_code.lower()}@example.com'
    if account:
        account.shops.append(shop)
        world.shops[shop.key] = shop
    else:
        world.add_account(shop.email, site, [shop])
    fill_shop(world, shop, world.clock.second() - 200 * DAY)
    return shop


def _awkward_listings(world):
    """One inactive listing per shop, one item in quality check, one sold out, one in campaign."""
    for shop in world.shops.values():
        listings = [each for each in shop.listings.values() if each.in_odoo]
        listings[-1].status = 'inactive'
        listings[-2].sellable = 0
    sg = next(shop for shop in world.shops.values() if shop.site == 'sg')
    fan = next(each for each in sg.listings.values() if each.seller_sku == 'LZ-FAN-MINI')
    fan.product.status = 'Pending QC'
    fan.status = 'inactive'


def _seed_orders(world, now):
    shops = {shop.site: shop for shop in world.shops.values()}
    number = 0
    for count, statuses, (youngest, oldest), extras in SCENARIOS:
        for _each in range(count):
            shop = shops[DEAL[number % len(DEAL)]]
            age = world.random.uniform(youngest, oldest) * HOUR
            _seed_order(world, shop, number, statuses, int(now - age), dict(extras))
            number += 1
    _one_id_in_two_shops(world, shops, now)


def _one_id_in_two_shops(world, shops, now):
    """Order ids are unique per shop only: give one order of SG and one of MY the same id."""
    twin = next(order for order in shops['sg'].orders.values() if order.statuses == ['pending'])
    other = next(order for order in shops['my'].orders.values()
                 if order.statuses == ['pending'] and len(order.units) == len(twin.units))
    del shops['my'].orders[other.order_id]
    other.order_id = twin.order_id
    for mine, theirs in zip(other.units, twin.units, strict=True):
        mine.item_id = theirs.item_id
    shops['my'].orders[other.order_id] = other


def _seed_order(world, shop, number, statuses, created_at, extras):
    wanted = extras.pop('sku', '')
    listings = _choose(world, shop, len(statuses), wanted)
    lines = [Line(listing) for listing in listings]
    _vouchers(world, shop, lines, number)
    order = place_order(
        world, shop, lines, status='unpaid', created_at=created_at,
        shipping=_shipping(shop, number), **_header(world, shop, number, extras))
    steps = max(1, int((world.clock.second() - created_at) * 0.8))
    for status in dict.fromkeys(statuses):
        units = [unit for unit, its in zip(order.units, statuses, strict=True) if its == status]
        _walk(world, order, units, status, created_at, steps)
    order.updated_at = max(unit.updated_at for unit in order.units)


def _walk(world, order, units, status, created_at, span):
    """Take units along the life cycle, a plausible time apart."""
    path = ['pending']
    if status == 'unpaid':
        return
    if status not in ('pending', 'canceled'):
        path.append('packed')
    if status not in ('pending', 'canceled', 'packed', 'repacked'):
        path.append('ready_to_ship')
    path += [status] if status not in path else []
    for step, each in enumerate(path):
        at = created_at + 12 + span * step // (len(path) + 1)
        initiator = world.random.choice(('buyer-cancel', *INITIATORS.values()))
        move(world, order, units, each, at=at, initiator=initiator,
             reason='เปลี่ยนใจ' if order.shop.site == 'th' else 'Change of mind')


def _choose(world, shop, count, wanted):
    if wanted in ('unlinked', 'ambiguous'):
        pool = [each for each in shop.listings.values()
                if not each.in_odoo and (each.seller_sku == 'LZ-SOCKS') == (wanted == 'ambiguous')]
        if pool:
            return [world.random.choice(pool)] * count
        return [next(each for each in shop.listings.values() if not each.in_odoo)] * count
    pool = buyable(shop, count)
    if wanted == 'one':
        return [world.random.choice(pool)] * count
    return [world.random.choice(pool) for _each in range(count)]


def _vouchers(world, shop, lines, number):
    """Every third order has a platform voucher, every fourth one of the seller, unevenly split."""
    weights = [line.listing.price for line in lines]
    total, step = sum(weights), quantum(shop)
    for every, field, percent in ((3, 'voucher_platform', 7), (4, 'voucher_seller', 5)):
        if number % every == 1:
            amount = (total * percent / 100).quantize(step)
            for line, share in zip(lines, spread(amount, weights, step), strict=True):
                setattr(line, field, share)


def _shipping(shop, number):
    if number % 2:
        return ZERO
    fee = {'sg': '1.99', 'my': '5.30', 'ph': '49.00', 'th': '40.00', 'vn': '16000', 'id': '9000'}
    return Decimal(fee[shop.site])


def _header(world, shop, number, extras):
    quirks = {'sg': ('', 'no_split', '', 'unmasked', 'no_extra'), 'th': ('', 'old_row', 'unmasked')}
    choice = quirks.get(shop.site, ('',))
    return {
        'payment_method': world.random.choice(PAYMENT[shop.site]),
        'buyer_note': NOTES[number % len(NOTES)],
        'gift_message': 'Happy birthday, "Ana" & co 🎂' if number % 11 == 5 else '',
        'tax_invoice': number % 9 == 4,
        'voucher_code': 'SAVE5' if number % 4 == 1 else '',
        'quirk': choice[number // len(DEAL) % len(choice)],
        **extras,
    }
