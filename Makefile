# `make tour` shows what pipguard does; `make test`, `make check` and `make bench` are for work on it.
# Each makes the virtual environment .venv first, out of PYTHON.

PYTHON ?= python3
VENV ?= .venv
PYTEST_OPTIONS ?= -n auto --dist worksteal
BENCH_JSON ?= build/bench.json
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS := build/docs

.PHONY: help tour test check format bench docs clean

help:
	@echo "make tour    see the main job on a throw-away environment"
	@echo "make test    run the tests; PYTEST_OPTIONS='-n 2 -m \"not network\"' chooses among them"
	@echo "make check   lint, formatting, types, and how much of the pure modules is tested"
	@echo "make format  put formatting right"
	@echo "make bench   measure each claim about speed; BENCH_CASES='second small' BENCH_ROUNDS=9 choose"
	@echo "make docs    build the site of docs/ into build/site"
	@echo "make clean   remove $(VENV) and caches"

tour: $(READY)
	@$(BIN)/pipguard tour

test: $(READY)
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

check: $(READY)
	@failed=0; for tool in "ruff format --check --quiet" "ruff check" mypy; do \
		echo "$$tool"; $(BIN)/$$tool || failed=1; \
	done; echo coverage; $(BIN)/python .ci/pure_coverage.py || failed=1; exit $$failed

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY)
	@$(BIN)/python -m bench $(BENCH_JSON)

# Into an environment of its own, by uv in a few seconds; by pip where only pip's settings lead to
# an index.
docs: $(READY)
	@$(BIN)/uv --quiet venv --allow-existing --python $(BIN)/python $(DOCS)
	@$(BIN)/uv --quiet pip install --python $(DOCS)/bin/python --group docs || \
		$(BIN)/python -m pip --quiet --python $(DOCS) install --group docs
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict

clean:
	rm -rf build/site $(DOCS) $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(READY): pyproject.toml .ci/environment.py
	@$(PYTHON) .ci/environment.py $(VENV)
	@touch $@
