# The commands of the project. `make demo` and `make test` need nothing but Python 3.11 or newer, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVE ?= 1

.PHONY: demo test reference words lint format bench servers lock clean

## Rehearse the sample campaigns against simulators, build the proof book, serve it on 127.0.0.1 (SERVE=0: only build).
demo: $(READY)
	$(BIN)/outreach demo $(if $(filter 0,$(SERVE)),--no-serve,--serve)

## Run the whole test suite. Tests whose server is missing are skipped; OUTREACH_REQUIRE_SERVERS=1 lets them fail.
test: $(READY)
	$(BIN)/python -m pytest

## Install the real servers and the browser that some tests run against (Debian, as root).
servers:
	sh tests/servers/install.sh

## Write the generated pages anew, after trying every channel on its simulator and its real server.
reference: $(READY)
	OUTREACH_REQUIRE_SERVERS=1 OUTREACH_CONFORMANCE_REPORT=docs/conformance.json \
		$(BIN)/python -m pytest -q tests/channels -k "test_0 or test_1"
	$(BIN)/python -m pipeline.cli.reference

## Bring the catalogues of the reports' words up to date with the code, and say what lacks a translation.
words: $(READY)
	$(BIN)/python -m pipeline.cli.catalogues

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## Every benchmark in its quick form; `python -m bench NAME` runs one in full.
bench: $(READY)
	$(BIN)/python -m bench --quick

## Pin every package anew, with hashes, for every Python and system; no download address gets into the file.
lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --extra postgresql --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

## Remove what can be made again. `state/` is the memory of what went out, and stays.
clean:
	rm -rf build $(VENV)
