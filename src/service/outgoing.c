/* SPDX-License-Identifier: MIT */

/* The requests of an attempt, from the idempotency key to what the host's answer says. */

#include <stdio.h>

#include "base/mem.h"
#include "core/backoff.h"
#include "segment/basic.h"
#include "service/attempt.h"
#include "service/record.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum {
    KEY_TEXT_BYTES = 56,
    CREDENTIAL_BYTES = 8192,
    OUR_HEADERS = 3,
    HOST_BYTES = 512,
    RECORD_FRAME_BYTES = 800
};

struct outgoing { /* one request under way */
    struct list_link link;
    struct attempt *attempt;
    struct client_call *call;
    struct host *host;
    uint32_t fetch; /* the function's number for it; 0: the delivery's own request */
    struct client_request request;
    char key[KEY_TEXT_BYTES];
    struct arena arena; /* what a function's request said */
    size_t max_headers;
    struct client_header headers[];
};

/* It is on its attempt's list no more. */
static void outgoing_free(struct outgoing *outgoing)
{
    if (outgoing->host != NULL)
        outgoing->host->n_in_flight--;
    arena_done(&outgoing->arena);
    free(outgoing);
}

void outgoing_cancel_all(struct attempt *attempt)
{
    struct list_link *link;

    while ((link = list_pop(&attempt->requests)) != NULL) {
        struct outgoing *outgoing = list_entry(link, struct outgoing, link);

        client_cancel(outgoing->call);
        outgoing_free(outgoing);
    }
}

static void host_said(struct courier *courier, struct host *host,
                      const struct client_response *response)
{
    bool failed = hosts_is_failure(response->transport, response->status);
    int64_t now_ms = loop_now_ms(courier->loop);
    bool changed;
    struct service_notice notice = {.text = host->name, .detail = host->last_error};

    if (host->recent != NULL)
        recent_add(host->recent, now_ms,
                   response->transport == TRANSPORT_OK && response->status / 100 == 2,
                   response->duration_us);
    host->last_status = response->transport == TRANSPORT_OK ? response->status : 0;
    if (!failed) {
        host->last_success_ms = clock_wall_ms();
        changed = breaker_success(&host->breaker, now_ms);
        notice.kind = NOTICE_ENDPOINT_UP;
    } else {
        host->last_failure_ms = clock_wall_ms();
        if (response->transport == TRANSPORT_OK)
            snprintf(host->last_error, sizeof(host->last_error), "answered %d",
                     response->status);
        else
            snprintf(host->last_error, sizeof(host->last_error), "%.191s",
                     response->error);
        changed = breaker_failure(&host->breaker, now_ms, rand_jitter());
        notice.kind = NOTICE_ENDPOINT_DOWN;
    }
    if (changed) {
        courier_notice(courier, &notice);
        lines_wake_all(courier);
    }
}

/* "/sink/demo" of "http://localhost:8888/sink/demo?x". */
static struct bytes path_of(struct bytes url)
{
    size_t scheme = bytes_find(url, BYTES("://"));
    struct bytes rest = bytes_slice(url, scheme + 3, url.len);
    struct bytes path = bytes_slice(rest, bytes_index(rest, '/'), rest.len);

    return path.len > 0 ? bytes_slice(path, 0, bytes_index(path, '?')) : BYTES("/");
}

static void notice_request(const struct outgoing *outgoing,
                           const struct client_response *response)
{
    struct attempt *attempt = outgoing->attempt;
    struct client_request request = outgoing->request;
    cleanup(buf_done) struct buf path = {0};
    char event_id[32];
    char detail[256] = "";
    struct service_notice notice = {
        .kind = NOTICE_REQUEST,
        .event_id = event_id,
        .subscription = attempt->line->name,
        .text = outgoing->host != NULL ? outgoing->host->name : "",
        .detail = detail,
        .status = response->transport == TRANSPORT_OK ? response->status : 0,
        .attempt = attempt_first(attempt)->attempts,
        .attempts_allowed = (unsigned)attempt->config->retry_attempts,
        .duration_us = response->duration_us,
    };

    if (attempt->courier->options.notice_fn == NULL)
        return;
    courier_event_id(attempt_first(attempt), event_id);
    buf_init(&path, 4096);
    if (response->transport != TRANSPORT_OK)
        snprintf(detail, sizeof(detail), "%s", response->error);
    else if (redact_text(&attempt->credentials->redact, path_of(request.url), &path) == 0)
        snprintf(detail, sizeof(detail), "%d %.*s %.200s", response->status,
                 BYTES_FMT(bytes_slice(request.method, 0, 16)), buf_text(&path));
    courier_notice(attempt->courier, &notice);
}

