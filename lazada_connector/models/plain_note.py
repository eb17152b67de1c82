# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup, escape


def plain_note(text):
    """Return the HTML that shows `text`, which the marketplace may have written, as it is."""
    return escape(text).replace('\n', Markup('<br>'))
