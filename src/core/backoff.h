/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * backoff - when to try again (interface §7).
 *
 * base = over / (2^(attempts-1) - 1); wait k = base * 2^(k-1) * U(0.5, 1.5), k = 1 after
 * the first attempt. So the waits add up to `over` on average, whatever `attempts` is.
 */

#include "base/bytes.h"

struct backoff {
    unsigned attempts; /* all tries, the first included; 1: none again */
    int64_t over_ms;
};

enum { BACKOFF_RETRY_AFTER_MAX_MS = 3600000 };

/*
 * Milliseconds to wait after attempt number @attempts_made (1…). @random is 32 random
 * bits. @retry_after_ms (0: none) is a minimum, itself at most an hour.
 */
int64_t backoff_wait_ms(const struct backoff *backoff, unsigned attempts_made,
                        uint32_t random, int64_t retry_after_ms);
/*
 * @wait_ms, cut so that it ends with the delivery's age (@left_ms from now): an unlucky
 * draw does not cost an attempt that is allowed. Never below @least_ms
 * (Retry-After, at most an hour of it), and as it is when no time is left.
 */
int64_t backoff_fit_ms(int64_t wait_ms, int64_t least_ms, int64_t left_ms);
/*
 * After a restart only the wall clock knows how much of a wait is left; @first_attempt_ms
 * is the delivery's first. Never negative, and where the clock has gone back meanwhile
 * never more than the wait can have been: the time from the first attempt on.
 */
int64_t backoff_resume_ms(int64_t next_at_ms, int64_t first_attempt_ms, int64_t now_ms);
/* When a delivery is too old for another attempt: first attempt + 1.5 × over, the most
 * that unlucky waits can add up to. */
int64_t backoff_deadline_ms(const struct backoff *backoff, int64_t first_attempt_ms);
/* "Retry-After: 120" or an HTTP date, as milliseconds from @now_ms; 0 when unusable. */
int64_t backoff_retry_after_ms(struct bytes header, int64_t now_ms);
