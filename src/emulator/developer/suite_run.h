/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * suite_run - the Developer Center's *Test*: the eight events of segment/suite, one after
 * the other, and a colour for each (dossier §3.10).
 */

#include "emulator/delivery/target.h"
#include "emulator/frame/exchange.h"
#include "segment/suite.h"

enum suite_color {
    SUITE_RED = 0,
    SUITE_YELLOW, /* "event not supported": it passes, and is no success */
    SUITE_GREEN,
};

const char *suite_color_text(enum suite_color color);

struct suite_result {
    enum suite_color color;
    const char *type;    /* "page" */
    const char *message; /* "200", "event not supported", why it failed */
    int status;          /* of HTTP; 0: none */
    int64_t duration_us;
};

struct suite_run {
    struct target target;
    struct suite_result results[SUITE_EVENTS];
    size_t n_results;
    unsigned n_green, n_red;
};

/* Writes the answer of the exchange, which is sent after it. */
typedef void suite_run_fn(struct exchange *exchange, void *arg,
                          const struct suite_run *run);

/* Defers @exchange and takes its area_data; the run and @arg lie in its arena. */
void suite_run_start(struct exchange *exchange, const struct target *target,
                     suite_run_fn *fn, void *arg);
