#!/bin/sh
# Files stay small enough to be read: 600 lines for a .c file, 250 for a header, 90
# characters for a line; and C code has neither goto nor an unnumbered TODO.
#   check-size.sh ROOT
set -eu
cd "$1"

problems=$(
    find src tests -name '*.c' -o -name '*.h' | sort | while read -r file; do
        case $file in *.h) limit=250 ;; *) limit=600 ;; esac
        lines=$(wc -l <"$file")
        [ "$lines" -le "$limit" ] || echo "$file: $lines lines, the limit is $limit"
        head -n 1 "$file" | grep -qx '/\* SPDX-License-Identifier: MIT \*/' ||
            echo "$file:1: the licence line is missing"
        grep -nE '^.{91,}' "$file" | sed "s|^\([0-9]*\):.*|$file:\1: longer than 90 characters|"
        grep -nE '(^|[^a-z_])goto [a-z]|\b(TODO|FIXME|XXX)\b' "$file" |
            grep -vE 'TODO\(#[0-9]+\)' | sed "s|^|$file:|" || true
    done
)
[ -z "$problems" ] || {
    echo "$problems"
    exit 1
}
