# Two commands do everything on a fresh machine with Python 3.11, pip, make and git:
#   make demo    sets up and runs the main job on the Korean case
#   make test    sets up and passes the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test bench bench-signs bench-explain bench-money bench-coverage bench-gate bench-detection docs lint types test-browser package clean

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

# 10 and 50 million orders: the panel and a whole scan beside a hand-written query; start-up beside bare imports.
bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_startup.py
	@$(BIN)/python benchmarks/bench_panel.py --repeats 3 --command "$(abspath $(BIN)/python) -m contextcheck scan {path} -q -o -"

# How often each sign and each shipped norm says yes where nothing is; twenty minutes and five.
bench-signs: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_signs.py --write docs/methods.md
	@$(BIN)/python benchmarks/bench_norms.py --seeds 2 --write docs/sign-calibration.md

# Both tables come from the same 300 worlds; the second of the two commands takes them from the first.
bench-explain: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_worlds.py explain --results .worlds.jsonl --write docs/worlds.md

bench-money: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_worlds.py money --results .worlds.jsonl --write docs/worlds.md
	@$(BIN)/python benchmarks/bench_investigation.py --write docs/benchmarks.md

# How often the 90 % interval of the money holds the truth, over worlds whose truth is known. A quarter of an hour.
bench-coverage: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_coverage.py --write docs/methods.md

bench-gate: $(VENV)/.dev
	@$(BIN)/python benchmarks/bench_gate.py

# Peers that only the detection benchmark needs (Prophet, statsmodels) stay out of the environment for tests.
.venv-bench/.ready: pyproject.toml constraints.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	@touch $@

# Beside R surveillance, Prophet, STL and others; installs Debian's R when it is missing and we may. About a quarter
# of an hour of processor, most of it the peers, whose answers are kept in .bench-peers; the tables go into the page.
bench-detection: .venv-bench/.ready
	@command -v Rscript >/dev/null || { apt-get update -qq && apt-get install -y -qq r-base-core r-cran-surveillance >/dev/null; }
	@cd benchmarks/detection && export PYTHONPATH=..:. OMP_NUM_THREADS=1 && python="$(abspath .venv-bench)/bin/python" && \
	page=../../docs/detection-benchmark.md && kept="$(abspath .bench-peers)" && \
	$$python speed.py --write $$page && \
	$$python run_retail.py --seeds 2 --first-seed 71 --own-seeds 6 --peers --kept "$$kept" --write $$page && \
	$$python run_retail.py --seeds 4 --first-seed 81 --own-seeds 4 --nasty --write $$page && \
	$$python told_parts.py --write $$page && \
	$$python false_discoveries.py --first-seed 301 --seeds 3 --write $$page && \
	$$python hard_panels.py --first-seed 71 --seeds 8 --write $$page && \
	$$python run_published.py --seed 101 --more-seeds 2001 2002 2003 5001 5002 5003 5004 --kept "$$kept" --write $$page

# Rewrites what the program says about itself: the reference, the life of a flag, the transcripts.
docs: $(VENV)/.dev
	@$(BIN)/python docs/generate_reference.py
	@$(BIN)/python docs/generate_knowledge_figures.py
	@$(BIN)/python docs/generate_life.py
	@$(BIN)/python docs/fill_transcripts.py

clean:
	rm -rf $(VENV) .venv-bench .demo dist build
