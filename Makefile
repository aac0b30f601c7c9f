# `make run` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.commonweal-installed
STAMP := $(VENV)/.test-installed
DOCS_STAMP := $(VENV)/.docs-installed
VIEW_STAMP := $(VENV)/.view-installed
PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.peers-installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests run in two processes: threads of linear algebra in each would wait for each other's.
TESTS_ALONE := OPENBLAS_NUM_THREADS=1
# Of hypothesis; `make test` draws a third of them.
ALL_EXAMPLES := COMMONWEAL_EXAMPLES=all

.PHONY: run test test-all faults-long goldens mutants lint bench bench-peers gallery docs setup clean

run: $(RUN_STAMP)
	@$(BIN)/commonweal run thesis-table-4.2

test: setup lint
	@$(TESTS_ALONE) $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"

test-all: setup $(VIEW_STAMP) $(DOCS_STAMP) lint
	@$(TESTS_ALONE) $(ALL_EXAMPLES) $(BIN)/python -m pytest -q -n 2 --dist worksteal
	@$(BIN)/python tests/machines.py

# Every scenario ended by every signal at twenty moments; NAMES, MOMENTS and SEED can be given.
MOMENTS ?= 20
faults-long: setup
	@$(BIN)/python tests/interruptions.py $(NAMES) --moments $(MOMENTS) --seed $(SEED)

# Hashes of what every law simulates, written anew after a law has been changed.
goldens: setup
	@$(BIN)/python tests/goldens.py

# Mutants of the files that judge, drawn by a seed; FILES, TESTS, MUTANTS and SEED can be given.
FILES ?= theory/verdicts/meta_game.py theory/evolution/stability.py theory/equilibria/nash.py theory/equilibria/two_by_two.py theory/equilibria/bimatrix.py theory/equilibria/n_players.py theory/verdicts/facts.py theory/verdicts/verdict.py
MUTANTS ?= 400
SEED ?= 0
mutants: setup
	@$(ALL_EXAMPLES) $(BIN)/python tests/mutants.py $(FILES) --mutants $(MUTANTS) --seed $(SEED) $(if $(TESTS),--tests $(TESTS))

# All pages, or those of PAGES="docs/command-line.md ...".
gallery: setup
	@$(BIN)/python docs/refresh.py $(PAGES)
	@$(BIN)/python docs/architecture.py

# The site of all pages, with a gallery and a reference: build/docs/html/index.html.
docs: setup $(DOCS_STAMP)
	@$(BIN)/python docs/website.py

$(DOCS_STAMP): $(STAMP)
	@echo "setting up Sphinx in $(VENV) (once)"
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[docs]"
	@touch $@

$(VIEW_STAMP): $(STAMP)
	@echo "setting up the live page in $(VENV) (once)"
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[view]"
	@touch $@

bench: setup
	@$(BIN)/python -m pytest -q benchmarks --benchmark-enable --benchmark-only

bench-peers: setup $(PEERS_STAMP)
	@$(BIN)/python benchmarks/peers.py --peers $(PEERS)/bin/python

$(PEERS_STAMP): benchmarks/peers.txt
	@echo "setting up $(PEERS) (once)"
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install -q -r benchmarks/peers.txt
	@touch $@

lint: setup
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy

setup: $(STAMP)

# What running needs, and no more.
$(RUN_STAMP): pyproject.toml constraints.txt
	@$(BIN)/python -c "import pip, sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || { \
		$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'commonweal needs Python 3.11 or newer, got ' + sys.version.split()[0])" \
		&& $(PYTHON) -m venv --clear $(VENV); }
	@echo "setting up $(VENV) (once)"
	@$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(STAMP): $(RUN_STAMP)
	@echo "setting up what the tests need in $(VENV) (once)"
	@$(BIN)/python -m pip install -q -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build .mypy_cache .pytest_cache .ruff_cache .hypothesis
