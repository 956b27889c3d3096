# riskmap: `make demo`, `make test`, `make bench`. Needs Python >= 3.11, make
# and package registries; everything else is installed here.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out/demo
INPUTS := pyproject.toml constraints.txt hatch_build.py web/package.json web/package-lock.json

.PHONY: demo test bench lint clean bundle system-packages

demo: $(VENV)/.installed
	$(BIN)/riskmap demo $(OUT)

test: $(VENV)/.installed-test system-packages
	$(MAKE) lint
	$(BIN)/python -m pytest -m "not large" -n 2 --dist loadfile

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks

# Zips that install riskmap without a network: make bundle TARGETS="linux_aarch64"
bundle: $(VENV)/.installed
	$(BIN)/python bundle/make_bundle.py $(TARGETS)

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
	  || { echo "Python >= 3.11 is needed; say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python $(INPUTS)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@

# Newer pyvalhalla has no wheel for every Python, and is long to build.
$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt \
	  --only-binary pyvalhalla -e ".[bench]"
	touch $@

# Chromium and poppler-utils let the tests open pages and look into sheets;
# PostgreSQL with PostGIS is the server of the store's tests. Where there is
# no root or no apt, those tests skip and say so.
PACKAGES := chromium poppler-utils postgresql postgresql-postgis

system-packages:
	@if command -v chromium >/dev/null && command -v pdftoppm >/dev/null \
	  && ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -q -y --no-install-recommends $(PACKAGES) >/dev/null \
	  || echo "of $(PACKAGES) not all could be installed; their tests skip"; \
	else echo "of $(PACKAGES) not all are here, and no root or apt; their tests skip"; fi

clean:
	rm -rf $(VENV) out build dist riskmap/publish/assets
