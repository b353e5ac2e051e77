# Every command does its own set-up and may be run first on a fresh machine.
# Needs make and Python 3.11 or newer with venv; Node, PostgreSQL and Redis come from Python wheels.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
PY := $(VENV)/bin/python
# A stamp is named after what was installed, so a changed pin installs again and an unchanged one never does.
RUN_READY := $(VENV)/.run-$(firstword $(shell cksum < requirements.txt))
DEV_READY := $(VENV)/.dev-$(firstword $(shell cksum < requirements-dev.txt))

# Three workers for two cores, since a third of the tests' time is spent waiting for processes and browsers; a file's tests
# stay together, and the files in their order: the journeys last.
BOTH := -n 3 --dist loadfile --no-loadscope-reorder

# The pins are given as constraints too: pip before 23.3 looks past the pin of a package of which somebody wants an extra.
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes

PIN = $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
      --no-emit-index-url --no-emit-find-links

# Some shells and build machines forbid compiled files; each of the many processes would then compile Reflex anew (4 s).
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run dev test unit test-redis e2e bench simulate explore flood crash chaos fuzz attack schema guessing smoke screens check api-docs messages format lock \
        clean staff backup restore licenses audit timing

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9_-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(RUN_READY) ## Set everything up and start the clinic at http://localhost:3000 (PORT=… for another)
	@exec $(PY) -m booking_ui serve

dev: $(RUN_READY) ## The same with hot reload
	@exec $(PY) -m booking_ui serve --dev

test: $(DEV_READY) ## Every test: unit, SQLite and PostgreSQL, Redis, a real Chromium
	@$(PY) -m pytest $(BOTH)

unit: $(DEV_READY) ## Every test that needs no browser
	@$(PY) -m pytest $(BOTH) --ignore=tests/e2e

test-redis: $(DEV_READY) ## The doors and what is behind them once more, all with a real Redis
	@TEST_WITH_REDIS=1 $(PY) -m pytest $(BOTH) tests/unit/services tests/unit/api tests/unit/scenarios tests/unit/states tests/unit/edge

e2e: $(DEV_READY) ## The journeys in a real Chromium
	@$(PY) -m pytest tests/e2e

bench: $(DEV_READY) ## Measure; prints a table and writes it under bench/results/
	@$(PY) -m bench && $(PY) -m bench.staleness

simulate: $(DEV_READY) ## The whole protocol with faults and crashes, SEEDS=1000 stories
	@$(PY) -m tests.simulation --seeds $(or $(SEEDS),1000)

explore: $(DEV_READY) ## The property tests with new examples each time, EXAMPLES=5000
	@EXPLORE=$(or $(EXAMPLES),5000) $(PY) -m pytest $(BOTH) --timeout 0 $$(grep -rl --include='*.py' '@given(' tests/unit)

flood: $(DEV_READY) ## 50 and 1,000 patients at one slot and at 20, through real processes (about an hour)
	@$(PY) -m bench.flood

crash: $(DEV_READY) ## kill -9 the app 100 times while patients pay, on four set-ups (about 40 minutes)
	@$(PY) -m bench.crash

chaos: $(DEV_READY) ## Bad things at a running clinic (Razorpay hangs, Redis dies, kill -9 …); writes docs/chaos.md
	@$(PY) -m bench.chaos

