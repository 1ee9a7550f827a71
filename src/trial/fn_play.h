/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_play - one event through a loaded function, once, and all that came of it.
 *
 * Blocks: it runs the code's loop until the run has ended (time limits are the pool's).
 */

#include "base/arena.h"
#include "core/outcome.h"
#include "trial/fn_fetch.h"

struct egress;
struct err;
struct fn_code;
struct fn_event;
struct fn_fault;
struct pool_invocation;
struct write;

struct fn_play_wish {
    bool is_live;                    /* requests are sent for real */
    const struct egress *egress;     /* within this; NULL: as on the command line */
    const struct fn_mocks *mocks[2]; /* else: what they are answered; may be NULL */
};

struct fn_play {
    const struct fn_code *code;
    const struct fn_event *event;
    struct arena arena; /* of the texts below */
    struct fn_fetch fetch;
    struct pool_invocation *invocation;
    enum outcome outcome;
    enum outcome_run run;
    bool is_load;                           /* the code did not even load */
    const char *error_name, *error_message; /* NULL message: no error */
    const char *note;                       /* what was missing; NULL: nothing to say */
    int line, column;                       /* as the engine says */
    const char *handler;
    struct bytes value;
    bool has_statuses; /* the value is a batch's list of statuses */
    const char **logs; /* NULL-terminated */
    unsigned n_logs_dropped;
    int64_t duration_us;
};

/* -1: it could not be run at all. End with fn_play_done, also after -1. */
must_check
int fn_play(struct fn_play *play, const struct fn_code *code,
            const struct fn_event *event, const struct fn_play_wish *wish,
            struct err *err);
void fn_play_done(struct fn_play *play);

/* EventNotSupported, thrown or for want of a handler. */
bool fn_play_is_unsupported(const struct fn_play *play);
/* Writes the members of interface §8's object, from "outcome" to "duration_ms". */
void fn_play_write(const struct fn_play *play, struct write *write);
/* The error; there must be one. @again as in fn_fault.h. */
struct fn_fault fn_play_fault(const struct fn_play *play, const char *again);

const char *fn_play_outcome_text(enum outcome outcome); /* "delivered" … */
