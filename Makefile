# The one list of verbs, for people and for CI. `make` alone prints it.

.DEFAULT_GOAL := help
BIN := .venv/bin
# What mypy reads: it refuses a name that is not there, and a folder without Python.
TYPED := $(wildcard src tests bench fuzz tools/*.py)

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'Options go in ARGS, as in: make run ARGS="--tcp-port 6000"'

.PHONY: setup
setup: ## Make .venv from the lock file; does nothing when it is up to date
	@tools/setup.sh

.PHONY: packages
packages: ## Install the programs that code is run with (Debian, Ubuntu); elsewhere say what they are
	@tools/packages.sh code

.PHONY: run
run: setup packages ## Start a server that lets guests in, on TCP 5555 and HTTP 8080
	@$(BIN)/kibitz serve --guests $(ARGS)

.PHONY: run-desktop
run-desktop: setup ## Start the desktop client (ARGS="--host H --port N --user U")
	@tools/packages.sh desktop
	@$(BIN)/kibitz desktop $(ARGS)

.PHONY: test
test: setup ## Run every test and hold the coverage floor
	@tools/packages.sh tests
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term

.PHONY: check
check: setup ## Lint, format, types and import contracts; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

.PHONY: bench
bench: setup packages ## Measure against the peers that are installed
	$(BIN)/python -m bench $(ARGS)

.PHONY: chaos
chaos: setup ## Run the fault-injection suite on many seeds and write its report
	$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: fuzz
fuzz: setup ## Fuzz the codecs with atheris (Linux on x86-64)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/fuzz.txt
	$(BIN)/python -m fuzz $(ARGS)

.PHONY: cgroups
cgroups: setup packages ## Try the sandbox on a real cgroup v2, in a virtual machine (Debian on x86-64), and write its page
	@tools/cgroups.sh $(ARGS)

.PHONY: lock
lock: setup ## Make the lock files anew (ARGS=--upgrade renews every pin)
	tools/lock.sh $(ARGS)

.PHONY: clean
clean: ## Remove what setup, checks and tests made; data stays
	rm -rf .venv build dist bench/node/node_modules tests/collab/node_modules .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests bench fuzz tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
