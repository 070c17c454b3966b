# Needs Python 3.11 or newer and make, nothing else. PYTHON=python3.12 make test takes another interpreter.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lint types imports bench docs clean

demo: $(READY)
	$(BIN)/vardbro demo

test: $(READY)
	$(BIN)/pytest $(OPTIONS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# Longer ones, and what each means: docs/reference/benchmarks.md (rivals, processes, scale).
bench: $(READY)
	@for name in validator intake delivery; do echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

docs: $(READY)
	$(BIN)/python -m adapter.docs_pages
	$(BIN)/python -m tests.support.failure_page

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vardbro needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
