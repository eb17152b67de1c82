"""Makes the Odoo-free layers importable where Odoo is not loaded."""

import sys
import types
from pathlib import Path

if 'odoo' not in sys.modules:
    # The package's own __init__ imports the models, which need Odoo
    package = types.ModuleType('lazada_connector')
    package.__path__ = [str(Path(__file__).resolve().parents[1] / 'lazada_connector')]
    sys.modules.setdefault('lazada_connector', package)
