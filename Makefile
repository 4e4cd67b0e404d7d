# make demo          a node on this machine with a demo app, shown in the window;
#                    its options: make demo DEMO="--use-engine"
# make test          all that CI runs
# make screenshots   README's pictures of sample data, below docs/
# make bench         figures beside those of the usual way, in a table and in build/bench.json;
#                    some of them: make bench BENCH="volume window"
.DEFAULT_GOAL := setup
.PHONY: setup setup-tests demo test screenshots bench clean packages test-packages
.DELETE_ON_ERROR:

PYTHON ?= python3
DEMO ?=
BENCH ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

setup: packages .venv/installed

setup-tests: test-packages .venv/installed-tests build/mock/installed

packages:
	@resources/host/install-packages

test-packages:
	@resources/host/install-packages --tests

# behind packages: where it is missing, they bring the module venv
$(BIN)/python: | packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Holdfast needs Python 3.11 or later, but $(PYTHON) is $$($(PYTHON) -V 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

.venv/installed-tests: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test]'
	@touch $@ .venv/installed

# the APIs of forges as their own descriptions have them, from npm
build/mock/installed: tests/mock/install tests/mock/package.json tests/mock/cut.js | test-packages
	@tests/mock/install build/mock

demo: setup
	$(BIN)/holdfast demo $(DEMO)

# tests that share a keychain, an engine or a screen run side by side only as on two machines, which
# takes root; and an engine that was named is one for all
ALONE := $(HOLDFAST_TEST_ENGINE)$(filter-out 0,$(shell id -u))
OWN_HOST := $(BIN)/python tests/support/own_host.py $(BIN)/python
TWO_HOSTS := $(if $(ALONE),,--dist loadfile --tx '2*popen//python=$(OWN_HOST)')
# the file with a single test, which takes ten minutes, would be the last to begin
AS_LISTED := $(if $(ALONE),,--no-loadscope-reorder)

# what answers soonest comes first
test: setup-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry app
	$(BIN)/pytest -n 2 -m 'not (keychain or forge or node or e2e)'
	$(BIN)/pytest $(TWO_HOSTS) -m 'keychain or forge'
	$(BIN)/pytest $(TWO_HOSTS) $(AS_LISTED) -m node
	$(BIN)/pytest $(TWO_HOSTS) -m e2e

screenshots: setup-tests
	$(BIN)/python tests/support/take_pictures.py docs/screenshots

bench: setup-tests
	PYTHONPATH=tests:tests/support $(BIN)/python -m bench $(BENCH)

clean:
	rm -rf .venv build app/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
	find app tests -name __pycache__ -prune -exec rm -rf {} +
