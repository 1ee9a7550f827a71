/* SPDX-License-Identifier: MIT */

/*
 * The course of an attempt. Whatever happens, it ends in exactly one settlement, or is
 * dropped at the stop and found in the store again.
 */

#include <stdio.h>

#include "base/mem.h"
#include "js/pool.h"
#include "service/attempt.h"
#include "service/live.h"
#include "service/record.h"
#include "sys/clock.h"

enum { REQUESTS_BYTES = 96 << 10 };

/* --- its requests ------------------------------------------------------------------- */

static const char *transport_error(const struct client_response *response, char *text,
                                   size_t size)
{
    if (response->transport != TRANSPORT_OK)
        return outcome_transport_text(response->transport);
    snprintf(text, size, "%d", response->status);
    return text;
}

/* The delivery's own request ended: its answer is the outcome. */
void attempt_own_done(struct attempt *attempt, const struct client_response *response)
{
    enum outcome outcome = outcome_of_http(response->transport, response->status);
    char name[16];
    char message[256];

    if (outcome == OUTCOME_DELIVERED) {
        settle_attempt(attempt, outcome, NULL, NULL, NULL);
        return;
    }
    if (response->transport == TRANSPORT_OK)
        snprintf(message, sizeof(message), "the endpoint answered %d", response->status);
    else
        snprintf(message, sizeof(message), "%s", response->error);
    settle_attempt(attempt, outcome, transport_error(response, name, sizeof(name)),
                   message, NULL);
}

void attempt_fetch_done(struct attempt *attempt, uint32_t fetch,
                        const struct client_response *response)
{
    struct pool_header headers[POOL_HEADERS];
    size_t n_headers = 0;

    for (size_t i = 0; i < response->n_headers && n_headers < POOL_HEADERS; i++)
        headers[n_headers++] = (struct pool_header){.name = response->headers[i].name,
                                                    .value = response->headers[i].value};
    const struct pool_response said = {
        .transport = response->transport,
        .error = response->error,
        .status = response->status,
        .headers = headers,
        .n_headers = n_headers,
        .body = response->body,
    };
    pool_answer(attempt->invocation, fetch, &said);
}

/* --- the function's side -------------------------------------------------------------
 */

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct attempt *attempt = arg;

    attempt->invocation = invocation;
    outgoing_send_fetch(attempt, fetch, request);
}

static void on_restart(void *arg)
{
    struct attempt *attempt = arg;

    outgoing_cancel_all(attempt);
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
    cleanup(buf_done) struct buf message = {0};
    char name[64];

    tally_run(attempt->courier->options.tally, attempt->delivery->line->number, outcome,
              result->duration_us);
    if (result->run == RUN_RETURNED) {
        settle_attempt(attempt, outcome, NULL, NULL, result);
        return;
    }
    buf_init(&message, 8192);
    buf_add(&message, bytes_slice(result->error_message, 0, 8000));
    settle_attempt(attempt, outcome, run_error_name(result, name, sizeof(name)),
                   buf_text(&message), result);
}

static void on_result(void *arg, const struct pool_result *result)
{
    struct attempt *attempt = arg;
    struct courier *courier = attempt->courier;

    attempt->invocation = NULL;
    outgoing_cancel_all(attempt); /* a fetch that the code did not wait for */
    notice_run(attempt, result);
    if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0)
        outgoing_send_own(attempt, result->value);
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

void attempt_free(struct attempt *attempt)
{
    struct courier *courier = attempt->courier;

    outgoing_cancel_all(attempt);
    list_remove(&courier->attempts, &attempt->link);
    credentials_release(attempt->credentials);
    buf_done(&attempt->recorded);
    free(attempt);
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
        outgoing_send_own(attempt, delivery->parcel->payload);
    else if (!run_function(attempt))
        settle_attempt(attempt, OUTCOME_RETRY, "Busy", "the runner had no room", NULL);
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
