#!/usr/bin/env bash
# Make .venv from the lock file, or do nothing when it is up to date.
#
# Needs Python 3.11 or newer with venv; on Debian and Ubuntu it installs the missing venv package itself.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp_file=.venv/kibitz-setup
# The path counts: a virtual environment that was moved or copied has stale paths inside.
stamp="$PWD $(cat requirements/dev.txt pyproject.toml tools/setup.sh | cksum)"

up_to_date() {
    [ -f "$stamp_file" ] && [ "$(cat "$stamp_file")" = "$stamp" ] && [ -x .venv/bin/python ]
}

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

find_python() { # find_python MODULE: the first Python that is new enough and has the module
    local name
    for name in python3.13 python3.12 python3.11 python3 python3.14; do
        if "$name" -c "import sys, $1; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

install_venv() { # install_venv PYTHON: the Debian package that gives this Python its ensurepip
    local package as_root=()
    package="$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    command -v apt-get >/dev/null || fail "$1 has no venv and ensurepip modules. Install them, then try again."
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null || fail "$1 lacks ensurepip. Run this, then try again:" "    sudo apt-get install -y $package"
    fi
    echo "setup: installing the Debian package $package, which gives $1 its ensurepip"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c \
        'apt-get install -y -qq "$1" || { apt-get update -qq && apt-get install -y -qq "$1"; }' _ "$package" >/dev/null \
        || fail "could not install $package. Run this, then try again:" "    sudo apt-get install -y $package"
}

make_venv() {
    local python
    if ! python=$(find_python "venv, ensurepip"); then
        python=$(find_python sys) || fail "Kibitz needs Python 3.11 or newer, and none was found on PATH." \
            "On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv"
        install_venv "$python"
    fi
    "$python" -m venv --clear .venv
}

up_to_date && exit 0

# Two terminals may type `make run` and `make test` at once; the second waits here.
if command -v flock >/dev/null; then
    exec 9<requirements/dev.txt
    flock 9
    up_to_date && exit 0
fi

echo "setup: preparing .venv; this takes about half a minute, and only when dependencies change"
case "$(cat "$stamp_file" 2>/dev/null)" in
    "$PWD "*) .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv ;;
    *) make_venv ;;
esac
pip=(.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-input)
# Wheels only: nobody needs a compiler, and no package runs code of its own while it is installed.
# The lock is whole, so nothing is left to resolve: pip's resolver would look beyond a pin for the same package with an extra,
# and fail for want of a hash as soon as a newer version is out.
"${pip[@]}" --no-deps --require-hashes --only-binary :all: -r requirements/dev.txt
"${pip[@]}" --no-deps --no-build-isolation --editable .
printf '%s' "$stamp" >"$stamp_file"
