"""Turns the main company of a new database into the demo's: a shop in Singapore with its stock.

Either `build(env)`, or the whole file in Odoo's shell: `odoo shell -d DB < tools/demo_company.py`.
The database should be without Odoo's own demo data. Repeating it changes nothing.
"""

import json
from pathlib import Path

from odoo import Command, fields
from odoo.modules import get_module_path

COMPANY = {
    'name': "Axis Living Pte Ltd",
    'street': "21 Tampines North Drive 2",
    'street2': "#04-18",
    'city': "Singapore",
    'zip': "528765",
    'phone': "+65 6555 0148",
    'email': "hello@axisliving.example",
    'website': "https://axisliving.example",
}
CHART = 'sg'        # its default sale tax is 9 % GST
WAREHOUSE = {'name': "Tampines", 'code': "TAM"}
UNITS_ON_HAND = 5000
# Of the marketplaces, for one Singapore dollar
RATES = {'MYR': 3.45, 'PHP': 43.5, 'THB': 26.5, 'VND': 19000.0, 'IDR': 12100.0}
RATES_SINCE = '2020-01-01'


def build(env):
    """Everything a person needs to click through an order, its delivery and its invoice."""
    install_chart(env)      # first: records read before belong to the old registry
    company = env.ref('base.main_company')
    env = env(context={**env.context, 'allowed_company_ids': company.ids, 'tracking_disable': True})
    company = company.with_env(env)
    make_company(env, company)
    make_warehouse(env, company)
    make_rates(env, company)
    switch_features_on(env)
    make_user(env, company)
    for entries in group_by_name(read_catalogue()).values():
        fill_stock(env, company, make_products(env, entries))


def read_catalogue():
    """The catalogue that the sandbox lists; without what the company does not know."""
    root = Path(get_module_path('lazada_connector')).parent
    path = root / 'lazada_sandbox' / 'world' / 'demo_catalogue.json'
    return [entry for entry in json.loads(path.read_text('utf-8')) if entry['in_odoo']]


def group_by_name(entries):
    names = {}
    for entry in entries:
        names.setdefault(entry['name'], []).append(entry)
    return names


# ---- the company -------------------------------------------------------------------------


def install_chart(env):
    chart = env.ref('base.module_l10n_sg')
    if chart.state != 'installed':
        chart.button_immediate_install()


def make_company(env, company):
    if company.chart_template == CHART:
        return
    singapore = env.ref('base.sg')
    company.write({**COMPANY, 'country_id': singapore.id})
    company.partner_id.tz = 'Asia/Singapore'
    singapore.currency_id.active = True
    company.currency_id = singapore.currency_id
    env['account.chart.template'].try_loading(CHART, company)


def make_warehouse(env, company):
    warehouse = env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1)
    if not warehouse:
        env['stock.warehouse'].create({**WAREHOUSE, 'company_id': company.id})
    elif warehouse.code != WAREHOUSE['code']:
        warehouse.write(WAREHOUSE)


def make_rates(env, company):
    """The other marketplaces' currencies; an invoice in one without a rate would be refused."""
    currencies = env['res.currency'].with_context(active_test=False).search(
        [('name', 'in', list(RATES))])
    currencies.active = True
    for currency in currencies:
        rates = env['res.currency.rate']
        domain = [('currency_id', '=', currency.id), ('company_id', '=', company.id)]
        if not rates.search_count(domain, limit=1):
            rates.create({
                'currency_id': currency.id, 'company_id': company.id, 'name': RATES_SINCE,
                'company_rate': RATES[currency.name]})


def switch_features_on(env):
    wanted = {'group_product_variant': True, 'group_product_pricelist': True}
    settings = env['res.config.settings'].create({})
    if any(not settings[name] for name in wanted):
        settings.write(wanted)
        settings.execute()


def make_user(env, company):
    admin = env.ref('base.user_admin')
    manager = env.ref('lazada_connector.group_manager')
    admin.write({
        'login': 'admin', 'password': 'admin', 'tz': 'Asia/Singapore',
        'company_id': company.id, 'company_ids': [Command.link(company.id)],
        'group_ids': [Command.link(manager.id)]})


# ---- products and stock ------------------------------------------------------------------


def make_products(env, entries):
    """The products of catalogue entries that share a name, as variants if they vary."""
    known = env['product.product'].search(
        [('default_code', 'in', [entry['sku'] for entry in entries])])
    if known:
        return known
    if len(entries) > 1:
        return make_variants(env, entries)
    [entry] = entries
    products = env['product.product'].create({'name': entry['name'], **product_values(entry)})
    if entry['ambiguous']:
        # The same reference twice: a person has to choose which of them is listed
        products += env['product.product'].create({
            'name': f"{entry['name']} (2024)", **product_values(entry), 'barcode': False})
    return products


def product_values(entry):
    price = float(entry['price']['sg'])
    return {
        'default_code': entry['sku'],
        'barcode': entry['barcode'] or False,
        'list_price': price,
        'standard_price': round(price * 0.55, 2),
        'is_storable': True,
        'weight': 0.4,
    }


def make_variants(env, entries):
    template = env['product.template'].create({
        'name': entries[0]['name'],
        'is_storable': True,
        'list_price': min(float(entry['price']['sg']) for entry in entries),
        'attribute_line_ids': [Command.create({
            'attribute_id': attribute.id, 'value_ids': [Command.set(values.ids)],
        }) for attribute, values in make_attributes(env, entries).items()],
    })
    products = env['product.product']
    for entry in entries:
        wanted = parse_variation(entry)
        combination = template.attribute_line_ids.product_template_value_ids.filtered(
            lambda value, wanted=wanted: wanted[value.attribute_id.name] == value.name)
        product = template._create_product_variant(combination)
        values = product_values(entry)
        del values['list_price']       # the template's
        product.write(values)
        products += product
    return products


def parse_variation(entry):
    """{attribute: value} of "Color family:Black, Size:M"."""
    return dict(part.split(':', 1) for part in entry['variation'].split(', '))


def make_attributes(env, entries):
    """{attribute: values} of these entries; only the variants that exist are ever made."""
    values = {}
    for entry in entries:
        for name, value in parse_variation(entry).items():
            attribute = env['product.attribute'].search([('name', '=', name)], limit=1)
            if not attribute:
                attribute = env['product.attribute'].create(
                    {'name': name, 'create_variant': 'dynamic'})
            found = attribute.value_ids.filtered(lambda known, value=value: known.name == value)
            if not found:
                found = env['product.attribute.value'].create(
                    {'name': value, 'attribute_id': attribute.id})
            values[attribute] = values.get(attribute, found) | found
    return values


def fill_stock(env, company, products):
    location = env['stock.warehouse'].search(
        [('company_id', '=', company.id)], limit=1).lot_stock_id
    quants = env['stock.quant'].with_context(inventory_mode=True)
    empty = products.filtered(lambda product: not quants.search_count(
        [('product_id', '=', product.id), ('location_id', '=', location.id)], limit=1))
    quants.create([{
        'product_id': product.id, 'location_id': location.id,
        'inventory_quantity': UNITS_ON_HAND, 'inventory_date': fields.Date.today(),
    } for product in empty]).action_apply_inventory()


if 'env' in globals():      # read by Odoo's shell
    build(globals()['env'])
    globals()['env'].cr.commit()
