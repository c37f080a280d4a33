#!/bin/sh
# Makes the pictures of the documentation anew, from the real program in a terminal of its own.
#
#   docs/pictures.sh              all of docs/pictures/*.svg
#   docs/pictures.sh table log    these
#   docs/pictures.sh record       first the recording that most of them replay: three minutes
#
# What is on them, and with which keys: tests/terminal/pictures.rs
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = record ]; then
    shift
    cargo test --test terminal pictures::the_demo_is_recorded_anew -- --ignored
fi
WRITE_PICTURES="$*" exec cargo test --test terminal pictures::the_pictures_show
