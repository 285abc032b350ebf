# Kibeezy. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check bench rehearse mutate reset menu messages texts conversations screenshots lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .cache/uv/bin/uv
STAMP := $(VENV)/.installed
# Nothing below may read pip's or Python's settings of another project.
unexport PYTHONPATH PYTHONHOME

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s  %s\n", $$1, $$2 }' Makefile

run: $(STAMP) ## the whole service on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m laptop run

test: $(STAMP) ## every test, against PostgreSQL and Redis processes of their own
	@$(BIN)/python -m tests $(ARGS)

check: $(STAMP) ## format, lint, types, import contracts, migrations, known vulnerabilities
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m laptop check-migrations
	$(BIN)/python -m laptop audit-packages

bench: $(STAMP) ## the benchmarks, each a ratio measured in one run; ARGS="settlement --bets 100000"
	@$(BIN)/python -m bench $(ARGS)

rehearse: $(STAMP) ## days at random against the simulator; ARGS="--days 1 --seeds 10 --until-broken"
	@$(BIN)/python -m rehearsal $(ARGS)

mutate: $(STAMP) ## take each guard of the money away and see a test notice; ARGS="--only check_bet --look"
	@$(BIN)/python -m mutations $(ARGS)

reset: $(STAMP) ## wipe what `make run` has kept
	@$(BIN)/python -m laptop reset

menu: $(STAMP) ## draw every page of the short code and what leads where into docs/menu.svg
	@$(BIN)/python -m ussd.menu docs/menu.svg

messages: $(STAMP) ## print every SMS in both languages, with its septets, into docs/sms.md
	@$(BIN)/python -m tests.texts.sms_catalogue docs/sms.md

texts: $(STAMP) ## collect the texts of the code into locale/, where a person translates them
	@mkdir -p .cache
	@$(BIN)/pybabel -q extract --mapping-file=locale/babel.cfg --no-default-keywords --keywords=_ \
	  --add-location=file --sort-by-file --omit-header --output-file=.cache/kibeezy.pot .
	@$(BIN)/pybabel -q update --domain=kibeezy --locale=sw --input-file=.cache/kibeezy.pot \
	  --output-dir=locale --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=100

conversations: $(STAMP) ## write down what the pages say now in tests/conversations; read the diff
	@CONVERSATIONS=rewrite $(BIN)/python -m pytest -q tests/conversations -k as_it_is_written

screenshots: $(STAMP) ## take the pictures of the staff page that the documents show
	@$(BIN)/python -m tests.admin.staff_page.screenshots docs/staff

lock: ## pin the newest packages for every platform, with hashes (needs the network)
	@test -x $(UV) || { $(PYTHON) -m venv .cache/uv && .cache/uv/bin/pip install -q uv==0.13.9; }
	@for name in requirements requirements-dev; do \
	  $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --upgrade --custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; done

clean: ## remove the installed packages and every cache; `make run` keeps its data
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installs again only when a lock file has changed, so that a second run needs no network.
$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) laptop/python_version.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "This Python has no venv module: sudo apt-get install python3-venv" >&2; exit 2; }
	@echo "Installing the pinned packages into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements-dev.txt || { echo "A pinned package could not be installed. There are" \
	  "wheels for Linux (x86-64, arm64) and macOS (arm64) with Python 3.11 to 3.14." >&2; exit 2; }
	@touch $(STAMP)
