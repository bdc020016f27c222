#!/usr/bin/env bash
# Bring the programs that Kibitz runs code with: the sandbox, and the toolchains of the five languages.
#
# On Debian and Ubuntu it installs what is missing, and says so; where it may not, or elsewhere, it says what to install and goes on:
# the server starts without them, and answers what it cannot run.
set -euo pipefail

missing=()
need() { # need PROGRAM PACKAGE
    [ -x "/usr/bin/$1" ] || missing+=("$2")
}
need bwrap bubblewrap
need python3 python3
need gcc gcc
need g++ g++
need node nodejs
need javac default-jdk-headless
[ ${#missing[@]} -gt 0 ] || exit 0

explain() {
    printf 'setup: %s\n' "$1" "    sudo apt-get install -y ${missing[*]}" >&2
    exit 0
}

command -v apt-get >/dev/null || explain "to run code, install what these Debian packages hold:"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    sudo -n true 2>/dev/null || explain "some code cannot be run yet; to mend that:"
fi
echo "setup: installing ${missing[*]}, with which Kibitz runs code; this takes a few minutes, and only once"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c \
    'apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" || { apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"; }' \
    _ "${missing[@]}" >/dev/null || explain "could not install what code is run with. Try this:"
