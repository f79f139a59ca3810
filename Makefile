# make fmt | lint | test | run | bench | drills: the whole vocabulary. What they stand on is made once and kept in .venv.
#
#   make run [ARGS="serve"]          set up, then start the server with demo lessons
#   make test [ARGS="-k upload"]     set up, check, then run all tests; COVER=1 also measures coverage
#   make bench NAME=serving          measure the bars of one area into benchmarks/results/
#   make drills ROUNDS=30 [ARGS=..]  power cuts, kills, full disks and restores, each so many times

PYTHON ?= python3
BIN := .venv/bin
DONE := .venv/done
ARGS ?=
ROUNDS ?= 30
NAME ?= serving
COVER ?=
# The folder holds node and npm of a Python package when PATH has none that is new enough.
export PATH := $(CURDIR)/.venv/node/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

PIP := $(BIN)/python -m pip install --quiet --require-hashes
STATIC := server/static/.vite/manifest.json
SCRIPTS := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
WORDS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))
TESTS := $(if $(COVER),$(BIN)/coverage run -m pytest,$(BIN)/pytest) -n 3 --dist loadfile

.PHONY: fmt lint test run bench drills build tools debian
.DELETE_ON_ERROR:

run: build
	@exec $(BIN)/khlang $(or $(ARGS),serve --demo)

test: lint build debian
	$(TESTS) $(ARGS)
	$(if $(COVER),@$(BIN)/coverage combine -q && $(BIN)/coverage report --skip-covered)

lint: tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint
	npm --prefix frontend run --silent check

fmt: tools
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint templates --reformat --quiet || true # it fails when it changed something

bench: tools build
	$(BIN)/python -m benchmarks $(NAME) $(ARGS)

drills: tools build debian
	ROUNDS=$(ROUNDS) $(BIN)/pytest tests/drills --timeout 3600 $(ARGS)

build: $(DONE)/khlang $(STATIC) $(WORDS)
tools: $(DONE)/tools $(DONE)/khlang $(DONE)/frontend

$(DONE)/venv:
	@PYTHON="$(PYTHON)" sh deploy/setup/make_venv.sh
	@mkdir -p $(DONE) && touch $@

$(DONE)/libraries: requirements.lock | $(DONE)/venv
	$(PIP) -r requirements.lock
	@touch $@

$(DONE)/tools: requirements-dev.lock $(DONE)/libraries
	$(PIP) -r requirements-dev.lock
	@touch $@

$(DONE)/khlang: pyproject.toml $(DONE)/libraries
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DONE)/node: requirements-dev.lock | $(DONE)/venv
	@sh deploy/setup/find_node.sh
	@touch $@

$(DONE)/frontend: frontend/package-lock.json $(DONE)/node
	npm --prefix frontend ci --include=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): $(DONE)/frontend $(SCRIPTS)
	npm --prefix frontend run --silent build -- --logLevel warn
	@touch $@

%.mo: %.po $(DONE)/libraries
	$(BIN)/pybabel --quiet compile -i $< -o $@

debian:
	@sh deploy/setup/debian_packages.sh
