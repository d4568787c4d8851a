# The commands people and CI run. Each makes what it needs; a second call installs nothing.
# Paths are relative: make cannot hold a path with a space in a target.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
INSTALLED := $(VENV)/.installed
SPARK := $(VENV)/.spark
SNOWFLAKE := $(VENV)/.snowflake
FAKESNOW_VENV := .venv-fakesnow
FAKESNOW := $(FAKESNOW_VENV)/.installed
BENCHMARKS := $(VENV)/.benchmarks
SUPERSET_VENV := .venv-superset
SUPERSET := $(SUPERSET_VENV)/.installed
BIN := $(VENV)/bin
CONTACT_SCORING := $(BIN)/python -m contact_scoring
PORT ?= 3000
APP_PORT ?= 8501
SUPERSET_PORT ?= 8088
CONTACT ?=
VERBOSE ?=
WINDOW ?= 30
MART ?= active_contacts
EVENTS ?= 20
TOP ?= 10
FUZZ ?= 1000
SEED ?= 1

# dbt and Dagster look for what they need here, wherever they are called from
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DBT_PROFILES_DIR := $(CURDIR)
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help build audit preview explain app csv docs test lint chromium pytest test-long parity fuzz evaluate test-evaluation test-engines test-faults bench shape \
	bench-engines postgres spark check-freshness dagster lock clean publish-postgres handoffs superset test-superset

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' Makefile

$(INSTALLED): requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: neither python3.11 nor python3 is on the PATH." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@# the command contact-scoring, for this folder's project; no index is asked
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-index --no-build-isolation --no-deps -e .
	@touch $(INSTALLED)

$(SPARK): tools/spark-requirements.lock $(INSTALLED)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r tools/spark-requirements.lock
	@touch $(SPARK)

$(SNOWFLAKE): tools/snowflake-requirements.lock $(INSTALLED)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r tools/snowflake-requirements.lock
	@touch $(SNOWFLAKE)

# an emulator of Snowflake, in an environment of its own: it needs another release of DuckDB
$(FAKESNOW): tools/fakesnow-requirements.lock | $(INSTALLED)
	"$(PYTHON)" -m venv --clear $(FAKESNOW_VENV)
	$(FAKESNOW_VENV)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r tools/fakesnow-requirements.lock
	@touch $@

$(BENCHMARKS): benchmarks/requirements.lock $(INSTALLED)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $(BENCHMARKS)

# in an environment of its own: it needs older releases of what the project needs
$(SUPERSET): tools/superset-requirements.lock | $(INSTALLED)
	"$(PYTHON)" -m venv --clear $(SUPERSET_VENV)
	$(SUPERSET_VENV)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r tools/superset-requirements.lock
	@touch $@

build: $(INSTALLED) ## score the contacts and print the result; ARGS="--vars '{raw_files: exports}'" for your own; VERBOSE=1
	@$(CONTACT_SCORING) build $(if $(filter-out 0 false,$(VERBOSE)),--verbose) $(ARGS)

audit: $(INSTALLED) ## every test over all events and all windows, not only over what is new; ARGS as for build
	CONTACT_SCORING_AUDIT=true $(BIN)/dbt test --exclude-resource-type unit_test --target-path target/audit $(ARGS)

preview: $(INSTALLED) ## what the edited rules would change, before they are built: WINDOW=30, TOP=10
	@$(CONTACT_SCORING) preview --window "$(WINDOW)" --top "$(TOP)" $(ARGS)

evaluate: $(INSTALLED) ## whether the scores of the last build predict the outcomes of outcomes.csv; ARGS as for build
	@$(CONTACT_SCORING) evaluate $(if $(filter-out 0 false,$(VERBOSE)),--verbose) $(ARGS)

explain: export CONTACT := $(value CONTACT)
explain: $(INSTALLED) ## why a contact scores as it does: CONTACT=id or address, WINDOW=30, EVENTS=20
	@$(CONTACT_SCORING) explain --window "$(WINDOW)" --events "$(EVENTS)" -- "$$CONTACT"

