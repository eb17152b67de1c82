"""Connecting a shop in a browser: account, consent page, back at the shop, the first order."""

import re

import pytest

from tests.harness.browser import log_in

pytestmark = pytest.mark.browser


def open_accounts(page):
    """Sales ▸ Configuration ▸ Lazada ▸ Accounts"""
    page.click('.o_navbar_apps_menu button')
    page.get_by_role('menuitem', name='Sales', exact=True).click()
    page.wait_for_selector('.o_action_manager .o_list_view, .o_action_manager .o_kanban_view')
    page.locator('.o_menu_sections').get_by_text('Configuration', exact=True).click()
    page.locator('.o-dropdown--menu').get_by_text('Accounts', exact=True).click()
    page.locator('.o_breadcrumb', has_text='Accounts').wait_for()


def fill(page, field, value):
    page.fill(f'.o_field_widget[name={field}] input', value)


def create_account(page, stack, name):
    """A new account of the sandbox, filled in by hand."""
    app = stack.sandbox.get('state')['apps'][0]
    page.locator('.o_list_button_add:visible').first.click()
    page.wait_for_selector('.o_field_widget[name=app_key] input')
    fill(page, 'name', name)
    choose(page, 'environment', 'Sandbox')
    fill(page, 'sandbox_url', stack.sandbox_url)
    fill(page, 'app_key', app['app_key'])
    fill(page, 'app_secret', app['app_secret'])


def choose(page, field, label):
    """Pick an entry of a selection field."""
    widget = page.locator(f'.o_field_widget[name={field}]')
    if widget.locator('select').count():
        widget.locator('select').select_option(label=label)
        return
    widget.locator('input').click()
    page.locator('.o_select_menu_menu').get_by_text(label, exact=True).click()


def consent(page, login):
    """Lazada's side: choose the seller and agree."""
    page.wait_for_selector('#authorize')
    page.select_option('#account', login)
    page.click('#authorize')


def place_order(page, stack, shop, sku):
    """Buy one unit in Seller Center; answers the order number."""
    page.goto(stack.sandbox_url)
    page.locator('.card', has_text=shop).get_by_text('Place an order').click()
    page.get_by_label(f'Quantity of {sku}').fill('1')
    page.click('#place')
    return re.search(r'\d{12,}', page.inner_text('main, body')).group()


@pytest.fixture(scope='module')
def thai(demo_stack):
    """The seller login of the Thai shop, the shop, and a SKU that is in stock everywhere."""
    state = demo_stack.sandbox.get('state')
    login = next(each for each in state['accounts'] if each['country'] == 'th')
    shop = next(each for each in state['shops'] if each['seller_id'] in login['seller_ids'])
    listings = demo_stack.sandbox.get('listings', site='th', seller_id=shop['seller_id'])
    sku = next(each['seller_sku'] for each in listings['listings'] if each['in_odoo']
               and each['status'] == 'active' and each['sellable'] > 5)
    return login['login'], shop, sku


def test_from_a_new_account_to_the_first_sales_order(demo_stack, thai, page):
    login, seller, sku = thai
    log_in(page, demo_stack.url)
    open_accounts(page)
    create_account(page, demo_stack, "Browser")
    page.get_by_role('button', name='Create Shop & Authorize').click()
    consent(page, login)

    page.wait_for_url(re.compile(r'/odoo/lazada-shops/\d+'))
    page.wait_for_selector('.o_form_view')
    shop_id = int(re.search(r'lazada-shops/(\d+)', page.url).group(1))
    page.get_by_text('Connected', exact=True).first.wait_for()
    [shop] = demo_stack.rpc['lazada.shop'].read([shop_id], ['site', 'external_id', 'company_id'])
    assert (shop['site'], shop['external_id']) == ('th', seller['seller_id'])

    number = place_order(page, demo_stack, seller['name'], sku)
    page.goto(f'{demo_stack.url}/odoo/lazada-shops/{shop_id}?debug=1')
    page.get_by_role('button', name='Sync Orders').click()
    page.wait_for_selector('.o_notification')
    # What does not fit into the seconds a person waits goes on by itself
    [order] = demo_stack.wait_until(lambda: demo_stack.rpc['lazada.order'].search_read(
        [('external_id', '=', number), ('sync_state', '!=', 'todo')],
        ['sync_state', 'sale_order_id', 'issue_message']))
    assert order['sync_state'] == 'done', order['issue_message']

    page.goto(f"{demo_stack.url}/odoo/sales/{order['sale_order_id'][0]}")
    page.wait_for_selector('.o_form_view')
    page.get_by_text(order['sale_order_id'][1]).first.wait_for()
    page.get_by_text(sku).first.wait_for()
    page.get_by_role('button', name=re.compile('Delivery')).first.wait_for()


def test_sync_orders_is_a_button_of_the_debug_mode(demo_stack, thai, page):
    [shop] = demo_stack.rpc['lazada.shop'].search([('external_id', '=', thai[1]['seller_id'])])
    log_in(page, demo_stack.url)
    page.goto(f'{demo_stack.url}/odoo/lazada-shops/{shop}?debug=0')
    page.wait_for_selector('.o_form_view')
    page.get_by_role('button', name='Sync Product Catalogue').wait_for()
    assert not page.get_by_role('button', name='Sync Orders').count()
    page.goto(f'{demo_stack.url}/odoo/lazada-shops/{shop}?debug=1')
    page.get_by_role('button', name='Sync Orders').wait_for()


def test_last_order_sync_is_edited_on_the_shop(demo_stack, thai, page):
    """Without debug mode; saving an earlier date reads the orders again."""
    [shop] = demo_stack.rpc['lazada.shop'].search([('external_id', '=', thai[1]['seller_id'])])
    log_in(page, demo_stack.url)
    page.goto(f'{demo_stack.url}/odoo/lazada-shops/{shop}?debug=0')
    field = page.locator('.o_field_widget[name=last_order_sync]')
    field.wait_for()
    mark = demo_stack.sandbox.get('calls')['last']
    field.locator('input, button').first.click()
    field.locator('input').first.fill('01/02/2024 03:04:05')
    page.keyboard.press('Escape')
    page.get_by_role('heading').first.click()
    page.locator('.o_form_button_save').click()
    page.wait_for_selector('.o_form_button_save', state='hidden')
    demo_stack.wait_until(lambda: any(
        call['path'] == '/orders/get' and call['params']['update_after'].startswith('2024-01-0')
        for call in demo_stack.sandbox.get('calls', since=mark)['calls']))
