# Everything runs in a private virtual environment; nothing is installed outside of it. `make help` lists the targets.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help serve test unit lint types docs bench bench-history bench-floor bench-flat bench-servers format clean

PYTHON ?= python3
# One environment per interpreter: .venv for python3, .venv-python3.12 for PYTHON=python3.12.
VENV ?= .venv$(if $(filter-out python3,$(notdir $(PYTHON))),-$(notdir $(PYTHON)))
APP ?= readinglist
WORKERS ?= 2
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
METADATA := setup.py pyproject.toml cliquet/version.py
APPLICATION := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

serve: $(APPLICATION) ## run an example: APP=readinglist on http://localhost:8000, APP=kinto on http://localhost:8888
	@PYTHONPATH="$(CURDIR)/examples$${PYTHONPATH:+:$$PYTHONPATH}" \
		exec $(BIN)/cliquet start --ini examples/$(APP)/$(APP).ini $(ARGS)

test: unit ## everything that has to be right before a commit
	@$(MAKE) --no-print-directory --jobs=$(WORKERS) lint types docs

# Tests start hundreds of processes, which need not compile anew what is written in Python.
unit: $(DEVELOPMENT) ## the tests alone; ARGS="tests/unit -k etag" chooses
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(DEVELOPMENT) ## style, format and the floors of the architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(DEVELOPMENT) ## static types
	$(BIN)/python -m mypy

docs: $(DEVELOPMENT) ## the documentation, in docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

BENCH := $(BIN)/python -W ignore -m benchmarks --into docs/performance/results

bench: $(DEVELOPMENT) ## what the store costs beside the newest released Kinto; ARGS="--records 100000"
	$(BENCH) $(ARGS)

bench-history: $(DEVELOPMENT) ## the same for what writes, with a history on both sides
	$(BENCH) --history --backend postgresql $(ARGS)

bench-floor: $(DEVELOPMENT) ## what the store costs beside bare views with the same statement
	$(BENCH) --mode floor $(ARGS)

bench-flat: $(DEVELOPMENT) ## what the store costs with a million records, and with many users
	$(BENCH) --mode flat $(ARGS)

bench-servers: $(DEVELOPMENT) ## what servers cost, and whether slow clients silence them; ARGS="--rounds 3"
	$(BIN)/python -W ignore -m benchmarks.server_choice $(ARGS)

format: $(DEVELOPMENT) ## put the source in its format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean: ## remove the environments and all that was built
	rm -rf .venv .venv-* .bench build dist *.egg-info docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(APPLICATION): $(BIN)/python $(METADATA)
	$(PIP) install --quiet --editable '.[conformance,kinto]'
	@touch $@

$(DEVELOPMENT): $(BIN)/python $(METADATA)
	$(PIP) install --quiet --editable '.[dev]'
	@touch $(APPLICATION) $@
