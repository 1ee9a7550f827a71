/* SPDX-License-Identifier: MIT */

/* How an attempt ends: what it means, when the next one is due, and what is kept of it.
 */

#include <stdio.h>

#include "base/mem.h"
#include "core/backoff.h"
#include "service/attempt.h"
#include "service/keeper.h"
#include "service/record.h"
#include "sys/clock.h"
#include "sys/rand.h"
#include "json/json.h"

enum { RECORD_BATCH_BYTES = 64 << 10, MESSAGE_BYTES = 8192, FRAME_BYTES = 480 };

struct ending { /* of an attempt, for each of its deliveries in turn */
    struct attempt *attempt;
    uint32_t jitter; /* one for all: what is tried again together comes due together */
    int64_t duration_us;
    size_t size, index;
    bool is_shared; /* its run is told with the first delivery only */
    char first_event[32];
};

struct verdict { /* on one delivery */
    enum outcome outcome;
    const char *error_name, *error_message; /* NULL: none */
};

static int64_t fill_schedule(struct store_delivery *stored,
                             const struct delivery *delivery, enum outcome outcome,
                             const struct ending *ending)
{
    const struct config_subscription *config = ending->attempt->config;
    const struct backoff backoff = {.attempts = (unsigned)config->retry_attempts,
                                    .over_ms = config->retry_over_ms};
    const int64_t now_ms = clock_wall_ms();
    const int64_t deadline_ms =
        now_ms + backoff_deadline_ms(&backoff, 0) - lines_age_ms(delivery);
    const int64_t retry_after_ms = ending->attempt->retry_after_ms;
    int64_t wait_ms =
        backoff_wait_ms(&backoff, stored->attempts, ending->jitter, retry_after_ms);

    wait_ms = backoff_fit_ms(wait_ms, retry_after_ms, deadline_ms - now_ms);
    stored->state = outcome_state(outcome, stored->attempts, backoff.attempts,
                                  now_ms + wait_ms, deadline_ms);
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

    if (error_name != NULL)
        snprintf(settlement->error_name, sizeof(settlement->error_name), "%s",
                 error_name);
    if (message != NULL)
        snprintf(settlement->message, sizeof(settlement->message), "%.255s", message);
    settlement->delivery.error_name = bytes_str(settlement->error_name);
    settlement->delivery.attempt_json = buf_bytes(&settlement->attempt);
    settlement->ended_at_ms = clock_wall_ms();
    settlement->latency_us = (settlement->ended_at_ms - delivery->created_at_ms) * 1000;
    courier_event_id(delivery, settlement->event_id);
    if (courier->snapshot->config->erase_on_delete && delivery->parcel != NULL &&
        delivery->parcel->head.kind == EVENT_DELETE &&
        delivery_is_terminal(settlement->delivery.state)) {
        settlement->erases_user = true;
        settlement->user_id = bytes_copy(parcel_user(delivery->parcel));
    }
    courier->n_unsettled++;
    keeper_settle(courier->keeper, settlement);
}

static void notice_settled(const struct delivery *delivery,
                           const struct settlement *settlement, const char *why,
                           int64_t wait_ms)
{
    struct courier *courier = delivery->line->courier;
    /* A reload may have taken the subscription away meanwhile. */
    const struct config_subscription *config = delivery->line->config;
    char event_id[32];
    const struct service_notice notice = {
        .kind = NOTICE_SETTLED,
        .event_id = event_id,
        .subscription = delivery->line->name,
        .text = delivery->line->name,
        .detail = why != NULL ? why : "",
        .state = delivery_state_text(settlement->delivery.state),
        .attempt = delivery->attempts,
        .attempts_allowed = config != NULL ? (unsigned)config->retry_attempts : 0,
        .duration_us = settlement->latency_us,
        .next_in_ms = settlement->delivery.state == DELIVERY_RETRYING ? wait_ms : 0,
    };
    struct service_notice copy = notice;

    if (courier->options.notice_fn == NULL)
        return;
    courier_event_id(delivery, event_id);
    courier_notice(courier, &copy);
}

/* Half open still: the probe ended without a word from its host. Whatever it said, every
 * line that waited for it looks again: the one that sent it may have nothing more. */
static void return_probe(struct attempt *attempt, enum outcome outcome)
{
    struct host *probe = attempt->probe;
    int64_t now_ms = loop_now_ms(attempt->courier->loop);

    if (probe == NULL)
        return;
    if (probe->breaker.state == BREAKER_HALF_OPEN) {
        if (outcome == OUTCOME_DELIVERED)
            (void)breaker_success(&probe->breaker, now_ms);
        else
            breaker_abandon(&probe->breaker, now_ms);
    }
    lines_wake_all(attempt->courier);
}

/* What a batch sent belongs to many people: where one of them may have all of hers
 * erased, it is nowhere. */
static bool keeps_run(const struct ending *ending)
{
    return ending->size == 1 ||
           !ending->attempt->courier->snapshot->config->erase_on_delete;
}

/* Of a small batch every delivery has the whole run, of a large one the first: whoever
 * reads another is told where to look. */
