/* SPDX-License-Identifier: MIT */

/*
 * The course of an attempt. Whatever happens, it ends in exactly one settlement, or is
 * dropped at the stop and found in the store again.
 */

#include <stdio.h>

#include "base/digest.h"
#include "base/mem.h"
#include "core/request.h"
#include "service/attempt.h"
#include "service/live.h"
#include "service/record.h"
#include "sys/clock.h"

enum { REQUESTS_BYTES = 96 << 10, INPUT_BYTES = 256 << 20, BATCH_ID_BYTES = 16 };

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

    if (outcome == OUTCOME_DELIVERED && attempt->to_send != NULL) {
        source_sent(attempt);
        return;
    }
    if (outcome == OUTCOME_DELIVERED) {
        settle_attempt(attempt, outcome, NULL, NULL);
        return;
    }
    if (response->transport == TRANSPORT_OK)
        snprintf(message, sizeof(message), "%s answered %d",
                 attempt->to_send != NULL ? "Segment" : "the endpoint", response->status);
    else
        snprintf(message, sizeof(message), "%s", response->error);
    settle_attempt(attempt, outcome, transport_error(response, name, sizeof(name)),
                   message);
}

void attempt_fetch_done(struct attempt *attempt, uint32_t fetch,
                        const struct client_response *response)
{
    not_zeroed struct pool_header headers[POOL_HEADERS];
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
        .subscription = attempt->line->name,
        .text = attempt->line->name,
        .detail = detail,
        .duration_us = result->duration_us,
        .number = (int64_t)result->n_logs,
    };

    if (attempt->courier->options.notice_fn == NULL)
        return;
    courier_event_id(attempt_first(attempt), event_id);
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

/* Who shared a world with what killed it is tried alone next, so that one bad event does
 * not take the others with it to the end; after a time-out only the second time, for a
 * slow endpoint would then get twenty requests instead of one. */
static void suspect_all(struct attempt *attempt, enum outcome_run run)
{
    struct list_link *link = attempt->deliveries.first;

    if (attempt->entry != POOL_BATCH)
        return;
    for (; link != NULL; link = link->next) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        if (run == RUN_MEMORY || run == RUN_CRASHED ||
            (run == RUN_TIMEOUT && delivery->attempts > 1))
            delivery->is_suspect = true;
    }
}

static void settle_run(struct attempt *attempt, const struct pool_result *result)
{
    enum outcome outcome = outcome_of_run(result->run, result->error_name);
    cleanup(buf_done) struct buf message = {0};
    char name[64];

    if (result->run == RUN_RETURNED && result->has_statuses) {
        settle_items(attempt, result->value);
        return;
    }
    if (result->run == RUN_RETURNED) {
        settle_attempt(attempt, outcome, NULL, NULL);
        return;
    }
    suspect_all(attempt, result->run);
    buf_init(&message, 8192);
    buf_add(&message, bytes_slice(result->error_message, 0, 8000));
    settle_attempt(attempt, outcome, run_error_name(result, name, sizeof(name)),
                   buf_text(&message));
}

static void on_result(void *arg, const struct pool_result *result)
{
    struct attempt *attempt = arg;
    struct courier *courier = attempt->courier;

    attempt->invocation = NULL;
    /* A runner's start, and runs that others spoilt, are not what the code took. */
    attempt->began_us = clock_now_us() - result->duration_us;
    outgoing_cancel_all(attempt); /* a fetch that the code did not wait for */
    notice_run(attempt, result);
    tally_run(courier->options.tally, attempt->line->number,
              outcome_of_run(result->run, result->error_name), result->duration_us);
    recent_add(&attempt->line->function.recent, loop_now_ms(courier->loop),
               outcome_of_run(result->run, result->error_name) == OUTCOME_DELIVERED,
               result->duration_us);
    record_run(&attempt->said, &attempt->credentials->redact, result);
    record_throw(&attempt->thrown, &attempt->credentials->redact, result);
    if (result->run == RUN_RETURNED && attempt->entry == POOL_REQUEST)
        source_send(attempt, result->value);
    else if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0)
        outgoing_send_own(attempt, result->value);
    else
        settle_run(attempt, result);
    lines_dispatch(courier);
}

/* What the function is given: the payload, a list of them, or what was posted. */
static struct bytes input_of(struct attempt *attempt)
{
    const struct parcel *first = attempt_first(attempt)->parcel;
    struct buf *input = &attempt->input;
    struct list_link *link = attempt->deliveries.first;

    if (attempt->entry == POOL_EVENT)
        return first->payload;
    buf_init(input, INPUT_BYTES);
    if (attempt->entry == POOL_REQUEST) {
        request_open(first->payload, first->settings, input);
        return buf_bytes(input);
    }
    for (char before = '['; link != NULL; link = link->next, before = ',') {
        buf_add_char(input, before);
        buf_add(input, list_entry(link, struct delivery, link)->parcel->payload);
    }
    buf_add_char(input, ']');
    return buf_bytes(input);
}

static bool is_folded(const struct attempt *attempt)
{
    struct list_link *link = attempt->deliveries.first;

    for (; link != NULL; link = link->next) {
        if (list_entry(link, struct delivery, link)->parcel->is_folded)
            return true;
    }
    return false;
}

