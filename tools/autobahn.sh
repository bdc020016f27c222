#!/bin/sh
# Plays the Autobahn test suite's cases against the WebSocket transport and prints what came of them.
# Usage, after `make setup`: tools/autobahn.sh [report.json]
#
# The suite is fetched from PyPI into a folder that is removed afterwards. `make test` does not need it: tests/compliance has the
# RFC's cases in our own words.
set -eu

VERSION=25.10.1

report=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
suite=$(mktemp -d)
trap 'rm -rf "$suite"' EXIT

.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-compile --target "$suite" "autobahntestsuite==$VERSION"
.venv/bin/python -m tests.compliance.autobahn "$suite/autobahntestsuite/case" ${report:+"$report"}
