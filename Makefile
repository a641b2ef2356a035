# Everything from a bare machine with Python 3.11 to 3.14, make, bash and git. The environment is made once, and again when a pinned version
# changes.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# what is typed after `source .venv/bin/activate`: dvc runs `python` from the PATH
RUN := . $(BIN)/activate &&

# make repro TORCH=cpu: PyTorch without CUDA, from PyTorch's own index
TORCH :=
CPU_INDEX := https://download.pytorch.org/whl/cpu

# names each download as it begins: pip is silent for minutes, or prints hundreds of lines
PIP := PYTHONUNBUFFERED=1 $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
DOWNLOADS := sed -un '/^ *Downloading /p; /^ *Using cached /p'

# chains that run side by side: make repro JOBS=3
JOBS := 1

.PHONY: repro lock test check ui demo bench docs

# A process for each chain, which locks its own stages only: what they share comes before and after. The lock file is the same.
repro: $(VENV)/.ready
ifneq ($(JOBS),1)
	$(RUN) dvc repro check
	$(RUN) dvc stage list --name-only | sed -n 's/^evaluate@//p' | xargs -P $(JOBS) -I NAME dvc --wait-for-lock repro --single-item --glob '*@NAME'
endif
	$(RUN) dvc repro

# after an edit of code: stages whose code changed in comments alone keep their outputs, the others run
lock: $(VENV)/.ready
	$(RUN) python -m pix2pix.repository.update_lock

# before a commit: what takes no MLflow store, DVC pipeline, training or browser, in a minute
check: $(VENV)/.ready-test
	$(RUN) ruff check . && ruff format --check . && mypy && pytest -n 2 --dist loadfile -m "not pipeline and not browser" \
		$(addprefix tests/,compare config data evaluate inference metrics models pages report repository system)

# the modules that tests compile are kept, whatever the shell says: the processes that they start would compile them again
check test: export PYTHONDONTWRITEBYTECODE :=

# mypy works on one core for a minute: beside the tests, which wait for each other at their begin. A shell keeps Ctrl-C from what is beside.
test: $(VENV)/.ready-test
	$(RUN) ruff check . && ruff format --check . && { mypy & types=$$!; trap 'kill $$types 2>/dev/null; exit 130' INT; \
		pytest -n 2 --dist loadfile --no-loadscope-reorder; tests=$$?; \
		wait $$types || { echo "mypy failed: its errors are above" >&2; exit 1; }; exit $$tests; }

ui: $(VENV)/.ready
	@echo "open http://127.0.0.1:$${PORT:-5000}/#/experiments/1/runs?workflowType=machine_learning"
	@echo "which has the trainings on the first dataset; for the others choose Model training at the top left, once"
	@$(RUN) MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
		mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db} --host 127.0.0.1 --port $${PORT:-5000} --workers 1

# the page shows what the pipeline exported, which is made first where nothing is
demo: $(VENV)/.ready $(if $(wildcard data/export/*/*.onnx),,repro)
	$(RUN) pix2pix demo --port $${PORT:-8000}

bench: $(VENV)/.ready-test
	$(RUN) python -m benchmarks $(if $(PEER),--peer $(PEER))

# the pages of docs/ as a site, in an environment of its own
docs: $(VENV)-docs/.ready
	$(VENV)-docs/bin/mkdocs build --strict
	@echo "open site/index.html"

$(VENV)-docs/.ready: requirements-docs.txt
	test -x $(VENV)-docs/bin/python || $(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

$(VENV)/.ready: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 14) else "Python 3.11 to 3.14 is needed: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned versions into $(VENV), once: some GB to download, 5 to 10 minutes on a fast connection"
ifeq ($(TORCH),cpu)
	@$(PIP) --quiet --no-deps --retries 1 --timeout 15 --index-url $(CPU_INDEX) \
		$$(sed -nE 's/^(torch(vision)?==[0-9.]+) .*/\1+cpu/p' requirements.txt) 2>/dev/null \
		|| echo "PyTorch without CUDA cannot be had from $(CPU_INDEX): installing the usual build, with NVIDIA's libraries" >&2
endif
	@$(PIP) -r requirements.txt | $(DOWNLOADS)
	@$(PIP) --quiet --no-deps --editable .
	@echo "installed: $$(du -sh $(VENV) | cut -f 1) in $(VENV)"
	touch $@

# what tests and checks need besides
$(VENV)/.ready-test: $(VENV)/.ready requirements-test.txt
	@echo "installing what tests and checks need"
	@$(PIP) -r requirements.txt -r requirements-test.txt | $(DOWNLOADS)
	touch $@
