/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempt - one event sent to one target, once, and what came of it.
 *
 * Shared by deliveries, the Event Tester and the Developer Center's tests, so what a page
 * shows is what deliveries do. It runs in the emulator's own thread; the lock is held in
 * the callback. Time limits are real time, whatever the world's clock does.
 *
 * A lambda with a role: STS AssumeRole, then Invoke with what it gave (dossier §5.2);
 * without: Invoke with the environment's AWS credentials, or with local/local. What is
 * not imitated is Segment's first hop, into a role of its own: the environment's
 * credentials ask STS.
 */

#include "emulator/delivery/target.h"
#include "segment/retry.h"

struct attempt;
struct buf;
struct emulator;
struct world;
struct write;

/* An HTTP request and its answer, as pages and reports show them. Authorization and
 * sensitive settings are redacted here already; bodies are cut at 64 KiB. */
struct attempt_call {
    struct bytes method, url;
    struct bytes headers; /* JSON object's text, name → value */
    struct bytes body;
    int status;                    /* 0: no answer */
    struct bytes response_headers; /* canonical names, sorted, repeated ones joined */
    struct bytes response_body;
    struct bytes trouble; /* "ETIMEDOUT"; empty: an answer came */
    int64_t duration_us;
};

struct attempt_result { /* all slices live during the callback */
    struct retry_reading reading;
    struct bytes message;   /* diagnostic for people (dossier §3.6); may be empty */
    int64_t retry_after_ms; /* 0: none */
    const struct attempt_call *calls; /* a classic target has one a hook */
    size_t n_calls;
    struct bytes returned; /* function: JSON text of the return value; lambda: payload */
    struct bytes error;    /* {"name","message","stack"} of functions; empty: none */
    bool has_statuses;     /* of a batch: `returned` is [{status, errormessage?}], one an
                              event */
    const struct bytes *logs; /* lines: a function's, or lambda's decoded tail */
    size_t n_logs;
    int64_t duration_us;
};

typedef void attempt_done_fn(void *arg, const struct attempt_result *result);

/* @target and @event (JSON text; of ACTIONS and functions with onBatch maybe an array)
 * are copied. Never NULL; @fn is called once, never before this returned. By any thread
 * that holds the lock, and so is attempt_cancel. Whoever goes before an attempt has ended
 * cancels it; what is left when the emulator stops ends without a call. */
must_check
struct attempt *attempt_start(struct world *world, const struct target *target,
                              struct bytes event, attempt_done_fn *fn, void *arg);
/* @fn is not called any more. Not after it has been. */
void attempt_cancel(struct attempt *attempt);
/* Writes the result's members: "class", "code", "message", "calls", "returned" … */
void attempt_write(const struct attempt_result *result, struct write *write);

/* For emulator.c: ends what is left, when the loop has ended. */
void attempts_end(struct emulator *emulator);
