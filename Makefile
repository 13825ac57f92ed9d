# make run    set up everything and serve on http://127.0.0.1:8000 with the committed weights
# make test   set up everything and run all tests
# make lint   style and types
# make bench  the README's figures

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint bench

run: .venv/run
	$(BIN)/gunicorn --config gunicorn.conf.py 'app:create_app()'

test: .venv/dev
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/run
	$(BIN)/python -m benchmarks.latency
	$(BIN)/python -m benchmarks.handwriting
	$(BIN)/python -m benchmarks.numbers
	$(BIN)/python -m benchmarks.photographs --count 300

# Each stamp says which requirements are installed; a change to them installs anew.
.venv/run: requirements.txt requirements-serve.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Digitpad needs Python 3.11 or newer: make PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@
