/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libraries - the shared libraries that a program needs, as its own loader resolves them
 * on this machine: what ldd shows.
 *
 * The program itself is not run. LD_LIBRARY_PATH is obeyed, LD_PRELOAD and the like are
 * not; nor are variants for newer processors, which Lambda's may not be.
 */

#include "base/arena.h"

struct err;

enum { LIBRARIES_MAX = 512 };

struct library {
    const char *name; /* as it is asked for: "libz.so.1" */
    const char *path; /* here */
};

/* Adds those of @program that are not in @list yet; texts lie in @arena. The loader is
 * not among them. -1: one is missing, or two programs mean different files by a name. */
must_check
int libraries_find(const char *program, const char *loader, struct arena *arena,
                   struct library list[LIBRARIES_MAX], size_t *n_list, struct err *err);

enum library_line {
    LIBRARY_LINE_OTHER = 0, /* the kernel's own, "statically linked", chatter */
    LIBRARY_LINE_FOUND,
    LIBRARY_LINE_MISSING,
    LIBRARY_LINE_FIXED, /* asked for with its path: would be looked for there, not here */
};

/* One line of the loader's list, without its end. Both results are parts of @line. */
enum library_line library_line_read(struct bytes line, struct bytes *ret_name,
                                    struct bytes *ret_path);
