/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * rehearsal - what would become of one stored event, before a replay sends it: the code
 * that is in service is run with it, its requests are answered here and go nowhere.
 *
 * Keeper reads the event with its settings, courier says which code and whose settings,
 * the desk finds that code, the workshop runs it. What is shown of it has no secret: who
 * may replay an event need not know the customer's key.
 */

#include <stdint.h>

#include "base/bytes.h"

struct site;

struct rehearsal_wish {
    struct site *site;
    int64_t event; /* row */
    uint16_t subscription;
    /* Called once, in any thread: {"event","name","subscription","run","why"}, run being
     * the object of `fn run --json`, or null, and then why says why not. */
    void (*done_fn)(void *arg, struct bytes json);
    void *arg;
};

void rehearsal_start(const struct rehearsal_wish *wish);
