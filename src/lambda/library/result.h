/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * result - one invocation of a C handler as a value: what it was given, what it says, and
 * all memory that it handed out. The public half of it is in partnerapp.h.
 *
 * Pure: no kernel, no clock. Reused from one invocation to the next.
 */

#include "base/arena.h"
#include "lambda/library/partnerapp.h"
#include "lambda/runtime/runtime.h"

struct sender;

struct partnerapp_result {
    struct arena arena;
    struct partnerapp_payload payload;
    struct bytes answer; /* body of the last one, NUL behind it */
    int answer_status;
    bool has_json_answer, is_answer_judged; /* scanned once, when first asked for */
    const char *json;                       /* partnerapp_return's; NULL: none */
    const char *message;                    /* partnerapp_fail's; NULL: none */
    struct sender *sender;                  /* what sends; borrowed, may be NULL */
};

/*
 * Unpacks @next; @settings (a JSON object's text; may be empty) are the environment's,
 * below what the payload and the client context bring. False when there is nothing that
 * a handler could be given: *ret_failure then says why. result_done either way.
 */
must_check
bool result_begin(struct partnerapp_result *result, const struct runtime_next *next,
                  struct bytes settings, struct runtime_failure *ret_failure);
void result_done(struct partnerapp_result *result);

/* What to answer when partnerapp_process has returned @outcome: true with *ret_json, or
 * false with *ret_failure. Slices live until result_done. */
must_check
bool result_end(struct partnerapp_result *result, int outcome, struct bytes *ret_json,
                struct runtime_failure *ret_failure);
