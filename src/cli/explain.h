/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * explain - a page for every error code: what happened, why, what to do (ux §2.6).
 *
 * The one source of these texts. tests/tree/check-codes.sh holds src/ to it: a code that
 * is used anywhere has a page here.
 */

#include <stddef.h>

struct explain_page {
    const char *code;  /* "PA1003" */
    const char *what;  /* one line, lower case, no full stop */
    const char *cause; /* sentences */
    const char *fix;   /* sentences and commands; lines of at most 78 columns */
};

const struct explain_page *explain_pages(size_t *ret_n_pages);
