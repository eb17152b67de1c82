"""From a confirmed order to the parcel, as people do it: real processes, a real browser."""
import io
import re

import pypdf
import pytest

from tests.harness.browser import log_in
from tests.harness.shops import make_shelves
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.browser

SKU = 'LZ-BAG-TOTE'
PRICE = re.compile(r'(?:S\$|SGD)\s*\d|\d\s*(?:S\$|SGD)')


@pytest.fixture(scope='module')
def world(connected_stack):
    return World(connected_stack)


class World:
    """The Singapore shop of the demo, seen from both sides."""

    def __init__(self, stack):
        self.stack = stack
        self.rpc = stack.rpc
        self.sandbox = stack.sandbox
        self.url = stack.url
        [self.shop] = self.rpc['lazada.shop'].search_read(
            [('site', '=', 'sg')], ['external_id', 'warehouse_id', 'name'])
        [self.product_id] = self.rpc['product.product'].search([('default_code', '=', SKU)])
        self.where = {'site': 'sg', 'seller_id': self.shop['external_id']}

    def buy(self, count=1, **values):
        answer = self.sandbox.post('orders', {
            **self.where, 'count': count, 'seller_sku': SKU, 'units': 1, 'status': 'pending',
            **values})
        return [order['order_id'] for order in answer['orders']]

    def sync(self):
        self.rpc['lazada.shop'].action_sync_orders([self.shop['id']])

    def import_orders(self, order_ids):
        """Sync until these orders have their deliveries; the deliveries in the same order."""
        self.sync()
        wait_until(lambda: self.rpc['lazada.order'].search_count([
            ('external_id', 'in', order_ids), ('sync_state', '=', 'done')]) == len(order_ids))
        found = {
            order['external_id']: order['sale_order_id'][0]
            for order in self.rpc['lazada.order'].search_read(
                [('external_id', 'in', order_ids)], ['external_id', 'sale_order_id'])}
        pickings = {
            picking['sale_id'][0]: picking['id']
            for picking in self.rpc['stock.picking'].search_read(
                [('sale_id', 'in', list(found.values()))], ['sale_id'])}
        return [pickings[found[order_id]] for order_id in order_ids]

    def read(self, picking_id, *names):
        [values] = self.rpc['stock.picking'].read([picking_id], list(names))
        return values

    def on_hand(self):
        [product] = self.rpc['product.product'].read([self.product_id], ['qty_available'])
        return product['qty_available']

    def listing(self):
        return next(listing for listing in self.sandbox.get('listings', **self.where)['listings']
                    if listing['seller_sku'] == SKU)

    def is_stock_equal(self):
        """Whether Lazada offers exactly what Odoo says it should."""
        [listing] = self.rpc['lazada.listing'].search_read(
            [('shop_id', '=', self.shop['id']), ('seller_sku', '=', SKU)],
            ['offer_qty', 'qty_difference'])
        return (self.listing()['sellable'] == listing['offer_qty']
                and not listing['qty_difference'])

    def package(self, order_id):
        [package] = self.sandbox.get('packages', **self.where, order_id=order_id)['packages']
        return package

    def wait_label(self, picking_id):
        return wait_until(lambda: self.rpc['ir.attachment'].search_read([
            ('res_model', '=', 'stock.picking'), ('res_id', '=', picking_id),
            ('mimetype', '=', 'application/pdf')], ['name']))

    def make_user(self, login, *groups):
        self.rpc['res.users'].create({
            'name': login, 'login': login, 'password': f'{login}-{login}',
            'group_ids': [(6, 0, [self.rpc.ref(group) for group in groups])]})
        return login, f'{login}-{login}'


def click(page, name):
    page.get_by_role('button', name=name, exact=True).locator('visible=true').first.click()


def wait_badge(page, text):
    page.wait_for_selector(f'.o_field_badge:has-text("{text}")')


def open_record(page, world, path):
    page.goto(f'{world.url}/odoo/{path}')
    page.wait_for_selector('.o_form_view')


