# Each line is what a person would type. `make chat` and `make test` need nothing installed but Python and its venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check evals bench readme

chat: .venv/installed   ## build the index from sources/, then open the chat
	$(BIN)/onrecord sync
	$(BIN)/onrecord chat

test: .venv/installed-dev   ## everything that must pass
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

check: .venv/installed-dev   ## the quick part: no browser, no large corpus
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow"

evals: .venv/installed-dev   ## the known-answer questions; those on the raw articles need ONRECORD_SEEDS
	$(BIN)/python -m evals.known

bench: .venv/installed-dev   ## how fast, beside the bare model
	$(BIN)/python -m evals.bench

readme: .venv/installed-dev   ## put what the commands print now into the README
	$(BIN)/python -m evals.readme

.venv/bin/python:
	$(PYTHON) -m venv .venv

# Stamp files: install again only when pyproject.toml has changed.
.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/installed-dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@ .venv/installed
