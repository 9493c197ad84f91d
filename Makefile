# Plugproof. `make help` lists the targets. Every target sets up what it needs; a repeated set-up costs well under 2 s.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
RUN := $(BIN)/python -m pytest
STATION ?= fixtures/stations/virtual-set.toml
BENCH ?= bench/topologies/virtual.toml
PEERS := ocpp-ws-cli em-ocpp-chargepoint-simulator

# Runs are processes by the hundred: where Python must not keep what it compiled, each compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE
# One worker more than processors: some self-tests do nothing but wait for timers of real connections.
WORKERS = $$(( $$($(BIN)/python -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())') + 1 ))

.DEFAULT_GOAL := help
.PHONY: help setup conformance conformance-peer conformance-peer-all test faults check format lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-22s %s\n", $$1, $$2}'

setup: $(STAMP) ## create .venv with the locked packages (done by every other target, too)

$(STAMP): requirements/uv.txt requirements/lock.txt pyproject.toml
	@echo "Setting up $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Plugproof needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "  installing the locked packages (hashes checked)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/lock.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "  ready"

conformance: $(STAMP) ## run the suite on the virtual bench, on every configuration of the virtual station, and write the report
	@$(RUN) testcases --bench $(BENCH) --station $(STATION) $(ARGS)

# $(1): more options, $(2): what is done before; they may name the peer as $$peer
define run-peers
	@red=0; for peer in $(PEERS); do \
	  $(2)$(RUN) testcases --bench bench/topologies/peer-$$peer.toml --station fixtures/stations/peer-$$peer.toml --adjudicated peers/$$peer/expected.toml $(1) $(ARGS) || red=1; \
	done; exit $$red
endef

conformance-peer: $(STAMP) $(PEERS:%=peers/%/node_modules/.set-up) ## run a part of the suite on charge points that others wrote, one after the other (needs node; under 3 min)
	$(call run-peers)

conformance-peer-all: $(STAMP) $(PEERS:%=peers/%/node_modules/.set-up) ## run every case of the test case document and every robustness case of OCPP 1.6 on them (about 66 min; one of them: PEERS=ocpp-ws-cli)
	$(call run-peers,--adjudicated peers/$$peer/expected-rest.toml --adjudicated peers/$$peer/expected-robustness.toml --armed,PYTHONPATH=. $(BIN)/python peers/unlisted.py $$peer || red=1; )

peers/%/node_modules/.set-up: peers/%/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "make conformance-peer needs node 20 or newer with npm. Cure: install it (e.g. apt-get install nodejs npm) and have both on the PATH" >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "make conformance-peer needs node 20 or newer; this is $$(node --version). Cure: install a newer one" >&2; exit 1; }
	@echo "Installing the peer $* into peers/$*/node_modules (locked, hashes checked)"
	@cd peers/$* && npm ci --silent --no-audit --no-fund
	@touch $@

test: $(STAMP) ## run the self-tests
	@$(RUN) tests -n $(WORKERS) --dist loadfile -m "not browser" $(ARGS)

test-browser: $(STAMP) tests/browser/node_modules/.set-up ## run the tests of pages in a headless Chromium, and of result files in readers that others wrote (needs chromium and node; screenshots in build/browser)
	@PLUGPROOF_BROWSER=needed $(RUN) tests/browser $(ARGS)

tests/browser/node_modules/.set-up: tests/browser/package-lock.json
	@command -v npm >/dev/null || { echo "make test-browser needs npm. Cure: install it (e.g. apt-get install nodejs npm) and have it on the PATH" >&2; exit 1; }
	@cd tests/browser && npm ci --silent --no-audit --no-fund
	@touch $@

faults: $(STAMP) ## run every wrong station: the field defects (what was killed has to be killed still), then all rows, then the good, useless and lenient stations (ARGS=--no-cache)
	@mkdir -p build
	@red=0; \
	$(BIN)/plugproof faults --expected docs/reference/faults.json --json build/faults.json --page build/detection-score.md $(ARGS) || red=1; \
	$(BIN)/plugproof faults --rows --json build/rows.json || red=1; \
	$(RUN) tests/detection/test_good_stations.py tests/detection/test_doubles.py tests/detection/test_lenient.py --all-rows -n $(WORKERS) --dist loadfile || red=1; \
	exit $$red

check: $(STAMP) ## the gate: format, lint, types, import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(STAMP) ## format the code and apply safe lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(STAMP) ## resolve the packages again and write the lock files
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --group dev pyproject.toml -o requirements/lock.txt
	@grep -A 99 -E '^uv==' requirements/lock.txt | awk 'NR == 1 || /^    /{print; next} {exit}' > requirements/uv.txt
