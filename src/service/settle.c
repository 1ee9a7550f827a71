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

void settle_attempt(struct attempt *attempt, enum outcome outcome, const char *error_name,
                    const char *error_message, const struct pool_result *result)
{
    cleanup(buf_done) struct buf masked = {0};

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
