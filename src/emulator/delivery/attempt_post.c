/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/attempt_inside.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "emulator/delivery/attempt_mask.h"
#include "emulator/frame/emulator.h"
#include "segment/settings.h"
#include "sys/clock.h"
#include "json/write.h"

enum { HEADERS_BYTES = 256 << 10, TEXT_BYTES = 1 << 20, AUTHORITY_BYTES = 16 << 10 };

/* --- making ------------------------------------------------------------------------- */

struct attempt_post *attempt_post_new(struct attempt *attempt)
{
    struct attempt_post *post = arena_new(&attempt->arena, struct attempt_post);

    post->attempt = attempt;
    post->request = (struct client_request){
        .method = BYTES("POST"),
        .headers = post->headers,
        .has_body = true,
        .timeout_ms = attempt->target.timeout_ms,
        .max_response_bytes = ATTEMPT_ANSWER_BYTES,
        .cuts_response = true,
        .is_plain_local = true,
        .may_skip_tls = emulator_options(attempt->emulator)->may_skip_tls,
        .egress = emulator_parts(attempt->emulator)->egress,
    };
    list_push(&attempt->posts, &post->link);
    return post;
}

void attempt_post_header(struct attempt_post *post, const char *name, struct bytes value)
{
    struct client_request *request = &post->request;
    size_t i = 0;

    while (i < request->n_headers &&
           !bytes_eq_nocase(post->headers[i].name, bytes_str(name)))
        i++;
    if (i == CLIENT_MAX_HEADERS)
        return;
    post->headers[i] = (struct client_header){bytes_str(name), value};
    if (i == request->n_headers)
        request->n_headers++;
}

/* --- recording ---------------------------------------------------------------------- */

struct bytes attempt_masked(struct attempt *attempt, struct bytes text)
{
    cleanup(buf_done) struct buf out = {0};

    /* A mask is at most twice as long as the shortest secret. */
    buf_init(&out, 2 * text.len + sizeof(ATTEMPT_MASK));
    if (redact_text(&attempt->redact, text, &out) != 0)
        return BYTES(ATTEMPT_MASK);
    return attempt_keep(attempt, buf_bytes(&out));
}

/* A base64 object: the same with its secrets masked. */
static struct bytes masked_object(struct attempt *attempt, struct bytes json)
{
    cleanup(buf_done) struct buf out = {0};

    buf_init(&out, TEXT_BYTES);
    (void)settings_encode(
        attempt_mask_object(json, attempt->target.sensitive, &attempt->arena), &out);
    return attempt_keep(attempt, buf_bytes(&out));
}

static struct bytes shown_value(struct attempt *attempt,
                                const struct client_header *header)
{
    const struct target *target = &attempt->target;

    if (redact_is_secret_header(header->name))
        return BYTES(ATTEMPT_MASK);
    if (bytes_eq_nocase(header->name, BYTES("X-Segment-Settings")))
        return masked_object(attempt, target->settings);
    if (bytes_eq_nocase(header->name, BYTES("X-Amz-Client-Context")))
        return masked_object(attempt, target->client_context);
    return attempt_masked(attempt, header->value);
}

static struct bytes shown_body(struct attempt *attempt, struct bytes body)
{
    return attempt_masked(attempt, bytes_slice(body, 0, ATTEMPT_SHOWN_BYTES));
}

static void record_request(struct attempt_post *post)
{
    struct attempt *attempt = post->attempt;
    struct attempt_call *record = &attempt->calls[attempt->result.n_calls];
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    if (attempt->result.n_calls == ATTEMPT_CALLS)
        return;
    attempt->result.n_calls++;
    buf_init(&text, HEADERS_BYTES);
    write_init(&write, &text);
    write_object(&write);
    for (size_t i = 0; i < post->request.n_headers; i++) {
        write_key_string(&write, post->headers[i].name);
        write_string(&write, shown_value(attempt, &post->headers[i]));
    }
    write_object_end(&write);
    *record = (struct attempt_call){
        .method = attempt_keep(attempt, post->request.method),
        .url = attempt_masked(attempt, post->request.url),
        .headers = text.full ? BYTES("{}") : attempt_keep(attempt, buf_bytes(&text)),
        .body = shown_body(attempt, post->request.body),
    };
    post->record = record;
}

/* "x-amzn-requestId" is "X-Amzn-Requestid". */
static struct bytes canonical_name(struct attempt *attempt, struct bytes name)
{
    char *text = arena_copy(&attempt->arena, name);
    bool is_first = true;

    for (size_t i = 0; i < name.len; i++) {
        const char c = text[i];

        if (is_first && c >= 'a' && c <= 'z')
            text[i] = (char)(c & ~0x20);
        else if (!is_first && c >= 'A' && c <= 'Z')
            text[i] = (char)(c | 0x20);
        is_first = c == '-';
    }
    return bytes_of(text, name.len);
}

/* Fills @ret_headers, sorted by name; equal ones stay in their order. */
static void sort_headers(struct attempt *attempt, const struct client_response *response,
                         struct client_header *ret_headers)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        const struct client_header *given = &response->headers[i];
        const struct client_header header = {canonical_name(attempt, given->name),
                                             shown_value(attempt, given)};
        size_t at = i;

        for (; at > 0 && bytes_cmp(ret_headers[at - 1].name, header.name) > 0; at--)
            ret_headers[at] = ret_headers[at - 1];
        ret_headers[at] = header;
    }
}