static bool run_function(struct attempt *attempt, struct pool_function *function)
{
    const struct pool_run run = {
        .entry = attempt->entry,
        .event = input_of(attempt),
        .settings = attempt->credentials->settings,
        .kind = attempt_first(attempt)->parcel->head.kind,
        .is_folded = is_folded(attempt),
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_result,
        .arg = attempt,
    };

    attempt->invocation = pool_invoke(function, &run);
    return attempt->invocation != NULL;
}

/* --- begin and end ------------------------------------------------------------------ */

void attempt_free(struct attempt *attempt)
{
    struct courier *courier = attempt->courier;

    outgoing_cancel_all(attempt);
    list_remove(&courier->attempts, &attempt->link);
    credentials_release(attempt->credentials);
    consignment_free(attempt->to_send);
    secret_wipe(attempt->input.ptr, attempt->input.len);
    buf_done(&attempt->input);
    buf_done(&attempt->recorded);
    buf_done(&attempt->said);
    buf_done(&attempt->thrown);
    free(attempt);
}

static void delivery_begin(struct delivery *delivery, int64_t now_ms)
{
    struct courier *courier = delivery->line->courier;

    tally_move(courier->options.tally, delivery->state, DELIVERY_RUNNING);
    live_add(courier->options.live, delivery->row);
    delivery->state = DELIVERY_RUNNING;
    delivery->attempts++;
    if (delivery->first_attempt_ms != 0)
        return;
    delivery->first_attempt_ms = now_ms;
    delivery->tried_since_ms = lines_now_ms(courier);
}

/* The same over the attempts of the same deliveries, whatever else is on its way. */
static void name_attempt(struct attempt *attempt)
{
    cleanup(buf_done) struct buf rows = {0};
    uint8_t sum[SHA256_LEN];
    char *at = attempt->id;

    if (attempt->deliveries.n_links == 1) {
        courier_delivery_id(attempt_first(attempt), attempt->id);
        return;
    }
    buf_init(&rows, attempt->deliveries.n_links * sizeof(int64_t));
    for (struct list_link *link = attempt->deliveries.first; link; link = link->next) {
        const struct delivery *delivery = list_entry(link, struct delivery, link);

        buf_add(&rows, bytes_of(&delivery->row, sizeof(delivery->row)));
    }
    sha256_sum((const struct bytes[]){buf_bytes(&rows)}, 1, sum);
    at += snprintf(at, ATTEMPT_ID_BYTES, "bat_");
    for (int i = 0; i < BATCH_ID_BYTES; i++)
        at += snprintf(at, 3, "%02x", (unsigned)sum[i]);
}

static enum pool_entry entry_of(const struct line *line, const struct attempt_plan *plan)
{
    if (line->config->kind == CONFIG_SOURCE)
        return POOL_REQUEST;
    return plan->is_batch ? POOL_BATCH : POOL_EVENT;
}

static struct attempt *attempt_new(struct line *line, struct attempt_plan *plan)
{
    struct courier *courier = line->courier;
    struct attempt *attempt = mem_new(struct attempt);

    attempt->courier = courier;
    attempt->line = line;
    attempt->deliveries = plan->deliveries;
    attempt->entry = entry_of(line, plan);
    attempt->config = line->config;
    attempt->snapshot = courier->snapshot;
    attempt->probe = plan->probe;
    attempt->began_us = clock_now_us();
    attempt->began_at_ms = clock_wall_ms();
    attempt->credentials = credentials_get(courier->credentials, line->config,
                                           attempt_first(attempt)->parcel);
    buf_init(&attempt->recorded, REQUESTS_BYTES);
    buf_init(&attempt->said, RECORD_BYTES);
    buf_init(&attempt->thrown, RECORD_BYTES);
    name_attempt(attempt);
    list_push(&courier->attempts, &attempt->link);
    return attempt;
}

void attempt_start(struct line *line, struct attempt_plan *plan)
{
    struct attempt *attempt = attempt_new(line, plan);

    for (struct list_link *link = attempt->deliveries.first; link; link = link->next)
        delivery_begin(list_entry(link, struct delivery, link), attempt->began_at_ms);
    line->n_running++;
    if (line->function.path == NULL)
        outgoing_send_event(attempt);
    else if (!run_function(attempt, plan->function))
        settle_attempt(attempt, OUTCOME_RETRY, "Busy", "the runner had no room");
}

static void drop_delivery(struct courier *courier, struct delivery *delivery)
{
    live_remove(courier->options.live, delivery->row);
    waiters_answer(&courier->waiters, &delivery->waiter, OUTCOME_RETRY, NULL, NULL);
    delivery_free(courier, delivery);
}

static void drop_attempt(struct attempt *attempt)
{
    struct courier *courier = attempt->courier;
    struct list deliveries = attempt->deliveries;
    struct list_link *link;

    if (attempt->invocation != NULL)
        pool_cancel(attempt->invocation);
    attempt->line->n_running--;
    attempt_free(attempt);
    while ((link = list_pop(&deliveries)) != NULL)
        drop_delivery(courier, list_entry(link, struct delivery, link));
}

void attempt_drop_all(struct courier *courier)
{
    struct list_link *next;

    for (struct list_link *link = courier->attempts.first; link; link = next) {
        next = link->next;
        drop_attempt(list_entry(link, struct attempt, link));
    }
}
