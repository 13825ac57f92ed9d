# make run         install what serves (240 MB) and serve on http://127.0.0.1:8000 with the committed weights
# make train       install everything (5.7 GB) and train the default network
# make test        install everything and run the quick tests
# make test-slow   run the others: second screens and languages, several processes, thousands of images, requests made up
# make test-serve  run the server's tests in an environment without torch, as make run installs it
# make lint        style and types
# make bench       the figures in README.md

PYTHON ?= python3
BIN := .venv/bin

# Modules are compiled once, whatever the environment says, and not anew by each of the processes that tests start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run train test test-slow test-serve lint bench

run: .venv/serve
	$(BIN)/gunicorn --config gunicorn.conf.py 'app:create_app()'

train: .venv/train
	$(BIN)/python train.py

# Three processes on two cores: much of the time servers and browsers are waited for.
test: .venv/dev
	$(BIN)/pytest -m "not slow" --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-slow: .venv/dev
	$(BIN)/pytest -m slow --numprocesses 3 --dist loadfile --no-loadscope-reorder

# What differs without torch: how networks are found, started and asked, and where gradients come from.
test-serve: .venv-serve/dev
	.venv-serve/bin/pytest --numprocesses auto --maxprocesses 4 --dist loadfile tests/browser/test_panel_why.py \
		$(addprefix tests/web/test_,$(addsuffix .py,health metrics openapi pages predict read verdicts))

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/train
	$(BIN)/python -m benchmarks.latency
	$(BIN)/python -m benchmarks.handwriting
	$(BIN)/python -m benchmarks.numbers
	$(BIN)/python -m benchmarks.photographs --count 300

# Each stamp says which requirements are installed; a change to them installs anew. Without --no-compile, pip compiles
# everything, used or not, before the server can start: some 4 seconds more.
.venv/serve .venv-serve/serve: requirements-serve.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Digitpad needs Python 3.11 or newer: make PYTHON=…")'
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --no-compile --requirement requirements-serve.txt
	touch $@

.venv/train: requirements.txt .venv/serve
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev: requirements-dev.txt requirements-bulk.txt .venv/train
	$(BIN)/pip install --quiet --requirement requirements-dev.txt --requirement requirements-bulk.txt
	touch $@

.venv-serve/dev: requirements-dev.txt .venv-serve/serve
	.venv-serve/bin/pip install --quiet --requirement requirements-dev.txt
	touch $@
