#!/bin/sh
# Every module of the pure rows has a unit test of its name, and every unit test a module.
#   check-tests.sh ROOT
set -eu
cd "$1"

# Modules without a test of their own, and why.
is_excused() {
    case $1 in
    base/mem) ;; # its only outcome is memory or the end of the process
    *) return 1 ;;
    esac
}

problems=$(
    for source in src/base/*.c src/json/*.c src/segment/*.c src/core/*.c; do
        [ -f "$source" ] || continue
        module=${source#src/}
        module=${module%.c}
        is_excused "$module" || [ -f "tests/unit/${module%/*}/test_${module#*/}.c" ] ||
            echo "src/$module.c: no tests/unit/${module%/*}/test_${module#*/}.c"
    done
    # Tests of what several modules promise together, by the name of the promise.
    is_promise() {
        case $1 in
        js/generations | net/client_wish | store/kill | store/latch | store/upkeep) ;;
        *) return 1 ;;
        esac
    }
    for test in tests/unit/*/test_*.c; do
        [ -f "$test" ] || continue
        module=${test#tests/unit/}
        module=${module%.c}
        module=${module%/*}/${module#*/test_}
        [ -f "src/$module.c" ] || [ -f "src/$module.h" ] || is_promise "$module" ||
            ls src/"${module%/*}"/*/"${module#*/}".c >/dev/null 2>&1 ||
            echo "$test: tests no module of src"
        grep -rqE "['(]${module#*/}'" "tests/unit/${module%/*}/meson.build" ||
            echo "$test: is not run by tests/unit/${module%/*}/meson.build"
    done
)
[ -z "$problems" ] || {
    echo "$problems"
    exit 1
}
