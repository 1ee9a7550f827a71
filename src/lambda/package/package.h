/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * package - a zip for Lambda's provided.al2023 with all that it needs (dossier §5.6).
 *
 *   bootstrap                     static; starts lib/bin/bootstrap through our own loader
 *   lib/ld-linux-x86-64.so.2, lib/lib*.so.*      from this machine
 *   lib/bin/bootstrap             partnerapp, or a C handler
 *   lib/partnerapp-runner         the static starter again, under the runner's name
 *   lib/bin/partnerapp-runner
 *   lib/ca-certificates.crt
 *   function/index.js, function/function.json
 *
 * The image's C library is older than ours, so ours comes along with its loader, and
 * nothing is looked for outside the folder. A handler that is a static program is the
 * bootstrap itself, alone. The same inputs give the same bytes: entries
 * are sorted, times are 1980-01-01, modes are 0755 and 0644, owners are not recorded.
 */

#include <stdint.h>

#include "base/bytes.h"
#include "lambda/runtime/manifest.h"

struct err;

enum { PACKAGE_ZIPPED_BYTES = 50 << 20, PACKAGE_WHOLE_BYTES = 250 << 20 };

struct package_function {
    struct bytes source;      /* becomes function/index.js */
    struct manifest manifest; /* and function/function.json */
};

struct package_wish {
    const char *path;                        /* of the zip; replaced as a whole */
    const struct package_function *function; /* one of these two */
    const char *handler; /* path of a program that speaks the Runtime API */
    const char *ca_file; /* NULL: SSL_CERT_FILE, or this machine's */
};

struct package_made {
    int64_t zipped_bytes, whole_bytes;
    unsigned n_files;
};

/* -1: a part is missing (which), the result would be larger than Lambda takes, or the
 * disk. Nothing is left behind then. */
must_check
int package_make(const struct package_wish *wish, struct package_made *ret_made,
                 struct err *err);
