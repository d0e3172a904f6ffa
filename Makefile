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
# What the tests of the rules, the flows and the house need is on every machine: they take seconds.
fast := tests/trust tests/flow tests/house

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-fast proof check format bench install install-dev lock clean postgresql

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install ## a believable company, served here (HOST=, PORT=, DATA=)
	$(bin)/avow demo --data $(DATA) --host $(HOST) --port $(PORT)

test: check postgresql ## everything that must hold, with seeded tenths of the long suites
	$(bin)/coverage run -m pytest -q -m "not long" tests/trust
	$(bin)/coverage report
	$(bin)/pytest -n 2 --dist worksteal

test-fast: install-dev ## the rules, the flows and the house, in seconds
	$(bin)/pytest -q -m "not long" $(fast)

proof: check postgresql ## the long suites in full: an hour or more
	AVOW_PROOF=1 $(bin)/pytest -n 2 --dist worksteal -o faulthandler_timeout=0

check: install-dev ## style, types, and who may import whom
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo
	$(bin)/pytest -q tests/house

format: install-dev ## lay the code out as `make check` wants it
	$(bin)/ruff check --fix-only --quiet
	$(bin)/ruff format

bench: install-dev postgresql ## what things cost, side by side, on SQLite and PostgreSQL
	$(bin)/python -m bench

install: $(runtime) ## what running Avow needs, into .venv

install-dev: $(dev) ## the same, and what working on Avow needs

lock: ## pin the dependencies again, after a change in pyproject.toml (needs uv)
	tools/lock

clean: ## remove what the other targets made
	rm -rf .venv .demo .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

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
