/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * realm - the contexts in which one runner's code runs: one for all invocations, or a
 * fresh one for each (isolation: event), all in one VM.
 *
 * A fresh one is made ahead, while nothing else is to do: it costs a millisecond.
 */

#include "base/list.h"
#include "js/engine.h"

struct host;

struct realm {
    struct list_link link; /* on realms->busy, when it is a fresh one at work */
    struct host *host;     /* natives are given the realm */
    struct engine *engine;
    uint32_t number;     /* never twice */
    uint32_t invocation; /* whose it is alone; 0: everybody's */
    bool is_over;        /* its invocation has said its result: end it */
};

struct realms {
    struct host *host;
    struct engine_vm *vm;
    struct realm *ready; /* for everybody, or the next fresh one; NULL: to be made */
    struct list busy;    /* fresh ones with an invocation */
    bool is_fresh;
    struct buf name, source; /* of the code, to load it again */
    uint32_t generation, flags;
    uint32_t last_number;
};

/* Makes the first realm. */
must_check
int realms_init(struct realms *realms, struct host *host, struct bytes runtime,
                const struct engine_native *const *natives, struct err *err);
void realms_done(struct realms *realms);
/* Loads code into the first realm: FRAME_LOAD's words. False when the runtime itself
 * failed, which *ret_why says; how the code fares is said by natives. */
must_check
bool realms_load(struct realms *realms, struct bytes name, struct bytes source,
                 uint32_t generation, uint32_t flags, struct buf *ret_why);
/* The realm for a new invocation; NULL when none is prepared. */
struct realm *realms_begin(struct realms *realms, uint32_t invocation);
/* The realm of an invocation under way; NULL when it has ended. */
struct realm *realms_of(const struct realms *realms, uint32_t invocation);
struct realm *realms_numbered(const struct realms *realms, uint32_t number);
/* After every entry: ends @realm if its invocation is over. */
void realms_leave(struct realms *realms, struct realm *realm);
/* Whether a fresh one is to be made; realms_prepare makes it. */
bool realms_want(const struct realms *realms);
void realms_prepare(struct realms *realms);
