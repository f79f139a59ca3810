#!/bin/sh
# Installs the programs that tests use and Python packages do not bring: root only, Debian only, only what is missing.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
missing=""
command -v chromium > /dev/null || missing="$missing chromium"
command -v nginx > /dev/null || missing="$missing nginx-light"
command -v postgres > /dev/null || ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 ||
  missing="$missing postgresql"
command -v strace > /dev/null || missing="$missing strace"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  echo "khlang: installing for the tests:$missing"
  apt-get update -qq
  # RUNLEVEL=1: the tests start their own; nothing is started on the usual ports.
  # shellcheck disable=SC2086
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing > /dev/null
else
  echo "khlang: the tests need programs that are not here; install them first: sudo apt install$missing" >&2
  exit 1
fi
