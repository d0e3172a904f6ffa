# Everything a person does with a checkout. Plain `make` tells what there is.
# Each target sets up what it needs, once: a virtual environment in .venv, and PostgreSQL for the tests.

VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= .demo
bin := $(VENV)/bin
pip := $(bin)/python -m pip --disable-pip-version-check --quiet
runtime := $(VENV)/.runtime
dev := $(VENV)/.dev
# Many tests wait, for disks, browsers and deadlines: one lane more than there are processors.
lanes := $(shell echo $$(($$(nproc) + 1)))
# Thousands of databases that live for a moment are kept in memory, where there is room for them (KiB).
memory := $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null && echo TMPDIR=/dev/shm)
npm := $(bin)/python -m tools.npm --silent
# What the tests of the rules, the flows and the house need is on every machine: they take seconds.
fast := tests/trust tests/flow tests/house
# Tables and statements, read against the rules that let one schema run on SQLite, PostgreSQL and Citus.
lint := tests/store/test_statements.py tests/store/test_scale_rules.py tests/store/test_distribution.py

# Without compiled modules every start of a program reads a thousand files anew, so they are kept whatever a machine says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: rules screenshots help demo test test-fast proof check format bench browser install install-dev lock clean postgresql chromium clients

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install ## a believable company, served here (HOST=, PORT=, DATA=)
	$(bin)/avow demo --data $(DATA) --host $(HOST) --port $(PORT)

test: install-dev postgresql chromium clients ## everything that must hold, with seeded tenths of the long suites
	@$(MAKE) --no-print-directory --output-sync --jobs 2 check rules
	$(memory) $(bin)/pytest -n $(lanes) --dist loadfile --no-loadscope-reorder --ignore tests/house --ignore tests/trust

rules: install-dev
	$(bin)/coverage run -m pytest -q -m "not long" tests/trust
	$(bin)/coverage report

test-fast: install-dev ## the rules, the flows and the house, in seconds
	$(bin)/pytest -q -m "not long" $(fast)

proof: check postgresql chromium clients ## the long suites in full: an hour or more
	AVOW_PROOF=1 $(bin)/pytest -n 2 --dist loadfile --no-loadscope-reorder -o faulthandler_timeout=0

check: install-dev browser/node_modules/.made ## style, types, who may import whom, and that the built script is its source's
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo
	@$(npm) --prefix browser run check
	$(bin)/pytest -q tests/house $(lint) -k "not postgresql_finds"

format: install-dev ## lay the code out as `make check` wants it
	$(bin)/ruff check --fix-only --quiet
	$(bin)/ruff format

bench: install-dev postgresql chromium ## what things cost, side by side, on SQLite and PostgreSQL
	$(bin)/python -m bench

screenshots: chromium ## pictures of every screen, on desktop and phone, light and dark, into screenshots/
	$(bin)/python -m tools.screenshots

browser: browser/node_modules/.made ## build the script that pages load, and the npm package, from browser/src
	@$(npm) --prefix browser run build

install: $(runtime) ## what running Avow needs, into .venv

install-dev: $(dev) ## the same, and what working on Avow needs

lock: ## pin the dependencies again, after a change in pyproject.toml (needs uv)
	tools/lock

clean: ## remove what the other targets made
	rm -rf browser/node_modules tests/clients/node_modules .venv .demo .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Intercom's own clients, which the tests use unmodified; and what the npm package is built from and tried with.
clients: tests/clients/node_modules/.made browser/node_modules/.made

chromium: $(dev)
	@$(bin)/python -m tools.need_chromium

%/node_modules/.made: %/package-lock.json | $(dev)
	@$(npm) --prefix $* ci --ignore-scripts
	@touch $@

postgresql: $(dev)
	@$(bin)/python -m tools.need_postgresql

$(bin)/python:
	@python=$$(tools/find-python) && "$$python" -m venv $(VENV)

$(runtime): requirements.lock pyproject.toml | $(bin)/python
	@echo "Installing into $(VENV): half a minute, once."
	$(pip) install --require-hashes -r requirements.lock
	$(pip) install --no-deps --no-build-isolation --editable .
	@touch $@

$(dev): requirements-dev.lock | $(runtime)
	$(pip) install --require-hashes -r requirements-dev.lock
	@touch $@
