"""Connects the sandbox's seller logins to a demo Odoo, as a person would: through the consent page.

Needs only the standard library, so that it also runs in Odoo's container:
`python3 -m tools.connect_demo --odoo http://127.0.0.1:8069 --sandbox http://127.0.0.1:8090`
"""

import argparse
import json
import sys
import time
import urllib.parse
import urllib.request

from .console import Stop, say
from .odoo_client import Session

NAMES = {'cb': "Contoh Trading", 'th': "Tua Yang"}
FLOWS = ('fetch_orders', 'import_orders')
IMPORT_SECONDS = 300


def connect(odoo, sandbox_url):
    """Make and authorise an account for every seller login of the sandbox that has none.

    `odoo` is a `Session`. Accounts that are connected are left alone. Answers the number of
    accounts that were connected now.
    """
    with urllib.request.urlopen(f'{sandbox_url}/_control/state', timeout=60) as answer:
        state = json.load(answer)
    # Lazada sends the consent back to this address
    odoo.call('ir.config_parameter', 'set_param', key='web.base.url', value=odoo.url)
    return sum(_connect_login(odoo, sandbox_url, state['apps'][0], login)
               for login in state['accounts'])


def _connect_login(odoo, sandbox_url, app, login):
    values = {
        'name': NAMES.get(login['country'], login['login']),
        'environment': 'sandbox',
        'sandbox_url': sandbox_url,
        'site': login['country'],
    }
    domain = [(name, '=', values[name]) for name in ('environment', 'sandbox_url', 'site')]
    known = odoo.call('lazada.account', 'search_read', domain=domain, fields=['state'])
    if known and known[0]['state'] == 'connected':
        return False
    if known:
        account = known[0]['id']
    else:
        [account] = odoo.call('lazada.account', 'create', vals_list=[{
            **values, 'app_key': app['app_key'], 'app_secret': app['app_secret']}])
    action = odoo.call('lazada.account', 'action_authorize', ids=[account])
    page, _, query = action['url'].partition('?')
    odoo.post_form(page, {**dict(urllib.parse.parse_qsl(query)), 'account': login['login'],
                          'country': ''})
    [now] = odoo.call('lazada.account', 'read', ids=[account], fields=['state'])
    if now['state'] != 'connected':
        raise Stop(f"The account {values['name']} was not connected.", "Read the log of Odoo.")
    return True


def find_missing(odoo, sandbox_url):
    """What keeps the demo from being ready, in words; empty when all orders are imported.

    Shops that somebody paused, archived or has not connected keep nobody waiting.
    """
    demo = [('shop_id.account_id.sandbox_url', '=', sandbox_url), ('shop_id.active', '=', True),
            ('shop_id.paused', '=', False), ('shop_id.account_id.state', '=', 'connected')]
    if not odoo.call('lazada.flow', 'search_count', domain=demo):
        return "no shop is connected"
    waiting = odoo.call('lazada.flow', 'search_read', fields=['name', 'error_message'], domain=[
        *demo, ('last_success_at', '=', False), '|', ('name', 'in', FLOWS),
        '&', ('name', '=', 'catalogue'), ('shop_id.auto_catalogue', '=', True)])
    if waiting:
        return "not finished: " + ', '.join(sorted(
            f"{flow['name']} ({flow['error_message']})" if flow['error_message']
            else flow['name'] for flow in waiting))
    todo = odoo.call('lazada.order', 'search_count',
                     domain=[*demo, ('sync_state', '=', 'todo')])
    return f"{todo} orders are still to be imported" if todo else ""


def wait_imported(odoo, sandbox_url, is_alive=lambda: True):
    """Return when every shop has read its orders and catalogue and no order is left to import."""
    deadline = time.monotonic() + IMPORT_SECONDS
    while missing := find_missing(odoo, sandbox_url):
        if not is_alive() or time.monotonic() > deadline:
            raise Stop(f"The orders were not imported: {missing}.", "Read the log of Odoo.")
        time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(prog='connect_demo', description=__doc__.splitlines()[0])
    parser.add_argument('--odoo', default='http://127.0.0.1:8069')
    parser.add_argument('--sandbox', default='http://127.0.0.1:8090')
    parser.add_argument('--database', default='lazada')
    options = parser.parse_args()
    odoo = Session(options.odoo, options.database, 'admin', 'admin')
    connect(odoo, options.sandbox)
    wait_imported(odoo, options.sandbox)
    say("The demo shops are connected and their orders imported.")


if __name__ == '__main__':
    try:
        main()
    except Stop as stop:
        sys.exit(f"{stop.problem}\nNext: {stop.next_step}")
