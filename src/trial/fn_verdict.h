/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_verdict - one case of `fn test`, run and judged: green, yellow or red as in the
 * Developer Center (dossier §3.10).
 */

#include "trial/fn_event.h"
#include "trial/fn_expect.h"
#include "trial/fn_play.h"

struct err;
struct fn_case;
struct fn_code;
struct fn_mocks;
struct write;

enum fn_color {
    FN_RED = 0, /* anything that is not known to be good */
    FN_YELLOW,  /* not supported: passes, counted apart */
    FN_GREEN,
};

struct fn_verdict {
    const struct fn_case *of;
    struct fn_event event;
    struct fn_mocks *answers; /* owned */
    struct fn_play play;
    struct fn_expect expect; /* of tests with an "expect": where it was not met */
    enum fn_color color;
    int status; /* what Segment would have been answered: 200, 501, 400, 503, 504 */
};

/* How all cases are run. */
struct fn_verdict_wish {
    const struct fn_settings *settings;
    const struct fn_mocks *mocks; /* after a test's own answers */
    bool is_live;
    const struct egress *egress; /* as in fn_play.h */
    bool is_strict;              /* not supported is a failure */
};

/* Runs @of. -1: it could not be run at all. End with fn_verdict_done, also after -1. */
must_check
int fn_verdict_reach(struct fn_verdict *verdict, const struct fn_case *of,
                     const struct fn_code *code, const struct fn_verdict_wish *wish,
                     struct err *err);
void fn_verdict_done(struct fn_verdict *verdict);
/* The object of one case in `fn test --json`. */
void fn_verdict_write(const struct fn_verdict *verdict, struct write *write);
const char *fn_color_text(enum fn_color color); /* "red" … */