/* What a record of it will take: bodies of JSON, as JSON strings, a quarter more. */
static void expect_record(struct buf *recorded, const struct outgoing *outgoing,
                          const struct client_response *response)
{
    size_t sent = bytes_slice(outgoing->request.body, 0, RECORD_BODY_BYTES).len;
    size_t got = bytes_slice(response->body, 0, RECORD_BODY_BYTES).len;

    buf_expect(recorded, (sent + got) / 4 * 5 + RECORD_FRAME_BYTES);
}

static void on_response(void *arg, const struct client_response *response)
{
    struct outgoing *outgoing = arg;
    struct attempt *attempt = outgoing->attempt;
    struct courier *courier = attempt->courier;
    uint32_t fetch = outgoing->fetch;

    expect_record(&attempt->recorded, outgoing, response);
    record_request(&attempt->recorded, &attempt->credentials->redact, &outgoing->request,
                   response);
    if (response->transport == TRANSPORT_OK)
        attempt->retry_after_ms = 0;
    for (size_t i = 0; i < response->n_headers; i++) {
        if (bytes_eq_nocase(response->headers[i].name, BYTES("retry-after")))
            attempt->retry_after_ms =
                backoff_retry_after_ms(response->headers[i].value, clock_wall_ms());
    }
    tally_request(courier->options.tally, attempt->line->number,
                  response->transport == TRANSPORT_OK ? response->status : 0,
                  response->duration_us);
    notice_request(outgoing, response);
    if (outgoing->host != NULL)
        host_said(courier, outgoing->host, response);
    list_remove(&attempt->requests, &outgoing->link);
    outgoing_free(outgoing);
    if (fetch != 0)
        attempt_fetch_done(attempt, fetch, response);
    else
        attempt_own_done(attempt, response);
    lines_dispatch(courier);
}

static bool has_header(const struct outgoing *outgoing, struct bytes name)
{
    for (size_t i = 0; i < outgoing->request.n_headers; i++) {
        if (bytes_eq_nocase(outgoing->headers[i].name, name))
            return true;
    }
    return false;
}

static void add_header(struct outgoing *outgoing, struct bytes name, struct bytes value)
{
    if (outgoing->request.n_headers == outgoing->max_headers ||
        has_header(outgoing, name))
        return;
    outgoing->headers[outgoing->request.n_headers++] =
        (struct client_header){.name = name, .value = value};
}

/* With room for @n_headers and those that we add. */
static struct outgoing *outgoing_new(struct attempt *attempt, uint32_t fetch,
                                     size_t n_headers)
{
    const size_t max_headers = n_headers + OUR_HEADERS < CLIENT_MAX_HEADERS
                                   ? n_headers + OUR_HEADERS
                                   : CLIENT_MAX_HEADERS;
    struct outgoing *outgoing =
        mem_zero(sizeof(*outgoing) + max_headers * sizeof(struct client_header));

    outgoing->max_headers = max_headers;
    outgoing->attempt = attempt;
    outgoing->fetch = fetch;
    arena_init(&outgoing->arena);
    list_push(&attempt->requests, &outgoing->link);
    return outgoing;
}

/* A line's requests mostly go where the one before went. NULL: nowhere. */
static struct host *host_of(struct line *line, struct bytes url)
{
    cleanup(buf_done) struct buf name = {0};