static struct bytes response_headers(struct attempt *attempt,
                                     const struct client_response *response)
{
    struct client_header headers[CLIENT_MAX_HEADERS];
    cleanup(buf_done) struct buf text = {0};
    cleanup(buf_done) struct buf value = {0};
    struct write write;

    buf_init(&text, HEADERS_BYTES);
    buf_init(&value, HEADERS_BYTES);
    sort_headers(attempt, response, headers);
    write_init(&write, &text);
    write_object(&write);
    for (size_t i = 0; i < response->n_headers; i++) {
        buf_addf(&value, "%s%.*s", value.len > 0 ? ", " : "",
                 BYTES_FMT(headers[i].value));
        if (i + 1 < response->n_headers && bytes_eq(headers[i].name, headers[i + 1].name))
            continue;
        write_key_string(&write, headers[i].name);
        write_string(&write, buf_bytes(&value));
        buf_clear(&value);
    }
    write_object_end(&write);
    return text.full ? BYTES("{}") : attempt_keep(attempt, buf_bytes(&text));
}

static void record_response(struct attempt_post *post,
                            const struct client_response *response)
{
    struct attempt *attempt = post->attempt;
    struct attempt_call *record = post->record;
    const char *trouble = attempt_post_trouble(response);

    if (record == NULL)
        return;
    record->duration_us = response->duration_us;
    if (trouble != NULL) {
        record->trouble = bytes_str(trouble);
        return;
    }
    record->status = response->status;
    record->response_headers = response_headers(attempt, response);
    record->response_body =
        shown_body(attempt, post->is_role ? attempt_role_shown(attempt, response->status,
                                                               response->body)
                                          : response->body);
}

/* --- sending ------------------------------------------------------------------------ */

static void on_response(void *arg, const struct client_response *response)
{
    struct attempt_post *post = arg;
    struct emulator *emulator = post->attempt->emulator;

    emulator_enter_open(emulator);
    post->call = NULL;
    record_response(post, response);
    post->done_fn(post, response);
    emulator_leave_open(emulator);
}

/* What the client itself writes, so that the record is whole. */
static void add_framing(struct attempt_post *post)
{
    struct attempt *attempt = post->attempt;
    struct client_request *request = &post->request;
    cleanup(buf_done) struct buf authority = {0};
    const char *length;

    buf_init(&authority, AUTHORITY_BYTES);
    if (client_url_endpoint(request->url, &authority))
        attempt_post_header(post, "Host", attempt_keep(attempt, buf_bytes(&authority)));
    length = arena_printf(&attempt->arena, "%zu", request->body.len);
    if (request->has_body)
        attempt_post_header(post, "Content-Length", bytes_str(length));
    if (request->says_keep_alive)
        attempt_post_header(post, "Connection", BYTES("Keep-Alive"));
}

void attempt_post_start(struct attempt_post *post, attempt_post_fn *fn)
{
    struct client *client = emulator_parts(post->attempt->emulator)->client;

    post->done_fn = fn;
    add_framing(post);
    record_request(post);
    post->call = client_start(client, &post->request, on_response, post);
}

void attempt_post_cancel_all(struct attempt *attempt, bool forgets)
{
    for (struct list_link *link = attempt->posts.first; link != NULL; link = link->next) {
        struct attempt_post *post = list_entry(link, struct attempt_post, link);

        if (post->call != NULL)
            client_cancel(post->call);
        post->call = NULL;
        if (forgets)
            post->record = NULL;
    }
    if (forgets)
        attempt->result.n_calls = 0;
}

/* --- reading ------------------------------------------------------------------------ */

struct bytes attempt_post_find(const struct client_response *response, const char *name)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        if (bytes_eq_nocase(response->headers[i].name, bytes_str(name)))
            return response->headers[i].value;
    }
    return bytes_of(NULL, 0);
}

static const char *connect_trouble(int os_error)
{
    switch (os_error) {
    case 0:
    case ECONNRESET:
        return "ECONNRESET";
    case ETIMEDOUT:
        return "ETIMEDOUT";
    case EHOSTUNREACH:
    case ENETUNREACH:
        return "EHOSTUNREACH";
    default:
        return "ECONNREFUSED";
    }
}

const char *attempt_post_trouble(const struct client_response *response)
{
    switch (response->transport) {
    case TRANSPORT_OK:
        return NULL;
    case TRANSPORT_TIMEOUT:
        return "ETIMEDOUT";
    case TRANSPORT_REFUSED:
        return connect_trouble(response->os_error);
    case TRANSPORT_DNS:
        return "ENOTFOUND";
    case TRANSPORT_TLS:
        return "TLS";
    case TRANSPORT_EGRESS:
        return "EHOSTUNREACH";
    case TRANSPORT_NONE:
    case TRANSPORT_BAD_URL:
    case TRANSPORT_TOO_LARGE:
    case TRANSPORT_OTHER:
        break;
    }
    return "ECONNABORTED";
}

struct retry_reading attempt_post_read(const struct client_response *response)
{
    const char *trouble = attempt_post_trouble(response);

    if (response->transport == TRANSPORT_BAD_URL)
        return retry_of_function(/* is_loaded= */ false, false, false, BYTES(""));
    return trouble != NULL ? retry_of_trouble(trouble)
                           : retry_of_status(response->status);
}

/* Seconds, or "Wed, 21 Oct 2015 07:28:00 GMT". */
int64_t attempt_post_retry_after(const struct client_response *response)
{
    const struct bytes text = bytes_trim(attempt_post_find(response, "Retry-After"));
    struct tm tm = {0};
    char date[64];
    int64_t ms = 0;

    if (text.len == 0 || text.len >= sizeof(date))
        return 0;
    if (bytes_to_i64(text, &ms))
        return ms > 0 && ms < RETRY_WINDOW_MS ? ms * 1000 : 0;
    snprintf(date, sizeof(date), "%.*s", BYTES_FMT(text));
    if (strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL)
        return 0;
    ms = (int64_t)timegm(&tm) * 1000 - clock_wall_ms();
    return ms > 0 ? ms : 0;
}
