#!/usr/bin/env bash
# sqlreach beside nmap and a bare loop, in one run on this machine: builds, then measures in a
# network namespace of its own, where nothing leaves loopback. Words name the lines of the
# table that are wanted: `benches/compare.sh refused growth`.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --quiet -p sqlreach -p sqlreach-compare
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
command -v nmap >/dev/null || { echo 'nmap is missing: apt-get install nmap' >&2; exit 2; }
export SQLREACH=$target/release/sqlreach compare=$target/release/sqlreach-compare
# What this user's sqlreach remembers is no part of it.
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
XDG_STATE_HOME=$state unshare --map-root-user --net bash -c 'ip link set lo up; ulimit -n "$(ulimit -Hn)"; exec "$compare" "$@"' - "$@"