def test_arranged_in_seller_center_handed_over_in_odoo(world, page):
    """Arrange Shipment in Seller Center, label and tracking, validate, stock on both sides."""
    stack = world.stack
    sellable = world.listing()['sellable']
    world.rpc['lazada.shop'].action_mapping_report([world.shop['id']])
    world.rpc['lazada.shop'].write([world.shop['id']], {'stock_sync': True})
    page.goto(stack.sandbox_url)
    page.locator('.card', has_text='Singapore').get_by_text('Place an order').click()
    page.get_by_label(f'Quantity of {SKU}').fill('2')
    page.click('#place')
    order_id = re.search(r'\d{12,}', page.inner_text('main, body')).group()
    [picking_id] = world.import_orders([order_id])
    assert world.read(picking_id, 'lazada_package_status')['lazada_package_status'] == 'pending'
    page.select_option('select[name=provider]', 'J&T')
    page.get_by_role('button', name='Arrange shipment').click()
    world.sync()
    [label] = world.wait_label(picking_id)
    truth = world.package(order_id)
    values = world.read(picking_id, 'carrier_tracking_ref', 'lazada_provider', 'message_ids',
                        'lazada_package_status', 'sale_id')
    assert values['carrier_tracking_ref'] == truth['tracking_number']
    assert values['lazada_provider'] == 'J&T'
    assert values['lazada_package_status'] == 'shipment_arranged'

    before = world.on_hand()
    log_in(page, stack.url)
    open_record(page, world, f'lazada-deliveries/{picking_id}')
    page.wait_for_selector(f'text={label["name"]}')       # the label is in the chatter
    click(page, 'Validate')
    page.wait_for_selector('.o_arrow_button_current:has-text("Done")')
    assert world.on_hand() == before - 2
    wait_until(lambda: world.package(order_id)['applied']['rts'] == 1)
    wait_until(lambda: world.is_stock_equal())
    assert world.listing()['sellable'] != sellable
    open_record(page, world, f'sales/{values["sale_id"][0]}')
    page.locator('.oe_stat_button', has_text='Packages').click()
    page.wait_for_selector(f'text={truth["tracking_number"]}')


def test_packed_and_handed_over_by_clicks_in_odoo_alone(world, page):
    """Open the order, Pack Lazada Package, tracking and label arrive, validate, stock is down."""
    [order_id] = world.buy()
    before = world.on_hand()
    log_in(page, world.url)
    page.goto(f'{world.url}/odoo/lazada-shops?debug=1')
    page.locator('.o_kanban_record', has_text='Singapore').locator(
        '.o_kanban_card_title, .fw-bolder, .fw-bold, span').first.click()
    click(page, 'Sync Orders')
    page.wait_for_selector('.o_notification')
    [sale] = wait_until(lambda: world.rpc['sale.order'].search_read(  # the rest goes on alone
        [('client_order_ref', '=', order_id), ('state', '=', 'sale')], ['name']))
    page.goto(f'{world.url}/odoo/sales')
    page.wait_for_selector('.o_searchview_input')
    page.fill('.o_searchview_input', order_id)
    page.press('.o_searchview_input', 'Enter')
    page.wait_for_selector('.o_searchview_facet')
    wait_until(lambda: page.locator('.o_data_row').count() == 1)
    page.locator('.o_data_row', has_text=sale['name']).locator('td[name=name]').click()
    page.wait_for_selector('.o_form_view')
    wait_badge(page, 'Package Pending')
    click(page, 'Pack Lazada Package')
    page.wait_for_selector('.o_notification')
    wait_until(lambda: _is_after_reload(page, 'Shipment Arranged'), every=2)
    page.locator('.oe_stat_button', has_text='Delivery').click()
    page.wait_for_selector('.o_form_view .o_arrow_button_current')
    tracking = world.package(order_id)['tracking_number']
    page.wait_for_selector(f'text={tracking}')
    picking_id = int(re.search(r'/(\d+)$', page.url).group(1))
    [label] = world.wait_label(picking_id)
    page.reload()
    page.wait_for_selector(f'text={label["name"]}')
    click(page, 'Validate')
    page.wait_for_selector('.o_arrow_button_current:has-text("Done")')
    assert world.on_hand() == before - 1
    wait_until(lambda: world.package(order_id)['applied'] == {
        'pack': 1, 'rts': 1, 'repack': 0})


def _is_after_reload(page, badge):
    page.reload()
    page.wait_for_selector('.o_form_view')
    page.wait_for_selector('.o_field_badge')
    return page.locator(f'.o_field_badge:has-text("{badge}")').count()


def test_the_warehouse_packs_prints_and_validates_and_sees_no_price(world, page):
    login = world.make_user('packer', 'base.group_user', 'stock.group_stock_user')
    order_ids = world.buy(count=3)
    picking_ids = world.import_orders(order_ids)
    log_in(page, world.url, *login)
    shown = []
    page.goto(f'{world.url}/odoo/lazada-deliveries')
    page.wait_for_selector('.o_data_row')
    for order_id in order_ids:
        page.locator('.o_data_row', has_text=order_id).locator('input[type=checkbox]').check()
    shown.append(page.inner_text('.o_action_manager'))
    click(page, 'Pack Lazada Package')
    page.wait_for_selector('.o_notification')
    for picking_id in picking_ids:
        world.wait_label(picking_id)

    page.goto(f'{world.url}/odoo/lazada-packages')
    page.wait_for_selector('.o_data_row')
    shown.append(page.inner_text('.o_action_manager'))
    for order_id in order_ids:
        page.locator('.o_data_row', has_text=order_id).locator('input[type=checkbox]').check()
    click(page, 'Print Lazada Labels')
    page.wait_for_selector('.modal-dialog')
    with page.expect_download() as download:
        page.locator('.modal-dialog').get_by_role('button', name='Print', exact=True).click()
    with open(download.value.path(), 'rb') as file:
        pages = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(file.read())).pages]
    numbers = {world.package(order_id)['tracking_number'] for order_id in order_ids}
    assert len(pages) == 3
    assert all(any(number in text for text in pages) for number in numbers)

    page.goto(f'{world.url}/odoo/lazada-packages')
    page.locator('.o_data_row', has_text=order_ids[0]).click()
    page.wait_for_selector('.o_form_view')
    page.get_by_role('tab', name='Contents').click()
    shown.append(page.inner_text('.o_action_manager'))
    open_record(page, world, f'lazada-deliveries/{picking_ids[0]}')
    shown.append(page.inner_text('.o_action_manager'))
    click(page, 'Validate')
    page.wait_for_selector('.o_arrow_button_current:has-text("Done")')
    wait_until(lambda: world.package(order_ids[0])['applied']['rts'] == 1)
    for text in shown:
        assert not PRICE.search(text), PRICE.search(text)


