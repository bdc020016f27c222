#!/usr/bin/env bash
# Bring the programs that Kibitz needs: `packages.sh code` the sandbox and the toolchains of the five languages, `packages.sh desktop`
# Tk and a way to take pictures off the clipboard, `packages.sh tests` a browser's and a window's stage for the tests as well.
#
# On Debian and Ubuntu it installs what is missing, and says so; where it may not, or elsewhere, it says what to install and goes on:
# what can do without them starts all the same, and says what it cannot do.
set -euo pipefail

missing=()
need() { # need PROGRAM PACKAGE
    [ -x "/usr/bin/$1" ] || missing+=("$2")
}
code() {
    need bwrap bubblewrap
    need python3 python3
    need gcc gcc
    need g++ g++
    need node nodejs
    need javac default-jdk-headless
}
desktop() {
    # Tk is a part of Python that Debian keeps in a package of its own. A Python from elsewhere brings its own or has none.
    .venv/bin/python -c 'import tkinter' 2>/dev/null || [ "$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')" != /usr ] \
        || missing+=(python3-tk)
    need xclip xclip
}
tests() {
    code
    desktop
    need Xvfb xvfb
    need xdotool xdotool
}

for which in "${@:-code}"; do "$which"; done
[ ${#missing[@]} -gt 0 ] || exit 0

explain() {
    printf 'setup: %s\n' "$1" "    sudo apt-get install -y ${missing[*]}" >&2
    exit 0
}

command -v apt-get >/dev/null || explain "install what these Debian packages hold:"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    sudo -n true 2>/dev/null || explain "something is missing here; to mend that:"
fi
echo "setup: installing ${missing[*]}; this may take a few minutes, and only once"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c \
    'apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" || { apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"; }' \
    _ "${missing[@]}" >/dev/null || explain "could not install what is missing. Try this:"
