# The two commands of the README are `make book` and `make test`; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
SCRIPTS := book/lab
EXTENSIONS := $(wildcard book/_extensions/*.js)
FORMULAS := book/_extensions/formulas.cjs
# What IPython, Jupyter, Matplotlib and Deno would write into a home folder stays here: nothing is left
# elsewhere, and there need not be a home that can be written to.
OWN := $(CURDIR)/.venv/home
export IPYTHONDIR := $(OWN)/ipython
export JUPYTER_CONFIG_DIR := $(OWN)/jupyter/config
export JUPYTER_DATA_DIR := $(OWN)/jupyter/data
export JUPYTER_RUNTIME_DIR := $(OWN)/jupyter/runtime
export MPLCONFIGDIR := $(OWN)/matplotlib
export DENO_DIR := $(OWN)/deno
export UV_CACHE_DIR := $(OWN)/uv
export JUPYTER_PREFER_ENV_PATH := 1
# Otherwise it asks the network for a newer version of itself.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export DENO_NO_UPDATE_CHECK := 1
PYTEST := $(BIN)/python -m pytest --dist loadfile
# Some hundred processes of the tests load the same modules, which are compiled once.
unexport PYTHONDONTWRITEBYTECODE

# `make -j book test` reads no page that is not there yet.
.NOTPARALLEL:
.PHONY: help book pdf chromium links lab test check lint packages notebooks snapshots portability certificate study oscillation capacity methods data elsewhere kernel benchmark lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

# Nothing stays of pages and figures that have had another name, nor a PDF of other pages.
book: .venv/installed ## Run every chapter and build the book into _build/html
	rm -rf _build/html
	$(BIN)/jupyter-book build . --all -W -n --keep-going
	@echo "Open _build/html/index.html in a browser."

# Whether there is a Chromium is asked before the chapters are run.
pdf: chromium book ## Build the book, and make one PDF of it, with an installed Chromium
	$(BIN)/python book/_extensions/pdf.py

chromium: .venv/installed
	@$(BIN)/python book/_extensions/chromium.py

links: .venv/installed ## Ask the network whether every link out of the book leads somewhere
	$(BIN)/jupyter-book build . --builder linkcheck --all -n --keep-going; \
		found=$$?; rm -f _build/html/output.txt _build/html/output.json; exit $$found

lab: .venv/lab/installed ## Open the notebooks of the chapters in Jupyter, as copies in notebooks/ that are yours
	@[ -d _build/html/notebooks ] || $(MAKE) book
	@mkdir -p notebooks
	@for one in _build/html/notebooks/*.ipynb; do \
		[ -e "notebooks/$${one##*/}" ] || cp "$$one" notebooks; done
	.venv/lab/bin/jupyter-lab notebooks

test: lint ## Check style, code, and the chapters against their snapshots
	$(PYTEST) -n 2 -m "not slow" --hypothesis-profile=some

check: lint ## Check everything: as test, and what needs a browser, a PDF or seconds
	$(PYTEST) -n 3

