/* SPDX-License-Identifier: MIT */

/*
 * One attempt: a function's run with the requests that it makes, or one request that
 * carries the event as it is (or as transformEvent made it). Whatever happens, it ends in
 * exactly one settlement, or is dropped at the stop and found in the store again.
 */

#include <stdio.h>

#include "base/mem.h"
#include "core/backoff.h"
#include "core/id.h"
#include "js/pool.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "service/live.h"
#include "service/record.h"
#include "service/waiters.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { KEY_TEXT_BYTES = 48, REQUESTS_BYTES = 96 << 10, TRANSFORM_BYTES = 4 << 20 };

struct attempt {
    struct list_link link;
    struct courier *courier;
    struct delivery *delivery;
    const struct config_subscription *config;
    const struct snapshot *snapshot;
    struct credentials *credentials;
    struct pool_invocation *invocation; /* NULL: not running */
    struct host *probe;
    struct list requests;     /* under way */
    unsigned n_requests;      /* begun in this run: the ordinal of the idempotency key */
    bool has_refused_request; /* a non-2xx among them, for the console's amber */
    struct buf recorded;      /* the requests that ended */
    int64_t began_us;
    int64_t began_at_ms; /* wall */
    int64_t retry_after_ms;
};

struct outgoing { /* one request under way */
    struct list_link link;
    struct attempt *attempt;
    struct client_call *call;
    struct host *host;
    uint32_t fetch; /* the function's number for it; 0: the delivery's own request */
    struct client_request request;
    struct client_header headers[CLIENT_MAX_HEADERS];
    char key[KEY_TEXT_BYTES];
    struct arena arena; /* what a function's request said */
};

static void settle(struct attempt *attempt, enum outcome outcome, const char *error_name,
                   const char *error_message, const struct pool_result *result);

/* --- requests ----------------------------------------------------------------------- */

static void outgoing_free(struct outgoing *outgoing)
{
    list_remove(&outgoing->attempt->requests, &outgoing->link);
    if (outgoing->host != NULL)
        outgoing->host->n_in_flight--;
    arena_done(&outgoing->arena);
    free(outgoing);
}

