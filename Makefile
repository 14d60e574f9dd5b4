.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup run front front-if-possible front-check test postgres15 chaos check lint types architecture schema bench lock clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Make .venv with Snaglist and all it needs, from pinned packages

$(VENV)/.installed: pyproject.toml requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit("Snaglist needs Python 3.11 or newer; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

run: setup front-if-possible ## Run everything here, in the foreground; DEMO=1 fills it with living data
	@exec $(BIN)/snaglist run

FRONT := frontend_stub
FRONT_SOURCES := $(shell find $(FRONT)/src $(FRONT)/public $(FRONT)/build -type f -not -path '*/generated/*' 2>/dev/null) \
	$(addprefix $(FRONT)/,index.html package-lock.json codegen.ts vite.config.ts) schema.graphql
HAS_NODE = command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); \
	process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
QUIETLY = > $(FRONT)/node_modules/.said 2>&1 || { cat $(FRONT)/node_modules/.said >&2; false; }

front: $(FRONT)/dist/.built ## Build the front end, where its sources have changed (needs Node.js 20.19 or 22.12, or newer)

$(FRONT)/dist/.built: $(FRONT)/node_modules/.installed $(FRONT_SOURCES)
	@echo "Building the front end."
	@(cd $(FRONT) && npm run --silent build) $(QUIETLY)
	@touch $@

$(FRONT)/node_modules/.installed: $(FRONT)/package-lock.json
	@echo "Installing what the front end is built with."
	@cd $(FRONT) && npm ci --loglevel=error --fetch-retries=1 --fetch-timeout=30000
	@touch $@

front-if-possible: # what `run` and `test` need is there without it
	@if ! { $(HAS_NODE); }; then \
		echo "Left out: the front end, as there is no Node.js 20.19 or newer with npm here."; \
	elif ! $(MAKE) --no-print-directory --silent front; then \
		echo "Left out: the front end, as it could not be built; what is said above is why. All else works."; \
	fi

front-check: # its types, style and tests
	@if ! { $(HAS_NODE); }; then \
		echo "Left out: the front end's checks, as there is no Node.js 20.19 or newer with npm here."; \
	elif ! $(MAKE) --no-print-directory --silent $(FRONT)/node_modules/.installed; then \
		echo "Left out: the front end's checks, as npm could not install what they need."; \
	else \
		cd $(FRONT) && npm run --silent check && npm run --silent test; \
	fi

test: setup front-if-possible ## Run every test
	$(BIN)/python -m pytest $(SPREAD)

# Each process has servers of its own, and waits for them much of its time: three where there are two cores. The tests of
# a file stay together, as some tell one story.
SPREAD := --numprocesses $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) < 3 ? 3 : 4 ))) --dist loadfile

POSTGRES15 ?= /usr/lib/postgresql/15/bin
STORED := tests/tables tests/recording tests/reading tests/accounts tests/projects tests/test_timeline.py \
	tests/scanning/test_scan_instance.py tests/scanning/events tests/ingest/test_inbox.py

postgres15: setup ## Run what reads and writes the database on the oldest PostgreSQL that will do (Debian's postgresql-15)
	@if [ -x $(POSTGRES15)/postgres ]; then \
		SNAGLIST_POSTGRES_BIN=$(POSTGRES15) $(BIN)/python -m pytest --quiet $(SPREAD) $(STORED); \
	else \
		echo "Left out: there is no PostgreSQL 15 in $(POSTGRES15) (Debian's package: postgresql-15)."; \
	fi

chaos: setup ## Kill everything again and again while logs grow, for some ten minutes; counts must stay exact
	SNAGLIST_CHAOS_ROUNDS=60 SNAGLIST_CHAOS_SECONDS=30 $(BIN)/python -m pytest tests/chaos \
		tests/scanning/test_scan_instance.py tests/embedded/test_deaths.py

check: lint types architecture front-check test postgres15 ## All that CI runs: lint, types, architecture, tests

lint: setup ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Check types, strictly
	$(BIN)/mypy

architecture: setup ## Check which room may know which
	$(BIN)/lint-imports

schema: setup ## Write schema.graphql anew from the code
	$(BIN)/snaglist schema > schema.graphql.new && mv schema.graphql.new schema.graphql

bench: setup ## Measure against ripgrep and other limits, in the same run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/bench.txt
	$(BIN)/python -m benches

lock: setup ## Pin the newest packages that pyproject.toml allows, with hashes (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 pyproject.toml --output-file requirements/run.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 pyproject.toml --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --group bench --output-file requirements/bench.txt

clean: ## Remove what setup and the tools made
	rm -rf $(FRONT)/node_modules $(FRONT)/dist $(FRONT)/src/graph/generated $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench
