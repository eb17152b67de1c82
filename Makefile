# Everything from nothing; see README.md. Variables: ODOO_PORT SANDBOX_PORT LOCAL_DIR DB_NAME
# PGHOST ODOO_HOME (CONTRIBUTING.md tells what each does).
PYTHON ?= python3
export LOCAL_DIR ?= .local

TOOLS = $(PYTHON) -m tools

.PHONY: help setup run up down test test-long check bench translations

help:
	@echo "make run        start the demo: Odoo, the Lazada sandbox, connected shops (Ctrl-C stops)"
	@echo "make up / down  the same in the background / stop it"
	@echo "make test       all tests, fast profile (ONLY=\"unit odoo\" ARGS=\"-k name\" to narrow)"
	@echo "make test-long  all tests, full profile"
	@echo "make check      linters, translations, links of the documentation"
	@echo "make bench      speed and cost, as ratios (ONLY=\"stock\" to narrow)"
	@echo "make translations  write the translation template anew"
	@echo "make setup      only download and prepare what the others need"

setup run up down check translations:
	@$(TOOLS) $@

bench:
	@$(TOOLS) bench $(ONLY)

test test-long:
	@$(TOOLS) $@ $(ONLY) -- $(ARGS)
