#!/bin/sh
# SPDX-License-Identifier: MIT
# Fail when a variable with cleanup(...) has no initial value: a return before it gets one
# would clean up what the stack held by chance. One variable a declaration, with its "=".
#   check-cleanup.sh ROOT
set -eu
cd "$1"

problems=$(
    # shellcheck disable=SC2016 # the dollars are awk's
    find src tests -name '*.c' -o -name '*.h' | sort | xargs awk '
        FNR == 1 { statement = "" }
        statement == "" && /^[ \t]+(const )?cleanup\(/ {
            statement = $0
            line = FNR
        }
        statement == "" { next }
        line != FNR { statement = statement " " $0 }
        statement ~ /;/ {
            sub(/;.*/, "", statement)
            # Without what stands in brackets, a comma separates two variables.
            while (gsub(/\([^(){}]*\)|\{[^(){}]*\}/, "", statement))
                ;
            if (statement !~ /=/ || statement ~ /,/)
                print FILENAME ":" line ": cleanup() on a variable without a value"
            statement = ""
        }'
)
[ -z "$problems" ] || {
    echo "$problems"
    exit 1
}
