# Everything from a bare machine with Python 3.11 or 3.12, make and git. The environment is made once, and again when a pinned version changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# what is typed after `source .venv/bin/activate`: dvc runs `python` from the PATH
RUN := . $(BIN)/activate &&

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
check: $(VENV)/.ready
	$(RUN) ruff check . && ruff format --check . && mypy && pytest -n 2 --dist loadfile -m "not pipeline and not browser" \
		$(addprefix tests/,compare config data evaluate inference metrics models pages report repository system)

test: $(VENV)/.ready
	$(RUN) ruff check . && ruff format --check . && mypy && pytest -n 2 --dist loadfile --no-loadscope-reorder

ui: $(VENV)/.ready
	$(RUN) MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
		mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db} --host 127.0.0.1 --port $${PORT:-5000} --workers 1

# the page shows what the pipeline exported, which is made first where nothing is
demo: $(VENV)/.ready $(if $(wildcard data/export/*/*.onnx),,repro)
	$(RUN) pix2pix demo --port $${PORT:-8000}

bench: $(VENV)/.ready
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
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 12) else "Python 3.11 or 3.12 is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
