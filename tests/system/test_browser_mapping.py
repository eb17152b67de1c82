"""The mapping report in a browser, with five hundred listings that need a decision."""
import pytest

from tests.harness.browser import log_in
from tests.harness.shops import attach

pytestmark = pytest.mark.browser

NEW, NEARLY, TWINS = 380, 100, 20


@pytest.fixture(scope='module')
def shop(demo_stack):
    """A shop with 380 unknown SKUs, 100 in another case than Odoo's, and 20 that exist twice."""
    shop = attach(demo_stack, 'th')
    demo_stack.wait_until(lambda: shop.flow('catalogue')['last_success_at'])
    for listing in shop.rpc['lazada.listing'].search(
            [('shop_id', '=', shop.id), ('product_id', '=', False)]):
        shop.rpc['lazada.listing'].action_ignore([listing])
    demo_stack.rpc['product.product'].create([
        {'name': f"Lamp {number}", 'default_code': f'LAMP-{number:05}'}
        for number in range(1, NEARLY + 1)])
    demo_stack.rpc['product.product'].create([
        {'name': f"Twin {number}", 'default_code': f'TWIN-{number:05}'}
        for number in range(1, TWINS + 1) for _twice in range(2)])
    for sku, count in (('NEW', NEW), ('lamp', NEARLY), ('TWIN', TWINS)):
        demo_stack.sandbox.post('listings', {
            'site': shop.site, 'seller_id': shop.seller_id, 'seller_sku': sku, 'count': count,
            'sellable': 5, 'price': '190.00', 'name': f"{sku.title()} of the season"})
    shop.rpc['lazada.shop'].action_sync_catalogue([shop.id])
    demo_stack.wait_until(lambda: count_open(shop) >= NEW + NEARLY + TWINS)
    return shop


def count_open(shop, *domain):
    return shop.rpc['lazada.listing'].search_count([
        ('shop_id', '=', shop.id), ('link_state', '!=', 'ignored'), *domain])


class Report:
    """The list of the mapping report, as a person sees and uses it."""

    def __init__(self, page):
        self.page = page
        self.expect(NEW + NEARLY + TWINS)

    def expect(self, total):
        self.page.wait_for_function(
            "total => document.querySelector('.o_pager_limit')?.textContent.trim() == total",
            arg=str(total))

    def show(self, reason, total):
        """Narrow the list down to a reason."""
        self.page.locator('.o_search_panel').get_by_text(reason, exact=True).click()
        self.expect(total)

    def filter(self, name, total):
        """Add a filter or a grouping."""
        self.page.locator('.o_searchview_dropdown_toggler').click()
        self.page.get_by_role('menuitemcheckbox', name=name).click()
        self.page.keyboard.press('Escape')
        self.expect(total)

    def drop_filter(self, total):
        """Take off what was added last."""
        self.page.locator('.o_facet_remove').last.click()
        self.expect(total)

    def decide(self, button, total, message=None):
        """Press `button` for all `total` rows, beyond the page that is shown."""
        self.page.locator('thead .o_list_record_selector').click()
        if total > 80:
            self.page.get_by_role('button', name='Select all').click()
        self.page.locator('.o_control_panel').get_by_role('button', name=button).click()
        if message:
            self.page.locator('.o_notification', has_text=message).wait_for()
        self.page.wait_for_function(
            "() => !document.querySelector('.o_data_row')")


def test_five_hundred_decisions(shop, page):
    log_in(page, shop.stack.url)
    page.goto(f'{shop.stack.url}/odoo/lazada-shops/{shop.id}')
    page.get_by_role('tab', name='Stock').click()
    page.get_by_role('button', name='Mapping Report').click()
    report = Report(page)
    report.filter('Reason', 2)
    page.locator('.o_group_header', has_text=f'No Product ({NEW + NEARLY})').wait_for()
    report.drop_filter(NEW + NEARLY + TWINS)
    report.filter('With Suggestion', NEARLY)
    report.decide('Link Suggestion', NEARLY, f"{NEARLY} listings are linked")
    report.drop_filter(NEW + TWINS)
    report.show('Several Products', TWINS)
    report.decide('Ignore', TWINS)
    report.show('All', NEW)
    report.decide('Create Products', NEW, f"{NEW} products were created")
    page.get_by_text("Nothing to decide").wait_for()
    assert count_open(shop, ('product_id', '=', False)) == 0
    [lamp] = shop.rpc['lazada.listing'].search_read(
        [('shop_id', '=', shop.id), ('seller_sku', '=', 'lamp-00042')], ['product_id'])
    assert lamp['product_id'][1].startswith('[LAMP-00042]')
