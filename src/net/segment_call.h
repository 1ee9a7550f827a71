/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_call - one call of Segment's APIs, blocking, with its waits (core/segment_api
 * decides, this speaks).
 *
 * 10 s a try; LIMITED and UNAVAILABLE are tried again as segment_api_wait_ms says, unless
 * max_tries is 1 (a code and a refresh are good for one try: what they did when no answer
 * came, nobody knows). Answers are bounded. Redirects are not followed: they are
 * MALFORMED. For the token endpoints the verdict is of no interest: oauth_token_read says
 * what `status` and `body` mean.
 */

#include "core/segment_api.h"

struct egress;

enum { SEGMENT_CALL_ANSWER_BYTES = 4 << 20, SEGMENT_CALL_TIMEOUT_MS = 10000 };

struct segment_caller {
    enum segment_backend backend;
    struct bytes base; /* "https://platform.segmentapis.com", no slash at the end */
    struct bytes authorization; /* "Bearer …" or "Basic …"; a secret */
    struct bytes secret; /* sent in the body: never in `why` either; may be empty */
    const struct egress *egress;
    unsigned max_tries; /* 0: as core/segment_api says */
    /* Asked while waiting and between tries; true: give up (UNAVAILABLE). May be NULL. */
    bool (*is_over_fn)(void *arg);
    void *arg;
};

struct segment_answer {
    enum segment_verdict verdict;
    int status;    /* 0: no answer came */
    char why[256]; /* for people; to be escaped on pages */
    int64_t retry_after_ms;
    struct buf body; /* as it came */
};
void segment_answer_init(struct segment_answer *answer);
void segment_answer_done(struct segment_answer *answer); /* wipes the body */

/*
 * @method, @path (with query), @content_type NULL: application/json when there is a body.
 * @ret_answer (initialised; may be used again) is always filled; `why` never has the
 * credential or the secret in it, whatever Segment quotes, and `body` may.
 */
void segment_call(const struct segment_caller *caller, const char *method,
                  struct bytes path, struct bytes body, const char *content_type,
                  struct segment_answer *ret_answer);