def test_validating_opens_no_dialogue_and_texts_nobody(world, page):
    """Odoo asks before it texts for the first time; a Lazada buyer must never be texted."""
    company = world.rpc['res.company'].search([], limit=1)
    fields = world.rpc['res.company'].fields_get(['stock_text_confirmation'])
    assert fields, "without stock_sms this test shows nothing"
    world.rpc['res.company'].write(company, {
        'stock_text_confirmation': True, 'stock_move_email_validation': True})
    masked, clear = world.import_orders(world.buy() + world.buy(
        buyer={'name': 'Tan Ah Kow', 'phone': '6591234567', 'address1': '1 Orchard Road'}))
    [partner] = [world.read(clear, 'partner_id')['partner_id'][0]]
    world.rpc['res.partner'].write([partner], {
        'phone': '+6591234567', 'email': 'buyer@example.com'})
    world.rpc['stock.picking'].action_lazada_pack([masked, clear])
    for picking_id in (masked, clear):
        world.wait_label(picking_id)
    log_in(page, world.url)
    for picking_id in (masked, clear):
        open_record(page, world, f'lazada-deliveries/{picking_id}')
        click(page, 'Validate')
        page.wait_for_selector('.o_arrow_button_current:has-text("Done")')
        assert not page.locator('.modal-dialog').count()
    assert world.rpc['sms.sms'].search_count([]) == 0
    assert world.rpc['mail.mail'].search_count([
        ('model', '=', 'stock.picking'), ('res_id', 'in', [masked, clear])]) == 0
    assert world.rpc['mail.notification'].search_count([
        ('res_partner_id', '=', partner)]) == 0


def test_all_deliveries_of_the_day_are_packed_and_printed_at_once(world, page):
    """Select all, also those beyond the first page of the list; print along the shelves."""
    count, skus = 90, ('SHELF-A', 'SHELF-B')
    make_shelves(world.stack, 'sg', skus)
    order_ids = [world.buy(seller_sku=skus[number % 2])[0] for number in range(count)]
    picking_ids = world.import_orders(order_ids)
    log_in(page, world.url)
    page.goto(f'{world.url}/odoo/lazada-deliveries')
    select_all(page, at_least=count)
    click(page, 'Pack Lazada Package')
    page.wait_for_selector('.o_notification')
    wait_until(lambda: world.rpc['lazada.package'].search_count([
        ('picking_ids', 'in', picking_ids), ('label_state', '=', 'ready')]) == count)
    packages = [world.package(order_id) for order_id in order_ids]
    assert all(package['applied']['pack'] == 1 for package in packages)

    page.goto(f'{world.url}/odoo/lazada-packages')
    select_all(page, at_least=count)
    click(page, 'Print Lazada Labels')
    dialogue = page.locator('.modal-dialog')
    dialogue.get_by_label('Location').check()
    with page.expect_download() as download:
        dialogue.get_by_role('button', name='Print', exact=True).click()
    with open(download.value.path(), 'rb') as file:
        pages = [each.extract_text() for each in pypdf.PdfReader(io.BytesIO(file.read())).pages]
    # The shelf of the second product comes first; on one shelf the older delivery does.
    wanted = [packages[number]['tracking_number'] for number in sorted(
        range(count), key=lambda number: (number % 2 == 0, picking_ids[number]))]
    found = [number for text in pages for number in wanted if number in text]
    assert found == wanted


def select_all(page, at_least):
    """Tick the whole page of the list, then everything that the search finds."""
    page.wait_for_selector('.o_data_row')
    page.locator('thead .o_list_record_selector input').check()
    page.locator('.o_select_domain').click()
    page.wait_for_selector('.o_selection_box:has-text("All")')
    shown = int(re.search(r'\d+', page.inner_text('.o_selection_box b')).group())
    assert shown >= at_least > page.locator('.o_data_row').count()
