#!/bin/sh
# Every header compiles alone, so the order of includes never matters; and each begins
# with its licence line and #pragma once.
#   check-headers.sh SRC COMPILER [FLAG...]
set -eu
src=$1
shift
status=0
for header in $(cd "$src" && find . -name '*.h' | sed 's|^\./||' | sort); do
    "$@" -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror -Wno-pedantic \
        -I"$src" -include "$header" -x c /dev/null || {
        echo "$header: does not compile alone"
        status=1
    }
    head -n 1 "$src/$header" | grep -qx '/\* SPDX-License-Identifier: MIT \*/' || {
        echo "$header:1: the licence line is missing"
        status=1
    }
    grep -qx '#pragma once' "$src/$header" || {
        echo "$header: no #pragma once"
        status=1
    }
done
exit $status
