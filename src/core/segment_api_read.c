/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include <stdio.h>

#include "base/utf8.h"
#include "core/backoff.h"
#include "json/json.h"

enum { MAX_TRIES = 4, TRIES_OVER_MS = 7000, LONGEST_WAIT_MS = 60000 };

static const char *const verdict_texts[] = {
    [SEGMENT_MALFORMED] = "malformed",     [SEGMENT_FINE] = "fine",
    [SEGMENT_EXISTS] = "exists",           [SEGMENT_UNAUTHENTICATED] = "unauthenticated",
    [SEGMENT_FORBIDDEN] = "forbidden",     [SEGMENT_NOT_FOUND] = "not found",
    [SEGMENT_INVALID] = "invalid",         [SEGMENT_LIMITED] = "limited",
    [SEGMENT_UNAVAILABLE] = "unavailable", [SEGMENT_NOT_IMITATED] = "not implemented",
};

const char *segment_verdict_text(enum segment_verdict verdict)
{
    return (size_t)verdict < COUNT(verdict_texts) ? verdict_texts[verdict]
                                                  : verdict_texts[SEGMENT_MALFORMED];
}

/* Control characters, C1 too, line and paragraph ends, and marks of direction. */
static bool is_unprintable(const uint8_t *at, size_t len)
{
    if (len == 1)
        return at[0] < 0x20 || at[0] == 0x7f;
    if (len == 2)
        return at[0] == 0xc2 && at[1] < 0xa0;
    if (len != 3 || at[0] != 0xe2)
        return false;
    if (at[1] == 0x80) /* U+200B…200F, U+2028…202E */
        return (at[2] >= 0x8b && at[2] <= 0x8f) || (at[2] >= 0xa8 && at[2] <= 0xae);
    return at[1] == 0x81 && at[2] >= 0xa0 && at[2] <= 0xaf; /* U+2060…206F */
}

static void print(struct bytes text, char *ret_text, size_t size)
{
    size_t len = 0;

    while (text.len > 0 && size > 0) {
        size_t n = utf8_sequence_len(text.ptr, text.len);
        const bool is_bad = n == 0 || is_unprintable((const uint8_t *)text.ptr, n);

        if (n == 0)
            n = 1;
        if (len + (is_bad ? 1 : n) >= size)
            break;
        if (is_bad)
            ret_text[len++] = ' ';
        else
            memcpy(ret_text + len, text.ptr, n);
        len += is_bad ? 0 : n;
        text = bytes_slice(text, n, text.len);
    }
    if (size > 0)
        ret_text[len] = '\0';
}

/* The API's own sentence; empty: it has said none. */
static struct bytes sentence(enum segment_backend backend, const struct json *json)
{
    struct bytes text;

    if (backend == SEGMENT_PUBLIC) {
        text = json_string(json_path(json, "errors.0.message"));
        return text.len > 0 ? text : json_string(json_path(json, "errors.0.type"));
    }
    text = json_string(json_get(json, "error"));
    return text.len > 0 ? text : json_string(json_get(json, "message"));
}

static bool has_text(struct bytes text, struct bytes part)
{
    return bytes_find(text, part) < text.len;
}

static enum segment_verdict judge_success(enum segment_backend backend,
                                          const struct json *json)
{
    if (json_kind(json) != JSON_OBJECT)
        return SEGMENT_MALFORMED;
    if (backend == SEGMENT_V1BETA)
        return SEGMENT_FINE;
    return json_kind(json_get(json, "data")) == JSON_OBJECT &&
                   json_kind(json_get(json, "errors")) == JSON_MISSING
               ? SEGMENT_FINE
               : SEGMENT_MALFORMED;
}

/* Of a 4xx that the API itself has said. */
static enum segment_verdict judge_refusal(enum segment_backend backend, int status,
                                          struct bytes said)
{
    switch (status) {
    case 401:
        return SEGMENT_UNAUTHENTICATED;
    case 403:
        return SEGMENT_FORBIDDEN;
    case 404:
        return SEGMENT_NOT_FOUND;
    case 409:
        return SEGMENT_EXISTS;
    default:
        break;
    }
    if (backend == SEGMENT_PUBLIC &&
        has_text(said, BYTES("Multiple configurations of this destination type")))
        return SEGMENT_EXISTS;
    return SEGMENT_INVALID;
}

static enum segment_verdict judge(enum segment_backend backend, int status,
                                  const struct json *json, struct bytes said)
{
    if (status >= 200 && status <= 299)
        return judge_success(backend, json);
    if (status == 500 && backend == SEGMENT_V1BETA &&
        has_text(said, BYTES("destination already exists")))
        return SEGMENT_EXISTS;
    if (status == 501)
        return SEGMENT_NOT_IMITATED;
    if (status >= 500 || status == 0 || status == 408)
        return SEGMENT_UNAVAILABLE;
    if (status == 429)
        return SEGMENT_LIMITED;
    return status >= 400 && said.len > 0 ? judge_refusal(backend, status, said)
                                         : SEGMENT_MALFORMED;
}

enum segment_verdict segment_api_read(enum segment_backend backend, int status,
                                      struct bytes body, char *why, size_t why_size)
{
    cleanup(json_freep) struct json *json = NULL;
    enum segment_verdict verdict;
    struct bytes said;

    if (json_parse(body, &json, NULL) < 0)
        json = NULL;
    said = sentence(backend, json);
    verdict = judge(backend, status, json, said);
    print(verdict == SEGMENT_FINE ? bytes_of(NULL, 0) : said, why, why_size);
    if (verdict != SEGMENT_FINE && said.len == 0 && status > 0)
        (void)snprintf(why, why_size, "status %d without a word from Segment", status);
    else if (status == 0)
        (void)snprintf(why, why_size, "no answer");
    return verdict;
}

int64_t segment_api_wait_ms(unsigned tries, int64_t retry_after_ms, uint32_t random)
{
    static const struct backoff backoff = {.attempts = MAX_TRIES,
                                           .over_ms = TRIES_OVER_MS};

    if (tries >= MAX_TRIES || retry_after_ms >= LONGEST_WAIT_MS)
        return -1;
    return backoff_wait_ms(&backoff, tries, random, retry_after_ms);
}
