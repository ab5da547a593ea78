#!/bin/bash
# Compiles programs that run in the kernel, *.bpf.c, where the result is missing or older than its source: agr's
# own, or those that are named. Needs clang and libbpf-dev.
set -euo pipefail
if [ $# = 0 ]; then
  cd "$(dirname "$0")"
  set -- daemon/*/*.bpf.c
fi

for source; do
  object=${source%.c}.o
  [ "$object" -nt "$source" ] && continue
  # asm/types.h is where Debian keeps headers of one architecture
  clang -O2 -g -Wall -Werror -target bpf -mcpu=v3 -idirafter "/usr/include/$(uname -m)-linux-gnu" \
    -c "$source" -o "$object.new"
  mv "$object.new" "$object"
  echo "install: compiled ${object##*/}"
done
