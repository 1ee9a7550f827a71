#!/bin/sh
# Fail when a file includes a header from its own row's neighbour or from a row above, or
# when a foreign library is included by more than one file, or when a wait is by the wall clock.
# The order below is the architecture; docs/explain/layers.md explains it.
set -eu
cd "${1:-src}"

rank() {
    case $1 in
    base) echo 0 ;;
    json) echo 10 ;;
    segment) echo 15 ;;
    core) echo 20 ;;
    sys) echo 30 ;;
    net | store | js) echo 40 ;;
    trial) echo 45 ;;
    service | lambda | emulator) echo 50 ;;
    cli) echo 60 ;;
    *)
        echo "check-layers: no row for '$1'" >&2
        exit 2
        ;;
    esac
}

upward_includes() {
    grep -rnoE '#include "[a-z0-9_]+/' --include='*.[ch]' . | sed 's|^\./||; s|#include "||' |
        while IFS=: read -r file line to; do
            from=${file%%/*} to=${to%/}
            [ "$from" = "$to" ] || [ "$(rank "$from")" -gt "$(rank "$to")" ] ||
                echo "$file:$line: $from must not include $to"
        done
}

# The files that include a header whose path matches $1. net/url.c is libcurl's second
# purpose: its URL parser alone, so that everybody reads a URL as the client will.
# net/moments.c reads its clock for the client. store/password.c is libsodium's: passwords
# are no values that are sealed.
includers() {
    grep -rlE "#include <$1>" --include='*.[ch]' . | sed 's|^\./||' | sort |
        grep -vxF -e net/url.c -e net/moments.c -e store/password.c || true
}

shared_libraries() {
    for library in 'microhttpd\.h' 'curl/[a-z]+\.h' 'JavaScriptCore/[A-Za-z]+\.h' \
        'jansson\.h' 'libfyaml\.h' 'uv\.h' 'sodium\.h' 'zlib\.h' 'zip\.h' 'seccomp\.h' 'systemd/[a-z-]+\.h' \
        'linux/landlock\.h'; do
        [ "$(includers "$library" | wc -l)" -le 1 ] ||
            echo "<$library> belongs to one file, but is included by:" \
                "$(includers "$library" | tr '\n' ' ')"
    done
    # SQLite and libcrypto: one file per purpose.
    for file in $(includers 'sqlite3\.h'); do
        case $file in
        store/sql.c) ;;      # connections and statements
        store/sql_file.c) ;; # their files
        *) echo "$file: SQLite is for store/sql.c and store/sql_file.c; a new purpose is listed here" ;;
        esac
    done
    for file in $(includers 'openssl/[a-z0-9]+\.h'); do
        case $file in
        base/digest.c) ;; # hashes and MACs of the service
        js/hashing.c) ;; # those of functions, in the runner
        js/signing.c) ;; # signatures of functions, in the runner
        *) echo "$file: openssl is for base/digest.c, js/hashing.c and js/signing.c; a new purpose is listed here" ;;
        esac
    done
}

# A wait by the wall clock is another one when the clock jumps: pthread's are by the monotonic
# one, and the wall clock is sys/clock's to read.
wall_clocks() {
    grep -rn CLOCK_REALTIME --include='*.[ch]' . | sed 's|^\./||' | grep -v '^sys/clock\.c:' |
        sed 's/:[^:]*$/: the wall clock is read by sys\/clock/' || true
    grep -rl pthread_cond_timedwait --include='*.c' . |
        xargs grep -L 'setclock(.*CLOCK_MONOTONIC)' | sed 's|^\./||; s/$/: waits by the wall clock/' || true
}

problems=$(
    upward_includes
    shared_libraries
    wall_clocks
)
[ -z "$problems" ] || {
    echo "$problems"
    exit 1
}
