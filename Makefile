# Two commands do everything on a fresh machine with Python 3.11, pip, make and git:
#   make demo    sets up and runs the main job on the Korean case
#   make test    sets up and passes the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test bench lint types test-browser package clean

$(VENV)/.demo: pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once; a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	@echo "setting up $(VENV) with the tools for tests (once; a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/contextcheck demo korea-padding --folder .demo/korea-padding

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 -m "not browser"

lint: $(VENV)/.dev
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/codespell src docs README.md CONTRIBUTING.md CHANGELOG.md rules
	@$(BIN)/yamllint --strict regions rules src/contextcheck/load/maps examples
	@$(BIN)/lint-imports

types: $(VENV)/.dev
	@$(BIN)/mypy

# Needs headless Chromium; installs Debian's when it is missing and we may.
test-browser: $(VENV)/.dev
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }
	@$(BIN)/python -m pytest -m browser tests/browser

# Builds the wheel and runs the demo from it in an environment of its own, outside the checkout.
package: $(VENV)/.dev
	@sh .ci/package $(abspath $(BIN)/python)

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_panel.py

clean:
	rm -rf $(VENV) .demo dist build
