/* SPDX-License-Identifier: MIT */
#pragma once

/* attempts - one system call that native code inside the sandbox tries, and the table of
 * those that have a name; attempts.c tries many more that it makes up. */

#include <stddef.h>

enum want { WANT_NO = 0, WANT_YES };

struct attempt {
    const char *text;
    long number;
    long arguments[6];
    enum want want; /* YES: it must work, which shows that the test could see one */
};

#define P(pointer) (long)(intptr_t)(pointer)

extern const struct attempt named_attempts[];
extern const size_t n_named_attempts;
