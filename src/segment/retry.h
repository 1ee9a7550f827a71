/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * retry - Segment's own schedule and its reading of answers (dossier §10.2, §10.3).
 *
 * Retry k (1…9) waits 28·2^(k−1) s ± 25 %; no attempt starts later than four hours after
 * the first; Retry-After lengthens a wait, never shortens it.
 */

#include "base/bytes.h"

enum {
    RETRY_MAX = 9, /* after the first attempt */
    RETRY_FIRST_MS = 28000,
    RETRY_WINDOW_MS = 4 * 3600 * 1000,
};

/*
 * When the next attempt is due, after attempt number @attempts (1 …) ended at @now_ms;
 * -1: no more (retries used up, or it would start after the window). @retry_after_ms: 0
 * when none was asked for. @random: 32 random bits. All times are of one clock.
 */
must_check
int64_t retry_next_ms(unsigned attempts, int64_t first_attempt_ms, int64_t now_ms,
                      int64_t retry_after_ms, uint32_t random);

enum retry_class {
    RETRY_NONE = 0, /* unset: kept, tried again */
    RETRY_DELIVERED,
    RETRY_AGAIN,
    RETRY_UNSUPPORTED, /* discarded, "event type not supported": yellow in the suite */
    RETRY_DISCARDED,
};

/* What an attempt showed. */
struct retry_reading {
    enum retry_class class;
    /* The counter, as Segment's reports have it: "successes", "errors.discarded.400",
     * "errors.awaiting-retry.503", "errors.awaiting-retry.ETIMEDOUT",
     * "errors.discarded.MESSAGE_REJECTED", "UNSUPPORTED_EVENT_TYPE" … */
    char counter[64];
    /* For people: "400", "ETIMEDOUT", "Message Rejected", "Execution Error" … */
    char code[64];
};

/* An HTTP answer's status (webhook). A redirect here was not to be followed; what is
 * below 100 is no status and tried again. */
struct retry_reading retry_of_status(int status);
/* No answer, @name being ours: "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "ENOTFOUND",
 * "EAI_AGAIN", "TLS" … always tried again. */
struct retry_reading retry_of_trouble(const char *name);
/* A function's run. @is_loaded false: the code does not load, or a required setting is
 * missing (Invalid Settings). @is_timeout: it did not end in 5 s. @error_name: of what
 * was thrown, empty when that was no Error. */
struct retry_reading retry_of_function(bool is_loaded, bool is_timeout, bool has_thrown,
                                       struct bytes error_name);
/* Lambda's Invoke (dossier §5.3): @status of HTTP, 0: no answer in time; @function_error
 * of X-Amz-Function-Error (empty: none), @error_type of the payload, @service_error of
 * X-Amzn-ErrorType (empty: none). */
struct retry_reading retry_of_invoke(int status, struct bytes function_error,
                                     struct bytes error_type, struct bytes service_error);
/* STS's AssumeRole before it, when it gave no credentials: @status of HTTP, @code of its
 * error (empty: none). */
struct retry_reading retry_of_assume_role(int status, struct bytes code);
/* Is a token too old? Other credentials may do then. @service_error as above. */
must_check
bool retry_is_expired_token(struct bytes service_error);
