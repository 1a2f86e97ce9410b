# Tocsin. `make` alone lists what can be made.
.POSIX:
SHELL = /bin/sh

VENV_PYTHON = .venv/bin/python
# Two workers: more of them only queue for the one PostgreSQL that the tests share.
PYTEST = $(VENV_PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=5 --durations-min=0.05
PIP_COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(VENV_PYTHON) -m piptools compile --quiet --no-config \
	--generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe

.PHONY: help install install-dev demo demo-reset test check lint format pictures schema interface bench deep chaos lock clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

install: ## make .venv from requirements.lock (needs Python 3.11 or newer)
	@python=$$(sh .ci/find-python) && "$$python" .ci/install.py requirements.lock

install-dev: install ## the same, and what the tests and the checks need
	@python=$$(sh .ci/find-python) && "$$python" .ci/install.py requirements-dev.lock

demo: install ## start the whole service with a lived-in community and print where it is
	@$(VENV_PYTHON) -m tocsin demo

demo-reset: ## forget the demo's data; the next `make demo` starts anew
	@if [ -x $(VENV_PYTHON) ]; then $(VENV_PYTHON) -m tocsin demo --forget; else rm -rf .tocsin/demo; fi

test: install-dev ## every test (ARGS="tests/house -x" for some)
	$(PYTEST) $(ARGS)

check: lint ## the same, and the rules of the house
	$(VENV_PYTHON) -m pytest tests/house -q -n 2 --dist loadfile

lint: install-dev ## format, lint, types and import directions, without changing anything
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo

format: install-dev ## format, and repair what ruff can repair by itself
	$(VENV_PYTHON) -m ruff format .
	$(VENV_PYTHON) -m ruff check --fix .

pictures: install-dev ## renew the pictures of the READMEs from a demo (needs chromium)
	$(VENV_PYTHON) -m tests.harness.pictures

schema: install-dev ## renew migrations/schema.sql, the present shape for reading, from the migrations
	$(VENV_PYTHON) -m tests.harness.schema

interface: install-dev ## renew docs/openapi.json, what the interface promises, unless clients would fail on it (ARGS=--break)
	$(VENV_PYTHON) -m tests.harness.interface $(ARGS)

bench: install-dev ## the benchmarks, short (ARGS="declare --json" for one in full)
	$(VENV_PYTHON) -m benchmarks $(ARGS)

chaos: install-dev ## rounds of kills, crashes and failing gateways in the middle of alerts (ARGS="--seed N --rounds M"; 200 without)
	@$(VENV_PYTHON) -m tests.chaos $(ARGS)

deep: install-dev ## the simulation of the engine with 5000 seeds (SEEDS=20000 FROM=5000 for others)
	SIMULATION_SEEDS=$${SEEDS:-5000} SIMULATION_FROM=$${FROM:-0} $(VENV_PYTHON) -m pytest -n 2 --dist load -q tests/simulation

lock: install-dev ## renew requirements.lock and requirements-dev.lock from pyproject.toml (UPGRADE=--upgrade for newer)
	$(PIP_COMPILE) $(UPGRADE) --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) $(UPGRADE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(PIP_COMPILE) $(UPGRADE) --extra bench --constraint requirements.lock --output-file requirements-bench.lock pyproject.toml

clean: ## remove .venv, caches and all data kept under .tocsin
	rm -rf .venv .venv-bench .tocsin .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