app: $(INSTALLED) ## the pages for people on http://127.0.0.1:8501: the list, a contact, accounts, the rules, whether it works, the status; APP_PORT=8501
	@$(BIN)/python -m streamlit run app/main.py --server.port $(APP_PORT)

csv: $(INSTALLED) ## a published mart as CSV, on standard output: MART=active_contacts, WINDOW=30
	@$(CONTACT_SCORING) csv "$(MART)" $(if $(filter command line,$(origin WINDOW)),--window "$(WINDOW)")

test: lint pytest ## everything that CI checks

lint: $(INSTALLED) ## style of the SQL and the Python, types, and what may import what
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	@# on a database with nothing in it, so that the same text is read before and after a build
	CONTACT_SCORING_DB=:memory: CONTACT_SCORING_AUDIT=true CONTACT_SCORING_EVALUATION=true $(BIN)/sqlfluff lint --processes 2 models on_request at_home tests

# for the tests of the pages: Debian's, where it may be installed
chromium:
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null \
		|| { echo "Installing Debian's Chromium for the tests of the pages" && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium >/dev/null; } \
		|| echo "It could not be installed: the tests of the pages are skipped." >&2

# what Spark needs is only loaded where there is a Java for it
pytest: $(INSTALLED) chromium $(SNOWFLAKE) $(FAKESNOW) $(if $(shell command -v java),$(SPARK)) ## the tests: dbt's own on the demo, and dbt run for real on other input
	$(BIN)/python -m pytest

test-long: $(INSTALLED) chromium $(SNOWFLAKE) $(FAKESNOW) $(if $(shell command -v java),$(SPARK)) ## the tests that CI leaves out, for they take forty minutes: days of ticks, killed builds, one long first hour
	$(BIN)/python -m pytest -m long

parity: $(INSTALLED) ## 2,000 random histories: the marts against the reference scorer, row for row
	PARITY_HISTORIES=2000 PARITY_SIZE=100 PARITY_BUILDS=6 $(BIN)/python -m pytest tests/reference/test_parity.py

fuzz: $(INSTALLED) ## bad and odd inputs: each comes out right or is refused with one line: FUZZ=1000, SEED=1
	PYTHONPATH=tests/fuzz:tests/reference:. $(BIN)/python tests/fuzz/fuzz.py --cases "$(FUZZ)" --seed "$(SEED)"

test-engines: $(SPARK) $(SNOWFLAKE) $(FAKESNOW) ## PostgreSQL, Spark and an emulated Snowflake: real data, faults, and 200 random histories on each
	TEST_ENGINES=1 PARITY_HISTORIES=400 PARITY_SIZE=50 PARITY_BUILDS=6 $(BIN)/python -m pytest -m "" tests/test_spark.py tests/test_postgres.py \
		tests/test_snowflake.py tests/test_real_data.py tests/reference/test_parity.py -k "spark or postgres or snowflake"

test-superset: $(SUPERSET) ## Superset for real: its numbers are those of the marts, of each new generation
	TEST_SUPERSET=1 $(BIN)/python -m pytest -n 0 tests/test_superset.py

test-evaluation: $(INSTALLED) ## the evaluation: 600 random histories at past as-ofs, all figures of two real courses, and whether intervals are honest
	TEST_EVALUATION=1 PAST_HISTORIES=600 PAST_SIZE=30 $(BIN)/python -m pytest -m "" tests/reference/test_past_scores.py \
		tests/reference/test_evaluation.py tests/test_truth.py tests/test_honest_intervals.py

test-faults: $(INSTALLED) ## every fault that the operation has to survive, many times over: 100 ticks, 100 killed builds
	FAULT_RUNS=20 FAULT_KILLS=100 SOAK_TICKS=100 $(BIN)/python -m pytest -m "" tests/test_soak.py tests/test_publishing.py tests/test_faults.py \
		tests/test_daemon.py tests/test_orchestration.py tests/test_canary.py tests/test_inputs.py

