"""What a newcomer does first, in a browser: look at the orders, sell something, see it arrive."""

import re

import pytest

from tests.harness.browser import log_in

pytestmark = pytest.mark.browser


def open_menu(page, *names):
    """Click through Odoo's menus: the app, then its sections and entries."""
    page.click('.o_navbar_apps_menu button')
    page.get_by_role('menuitem', name=names[0], exact=True).click()
    page.wait_for_selector('.o_menu_sections')
    page.locator('.o_menu_sections').get_by_text(names[1], exact=True).click()
    for name in names[2:]:
        page.locator('.o-dropdown--menu').get_by_text(name, exact=True).first.click()


def place_order(page, stack, sku):
    """Buy one unit in the sandbox's Singapore shop; answers the order number."""
    page.goto(stack.sandbox_url)
    card = page.locator('.card', has_text='Singapore')
    card.get_by_text('Place an order').click()
    page.get_by_label(f'Quantity of {sku}').fill('1')
    page.click('#place')
    return re.search(r'\d{12,}', page.inner_text('main, body')).group()


def test_the_orders_of_the_demo_are_there(connected_stack, page):
    log_in(page, connected_stack.url)
    open_menu(page, 'Sales', 'Orders', 'Lazada Orders')
    page.wait_for_selector('.o_list_view .o_data_row, .o_kanban_record')
    assert page.locator('.o_data_row').count() > 10


def test_an_order_placed_in_seller_center_arrives_after_sync_orders(connected_stack, page):
    number = place_order(page, connected_stack, 'LZ-BAG-TOTE')
    log_in(page, connected_stack.url)
    page.goto(f'{connected_stack.url}/odoo/lazada-shops?debug=1')
    page.locator('.o_kanban_record', has_text='Singapore').locator(
        '.o_kanban_card_title, .fw-bolder, .fw-bold, span').first.click()
    page.get_by_role('button', name='Sync Orders').click()
    page.wait_for_selector('.o_notification')
    page.goto(f'{connected_stack.url}/odoo/lazada-orders')
    page.fill('.o_searchview_input', number)
    page.press('.o_searchview_input', 'Enter')
    page.locator('.o_data_row', has_text=number).first.click()
    page.wait_for_selector('.o_form_view')
    page.wait_for_selector(f'text={number}')
    [order] = connected_stack.rpc['lazada.order'].search_read(
        [('external_id', '=', number)], ['sync_state', 'sale_order_id'])
    assert order['sync_state'] == 'done'
    assert order['sale_order_id']
