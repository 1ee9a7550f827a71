/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * rate - a token bucket: at most N in a second, with a burst of a tenth of a second's
 * worth (at least one). Zeroed it allows nothing; without a limit it is not asked.
 */

#include "base/bytes.h"

struct rate {
    double per_second;
    double tokens;
    int64_t at_ms; /* when `tokens` was true; 0: never yet, the bucket is full */
};

/* "50/s" "100/m" "5000/h": per second; false on other text or nothing positive. */
must_check
bool rate_parse(struct bytes text, double *ret_per_second);
/* Takes one token, or says in *ret_wait_ms (≥ 1) when there will be one. */
must_check
bool rate_take(struct rate *rate, int64_t now_ms, int64_t *ret_wait_ms);
