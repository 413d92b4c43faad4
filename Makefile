# Thin: each target calls one command. Windows: the plain commands are in the README.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: book test serve clean

book: .venv/ready
	$(BIN)/nqp book

test: .venv/ready
	$(BIN)/python -m pytest

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

clean:
	rm -rf _build results book/provinces/*.ipynb

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nqpkit needs Python 3.11 or later; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch .venv/ready
