# Each line is what a person would type. `make chat` and `make test` need nothing installed but Python and its venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check evals accept updates torture bench load bench-deciding fit fit-joint readme

chat: .venv/installed   ## build the index from sources/, then open the chat
	$(BIN)/onrecord sync
	$(BIN)/onrecord chat

test: .venv/installed-dev   ## everything that must pass
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2

check: .venv/installed-dev   ## the quick part: no browser, no large corpus
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not slow"

UK := evals/corpora/uk-digital-id

evals: .venv/installed-dev   ## the known-answer questions of both corpora; those on the raw articles need ONRECORD_SEEDS
	@status=0; \
	$(BIN)/onrecord eval --sources sources evals/cases --report build/evals/sources || status=$$?; echo; \
	$(BIN)/onrecord eval --sources $(UK)/sources $(UK)/cases --report build/evals/uk-digital-id || status=$$?; echo; \
	if [ -n "$$ONRECORD_SEEDS" ]; then \
	    $(BIN)/onrecord eval --sources "$$ONRECORD_SEEDS" evals/seed-cases.yaml || status=$$?; \
	else echo "Skipped: evals/seed-cases.yaml; ONRECORD_SEEDS names no folder."; fi; \
	exit $$status

accept: .venv/installed-dev   ## make what the evals say now the state that later runs are compared with
	@status=0; \
	$(BIN)/onrecord eval --sources sources evals/cases --accept || status=$$?; echo; \
	$(BIN)/onrecord eval --sources $(UK)/sources $(UK)/cases --accept || status=$$?; \
	exit $$status

updates: .venv/installed-dev   ## the same questions before and after an update of the sources
	$(BIN)/python -m evals.update

torture: .venv/installed-dev   ## break it in every way there is a trial for; the table of docs/reliability.md
	$(BIN)/python -m tests.torture --markdown build/reliability.md

bench: .venv/installed-dev   ## how fast, beside the bare model
	$(BIN)/python -m evals.bench

load: .venv/installed-dev   ## how many questions a server answers, and what it does with too many; a table in build/load.md
	$(BIN)/python -m evals.load --markdown build/load.md

bench-deciding: .venv/installed-dev   ## how well it decides on public data; DATA=folder
	$(BIN)/python -m evals.deciding $(DATA) --markdown build/deciding.md

fit: .venv/installed-dev   ## fit the weights again; DATA=folder, WRITE=--write keeps them
	$(BIN)/python -m evals.fit $(DATA) $(WRITE) --report build/fit

fit-joint: .venv/installed-dev   ## train the joint reader again, some hours; DATA=folder, WRITE=--write keeps it
	$(BIN)/python -m evals.fit_joint $(DATA) $(WRITE)
	$(BIN)/python -m evals.fit_reread --report build/fit $(WRITE)

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
