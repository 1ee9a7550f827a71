/* SPDX-License-Identifier: MIT */

/* Webhooks, the three senders of them (dossier §3). */

#include "emulator/delivery/attempt_inside.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "segment/basic.h"
#include "segment/settings.h"
#include "segment/signature.h"
#include "json/json.h"

enum { VALUE_BYTES = 64 << 10, SIGNATURE_LEN = 41 };

/* --- requests ----------------------------------------------------------------------- */

static void add_signature(struct attempt_post *post)
{
    struct attempt *attempt = post->attempt;
    const struct bytes secret = attempt->target.shared_secret;
    struct hmac_sha1 *hmac;
    char hex[SIGNATURE_LEN];

    if (secret.len == 0)
        return;
    hmac = hmac_sha1_new(secret);
    if (signature_sign(attempt->event, hmac, hex))
        attempt_post_header(post, "X-Signature",
                            bytes_str(arena_text(&attempt->arena, hex)));
    hmac_sha1_free(hmac);
}

/* Of the partner's subscription alone (dossier §3.1, §3.3). */
static void add_identity(struct attempt_post *post)
{
    struct attempt *attempt = post->attempt;
    const struct target *target = &attempt->target;
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, VALUE_BYTES);
    (void)basic_format(target->api_key, &value);
    attempt_post_header(post, "Authorization", attempt_keep(attempt, buf_bytes(&value)));
    if (target->settings.len == 0)
        return;
    buf_clear(&value);
    (void)settings_encode(target->settings, &value);
    attempt_post_header(post, "X-Segment-Settings",
                        attempt_keep(attempt, buf_bytes(&value)));
}

static void add_headers(struct attempt_post *post, const struct target_hook *hook)
{
    const enum target_kind kind = post->attempt->target.kind;

    attempt_post_header(post, "Accept", BYTES("*/*"));
    attempt_post_header(post, "Content-Type", BYTES("application/json"));
    attempt_post_header(post, "User-Agent",
                        kind == TARGET_ACTIONS ? BYTES("Segment (Actions)")
                                               : BYTES("Segment.io/1.0"));
    if (kind == TARGET_WEBHOOK) {
        attempt_post_header(post, "Cache-Control", BYTES("no-cache"));
        add_identity(post);
    }
    for (size_t i = 0; i < hook->n_headers; i++)
        attempt_post_header(post, hook->headers[i].name.ptr, hook->headers[i].value);
    add_signature(post);
}

/* --- answers ------------------------------------------------------------------------ */

static bool is_json(struct bytes content_type)
{
    return bytes_eq_nocase(bytes_trim(bytes_take_until(&content_type, ';')),
                           BYTES("application/json"));
}

/* What the partner says to the customer (dossier §3.6). */
static struct bytes diagnostic(struct attempt *attempt,
                               const struct client_response *response)
{
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (response->transport != TRANSPORT_OK)
        return attempt_keep(attempt, bytes_str(response->error));
    if (response->status < 400 || response->body.len > ATTEMPT_SHOWN_BYTES ||
        !is_json(attempt_post_find(response, "Content-Type")) ||
        json_parse(response->body, &json, &err) < 0)
        return bytes_of(NULL, 0);
    return attempt_keep(attempt, json_string(json_get(json, "message")));
}

/* The best of all: a success, else one that makes it worth another try. */
static const struct attempt_hook *best(const struct attempt *attempt)
{
    const struct attempt_hook *found = &attempt->hooks[0];

    for (size_t i = 0; i < attempt->target.n_hooks; i++) {
        const struct attempt_hook *hook = &attempt->hooks[i];

        if (hook->reading.class == RETRY_DELIVERED)
            return hook;
        if (hook->reading.class == RETRY_AGAIN && found->reading.class != RETRY_AGAIN)
            found = hook;
    }
    return found;
}

static void on_answer(struct attempt_post *post, const struct client_response *response)
{
    struct attempt *attempt = post->attempt;
    struct attempt_result *result = &attempt->result;
    struct attempt_hook *hook = &attempt->hooks[post->number];

    hook->reading = attempt_post_read(response);
    hook->message = diagnostic(attempt, response);
    if (hook->reading.class == RETRY_AGAIN)
        hook->retry_after_ms = attempt_post_retry_after(response);
    if (--attempt->n_hooks_left > 0)
        return;
    result->reading = best(attempt)->reading;
    result->message = best(attempt)->message;
    result->retry_after_ms = best(attempt)->retry_after_ms;
    attempt_end(attempt);
}

/* --- beginning ---------------------------------------------------------------------- */

static void refuse_payload(struct attempt *attempt)
{
    struct retry_reading reading = retry_of_status(400);

    memcpy(reading.code, "PAYLOAD_VALIDATION_FAILED",
           sizeof("PAYLOAD_VALIDATION_FAILED"));
    attempt_refuse(attempt, reading, BYTES("headers must be ASCII"));
}

static void start_hook(struct attempt *attempt, size_t number)
{
    const struct target *target = &attempt->target;
    struct attempt_post *post = attempt_post_new(attempt);

    post->number = number;
    post->request.url = target->hooks[number].url;
    post->request.body = attempt->event;
    post->request.says_keep_alive = target->kind == TARGET_WEBHOOK;
    if (target->kind == TARGET_ACTIONS)
        post->request.method = target->method;
    add_headers(post, &target->hooks[number]);
    attempt_post_start(post, on_answer);
}

void attempt_http_begin(struct attempt *attempt)
{
    const struct target *target = &attempt->target;

    if (target->n_hooks == 0) {
        attempt_refuse(attempt, retry_of_function(false, false, false, BYTES("")),
                       BYTES("the target has no URL"));
        return;
    }
    if (target->kind == TARGET_ACTIONS && !target_has_ascii_headers(&target->hooks[0])) {
        refuse_payload(attempt);
        return;
    }
    attempt->n_hooks_left = target->n_hooks;
    for (size_t i = 0; i < target->n_hooks; i++)
        start_hook(attempt, i);
}