static void cancel_requests(struct attempt *attempt)
{
    while (!list_is_empty(&attempt->requests)) {
        struct outgoing *outgoing =
            list_entry(attempt->requests.first, struct outgoing, link);

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
    cleanup(buf_done) struct buf path;
    char event_id[32];
    char detail[256] = "";
    struct service_notice notice = {
        .kind = NOTICE_REQUEST,
        .event_id = event_id,
        .subscription = attempt->delivery->line->name,
        .text = outgoing->host != NULL ? outgoing->host->name : "",
        .detail = detail,
        .status = response->transport == TRANSPORT_OK ? response->status : 0,
        .attempt = attempt->delivery->attempts,
        .attempts_allowed = (unsigned)attempt->config->retry_attempts,
        .duration_us = response->duration_us,
    };

    if (attempt->courier->options.notice_fn == NULL)
        return;
    courier_event_id(attempt->delivery, event_id);
    buf_init(&path, 4096);
    if (response->transport != TRANSPORT_OK)
        snprintf(detail, sizeof(detail), "%s", response->error);
    else if (redact_text(&attempt->credentials->redact, path_of(request.url), &path) == 0)
        snprintf(detail, sizeof(detail), "%d %.*s %.200s", response->status,
                 BYTES_FMT(bytes_slice(request.method, 0, 16)), buf_text(&path));
    courier_notice(attempt->courier, &notice);
}

static const char *transport_error(const struct client_response *response, char *text,
                                   size_t size)
{
    if (response->transport != TRANSPORT_OK)
        return outcome_transport_text(response->transport);
    snprintf(text, size, "%d", response->status);
    return text;
}

/* The delivery's own request ended: its answer is the outcome. */
static void own_request_done(struct attempt *attempt,
                             const struct client_response *response)
{
    enum outcome outcome = outcome_of_http(response->transport, response->status);
    char name[16];
    char message[256];

    if (outcome == OUTCOME_DELIVERED) {
        settle(attempt, outcome, NULL, NULL, NULL);
        return;
    }
    if (response->transport == TRANSPORT_OK)
        snprintf(message, sizeof(message), "the endpoint answered %d", response->status);
    else
        snprintf(message, sizeof(message), "%s", response->error);
    settle(attempt, outcome, transport_error(response, name, sizeof(name)), message,
           NULL);
}

static void answer_fetch(struct attempt *attempt, uint32_t fetch,
                         const struct client_response *response)
{
    struct pool_header headers[POOL_HEADERS];
    size_t n_headers = 0;

    for (size_t i = 0; i < response->n_headers && n_headers < POOL_HEADERS; i++)
        headers[n_headers++] = (struct pool_header){.name = response->headers[i].name,
                                                    .value = response->headers[i].value};
    pool_answer(attempt->invocation, fetch, response->transport, response->error,
                response->status, headers, n_headers, response->body);
}

static void on_response(void *arg, const struct client_response *response)
{
    struct outgoing *outgoing = arg;
    struct attempt *attempt = outgoing->attempt;
    struct courier *courier = attempt->courier;
    uint32_t fetch = outgoing->fetch;

    record_request(&attempt->recorded, &attempt->credentials->redact, &outgoing->request,
                   response);
    if (response->transport == TRANSPORT_OK)
        attempt->retry_after_ms = 0;
    for (size_t i = 0; i < response->n_headers; i++) {
        if (bytes_eq_nocase(response->headers[i].name, BYTES("retry-after")))
            attempt->retry_after_ms =
                backoff_retry_after_ms(response->headers[i].value, clock_wall_ms());
    }
    tally_request(courier->options.tally, attempt->delivery->line->number,
                  response->transport == TRANSPORT_OK ? response->status : 0,
                  response->duration_us);
    notice_request(outgoing, response);
    if (outgoing->host != NULL)
        host_said(courier, outgoing->host, response);
    outgoing_free(outgoing);
    if (fetch != 0)
        answer_fetch(attempt, fetch, response);
    else
        own_request_done(attempt, response);
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
    if (outgoing->request.n_headers == CLIENT_MAX_HEADERS || has_header(outgoing, name))
        return;
    outgoing->headers[outgoing->request.n_headers++] =
        (struct client_header){.name = name, .value = value};
}

static struct outgoing *outgoing_new(struct attempt *attempt, uint32_t fetch)
{
    struct outgoing *outgoing = mem_new(struct outgoing);

    outgoing->attempt = attempt;
    outgoing->fetch = fetch;
    arena_init(&outgoing->arena);
    list_push(&attempt->requests, &outgoing->link);
    return outgoing;
}

static void send_request(struct outgoing *outgoing)
{
    struct attempt *attempt = outgoing->attempt;
    struct courier *courier = attempt->courier;
    struct client_request *request = &outgoing->request;
    cleanup(buf_done) struct buf host;
    char id[ID_TEXT_LEN];

    attempt->n_requests++;
    id_format((struct id){.kind = ID_DELIVERY,
                          .time_ms = attempt->delivery->created_at_ms,
                          .extra = attempt->delivery->line->number,
                          .row = attempt->delivery->row},
              id);
    snprintf(outgoing->key, sizeof(outgoing->key), "%s-%u", id, attempt->n_requests);
    request->headers = outgoing->headers;
    add_header(outgoing, BYTES("Idempotency-Key"), bytes_str(outgoing->key));
    request->timeout_ms = attempt->config->timeout_ms;
    request->egress = attempt->snapshot->egress;
    buf_init(&host, 512);
    if (client_url_host(request->url, &host)) {
        outgoing->host = hosts_get(&courier->hosts, buf_bytes(&host));
        outgoing->host->n_in_flight++;
        outgoing->host->n_requests++;
        attempt->delivery->line->host = outgoing->host;
    }
    outgoing->call = client_start(courier->client, request, on_response, outgoing);
}

/* The delivery's own request, with @body as JSON. The body lives as long as the attempt.
 */
static void send_own(struct attempt *attempt, struct bytes body)
{
    struct outgoing *outgoing = outgoing_new(attempt, 0);

    outgoing->request.method = bytes_str(attempt->config->method);
    outgoing->request.url = bytes_str(attempt->config->endpoint);
    outgoing->request.body = bytes_of(arena_copy(&outgoing->arena, body), body.len);
    outgoing->request.has_body = true;
    add_header(outgoing, BYTES("Content-Type"), BYTES("application/json"));
    send_request(outgoing);
}

/* --- the function's side -------------------------------------------------------------
 */

static struct bytes kept(struct outgoing *outgoing, struct bytes bytes)
{
    return bytes_of(arena_copy(&outgoing->arena, bytes), bytes.len);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct attempt *attempt = arg;
    struct outgoing *outgoing = outgoing_new(attempt, fetch);

    attempt->invocation = invocation;
    outgoing->request.method = kept(outgoing, request->method);
    outgoing->request.url = kept(outgoing, request->url);
    outgoing->request.body = kept(outgoing, request->body);
    outgoing->request.has_body = request->has_body;
    for (size_t i = 0; i < request->n_headers; i++)
        add_header(outgoing, kept(outgoing, request->headers[i].name),
                   kept(outgoing, request->headers[i].value));
    send_request(outgoing);
}

static void on_restart(void *arg)
{
    struct attempt *attempt = arg;

    cancel_requests(attempt);
    attempt->n_requests = 0;
    buf_clear(&attempt->recorded);
}

static void notice_run(const struct attempt *attempt, const struct pool_result *result)
{
    char event_id[32];
    char detail[192];
    struct service_notice notice = {
        .kind = NOTICE_FUNCTION,
        .event_id = event_id,
        .subscription = attempt->delivery->line->name,
        .text = attempt->delivery->line->name,
        .detail = detail,
        .duration_us = result->duration_us,
        .number = (int64_t)result->n_logs,
    };

    if (attempt->courier->options.notice_fn == NULL)
        return;
    courier_event_id(attempt->delivery, event_id);
    snprintf(detail, sizeof(detail), "%.*s → %u request%s", BYTES_FMT(result->handler),
             attempt->n_requests, attempt->n_requests == 1 ? "" : "s");
    courier_notice(attempt->courier, &notice);
}

static const char *run_error_name(const struct pool_result *result, char *text,
                                  size_t size)
{
    switch (result->run) {
    case RUN_TIMEOUT:
        return "Timeout";
    case RUN_MEMORY:
        return "OutOfMemory";
    case RUN_CRASHED:
        return "Crashed";
    case RUN_NOT_LOADED:
        return "InvalidSettings";
    case RUN_NO_HANDLER:
        return "EventNotSupported";
    case RUN_NONE:
    case RUN_RETURNED:
    case RUN_THREW:
        break;
    }
    snprintf(text, size, "%.*s", BYTES_FMT(result->error_name));
    return text[0] != '\0' ? text : "Error";
}

static void settle_run(struct attempt *attempt, const struct pool_result *result)
{
    enum outcome outcome = outcome_of_run(result->run, result->error_name);
    cleanup(buf_done) struct buf message;
    char name[64];

    tally_run(attempt->courier->options.tally, attempt->delivery->line->number, outcome,
              result->duration_us);
    if (result->run == RUN_RETURNED) {
        settle(attempt, outcome, NULL, NULL, result);
        return;
    }
    buf_init(&message, 8192);
    buf_add(&message, bytes_slice(result->error_message, 0, 8000));
    settle(attempt, outcome, run_error_name(result, name, sizeof(name)),
           buf_text(&message), result);
}

static void on_result(void *arg, const struct pool_result *result)
{
    struct attempt *attempt = arg;
    struct courier *courier = attempt->courier;

    attempt->invocation = NULL;
    cancel_requests(attempt); /* a fetch that the code did not wait for */
    notice_run(attempt, result);
    if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0)
        send_own(attempt, result->value);
    else
        settle_run(attempt, result);
    lines_dispatch(courier);
}

