/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_wanted - what `segment … create` and `update` shall set, from the flags.
 *
 * core/segment_api writes a whole destination; an update here names only what was given,
 * so that changing a setting does not switch the destination off.
 */

#include "core/segment_api.h"

struct call;
struct err;

struct segment_wanted {
    struct buf settings;                    /* JSON object */
    struct segment_destination destination; /* borrows from settings and the call */
    bool has_enabled, has_mode, has_settings;
};

/* -1 for --set without '=', a file that is not there, --enabled with --disabled. End with
 * segment_wanted_done in any case. */
must_check
int segment_wanted_read(struct segment_wanted *wanted, const struct call *call,
                        enum segment_verb verb, struct err *err);
void segment_wanted_done(struct segment_wanted *wanted);
/* Whether any of these flags was given. */
bool segment_wanted_is_something(const struct segment_wanted *wanted);
/* Takes out of the body of an update what was not given. */
must_check
int segment_wanted_narrow(const struct segment_wanted *wanted,
                          enum segment_backend backend, struct buf *body,
                          struct err *err);
/* The body that creates a source: @name and --catalog, which is needed. */
must_check
int segment_wanted_source(const struct call *call, enum segment_backend backend,
                          struct bytes name, struct buf *body, struct err *err);
