# make run    set up and run the daily job once, on the dumps in dumps/ (or DUMPS=folder)
# make test   set up and run every test
# make lint   ruff and mypy --strict
# make bench  print the figures of the benchmarks, one JSON line per script
# make lock   write requirements/*.txt anew (needs uv)

PYTHON ?= python3
DUMPS  ?= dumps
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCKED := $(PIP) --require-hashes --no-build-isolation

# These need data or programs that are not here, make files of the package anew, or are parts of others.
NOT_ALONE := $(addprefix benchmarks/,background.py choices.py dedupe_scale.py edition.py judges.py \
               mail_features.py mails.py summaries.py train_summaries.py)

.PHONY: run test lint bench lock clean

# Another folder has a history of its own: its own database, outbox and archive.
OWN := $(notdir $(abspath $(DUMPS)))-$(shell printf %s '$(abspath $(DUMPS))' | cksum | cut -d' ' -f1)
ELSEWHERE := DIGEST_DUMPS='$(DUMPS)' DIGEST_DATABASE='sqlite:///var/$(OWN).db' \
             DIGEST_OUTBOX='outbox/$(OWN)' DIGEST_ARCHIVE='archive/$(OWN)'

run: $(VENV)/.run
	@$(if $(filter-out $(abspath dumps),$(abspath $(DUMPS))),$(ELSEWHERE)) $(BIN)/digest run

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.test
	@for script in $(filter-out $(NOT_ALONE),$(wildcard benchmarks/*.py)); do echo "# $$script"; $(BIN)/python $$script || exit 1; done

$(VENV)/.build: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'make: Python 3.11 or later is needed: make PYTHON=/path/to/python3.11' >&2; exit 2; }
	@echo 'Setting up $(VENV) (once, about a minute) ...' >&2
	@$(PYTHON) -m venv $(VENV) || { echo 'make: python venv is missing: apt install python3-venv' >&2; exit 2; }
	@$(PIP) --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.run: $(VENV)/.build requirements/run.txt requirements/fast.txt pyproject.toml
	@$(LOCKED) -r requirements/run.txt
	@$(PIP) --require-hashes --only-binary :all: -r requirements/fast.txt 2>/dev/null || echo 'No wheel of mrml for this platform: the slower mjml compiles the mails.' >&2
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	@$(LOCKED) -r requirements/test.txt
	@touch $@

lock:
	cd requirements && for lock in run test fast build; do \
	  case $$lock in run) from='../pyproject.toml';; test) from='--extra test ../pyproject.toml';; *) from=$$lock.in;; esac; \
	  uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	    --python-version 3.11 $$from --output-file $$lock.txt || exit 1; done

clean:
	rm -rf $(VENV) var archive outbox/*.eml
