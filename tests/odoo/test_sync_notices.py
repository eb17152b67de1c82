"""What the buttons of a shop say when they have finished."""
from odoo import fields

from .common import LazadaCase


class TestSyncNotices(LazadaCase):

    def press(self, button):
        """The text of the notice that the button of the shop answers with."""
        with self.committing() as env:
            action = getattr(env['lazada.shop'].browse(self.shop.id), button)()
        return action['params']['message']

    def test_each_button_speaks_of_what_it_did(self):
        self.shop.mapping_seen_at = fields.Datetime.now()
        self.shop.stock_sync = True
        self.assertIn("orders known", self.press('action_sync_orders'))
        self.assertIn("listings, ", self.press('action_sync_catalogue'))
        self.assertIn("Stock up to date", self.press('action_sync_inventory'))
