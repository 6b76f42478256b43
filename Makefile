# `make demo` and `make test` each need only Python 3.11 or newer with venv, and make.
# Everything they install goes to .venv, with pip's own settings.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# pip compiles what it installs on one core; their own tests nobody runs, and some templates are no Python.
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile -c constraints.txt
COMPILE = @$(BIN)/python -W ignore -m compileall -qq -j $(JOBS) -x /tests/ $(VENV)/lib || true
JOBS   ?= 2
# The tests start archlang hundreds of times: compiled once, and kept, even where Python is told not to.
PYTEST  = OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q
MINUTES ?= 9
SECONDS ?= 3600
SAMPLE ?= 300

.DEFAULT_GOAL := help
.PHONY: help demo test test-browser test-slow test-install test-release test-all fuzz mutate gpu-report lint format site venv pictures clean

help:            ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile | expand -t 22

demo: $(VENV)/.demo   ## draw GoogLeNet, build it, run it once
	@mkdir -p demo
	$(BIN)/archlang draw zoo/googlenet.arch -o demo/googlenet.svg
	$(BIN)/archlang build zoo/googlenet.arch -o demo/googlenet.py
	@$(BIN)/python scripts/demo.py

test: $(VENV)/.dev    ## the test suite (minutes)
	$(PYTEST) -n $(JOBS)
	@echo "left out: pages in a browser (make test-browser), slow tests (make test-slow), kernels on a GPU (make gpu-report), LaTeX (pytest -m latex)"

test-browser: $(VENV)/.browser    ## the pages, in a headless Chromium that the machine must have
	$(PYTEST) -n $(JOBS) -m browser tests/browser

test-slow: $(VENV)/.dev    ## the tests marked slow (some hours)
	$(BIN)/python -m pytest -q -m slow

test-install: $(VENV)/.dev    ## every way of installing, each in a fresh venv
	$(BIN)/python -m pytest -q -m slow tests/house/test_install.py

test-release: $(VENV)/.release    ## wheel and sdist: built, checked, used under every Python on PATH
	$(BIN)/python scripts/check_release.py

test-all: test test-slow    ## both

fuzz: $(VENV)/.fuzz    ## search for texts that break the parser, the elaborator or the formatter (SECONDS=3600 each)
	@for target in parse elaborate format; do \
	    $(BIN)/python tests/fuzz/fuzz.py $$target --seconds $(SECONDS) --into fuzz & \
	done; wait; ls fuzz/*.arch 2> /dev/null && exit 1 || echo "nothing found"

mutate: $(VENV)/.fuzz  ## plant mistakes in shapes, costs and elaboration, SAMPLE (300) of them: do tests notice? (hours)
	[ -e .mutation/map.json ] || OMP_NUM_THREADS=1 nice -n 15 $(BIN)/python tests/mutation/mutate.py map
	OMP_NUM_THREADS=1 nice -n 15 $(BIN)/python tests/mutation/mutate.py run --sample $(SAMPLE)

gpu-report:      ## on a machine with a GPU: checks, ceilings, kernels, networks, in MINUTES (9); to docs/benchmarks/gpu
	$(PYTHON) scripts/gpu_report.py --minutes $(MINUTES)

lint: $(VENV)/.dev    ## style, import contracts, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright

format: $(VENV)/.dev    ## rewrite as ruff has it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

site: $(VENV)/.docs   ## the documentation as a site in build/site; a broken link is an error
	@$(BIN)/python -m sphinx -E -q -W --keep-going docs build/site
	@echo "build/site/index.html"

venv: $(VENV)/.dev    ## only make .venv, with everything

pictures: $(VENV)/.demo   ## draw again what the documentation shows
	$(BIN)/archlang draw googlenet -o docs/images/googlenet.svg

clean:           ## remove what was made here
	rm -rf $(VENV) build dist demo fuzz .mutation

$(VENV)/.made:
	@sh scripts/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

# Without numpy torch warns when it is imported.
# A stamp each, so that a second run installs nothing until what is asked for changes.
$(VENV)/.demo: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing archlang and torch into $(VENV) (once)"
	@$(PIP) -e . torch numpy
	$(COMPILE)
	@touch $@

# torchvision only lends its Python code, to compare with, so its dependencies stay out.
$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing archlang and what its tests need into $(VENV) (once)"
	@$(PIP) -e '.[dev,docs]'
	@$(PIP) --no-deps torchvision
	$(COMPILE)
	@touch $@ $(VENV)/.demo $(VENV)/.docs

$(VENV)/.docs: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing archlang and what makes the site into $(VENV) (once)"
	@$(PIP) -e '.[docs]'
	$(COMPILE)
	@touch $@

$(VENV)/.release: $(VENV)/.dev
	@$(PIP) -e '.[release]'
	$(COMPILE)
	@touch $@

$(VENV)/.browser: $(VENV)/.dev
	@$(PIP) -e '.[browser]'
	$(COMPILE)
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev
	@$(PIP) -e '.[dev,fuzz]'
	$(COMPILE)
	@touch $@
