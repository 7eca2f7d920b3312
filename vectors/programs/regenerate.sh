#!/bin/sh
# Builds the harness, runs it on this machine's CPU and replaces the programs in data/.
# usage: vectors/programs/regenerate.sh      needs Linux on x86-64, gcc, gzip
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Position-independent, so that the harness leaves the programs' addresses free. No canaries: they lie where FS points to.
gcc -static-pie -O2 -std=gnu11 -D_GNU_SOURCE -fno-stack-protector -Wall -Wextra -Wno-parentheses harness/*.c ../harness/random.c \
  ../harness/vector.c -o "$work/harness"
"$work/harness" 4000 >"$work/programs.jsonl"
mkdir -p data
gzip -9nc "$work/programs.jsonl" >data/programs.jsonl.gz