lint: .venv/installed ## Check style, spelling, imports and types, also of the scripts, and the workflow
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/lint-imports --no-logo --no-cache
	PATH="$$(echo "$(CURDIR)"/.venv/lib/python*/site-packages/playwright/driver):$$PATH" $(BIN)/pyright \
		--pythonversion "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
	$(BIN)/deno check --quiet --config $(SCRIPTS)/deno.json $(SCRIPTS)/*.js $(EXTENSIONS)
	$(BIN)/deno lint --quiet --config $(SCRIPTS)/deno.json $(SCRIPTS) $(EXTENSIONS) $(FORMULAS)
	$(BIN)/deno fmt --quiet --check --config $(SCRIPTS)/deno.json $(SCRIPTS) $(EXTENSIONS) $(FORMULAS)
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml

packages: .venv/installed ## Install the wheel with each extra in an environment of its own
	$(BIN)/python tests/packages.py

notebooks: .venv/installed ## Run the notebooks that the chapters offer in an environment of its own
	PYTHONPATH=book/_extensions $(BIN)/python tests/run_notebooks.py

snapshots: .venv/installed ## Take the outputs of the last build as the new reference
	PYTHONPATH=book/_extensions $(BIN)/python tests/snapshots.py

portability: .venv/installed ## Compare the checksums on many kinds of machine, and write their table
	$(BIN)/python tests/portability.py

certificate: .venv/installed ## Prove anew what the experiment does in exact arithmetic
	$(BIN)/python -m nnlib.oscillation.certificate

study: .venv/installed ## Run the study on randomness, or what is missing of it
	$(BIN)/python -m nnlib.randomness.study

oscillation: .venv/installed ## Run the long studies of oscillations, or what is missing of them
	$(BIN)/python -m nnlib.oscillation.sweep
	$(BIN)/python -m nnlib.oscillation.validation
	$(BIN)/python -m nnlib.oscillation.momentum
	$(BIN)/python -m nnlib.oscillation.late
	$(BIN)/python -m nnlib.oscillation.trial
	$(BIN)/python -m nnlib.oscillation.watched

capacity: .venv/installed ## Run the search for the best networks, the budgets and the differing neurons, or what is missing of them
	$(BIN)/python -m nnlib.capacity.search
	$(BIN)/python -m nnlib.capacity.budgets
	$(BIN)/python -m nnlib.capacity.differing

methods: .venv/installed ## Run the studies of methods, or what is missing of them
	$(BIN)/python -m nnlib.methods.adaptive
	$(BIN)/python -m nnlib.methods.mass
	$(BIN)/python -m nnlib.methods.steps
	$(BIN)/python -m nnlib.methods.falling
	$(BIN)/python -m nnlib.methods.curved
	$(BIN)/python -m nnlib.methods.preconditioned
	$(BIN)/python -m nnlib.methods.weightwise
	$(BIN)/python -m nnlib.methods.batches
	$(BIN)/python -m nnlib.methods.noise
	$(BIN)/python -m nnlib.methods.beginnings
	$(BIN)/python -m nnlib.methods.tuning
	$(BIN)/python -m nnlib.methods.comparison
	$(BIN)/python benchmarks/methods.py

data: .venv/installed ## Run the studies of the data, or what is missing of them
	$(BIN)/python -m nnlib.data.samples
	$(BIN)/python -m nnlib.data.excess
	$(BIN)/python -m nnlib.data.turning
	$(BIN)/python -m nnlib.data.poor
	$(BIN)/python -m nnlib.data.size
	$(BIN)/python -m nnlib.data.remedies

elsewhere: .venv/installed ## Install other libraries, run the book's programs for them, and say what has changed
	$(BIN)/python benchmarks/elsewhere/run.py

kernel: .venv/installed ## Compile the kernel, for those who change it: its binary is committed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r nnlib/kernel/requirements.txt
	$(BIN)/python nnlib/kernel/build.py

benchmark: .venv/installed ## Measure trainer and fit beside plain numpy, and other libraries if they are installed; and the laboratory
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/fit.py
	$(BIN)/python benchmarks/laboratory.py

lock: ## Pin the newest versions that requirements.in allows (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --upgrade \
		requirements.in -o requirements.lock

clean: ## Remove what was built, and the environment if it was made here
	rm -rf _build
	@if $(FOREIGN); then echo ".venv was not made here, and stays."; else rm -rf .venv; fi

# An environment is somebody else's if it has neither of the two files that are put into our own.
FOREIGN := [ -e .venv ] && [ ! -e .venv/begun ] && [ ! -e .venv/installed ]

# Ours must run, lie where it was made (a copy would load the library of the first folder), hold what
# the lock and pyproject.toml say, and be of the Python that is asked for, if one is, by the command
# line or the environment.
WHICH := import sys; print(sys.version, sys.base_prefix)
STATE := { pwd -P; cat requirements.lock pyproject.toml | cksum; }
OURS := found=$$($(BIN)/python -c '$(WHICH)') && [ "$$(cat .venv/installed)" = "$$($(STATE))" ]
ifneq ($(filter command environment,$(firstword $(origin PYTHON))),)
OURS += && [ "$$("$(PYTHON)" -c '$(WHICH)')" = "$$found" ]
endif
OTHER := $(shell { $(OURS); } 2>/dev/null || echo other)
.PHONY: other

# uv installs in seconds what takes pip a minute. The lock has it as well: where there is none for this
# machine, or it does not find what pip is set up to find, all the rest is left to pip.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
SPLIT := /^[^ ]/ {uv = /^uv==/} {print > (uv ? ".venv/uv.txt" : ".venv/rest.txt")}
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
LOCKED := --require-hashes -r .venv/rest.txt
LIBRARY := --no-deps --no-build-isolation --editable .
.venv/installed: $(OTHER)
	@[ "$$("$(PYTHON)" -c 'import ensurepip, sys; sys.version_info < (3, 11) and \
		sys.exit("Python 3.11 or newer is needed; this is %d.%d." % sys.version_info[:2]); print("good")')" = good ] || { \
		echo "$(PYTHON) does not do. Say which Python does: make PYTHON=python3.11 ..." >&2; exit 1; }
	@if $(FOREIGN); then echo ".venv is there already, and was not made here: move it away."; exit 1; fi
	rm -rf .venv
	@mkdir .venv && touch .venv/begun
	"$(PYTHON)" -m venv .venv
	@awk '$(SPLIT)' requirements.lock
	@{ $(PIP) install --require-hashes -r .venv/uv.txt && $(UV) $(LOCKED) && $(UV) $(LIBRARY); } || { \
		echo "Without uv, pip installs it all, which takes a minute."; $(PIP) install $(LOCKED) && $(PIP) install $(LIBRARY); }
	@$(BIN)/python -c "import matplotlib.font_manager"  # it would say in a chapter that it looks for fonts
	@$(STATE) > $@

# Jupyter is not needed to build or check anything, so it has an environment of its own, with what the
# notebooks run on in the versions of the lock.
.venv/lab/installed: .venv/installed
	rm -rf .venv/lab
	$(BIN)/python -m venv .venv/lab
	$(BIN)/python -m pip freeze --exclude-editable > .venv/lab/constraints.txt
	.venv/lab/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint .venv/lab/constraints.txt --editable ".[book]" jupyterlab
	@touch $@
