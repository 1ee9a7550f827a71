/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_finding - what looking at code brings to light: its generation and handlers, and
 * what is wrong with it, each with its place.
 */

#include "base/arena.h"

struct err;
struct fn_code;

struct fn_finding {
    const char *code; /* "PA2001" … */
    const char *message;
    int line, column, width; /* in characters from 1; column 0: the whole line, line 0:
                                the whole file */
    const char *help;        /* what to do instead; NULL: nothing to say */
    bool is_note;            /* worth knowing, but the code is good */
};

enum { FN_FINDINGS = 50, FN_FINDING_HANDLERS = 32 };

struct fn_findings {
    struct arena arena;
    const char *generation; /* "custom", "subscription", "functions", "source",
                               "transform"; NULL: not known */
    const char *handlers[FN_FINDING_HANDLERS];
    size_t n_handlers;
    struct fn_finding list[FN_FINDINGS]; /* more are not shown */
    size_t n;
};

/* Looks at a @code that has been read. -1: there is no sandbox to look in. End with
 * fn_findings_done, also after -1. */
must_check
int fn_findings_read(struct fn_findings *found, struct fn_code *code, struct err *err);
void fn_findings_done(struct fn_findings *found);
/* It loads, handles something, and needs nothing that is not there. */
bool fn_findings_are_good(const struct fn_findings *found);
void fn_finding_describe(const struct fn_finding *finding, const struct fn_code *code,
                         struct err *err);
