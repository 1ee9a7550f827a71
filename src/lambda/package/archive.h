/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * archive - a zip of files whose bytes depend on nothing but names and contents; the only
 * file with libzip (docs/adr/0010).
 *
 * Entries come in the order of @parts, 1980-01-01 00:00, from a Unix, 0755 or 0644,
 * deflated at one level, without extra fields: no clock, time zone, umask, owner or
 * folder of the machine is seen in it.
 */

#include <stdbool.h>

#include "base/buf.h"

struct err;

struct archive_part {
    const char *name;     /* in the zip, "lib/bin/bootstrap" */
    const char *path;     /* of the file; NULL: @content */
    struct bytes content; /* lives until archive_make returns */
    bool is_program;      /* 0755 */
    int64_t size_bytes;   /* for who adds them up; not looked at here */
};

/* Adds the zip to @ret; BUF_FULL when it has no room for it. -1: a file cannot be read.
 * @n_parts is at least 1. */
must_check
int archive_make(const struct archive_part *parts, size_t n_parts, struct buf *ret,
                 struct err *err);