    if (line->host != NULL && line->sent_to.len > 0 &&
        bytes_eq(buf_bytes(&line->sent_to), url))
        return line->host;
    buf_clear(&line->sent_to);
    buf_init(&name, HOST_BYTES);
    if (!client_url_endpoint(url, &name))
        return NULL;
    (void)buf_add(&line->sent_to, url);
    line->host = hosts_get(&line->courier->hosts, buf_bytes(&name));
    return line->host;
}

static void make_key(struct outgoing *outgoing)
{
    struct attempt *attempt = outgoing->attempt;

    unsigned number = ++attempt->n_requests;

    if (number < 10) /* nearly all, without printf's costs */
        (void)stpcpy(stpcpy(outgoing->key, attempt->id),
                     (char[]){'-', (char)('0' + number), '\0'});
    else
        snprintf(outgoing->key, sizeof(outgoing->key), "%s-%u", attempt->id, number);
}

static void send_request(struct outgoing *outgoing)
{
    struct attempt *attempt = outgoing->attempt;
    struct courier *courier = attempt->courier;
    struct client_request *request = &outgoing->request;

    make_key(outgoing);
    request->headers = outgoing->headers;
    add_header(outgoing, BYTES("Idempotency-Key"), bytes_str(outgoing->key));
    request->timeout_ms = attempt->config->timeout_ms;
    request->egress = attempt->snapshot->egress;
    request->keeps_redirects = outgoing->fetch != 0; /* fetch() follows them itself */
    outgoing->host = host_of(attempt->line, request->url);
    if (outgoing->host != NULL) {
        outgoing->host->n_in_flight++;
        outgoing->host->n_requests++;
    }
    outgoing->call = client_start(courier->client, request, on_response, outgoing);
}

static struct bytes kept(struct outgoing *outgoing, struct bytes bytes)
{
    return bytes_of(arena_copy(&outgoing->arena, bytes), bytes.len);
}

static void send_own(struct outgoing *outgoing, struct bytes body)
{
    const struct config_subscription *config = outgoing->attempt->config;

    outgoing->request.method = bytes_str(config->method);
    outgoing->request.url = bytes_str(config->endpoint);
    outgoing->request.body = body;
    outgoing->request.has_body = true;
    add_header(outgoing, BYTES("Content-Type"), BYTES("application/json"));
    send_request(outgoing);
}

void outgoing_send_event(struct attempt *attempt)
{
    send_own(outgoing_new(attempt, 0, 0), attempt_first(attempt)->parcel->payload);
}

void outgoing_send_own(struct attempt *attempt, struct bytes body)
{
    struct outgoing *outgoing = outgoing_new(attempt, 0, 0);

    send_own(outgoing, kept(outgoing, body));
}

void outgoing_send_segment(struct attempt *attempt, const char *path, struct bytes body)
{
    struct outgoing *outgoing = outgoing_new(attempt, 0, 0);
    cleanup(buf_done) struct buf credential = {0};

    buf_init(&credential, CREDENTIAL_BYTES);
    (void)basic_format(secret_bytes(&attempt->config->write_key), &credential);
    outgoing->request.method = BYTES("POST");
    outgoing->request.url = bytes_str(arena_printf(
        &outgoing->arena, "%s%s", attempt->snapshot->config->segment.tracking_url, path));
    outgoing->request.body = kept(outgoing, body);
    outgoing->request.has_body = true;
    add_header(outgoing, BYTES("Content-Type"), BYTES("application/json"));
    add_header(outgoing, BYTES("Authorization"), kept(outgoing, buf_bytes(&credential)));
    secret_wipe(credential.ptr, credential.len);
    send_request(outgoing);
}

void outgoing_send_fetch(struct attempt *attempt, uint32_t fetch,
                         const struct pool_request *request)
{
    struct outgoing *outgoing = outgoing_new(attempt, fetch, request->n_headers);

    outgoing->request.method = kept(outgoing, request->method);
    outgoing->request.url = kept(outgoing, request->url);
    outgoing->request.body = kept(outgoing, request->body);
    outgoing->request.has_body = request->has_body;
    for (size_t i = 0; i < request->n_headers; i++)
        add_header(outgoing, kept(outgoing, request->headers[i].name),
                   kept(outgoing, request->headers[i].value));
    send_request(outgoing);
}
