#!/bin/sh
# SPDX-License-Identifier: MIT
# Fail when an error code that src/ uses has no page in `partnerapp explain`, or a page
# lacks one of its three parts.
set -eu
cd "${1:-src}"

pages=cli/explain_pages.c
status=0
for code in $(grep -rhoE --include='*.[ch]' '"PA[0-9]{4}"' . | tr -d '"' | sort -u); do
    grep -q "{\"$code\", \"" "$pages" || {
        echo "check-codes: $code has no page in src/$pages"
        status=1
    }
done

double=$(grep -oE '\{"PA[0-9]{4}"' "$pages" | sort | uniq -d)
if [ -n "$double" ]; then
    echo "check-codes: more than one page: $double"
    status=1
fi
if grep -nE '""(,|\})' "$pages"; then
    echo "check-codes: an empty part"
    status=1
fi
exit $status
