/* SPDX-License-Identifier: MIT */

/* Lambda: one signed call of Invoke (dossier §5), as a role when there is one. */

#include "emulator/delivery/attempt_inside.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "segment/settings.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum { URL_BYTES = 16 << 10, TEXT_BYTES = 256 << 10, LOG_BYTES = 64 << 10 };

/* --- the request -------------------------------------------------------------------- */

/* "/2015-03-31/functions/arn%3Aaws…/invocations" */
static struct bytes invoke_path(struct attempt *attempt)
{
    const struct bytes arn = attempt->target.arn;
    cleanup(buf_done) struct buf path = {0};

    buf_init(&path, URL_BYTES);
    buf_add_text(&path, "/2015-03-31/functions/");
    for (size_t i = 0; i < arn.len; i++) {
        if (arn.ptr[i] == ':' || arn.ptr[i] == '$')
            buf_addf(&path, "%%%02X", (unsigned)arn.ptr[i]);
        else
            buf_add_char(&path, arn.ptr[i]);
    }
    buf_add_text(&path, "/invocations");
    return attempt_keep(attempt, buf_bytes(&path));
}

struct bytes attempt_url_path(struct bytes url)
{
    size_t start = bytes_find(url, BYTES("://"));

    start = start < url.len ? start + 3 : 0;
    url = bytes_slice(url, start, url.len);
    return bytes_slice(url, bytes_index(url, '/'), url.len);
}

/* The base URL, such as a proxy's with a path of its own, and Invoke's path. */
static struct bytes invoke_url(struct attempt *attempt)
{
    struct bytes base = attempt->target.invoke_url;
    const struct bytes path = invoke_path(attempt);

    while (bytes_ends(base, BYTES("/")))
        base.len--;
    return bytes_str(
        arena_printf(&attempt->arena, "%.*s%.*s", BYTES_FMT(base), BYTES_FMT(path)));
}

static struct bytes encoded_context(struct attempt *attempt)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, TEXT_BYTES);
    (void)settings_encode(attempt->target.client_context, &text);
    return attempt_keep(attempt, buf_bytes(&text));
}

static void add_headers(struct attempt_post *post)
{
    struct attempt *attempt = post->attempt;
    const struct target *target = &attempt->target;

    attempt_post_header(post, "Content-Type", BYTES("application/json"));
    attempt_post_header(post, "User-Agent", BYTES("Segment.io/1.0"));
    attempt_post_header(post, "X-Amz-Invocation-Type", BYTES("RequestResponse"));
    attempt_post_header(post, "X-Amz-Log-Type",
                        target->wants_log ? BYTES("Tail") : BYTES("None"));
    if (target->client_context.len > 0)
        attempt_post_header(post, "X-Amz-Client-Context", encoded_context(attempt));
}

/* --- the answer --------------------------------------------------------------------- */

/* The tail, line by line. */
static void keep_logs(struct attempt *attempt, struct bytes encoded)
{
    cleanup(buf_done) struct buf tail = {0};
    struct attempt_result *result = &attempt->result;
    struct bytes *logs = arena_zero(&attempt->arena, ATTEMPT_LOGS * sizeof(struct bytes));
    struct bytes rest;

    buf_init(&tail, LOG_BYTES);
    if (!base64_decode(bytes_trim(encoded), &tail))
        return;
    rest = attempt_masked(attempt, buf_bytes(&tail));
    while (rest.len > 0 && result->n_logs < ATTEMPT_LOGS) {
        const struct bytes line = bytes_trim(bytes_take_until(&rest, '\n'));

        if (line.len > 0)
            logs[result->n_logs++] = line;
    }
    result->logs = logs;
}

/* "trace" of Node, "stackTrace" of others: a list of lines. */
static void add_trace(const struct json *payload, struct buf *text)
{
    const struct json *trace = json_get(payload, "trace");

    if (json_kind(trace) != JSON_ARRAY)
        trace = json_get(payload, "stackTrace");
    for (size_t i = 0; i < json_count(trace); i++)
        buf_addf(text, "%s%.*s", i > 0 ? "\n" : "",
                 BYTES_FMT(json_string(json_at(trace, i))));
}

