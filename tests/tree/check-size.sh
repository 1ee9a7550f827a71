#!/bin/sh
# Files stay small enough to be read: 600 lines for a .c file, 250 for a header, 90
# characters for a line; and C code has neither goto nor an unnumbered TODO.
#   check-size.sh ROOT
set -eu
cd "$1"

list_files() {
    find src tests -name node_modules -prune -o \( -name '*.c' -o -name '*.h' \) -print | sort
}

problems=$(
    # shellcheck disable=SC2016 # the dollars are awk's
    list_files | xargs awk '
        function judge() {
            limit = file ~ /\.h$/ ? 250 : 600
            if (lines > limit)
                print file ": " lines " lines, the limit is " limit
        }
        FNR == 1 {
            judge()
            file = FILENAME
            if ($0 != "/* SPDX-License-Identifier: MIT */")
                print file ":1: the licence line is missing"
        }
        { lines = FNR }
        END { judge() }'
    list_files | LC_ALL=C.UTF-8 xargs grep -nHE '^.{91,}' |
        sed 's|^\([^:]*:[0-9]*\):.*|\1: longer than 90 characters|'
    list_files | xargs grep -nHE '(^|[^a-z_])goto [a-z]|\b(TODO|FIXME|XXX)\b' |
        grep -vE 'TODO\(#[0-9]+\)' || true
)
[ -z "$problems" ] || {
    echo "$problems"
    exit 1
}
