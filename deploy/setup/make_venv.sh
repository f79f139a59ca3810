#!/bin/sh
# Makes .venv. Debian keeps a part of Python's own venv in a package of its own, which root may install.
set -eu
python="${PYTHON:-python3}"

fail() {
  echo "khlang: $1" >&2
  exit 1
}

command -v "$python" > /dev/null || fail "Python 3.11 or newer is needed (Debian: apt install python3)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Python 3.11 or newer is needed, $("$python" --version) is too old; choose one: make PYTHON=python3.12 …"
if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv > /dev/null
  else
    fail "Python's venv is missing; install it first: sudo apt install python3-venv"
  fi
fi
"$python" -m venv .venv