static bool run_function(struct attempt *attempt)
{
    const struct parcel *parcel = attempt->delivery->parcel;
    const struct pool_run run = {
        .event = parcel->payload,
        .settings = attempt->credentials->settings,
        .kind = parcel->kind,
        .is_folded = parcel->is_folded,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_result,
        .arg = attempt,
    };

    attempt->invocation = pool_invoke(attempt->delivery->line->function.current, &run);
    return attempt->invocation != NULL;
}

/* --- begin and end ------------------------------------------------------------------ */

static void attempt_free(struct attempt *attempt)
{
    struct courier *courier = attempt->courier;

    cancel_requests(attempt);
    list_remove(&courier->attempts, &attempt->link);
    credentials_release(attempt->credentials);
    buf_done(&attempt->recorded);
    free(attempt);
}

static int64_t fill_schedule(struct store_delivery *stored,
                             const struct config_subscription *config,
                             enum outcome outcome, int64_t retry_after_ms)
{
    const struct backoff backoff = {.attempts = (unsigned)config->retry_attempts,
                                    .over_ms = config->retry_over_ms};
    int64_t now_ms = clock_wall_ms();
    int64_t wait_ms =
        backoff_wait_ms(&backoff, stored->attempts, rand_jitter(), retry_after_ms);

    stored->state =
        outcome_state(outcome, stored->attempts, backoff.attempts, now_ms + wait_ms,
                      backoff_deadline_ms(&backoff, stored->first_attempt_ms));
    if (stored->state == DELIVERY_RETRYING)
        stored->next_at_ms = now_ms + wait_ms;
    else
        stored->settled_at_ms = now_ms;
    return wait_ms;
}

