/* SPDX-License-Identifier: MIT */

#include "net/segment_call.h"

#include <stdio.h>
#include <time.h>

#include "base/secret.h"
#include "base/utf8.h"
#include "core/backoff.h"
#include "core/redact.h"
#include "net/client.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { URL_BYTES = 8192, HEAD_BYTES = 64 << 10, GLANCE_MS = 50, SENTENCE_BYTES = 8192 };

void segment_answer_init(struct segment_answer *answer)
{
    *answer = (struct segment_answer){.verdict = SEGMENT_UNAVAILABLE};
    buf_init(&answer->body, (size_t)SEGMENT_CALL_ANSWER_BYTES + HEAD_BYTES);
}

void segment_answer_done(struct segment_answer *answer)
{
    /* It may have been a token. */
    secret_wipe(answer->body.ptr, answer->body.len);
    buf_done(&answer->body);
}

static bool is_over(const struct segment_caller *caller)
{
    return caller->is_over_fn != NULL && caller->is_over_fn(caller->arg);
}

/* False when it was given up. */
static bool wait(const struct segment_caller *caller, int64_t wait_ms)
{
    const int64_t end_ms = clock_now_ms() + wait_ms;
    int64_t left_ms = wait_ms;

    while (left_ms > 0) {
        const int64_t glance_ms = left_ms < GLANCE_MS ? left_ms : GLANCE_MS;
        const struct timespec glance = {.tv_nsec = glance_ms * 1000000};

        if (is_over(caller))
            return false;
        (void)nanosleep(&glance, NULL);
        left_ms = end_ms - clock_now_ms();
    }
    return !is_over(caller);
}

static int64_t retry_after(const struct client_response *response)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        if (bytes_eq_nocase(response->headers[i].name, BYTES("Retry-After")))
            return backoff_retry_after_ms(response->headers[i].value, clock_wall_ms());
    }
    return 0;
}

/*
 * Segment may quote what it was sent: not the credential, though. It is taken out before
 * the sentence is cut, since half of one is too much as well.
 */
static void say(const struct segment_caller *caller, const char *sentence,
                struct segment_answer *answer)
{
    struct redact redact = {0};
    struct bytes credential = caller->authorization;
    struct buf text;
    size_t len = 0;
    size_t n;

    (void)bytes_take_until(&credential, ' ');
    redact_add(&redact, credential);
    redact_add(&redact, caller->secret);
    buf_init(&text, (size_t)SENTENCE_BYTES * 4);
    (void)redact_text(&redact, bytes_str(sentence), &text);
    for (; len < text.len; len += n) {
        n = utf8_sequence_len(text.ptr + len, text.len - len);
        if (n == 0 || len + n >= sizeof(answer->why))
            break;
        memcpy(answer->why + len, text.ptr + len, n);
    }
    answer->why[len] = '\0';
    buf_done(&text);
    redact_done(&redact);
}

/* What stands in the way of an answer that more tries would not move. */
static bool is_final(enum outcome_transport transport)
{
    return transport == TRANSPORT_EGRESS || transport == TRANSPORT_BAD_URL ||
           transport == TRANSPORT_TOO_LARGE;
}

static void judge(const struct segment_caller *caller,
                  const struct client_response *response, struct segment_answer *answer)
{
    char sentence[SENTENCE_BYTES];

    answer->status = 0;
    answer->retry_after_ms = 0;
    if (response->transport != TRANSPORT_OK) {
        answer->verdict = response->transport == TRANSPORT_TOO_LARGE
                              ? SEGMENT_MALFORMED
                              : SEGMENT_UNAVAILABLE;
        (void)snprintf(sentence, sizeof(sentence), "%s", response->error);
        buf_clear(&answer->body);
    } else {
        answer->status = response->status;
        answer->retry_after_ms = retry_after(response);
        /* The body is what was stored last. */
        buf_drop_front(&answer->body, answer->body.len - response->body.len);
        answer->verdict =
            segment_api_read(caller->backend, answer->status, buf_bytes(&answer->body),
                             sentence, sizeof(sentence));
    }
    say(caller, sentence, answer);
}

/* One try. False: another one is of no use. */
static bool try_once(const struct segment_caller *caller,
                     const struct client_request *request, struct segment_answer *answer)
{
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response = {0};

    secret_wipe(answer->body.ptr, answer->body.len);
    buf_clear(&answer->body);
    client_fetch(request, &answer->body, headers, &response);
    judge(caller, &response, answer);
    return !is_final(response.transport) &&
           (answer->verdict == SEGMENT_LIMITED || answer->verdict == SEGMENT_UNAVAILABLE);
}

static void try_all(const struct segment_caller *caller,
                    const struct client_request *request, struct segment_answer *answer)
{
    for (unsigned n_tries = 1; try_once(caller, request, answer); n_tries++) {
        const int64_t wait_ms =
            segment_api_wait_ms(n_tries, answer->retry_after_ms, rand_jitter());

        if (n_tries == caller->max_tries || wait_ms < 0 || !wait(caller, wait_ms))
            return;
    }
}

void segment_call(const struct segment_caller *caller, const char *method,
                  struct bytes path, struct bytes body, const char *content_type,
                  struct segment_answer *ret_answer)
{
    const char *type = content_type != NULL ? content_type : "application/json";
    const struct client_header headers[] = {
        {BYTES("Accept"), BYTES("application/json")},
        {BYTES("Authorization"), caller->authorization},
        {BYTES("Content-Type"), bytes_str(type)},
    };
    struct buf url;

    ret_answer->verdict = SEGMENT_UNAVAILABLE;
    ret_answer->status = 0;
    (void)snprintf(ret_answer->why, sizeof(ret_answer->why), "no answer");
    if (is_over(caller))
        return;
    buf_init(&url, URL_BYTES);
    (void)buf_add(&url, caller->base);
    if (buf_add(&url, path) == 0) {
        const struct client_request request = {
            .method = bytes_str(method),
            .url = buf_bytes(&url),
            .headers = headers,
            .n_headers = body.len > 0 ? COUNT(headers) : COUNT(headers) - 1,
            .body = body,
            .has_body = body.len > 0,
            .keeps_redirects = true,
            .timeout_ms = SEGMENT_CALL_TIMEOUT_MS,
            .max_response_bytes = SEGMENT_CALL_ANSWER_BYTES,
            .egress = caller->egress,
        };

        try_all(caller, &request, ret_answer);
    }
    buf_done(&url);
}
