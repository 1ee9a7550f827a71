/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * breaker - is this endpoint host worth trying now?
 *
 *   closed ──threshold failures in a row──▶ open ──cool-down over──▶ half-open (one
 * probe) ▲                                      ▲                            │
 *     └──────────────── success ─────────────┼──────── failure ───────────┘
 *
 * While it is open, deliveries wait without using up attempts. The cool-down starts at
 * BREAKER_COOL_MIN_MS and doubles with every failed probe up to BREAKER_COOL_MAX_MS, so a
 * host that comes back is found within seconds. Answers that say "this request is wrong"
 * (4xx other than 408 423 429) are successes here: the host works.
 */

#include "base/bytes.h"

enum {
    BREAKER_THRESHOLD = 20, /* a few unlucky deliveries do not hold up the others */
    BREAKER_COOL_MIN_MS = 100,
    BREAKER_COOL_MAX_MS = 5000,
};

enum breaker_state { BREAKER_CLOSED = 0, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
    enum breaker_state state;
    unsigned n_failures; /* in a row */
    int64_t cool_ms;
    int64_t open_until_ms;
    int64_t since_ms; /* of the first failure in the row, for "has not answered for" */
};

const char *breaker_state_text(enum breaker_state state);
/*
 * May a request start? Closed: yes. Open and cooled down: yes, and it is the probe (the
 * state becomes half-open: its end must be reported). Else no, and *ret_wait_ms (may be
 * NULL) says how long until it is worth asking again; 0 while a probe is on its way.
 */
must_check
bool breaker_admit(struct breaker *breaker, int64_t now_ms, int64_t *ret_wait_ms);
/* Each returns true when that changed whether the host counts as up (log it once).
 * @random: 32 bits of jitter; the cool-down is cut by up to a quarter. */
bool breaker_success(struct breaker *breaker, int64_t now_ms);
bool breaker_failure(struct breaker *breaker, int64_t now_ms, uint32_t random);
/* A probe that ended without an answer about the host (killed, cancelled): ask again. */
void breaker_abandon(struct breaker *breaker, int64_t now_ms);
