# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from ..lazada_api import errors
from ..lazada_api.outcomes import Row


class LazadaFlow(models.Model):
    """Cancellations go out one order a call; each has an outcome of its own."""
    _inherit = 'lazada.flow'

    def _call_cancel(self, run, client, batch):
        requests = [
            (command.order_id.external_id,
             command._get_lines('sent').item_id.mapped('external_id'), command.reason_code)
            for command in batch]
        run.release()
        rows = []
        for order_id, item_ids, reason in requests:
            outcome = self._cancel_one(client, order_id, item_ids, reason, first=not rows)
            rows += [
                Row(order_id=order_id, order_item_id=item_id, **outcome) for item_id in item_ids]
        return rows

    def _cancel_one(self, client, order_id, item_ids, reason, first):
        """Return the outcome of one cancellation as values of its rows."""
        try:
            client.reverse.cancel_create(order_id, item_ids, reason)
        except errors.LazadaTransportError as error:
            state = 'unknown' if error.sent else 'unsent'
            return {'state': state, 'code': error.reason, 'message': str(error)}
        except errors.LazadaServerError as error:
            return {'state': 'unknown', 'code': error.code, 'message': error.message}
        except errors.LazadaRequestError as error:
            return {'state': 'refused', 'code': error.code, 'message': error.message}
        except errors.LazadaApiError as error:
            if first:
                raise  # concerns the whole shop, and nothing was sent
            return {'state': 'unsent', 'code': error.code, 'message': error.message}
        return {'state': 'done'}