bench: EVENTS := $(if $(filter command line,$(origin EVENTS)),$(EVENTS),20000000)
bench: $(BENCHMARKS) ## time it beside what else one could do: EVENTS=20000000, ARGS=--five-years
	PYTHONPATH=. $(BIN)/python benchmarks/run.py --events "$(EVENTS)" $(ARGS)

bench-engines: EVENTS := $(if $(filter command line,$(origin EVENTS)),$(EVENTS),20000000)
bench-engines: $(BENCHMARKS) $(SPARK) ## a full refresh on DuckDB, PostgreSQL and Spark, side by side: EVENTS=20000000
	PYTHONPATH=. $(BIN)/python benchmarks/by_engine.py --events "$(EVENTS)" $(ARGS)

shape: $(INSTALLED) ## how large the project is: models, paths, state, macros, nodes of a build
	@$(BIN)/dbt --quiet parse --target-path target/shape
	@$(BIN)/python benchmarks/shape.py target/shape/manifest.json

postgres: $(INSTALLED) ## a throw-away PostgreSQL server with the demo in it, until Ctrl-C
	@$(BIN)/python -m tools.postgres $(ARGS)

spark: $(SPARK) ## a throw-away Spark cluster with the demo in it, until Ctrl-C
	@$(BIN)/python -m tools.spark $(ARGS)

docs: PORT := $(if $(filter command line,$(origin PORT)),$(PORT),8080)
docs: $(INSTALLED) ## what the last build's tables and columns mean, on http://127.0.0.1:8080; ARGS as for build
	@# dbt would begin an empty database, and the next build would not look for the history that is published
	@$(BIN)/python -c "from contact_scoring.warehouse import connect; connect()"
	CONTACT_SCORING_EVALUATION=true $(BIN)/dbt docs generate --target-path target/docs $(ARGS)
	$(BIN)/dbt docs serve --target-path target/docs --host 127.0.0.1 --port $(PORT) --no-browser

publish-postgres: $(INSTALLED) ## the published marts as tables of the PostgreSQL database of profiles.yml, for BI tools
	@$(CONTACT_SCORING) publish-postgres

superset: $(SUPERSET) ## a throw-away Apache Superset on what is published, until Ctrl-C: SUPERSET_PORT=8088
	@$(BIN)/python -m tools.superset "$(SUPERSET_PORT)"

handoffs: $(INSTALLED) ## print the new hand-offs that the next tick sends to CONTACT_SCORING_HANDOFF_URL and _WEBHOOK
	@$(CONTACT_SCORING) handoffs --dry-run

check-freshness: $(INSTALLED) ## whether the published scores are of the last tick: one line, and an exit code
	@$(CONTACT_SCORING) freshness

dagster: export DAGSTER_HOME := $(CURDIR)/.dagster_home
dagster: $(INSTALLED) ## Dagster on http://127.0.0.1:3000, with its schedule running, until Ctrl-C: PORT=3000
	@$(BIN)/python -m orchestration.instance
	$(BIN)/dagster dev -h 127.0.0.1 -p $(PORT) -m orchestration.definitions

lock: $(INSTALLED) ## resolve pyproject.toml into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		--all-extras pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		--constraints requirements.lock benchmarks/requirements.in -o benchmarks/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		--constraints requirements.lock tools/spark-requirements.in -o tools/spark-requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		tools/superset-requirements.in -o tools/superset-requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		--constraints requirements.lock tools/snowflake-requirements.in -o tools/snowflake-requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
		tools/fakesnow-requirements.in -o tools/fakesnow-requirements.lock

clean: ## remove what builds and tests leave, but for the database, which holds the history
	rm -rf target logs warehouse/tmp warehouse/preview-* warehouse/superset .pytest_cache .ruff_cache .mypy_cache
