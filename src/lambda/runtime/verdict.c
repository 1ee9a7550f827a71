/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/verdict.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "net/client.h"
#include "json/json.h"

enum { MESSAGE_BYTES = 64 << 10, REFUSAL_BYTES = 1024 };

static void start(struct verdict *verdict)
{
    *verdict = (struct verdict){0};
    buf_init(&verdict->text, VERDICT_BYTES);
}

void verdict_done(struct verdict *verdict)
{
    buf_done(&verdict->text);
}

/* Sets the failure; @name is what went wrong, whatever Segment is told. */
static void fail(struct verdict *verdict, enum outcome outcome, struct bytes name,
                 struct bytes message)
{
    const bool is_retry = outcome == OUTCOME_RETRY || outcome == OUTCOME_NONE;
    const bool is_named = bytes_eq(name, BYTES("RetryError"));

    if (is_retry && !is_named)
        (void)buf_addf(&verdict->text, "%.*s: ", BYTES_FMT(name));
    (void)buf_add(&verdict->text, bytes_slice(message, 0, MESSAGE_BYTES));
    verdict->failure.type = is_retry ? BYTES("RetryError") : name;
    verdict->failure.message = buf_bytes(&verdict->text);
}

void verdict_refuse(struct verdict *ret_verdict, const char *type, const char *format,
                    ...)
{
    char message[REFUSAL_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    start(ret_verdict);
    fail(ret_verdict, OUTCOME_DISCARDED, bytes_str(type), bytes_str(message));
}

/* --- a run -------------------------------------------------------------------------- */

static struct bytes name_of(const struct pool_result *result)
{
    if (result->error_name.len > 0)
        return result->error_name;
    if (result->run == RUN_NO_HANDLER)
        return BYTES("EventNotSupported");
    return result->run == RUN_NOT_LOADED ? BYTES("InvalidSettings") : BYTES("Error");
}

/* How many of a batch's events want another try; 0 when the list is no list of statuses
 * for exactly these events (dossier §4.6). */
static size_t count_retries(const struct json *items, size_t n_events)
{
    size_t n_retries = 0;

    if (json_kind(items) != JSON_ARRAY || json_count(items) != n_events)
        return 0;
    for (size_t i = 0; i < n_events; i++) {
        const struct json *status = json_get(json_at(items, i), "status");
        const double number = json_double(status);

        if (json_kind(status) != JSON_INTEGER && json_kind(status) != JSON_REAL)
            return 0;
        n_retries +=
            number >= 0 && number <= 999 && outcome_of_item((int)number) == OUTCOME_RETRY;
    }
    return n_retries;
}

static void judge_batch(struct bytes statuses, size_t n_events, struct verdict *verdict)
{
    cleanup(json_freep) struct json *items = NULL;
    size_t n_retries;

    if (json_parse(statuses, &items, NULL) < 0)
        return;
    n_retries = count_retries(items, n_events);
    if (n_retries == 0)
        return;
    verdict->is_good = false;
    (void)buf_addf(&verdict->text, "%zu of the batch's %zu events are to be tried again",
                   n_retries, n_events);
    verdict->failure.type = BYTES("RetryError");
    verdict->failure.message = buf_bytes(&verdict->text);
}

void verdict_of_run(const struct pool_result *result, size_t n_events,
                    struct verdict *ret_verdict)
{
    const enum outcome outcome = outcome_of_run(result->run, result->error_name);

    start(ret_verdict);
    ret_verdict->is_good = outcome == OUTCOME_DELIVERED;
    if (!ret_verdict->is_good)
        fail(ret_verdict, outcome, name_of(result), result->error_message);
    else if (result->has_statuses)
        judge_batch(result->value, n_events, ret_verdict);
    ret_verdict->failure.stack = result->error_stack;
}

/* --- a post ------------------------------------------------------------------------- */

void verdict_of_post(const struct client_response *response, struct verdict *ret_verdict)
{
    const enum outcome outcome = outcome_of_http(response->transport, response->status);
    const bool is_unsupported = outcome == OUTCOME_DISCARDED; /* 501 */
    char message[300];

    if (response->transport == TRANSPORT_OK)
        (void)snprintf(message, sizeof(message), "the endpoint answered %d",
                       response->status);
    else
        (void)snprintf(message, sizeof(message), "%s", response->error);
    start(ret_verdict);
    ret_verdict->is_good = outcome == OUTCOME_DELIVERED;
    if (!ret_verdict->is_good)
        fail(ret_verdict, outcome,
             is_unsupported ? BYTES("EventNotSupported") : BYTES("RequestFailed"),
             bytes_str(message));
}