static void record_end(const struct ending *ending, const struct delivery *delivery,
                       const struct verdict *verdict, struct buf *ret_json)
{
    const struct attempt *attempt = ending->attempt;
    bool is_kept = keeps_run(ending);
    bool is_whole = is_kept && (!ending->is_shared || ending->index == 0);
    const struct record_batch batch = {
        .id = attempt->id,
        .size = ending->size,
        .index = ending->index,
        .recorded_with = is_whole || !is_kept ? NULL : ending->first_event,
    };
    struct record_attempt record = {
        .delivery_row = delivery->row,
        .at_ms = attempt->began_at_ms,
        .subscription = delivery->line->number,
        .number = delivery->attempts,
        .outcome = verdict->outcome,
        .duration_us = ending->duration_us,
        .error_name = verdict->error_name,
        .error_message = verdict->error_message,
        .thrown = is_kept ? buf_bytes(&attempt->thrown) : (struct bytes){0},
        .batch = attempt->entry == POOL_BATCH ? &batch : NULL,
    };

    if (is_whole) {
        record.said = buf_bytes(&attempt->said);
        record.requests = buf_bytes(&attempt->recorded);
    }
    buf_expect(ret_json, record.said.len + record.requests.len + FRAME_BYTES);
    record_attempt(ret_json, &attempt->credentials->redact, &record);
}

static void settle_delivery(const struct ending *ending, struct delivery *delivery,
                            const struct verdict *verdict)
{
    const struct attempt *attempt = ending->attempt;
    struct settlement *settlement = settlement_new(delivery);
    cleanup(buf_done) struct buf masked = {0};
    struct verdict shown = *verdict;
    int64_t wait_ms =
        fill_schedule(&settlement->delivery, delivery, verdict->outcome, ending);

    buf_init(&masked, RECORD_BYTES);
    if (verdict->error_message != NULL &&
        redact_text(&attempt->credentials->redact, bytes_str(verdict->error_message),
                    &masked) == 0)
        shown.error_message = buf_text(&masked);
    settlement->due_ms = lines_now_ms(attempt->courier) + wait_ms;
    record_end(ending, delivery, &shown, &settlement->attempt);
    settlement_send(attempt->courier, settlement, shown.error_name, shown.error_message);
    notice_settled(delivery, settlement, shown.error_message, wait_ms);
}

static struct ending ending_of(struct attempt *attempt)
{
    struct ending ending = {
        .attempt = attempt,
        .jitter = rand_jitter(),
        .duration_us = clock_now_us() - attempt->began_us,
        .size = attempt->deliveries.n_links,
    };

    ending.is_shared = ending.size * (attempt->said.len + attempt->recorded.len) >
                       (ending.size > 1 ? RECORD_BATCH_BYTES : SIZE_MAX);
    if (ending.size > 1)
        courier_event_id(attempt_first(attempt), ending.first_event);
    return ending;
}

static void end_attempt(struct attempt *attempt, enum outcome outcome)
{
    struct line *line = attempt->line;

    return_probe(attempt, outcome);
    line->n_running--;
    lines_wake(line);
    attempt_free(attempt);
}

void settle_attempt(struct attempt *attempt, enum outcome outcome, const char *error_name,
                    const char *error_message)
{
    const struct verdict verdict = {outcome, error_name, error_message};
    struct ending ending = ending_of(attempt);
    struct list_link *link;

    for (; (link = list_pop(&attempt->deliveries)) != NULL; ending.index++)
        settle_delivery(&ending, list_entry(link, struct delivery, link), &verdict);
    end_attempt(attempt, outcome);
}

/* --- of a batch, each for itself ----------------------------------------------------
 */

static bool are_statuses(const struct json *items, size_t n_items)
{
    if (json_kind(items) != JSON_ARRAY || json_count(items) != n_items)
        return false;
    for (size_t i = 0; i < n_items; i++) {
        enum json_kind kind = json_kind(json_get(json_at(items, i), "status"));

        if (kind != JSON_INTEGER && kind != JSON_REAL)
            return false;
    }
    return true;
}

static enum outcome settle_item(const struct ending *ending, struct delivery *delivery,
                                const struct json *item)
{
    double number = json_double(json_get(item, "status"));
    int status = number >= 0 && number <= 999 ? (int)number : 0;
    struct bytes said = json_string(json_get(item, "errormessage"));
    struct verdict verdict = {.outcome = outcome_of_item(status)};
    cleanup(buf_done) struct buf message = {0};
    char name[16];

    if (verdict.outcome != OUTCOME_DELIVERED) {
        buf_init(&message, MESSAGE_BYTES);
        buf_addf(&message, "%d for this event of the batch", status);
        if (said.len > 0)
            buf_addf(&message, ": %.*s", BYTES_FMT(bytes_slice(said, 0, 8000)));
        snprintf(name, sizeof(name), "%d", status);
        verdict.error_name = status == 501 ? "EventNotSupported" : name;
        verdict.error_message = buf_text(&message);
    }
    settle_delivery(ending, delivery, &verdict);
    return verdict.outcome;
}

void settle_items(struct attempt *attempt, struct bytes statuses)
{
    cleanup(json_freep) struct json *items = NULL;
    struct ending ending = ending_of(attempt);
    enum outcome outcome = OUTCOME_RETRY;
    struct list_link *link;

    if (json_parse(statuses, &items, NULL) < 0 || !are_statuses(items, ending.size)) {
        settle_attempt(attempt, OUTCOME_DELIVERED, NULL, NULL);
        return;
    }
    for (; (link = list_pop(&attempt->deliveries)) != NULL; ending.index++) {
        enum outcome one = settle_item(&ending, list_entry(link, struct delivery, link),
                                       json_at(items, ending.index));

        if (one == OUTCOME_DELIVERED)
            outcome = one;
    }
    end_attempt(attempt, outcome);
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