static struct settlement *settlement_new(struct delivery *delivery)
{
    struct settlement *settlement = mem_new(struct settlement);

    settlement->mail.kind = MAIL_SETTLEMENT;
    settlement->owner = delivery;
    settlement->delivery = (struct store_delivery){
        .row = delivery->row,
        .event = delivery->event,
        .created_at_ms = delivery->created_at_ms,
        .subscription = delivery->line->number,
        .replay = delivery->replay,
        .function_version = delivery->line->function.version,
        .attempts = delivery->attempts,
        .first_attempt_ms = delivery->first_attempt_ms,
    };
    buf_init(&settlement->attempt, RECORD_BYTES);
    return settlement;
}

static void settlement_send(struct courier *courier, struct settlement *settlement,
                            const char *error_name, const char *message)
{
    struct delivery *delivery = settlement->owner;

    snprintf(settlement->error_name, sizeof(settlement->error_name), "%s",
             error_name != NULL ? error_name : "");
    snprintf(settlement->message, sizeof(settlement->message), "%.255s",
             message != NULL ? message : "");
    settlement->delivery.error_name = bytes_str(settlement->error_name);
    settlement->delivery.attempt_json = buf_bytes(&settlement->attempt);
    settlement->ended_at_ms = clock_wall_ms();
    settlement->latency_us = (settlement->ended_at_ms - delivery->created_at_ms) * 1000;
    courier_event_id(delivery, settlement->event_id);
    if (courier->snapshot->config->erase_on_delete && delivery->parcel != NULL &&
        delivery->parcel->kind == EVENT_DELETE &&
        delivery_is_terminal(settlement->delivery.state)) {
        settlement->erases_user = true;
        settlement->user_id = bytes_copy(delivery->parcel->user_id);
    }
    courier->n_unsettled++;
    keeper_settle(courier->keeper, settlement);
}

static void notice_settled(const struct delivery *delivery,
                           const struct settlement *settlement, const char *why,
                           int64_t wait_ms)
{
    struct courier *courier = delivery->line->courier;
    char event_id[32];
    const struct service_notice notice = {
        .kind = NOTICE_SETTLED,
        .event_id = event_id,
        .subscription = delivery->line->name,
        .text = delivery->line->name,
        .detail = why != NULL ? why : "",
        .state = delivery_state_text(settlement->delivery.state),
        .attempt = delivery->attempts,
        .attempts_allowed = (unsigned)delivery->line->config->retry_attempts,
        .duration_us = settlement->latency_us,
        .next_in_ms = settlement->delivery.state == DELIVERY_RETRYING ? wait_ms : 0,
    };
    struct service_notice copy = notice;

    if (courier->options.notice_fn == NULL)
        return;
    courier_event_id(delivery, event_id);
    courier_notice(courier, &copy);
}

/* A probe that ended without a word from its host. */
static void return_probe(struct attempt *attempt, enum outcome outcome)
{
    struct host *probe = attempt->probe;
    int64_t now_ms = loop_now_ms(attempt->courier->loop);

    if (probe == NULL || probe->breaker.state != BREAKER_HALF_OPEN)
        return;
    if (outcome == OUTCOME_DELIVERED)
        (void)breaker_success(&probe->breaker, now_ms);
    else
        breaker_abandon(&probe->breaker, now_ms);
    lines_wake_all(attempt->courier);
}

