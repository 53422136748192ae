.DEFAULT_GOAL := help
.PHONY: help run stage test very-slow faults check lock bench-training bench-live bench-memory bench-pages bench-clicks bench-start bench-first-step bench-shifts bench-transfer bench-network bench-load clean

PORT ?= 8501
ARGS ?=
# Two processes of pytest: one has all browser tests, the other begins with the small ones.
CORES := $(shell getconf _NPROCESSORS_ONLN)
SIDE_BY_SIDE = $(if $(filter 1,$(CORES)),,-n 2 --dist loadscope)
# Where files and settings are damaged by the thousand.
DAMAGED = $(addprefix tests/unit/test_,dataset.py runs.py specs.py)
# One list for all versions of Python and all systems, with nothing of this computer's settings.
COMPILE = .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"
export PYTHON

# Without compiled files every start would compile TensorFlow and Streamlit again.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME

help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

run: export PORT := $(value PORT)
run: ## Start the dashboard on http://127.0.0.1:8501 (PORT= changes it, PYTHON= names a Python)
	@exec sh scripts/python.sh scripts/serve.py "$$PORT"

stage: export PORT := $(value PORT)
stage: export STREAMLIT_SERVER_ADDRESS := $(or $(value STREAMLIT_SERVER_ADDRESS),0.0.0.0)
stage: ## Show the dashboard to everybody in your network: an address for them, a link for you
	@exec sh scripts/python.sh scripts/serve.py "$$PORT"

test: ## Run the tests, browser included (ARGS="-m 'not slow'": what needs seconds; ARGS=tests/unit: no browser)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@exec .venv/bin/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

very-slow: ## Run the tests that make test leaves out, since it would take long (ARGS= goes to pytest)
	@$(MAKE) --no-print-directory test ARGS="-m very_slow $(ARGS)"

faults: ## Make everything fail that can, as often as it takes, and print what held (two hours)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_THOROUGH=1 exec .venv/bin/python -m pytest -m "" \
		tests/faults $(addprefix tests/browser/test_,bursts.py network.py photo.py) $(DAMAGED) $(ARGS)

bench-live: ## Measure how fresh the live view is and how soon Stop ends a training, in Chromium
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python benchmarks/live.py

bench-memory: ## Measure the memory of the engine over 50 runs and of the dashboard with 20 visitors
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@exec .venv/bin/python benchmarks/memory.py $(ARGS)

bench-pages: ## Measure how soon Mistakes answers a click, in Chromium (ARGS=5: only so often each)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python benchmarks/pages.py $(ARGS)

bench-clicks: ## Count what quick clicks confuse, now and in the first version (ARGS=60: so many)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python -m benchmarks.clicks $(ARGS)

bench-load: ## Measure what a hundred viewers cost a training (ARGS="--viewers 20 --pairs 3 --quick": a try)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@exec .venv/bin/python -m benchmarks.load $(ARGS)

bench-start: ## Measure how soon the first page is there, now and before (ARGS=5: so many starts)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python -m benchmarks.start $(ARGS)

bench-first-step: ## Measure how soon a training takes its first step, now and before (ARGS=5: so often each)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@exec .venv/bin/python -m benchmarks.first_step $(ARGS)

bench-shifts: ## Measure what moves while pages arrive, in Chromium (ARGS=1: one load of each page and size)
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python -m benchmarks.shifts $(ARGS)

bench-transfer: ## Count the bytes that a phone loads to watch a training: first, again, a second
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& exec .venv/bin/python benchmarks/transfer.py

bench-network: ## Measure how long a network takes to answer in Chromium, and what the dashboard does meanwhile
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m fmnist_core.dataset
	@FMNIST_CHROMIUM="$$(.venv/bin/python scripts/chromium.py)" && export FMNIST_CHROMIUM \
		&& .venv/bin/python benchmarks/network.py && exec .venv/bin/python benchmarks/drawing.py

check: ## Check format, style, names, types and layers
	@sh scripts/python.sh scripts/install.py test
	@.venv/bin/python -m ruff format --check --quiet .
	@.venv/bin/python -m ruff check --quiet .
	@.venv/bin/python scripts/check_names.py
	@.venv/bin/python scripts/check_javascript.py
	@.venv/bin/python -m mypy
	@.venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

lock: ## Compile requirements*.txt from pyproject.toml (ARGS=--upgrade takes newer versions)
	@sh scripts/python.sh scripts/install.py test
	@$(COMPILE) pyproject.toml --output-file requirements.txt $(ARGS)
	@$(COMPILE) --group test --constraints requirements.txt \
		--output-file requirements-dev.txt $(ARGS)
	@$(COMPILE) --group benchmark --constraints requirements.txt \
		--constraints requirements-dev.txt --output-file requirements-bench.txt $(ARGS)

bench-training: ## Time every preset against Keras and PyTorch, an hour or two (ARGS=--quick: minutes)
	@sh scripts/python.sh scripts/install.py bench
	@.venv/bin/python -m fmnist_core.dataset
	@exec .venv/bin/python -m benchmarks.training $(ARGS)

clean: ## Remove .venv and caches; runs and the saved pictures stay
	@rm -rf .venv .downloads node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +
