"""Kits: their ORM tests in a database that has Manufacturing beside the connector."""
import os
import re
import subprocess

from tools.processes import free_port


def test_kits_where_manufacturing_is_installed(ground):
    with ground.database('test') as database:
        ground.odoo.modules(
            database, '-i', 'mrp', log=ground.settings.log_dir / f'kits-{database}.log')
        config = ground.odoo.write_config(f'kits-{database}', database, free_port())
        done = subprocess.run(
            [str(ground.settings.python), '-m', 'pytest', 'tests/odoo/test_stock_kits.py', '-o',
             'addopts=-ra --strict-markers', '--odoo-http', f'--odoo-config={config}',
             f'--odoo-database={database}', '--odoo-log-level=warn'],
            cwd=ground.settings.root, env={**os.environ, **ground.odoo.environ}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        config.unlink()
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r'\b9 passed\b', done.stdout) and 'skipped' not in done.stdout, done.stdout