static void keep_error(struct attempt *attempt, const struct json *payload)
{
    cleanup(buf_done) struct buf trace = {0};
    cleanup(buf_done) struct buf text = {0};
    const struct bytes message = json_string(json_get(payload, "errorMessage"));
    struct write write;

    buf_init(&trace, TEXT_BYTES);
    buf_init(&text, TEXT_BYTES * 4);
    add_trace(payload, &trace);
    write_init(&write, &text);
    write_object(&write);
    write_member_string(&write, "name", json_string(json_get(payload, "errorType")));
    write_member_string(&write, "message", message);
    write_member_string(&write, "stack", buf_bytes(&trace));
    write_object_end(&write);
    if (!text.full)
        attempt->result.error = attempt_masked(attempt, buf_bytes(&text));
    attempt->result.message = attempt_masked(attempt, message);
}

/* The function's value as JSON; what is none as text. */
static void keep_returned(struct attempt *attempt, struct bytes body)
{
    cleanup(buf_done) struct buf text = {0};
    struct scan_span root;
    struct scan_fault fault;
    struct write write;

    if (scan_json(body, NULL, &root, &fault)) {
        attempt->result.returned = attempt_masked(attempt, root.text);
        return;
    }
    buf_init(&text, ATTEMPT_ANSWER_BYTES * 6);
    write_init(&write, &text);
    write_string(&write, bytes_slice(body, 0, ATTEMPT_SHOWN_BYTES));
    if (body.len > 0)
        attempt->result.returned = attempt_masked(attempt, buf_bytes(&text));
}

static void keep_answer(struct attempt *attempt, const struct client_response *response)
{
    const struct bytes function_error =
        attempt_post_find(response, "X-Amz-Function-Error");
    cleanup(json_freep) struct json *payload = NULL;
    struct err err = {0};
    struct bytes said;

    if (json_parse(response->body, &payload, &err) < 0)
        payload = NULL; /* a gateway's words: no JSON, no error type */
    attempt->result.reading = retry_of_invoke(
        response->status, function_error, json_string(json_get(payload, "errorType")),
        attempt_post_find(response, "X-Amzn-ErrorType"));
    keep_logs(attempt, attempt_post_find(response, "X-Amz-Log-Result"));
    if (response->status / 100 != 2) {
        said = json_string(json_get(payload, "Message"));
        if (said.len == 0)
            said = json_string(json_get(payload, "message"));
        attempt->result.message = attempt_masked(attempt, said);
    } else if (function_error.len > 0) {
        keep_error(attempt, payload);
    } else {
        keep_returned(attempt, response->body);
    }
}

void attempt_lambda_unanswered(struct attempt *attempt,
                               const struct client_response *response)
{
    const struct bytes nothing = BYTES("");

    attempt->result.reading = response->transport == TRANSPORT_TIMEOUT
                                  ? retry_of_invoke(0, nothing, nothing, nothing)
                                  : attempt_post_read(response);
    attempt->result.message = attempt_keep(attempt, bytes_str(response->error));
}

static void on_answer(struct attempt_post *post, const struct client_response *response)
{
    struct attempt *attempt = post->attempt;

    if (response->transport != TRANSPORT_OK)
        attempt_lambda_unanswered(attempt, response);
    else if (attempt_role_again(attempt, attempt_post_find(response, "X-Amzn-ErrorType")))
        return;
    else
        keep_answer(attempt, response);
    if (attempt->result.reading.class == RETRY_AGAIN)
        attempt->result.retry_after_ms = attempt_post_retry_after(response);
    attempt_end(attempt);
}

void attempt_lambda_invoke(struct attempt *attempt)
{
    struct attempt_post *post = attempt_post_new(attempt);

    post->request.url = invoke_url(attempt);
    post->request.body =
        attempt->target.is_enveloped ? attempt_envelope(attempt) : attempt->event;
    post->request.keeps_redirects = true; /* the signature is for this path alone */
    add_headers(post);
    attempt_sign(post, BYTES("lambda"), &attempt->credentials);
    attempt_post_start(post, on_answer);
}

void attempt_lambda_begin(struct attempt *attempt)
{
    if (attempt->target.role.len > 0) {
        attempt_role_begin(attempt);
        return;
    }
    attempt->credentials = attempt_own_credentials();
    attempt_lambda_invoke(attempt);
}
