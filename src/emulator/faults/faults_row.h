/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * faults_row - one fault as people write it, checked.
 *
 *   {"where":"config","method":"POST","path":"/destinations","what":"status",
 *    "status":503,"code":14,"body":…,"delay_ms":[2000,6000],"percent":100,
 *    "for":"20s" | "until":"…Z","times":3}
 *
 * where: auth, token, refresh, config, public, tracking (calls that are made to us), sink
 * (deliveries that we make: what the receiver seems to answer).
 * what: status, delay, hang, close, cut ("after_bytes"), content_type, bad_json,
 * content_length, redirect_loop: of answers; a sink knows the first four.
 * duplicate, reorder, batch, large, letter_case: of deliveries.
 * token_expired, token_revoked, token_scope, rate_limit: config, public (and the limit of
 * refresh); code_used: token; state_changed: auth.
 *
 * `path` is a part of the path; of a sink, of the destination's name. A fault without a
 * time and without a count gets FAULT_ROW_FORGOTTEN_MS, so that a forgotten one ends.
 */

#include "emulator/faults/faults.h"

enum { FAULT_ROW_FORGOTTEN_MS = 10 * 60 * 1000, FAULT_ROW_DELAY_MAX_MS = 60 * 1000 };

struct fault_row { /* slices lie in the JSON it was read from */
    const char *where;
    enum fault_what what;
    struct bytes method, path;
    const struct json *body; /* NULL: the area's own */
    int status;
    int code; /* -1: the one that goes with the status */
    int64_t delay_min_ms, delay_max_ms;
    int64_t after_bytes; /* -1: the half */
    int percent;
    int64_t until_ms; /* 0: no time limit */
    int64_t times;    /* 0: no count */
};

/* @forgotten_ms: how long one lasts that names no end. -1 with a sentence in @err. */
must_check
int fault_row_read(const struct json *json, int64_t now_ms, int64_t forgotten_ms,
                   struct fault_row *ret_row, struct err *err);
/* "status"; and back: FAULT_NONE when it is none. */
const char *fault_what_text(enum fault_what what);
enum fault_what fault_what_of(struct bytes text);
/* All roles that have faults, up to NULL. */
extern const char *const fault_wheres[];
/* May this happen there? */
must_check
bool fault_fits(const char *where, enum fault_what what);
