#!/bin/sh
# Builds the harness, runs it on this machine's CPU and replaces the vectors in data/.
# usage: vectors/regenerate.sh [GROUP...]      needs Linux on x86, gcc with -m32 (gcc-multilib), gzip
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -m32 -static -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra harness/*.c -o "$work/harness"
mkdir -p data "$work/out"
"$work/harness" "$work/out" "$@"
for file in "$work"/out/*.bin; do
  gzip -9nc "$file" >"data/$(basename "$file").gz"
done
