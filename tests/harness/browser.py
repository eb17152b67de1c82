"""A real browser: Debian's Chromium, driven by Playwright."""

import shutil
from contextlib import contextmanager

CHROMIUM = shutil.which('chromium')
ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
             '--disable-background-networking', '--disable-component-update', '--disable-sync']
# Debian's Odoo comes without the background blur of video calls
KNOWN_ERRORS = ('selfie_segmentation.js',)


class ConsoleErrors:
    """Collects uncaught errors and console errors of a page."""

    def __init__(self, page):
        self.found = []
        page.on('console', self._on_console)
        page.on('pageerror', lambda error: self._add(f'uncaught: {error}'))

    def _on_console(self, message):
        if message.type == 'error':
            self._add(f"{message.text} ({message.location.get('url', '')})")

    def _add(self, text):
        if not any(known in text for known in KNOWN_ERRORS):
            self.found.append(text)


@contextmanager
def browser():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


def log_in(page, url, login='admin', password='admin'):
    """Log in to Odoo's web client and wait until its menu is there."""
    page.goto(f'{url}/web/login')
    page.fill('input[name=login]', login)
    page.fill('input[name=password]', password)
    page.press('input[name=password]', 'Enter')
    page.wait_for_selector('.o_main_navbar', timeout=120_000)
