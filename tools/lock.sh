#!/usr/bin/env bash
# Make the lock files in requirements/ anew from pyproject.toml.
#
# Pins that still fit are kept; `make lock ARGS=--upgrade` renews them all. Nothing but versions and
# hashes is written, so the files work with any package index.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.venv/bin/python -m venv "$scratch"
"$scratch/bin/python" -m pip install --quiet --disable-pip-version-check uv

compile() {
    "$scratch/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate "$@"
}

compile pyproject.toml --group setup --output-file requirements/runtime.txt "${@}"
compile pyproject.toml --extra desktop --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt "${@}"
compile --group fuzz --output-file requirements/fuzz.txt "${@}"
