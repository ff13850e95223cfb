# make demo | make test | make docs: each makes the virtual environment, installs and runs. Needs Python 3.11+, make, a C compiler.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0
# make test COVER=1, as CI does, asks for coverage as well: Python's tracing makes the tests half as slow again.
COVERED := --cov --cov-report=term:skip-covered --cov-fail-under=90

.PHONY: install demo docs test test-slow lint format clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt $(TORCH)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,dino,docs]'
	touch $@

demo: install
	$(BIN)/halocline demo --out demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: install
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/sphinx-build -j 2 -W --keep-going -q -b html docs docs/_build/html

test: lint docs
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile $(if $(COVER),$(COVERED))

test-slow: install
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/pytest -m slow --timeout=3600

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) demo docs/_build