smoke: $(RUN_READY) ## Walk docs/staging-checklist.md against a running clinic: BASE_URL=https://…
	@$(PY) -m booking_ui smoke $(or $(BASE_URL),http://localhost:3000)

fuzz: $(DEV_READY) ## Broken and forged webhooks at the door, INPUTS=200000
	@$(PY) -m bench.fuzz_webhook --inputs $(or $(INPUTS),200000)

attack: $(DEV_READY) ## Every handler called by everybody it is not for; writes docs/security-proof.md
	@$(PY) -m bench.attack

schema: $(DEV_READY) ## Schemathesis over our OpenAPI, EXAMPLES=10 of each operation in each phase
	@$(PY) -m bench.schema --examples $(or $(EXAMPLES),10)

guessing: $(DEV_READY) ## Ten thousand wrong passwords against the limiter
	@$(PY) -m bench.guessing

screens: $(DEV_READY) ## Take a picture of every page into .cache/screens, the documented ones into docs/screens
	@$(PY) -m tests.screens

timing: $(DEV_READY) ## How long strangers' mails take compared with patients', with statistics
	@$(PY) -m bench.timing

staff: $(RUN_READY) ## List who works here; EMAIL=… NAME="…" makes a desk account, EMAIL=… REMOVE=1 takes its role away
	@$(PY) -m booking_ui staff $(if $(EMAIL),$(if $(REMOVE),dismiss,appoint) "$(EMAIL)",list) $(if $(NAME),--name "$(NAME)")

backup: $(RUN_READY) ## Back the database up into DATA_DIR/backups (TO=… for elsewhere), and prove it by restoring
	@$(PY) -m booking_ui backup $(if $(TO),--to "$(TO)")

restore: $(RUN_READY) ## Put FILE=… in the place of the database; FORCE=1 when it is not empty
	@$(PY) -m booking_ui restore --by-make $(if $(FORCE),--force) $(if $(FILE),"$(FILE)")

licenses: $(DEV_READY) ## List the licences of what is installed into docs/licenses.md
	@$(PY) -m tests.licenses

audit: $(DEV_READY) ## Known holes in what is pinned, where the advisory source can be reached
	@$(PY) -m tests.audit

WORDS := -F pyproject.toml -k N_ -k pgettext:1c,2 --omit-header --no-wrap --sort-by-file --add-location=file

messages: $(DEV_READY) ## Bring the catalogues up to date with the sentences of the code (docs/languages.md)
	@$(PY) -m babel.messages.frontend -q extract $(WORDS) -o .cache/messages.pot .
	@for file in booking_ui/languages/*/messages.po; do \
	  $(PY) -m babel.messages.frontend -q update --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date \
	    -i .cache/messages.pot -o $$file -l $$(basename $$(dirname $$file)) || exit 1; done

check: $(DEV_READY) ## Formatter, linter, types, import contracts, migrations match the models
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo --cache-dir .cache/imports
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	 export DATA_DIR="$$scratch" DATABASE_URL="sqlite:///$$scratch/check.db" && \
	 $(PY) -m alembic -q upgrade head && $(PY) -m alembic -q check

api-docs: $(RUN_READY) ## Write the second half of docs/api.md from the OpenAPI document
	@$(PY) -m booking_ui api-docs

format: $(DEV_READY) ## Let the formatter and the linter mend what they can
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

lock: $(DEV_READY) ## Pin the newest Python packages that requirements*.in allow
	@$(PY) -m pip install --quiet uv
	@$(PIN) --output-file requirements.txt requirements.in
	@$(PIN) --output-file requirements-dev.txt --constraints requirements.txt requirements-dev.in

clean: ## Remove everything that was generated; DATA_DIR stays
	rm -rf $(VENV) .web .cache .states test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_READY): | $(PY)
	@[ -n "$(wildcard $(DEV_READY))" ] || echo "Installing Python packages (once) …"
	@[ -n "$(wildcard $(DEV_READY))" ] || $(INSTALL) -r requirements.txt -c requirements.txt
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_READY): | $(PY)
	@echo "Installing Python packages for tests (once) …"
	@$(INSTALL) -r requirements-dev.txt -c requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

# The first Python of the list that runs, is new enough and can make environments (Debian packs venv apart).
$(PY):
	@for candidate in python3.13 python3.12 python3.11 python3; do \
	  if $$candidate -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    exec $$candidate -m venv $(VENV); \
	  fi; \
	done; \
	echo "Python 3.11 or newer with its venv module is needed (on Debian and Ubuntu: apt install python3 python3-venv)." >&2; \
	exit 1