/* The attempt's end, with a message in which every secret is masked already. */
static void settle_masked(struct attempt *attempt, enum outcome outcome,
                          const char *error_name, const char *error_message,
                          const struct pool_result *result)
{
    struct courier *courier = attempt->courier;
    struct delivery *delivery = attempt->delivery;
    struct settlement *settlement = settlement_new(delivery);
    const struct record_attempt record = {
        .delivery_row = delivery->row,
        .at_ms = attempt->began_at_ms,
        .subscription = delivery->line->number,
        .number = delivery->attempts,
        .outcome = outcome,
        .duration_us = clock_now_us() - attempt->began_us,
        .error_name = error_name,
        .error_message = error_message,
        .result = result,
        .requests = buf_bytes(&attempt->recorded),
    };
    int64_t wait_ms = fill_schedule(&settlement->delivery, attempt->config, outcome,
                                    attempt->retry_after_ms);

    record_attempt(&settlement->attempt, &attempt->credentials->redact, &record);
    return_probe(attempt, outcome);
    settlement_send(courier, settlement, error_name, error_message);
    notice_settled(delivery, settlement, error_message, wait_ms);
    delivery->line->n_running--;
    lines_wake(delivery->line);
    attempt_free(attempt);
}

static void settle(struct attempt *attempt, enum outcome outcome, const char *error_name,
                   const char *error_message, const struct pool_result *result)
{
    cleanup(buf_done) struct buf masked;

    buf_init(&masked, RECORD_BYTES);
    if (error_message != NULL && redact_text(&attempt->credentials->redact,
                                             bytes_str(error_message), &masked) == 0)
        error_message = buf_text(&masked);
    settle_masked(attempt, outcome, error_name, error_message, result);
}

void attempt_expire(struct delivery *delivery, const char *why)
{
    struct courier *courier = delivery->line->courier;
    struct settlement *settlement = settlement_new(delivery);
    char message[256];

    tally_move(courier->options.tally, delivery->state, DELIVERY_RUNNING);
    snprintf(message, sizeof(message), "too old: its endpoint has been down (%s)", why);
    settlement->delivery.state = DELIVERY_DEAD;
    settlement->delivery.settled_at_ms = clock_wall_ms();
    const struct record_attempt record = {
        .delivery_row = delivery->row,
        .at_ms = clock_wall_ms(),
        .subscription = delivery->line->number,
        .number = delivery->attempts + 1,
        .outcome = OUTCOME_DEAD,
        .error_name = "expired",
        .error_message = message,
    };
    record_attempt(&settlement->attempt, &(struct redact){0}, &record);
    settlement_send(courier, settlement, "expired", message);
    notice_settled(delivery, settlement, message, 0);
}

void attempt_start(struct delivery *delivery, struct host *probe)
{
    struct courier *courier = delivery->line->courier;
    struct line *line = delivery->line;
    struct attempt *attempt = mem_new(struct attempt);

    attempt->courier = courier;
    attempt->delivery = delivery;
    attempt->config = line->config;
    attempt->snapshot = courier->snapshot;
    attempt->probe = probe;
    attempt->began_us = clock_now_us();
    attempt->began_at_ms = clock_wall_ms();
    attempt->credentials =
        credentials_get(courier->credentials, line->config, delivery->parcel);
    buf_init(&attempt->recorded, REQUESTS_BYTES);
    list_push(&courier->attempts, &attempt->link);
    tally_move(courier->options.tally, delivery->state, DELIVERY_RUNNING);
    live_add(courier->options.live, delivery->row);
    delivery->state = DELIVERY_RUNNING;
    delivery->attempts++;
    if (delivery->first_attempt_ms == 0)
        delivery->first_attempt_ms = attempt->began_at_ms;
    line->n_running++;
    if (line->function.path == NULL)
        send_own(attempt, delivery->parcel->payload);
    else if (!run_function(attempt))
        settle(attempt, OUTCOME_RETRY, "Busy", "the runner had no room", NULL);
}

void attempt_drop_all(struct courier *courier)
{
    while (!list_is_empty(&courier->attempts)) {
        struct attempt *attempt =
            list_entry(courier->attempts.first, struct attempt, link);
        struct delivery *delivery = attempt->delivery;

        if (attempt->invocation != NULL)
            pool_cancel(attempt->invocation);
        live_remove(courier->options.live, delivery->row);
        delivery->line->n_running--;
        attempt_free(attempt);
        waiters_answer(&courier->waiters, &delivery->waiter, OUTCOME_RETRY, NULL, NULL);
        delivery_free(courier, delivery);
    }
}
