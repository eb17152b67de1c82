# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    'name': "Lazada Connector",
    'version': '19.0.1.0.0',
    'category': 'Sales/Sales',
    'summary': "Sell on Lazada: orders, stock and shipping labels of six countries in Odoo",
    'author': "Lazada Connector maintainers",
    'license': 'LGPL-3',
    'depends': ['sale_management', 'stock_delivery'],
    'external_dependencies': {'python': ['requests', 'python-dateutil']},
    'data': [
        'security/lazada_connector_groups.xml',
        'security/ir.model.access.csv',
        'security/lazada_connector_security.xml',
        'data/mail_activity_type_data.xml',
        'data/ir_cron_data.xml',
    ],
    'pre_init_hook': 'pre_init_hook',
    'application': True,
}
