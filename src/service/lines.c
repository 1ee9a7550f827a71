/* SPDX-License-Identifier: MIT */

/*
 * Whose turn it is. A line that cannot act leaves the round and is woken by what it waits
 * for: an attempt's end, its events' bytes, a timer, an order. So a turn of the loop
 * costs what can be done, not how many subscriptions there are.
 */

#include "base/mem.h"
#include "core/backoff.h"
#include "js/pool.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "service/live.h"
#include "sys/clock.h"

enum { EVENT_COST = 512, LOOK_AHEAD = 64, SENT_TO_BYTES = 512 };

static void on_wake(void *arg)
{
    struct line *line = arg;

    lines_wake(line);
    lines_dispatch(line->courier);
}

static struct line *line_new(struct courier *courier, uint16_t number)
{
    struct line *line = mem_new(struct line);

    line->courier = courier;
    line->number = number;
    line->name = mem_text("");
    buf_init(&line->sent_to, SENT_TO_BYTES);
    loop_timer_init(&line->wake, courier->loop, on_wake, line);
    batches_init(&line->batches);
    instances_init(line);
    list_push(&courier->lines, &line->link);
    return line;
}

static void grow_numbers(struct courier *courier, uint16_t number)
{
    const size_t n_old = courier->n_numbers;

    courier->n_numbers = (size_t)number * 2 + 16;
    courier->by_number =
        mem_grow(courier->by_number, courier->n_numbers, sizeof(struct line *));
    memset(courier->by_number + n_old, 0,
           (courier->n_numbers - n_old) * sizeof(struct line *));
}

/* Of every event, so without a walk over all subscriptions. */
struct line *lines_get(struct courier *courier, uint16_t number)
{
    if (number >= courier->n_numbers)
        grow_numbers(courier, number);
    if (courier->by_number[number] == NULL)
        courier->by_number[number] = line_new(courier, number);
    return courier->by_number[number];
}

void lines_configure(struct line *line, const struct config_subscription *config)
{
    line->config = config;
    batches_dissolve(&line->batches, &line->ready);
    if (config == NULL)
        return;
    line->rate = (struct rate){0};
    free(line->name);
    line->name = mem_text(config->name);
    line->rate.per_second = config->rate_per_s;
    /* Where a function's requests went stays known over a reload, paused or down. */
    if (config->endpoint != NULL) {
        cleanup(buf_done) struct buf host = {0};

        line->host = NULL;
        buf_clear(&line->sent_to);
        buf_init(&host, 512);
        if (client_url_endpoint(bytes_str(config->endpoint), &host))
            line->host = hosts_get(&line->courier->hosts, buf_bytes(&host));
    }
    tally_name(line->courier->options.tally, line->number, config->name);
}

void lines_free(struct courier *courier)
{
    struct list_link *link;

    free(courier->by_number);
    courier->by_number = NULL;
    courier->n_numbers = 0;
    while ((link = list_pop(&courier->lines)) != NULL) {
        struct line *line = list_entry(link, struct line, link);
        struct list_link *waiting;

        turns_leave(&courier->turns, &line->turn);
        batches_dissolve(&line->batches, &line->ready);
        batches_free(&line->batches);
        while ((waiting = list_pop(&line->ready)) != NULL)
            delivery_free(courier, list_entry(waiting, struct delivery, link));
        row_set_done(&line->later);
        loop_timer_done(&line->wake);
        functions_free(line);
        instances_free(line);
        buf_done(&line->sent_to);
        free(line->name);
        free(line);
    }
}

/* --- deliveries --------------------------------------------------------------------- */

struct delivery *delivery_new(struct line *line, const struct store_delivery *stored)
{
    struct delivery *delivery = mem_new(struct delivery);

    delivery->line = line;
    delivery->row = stored->row;
    delivery->event = stored->event;
    delivery->replay = stored->replay;
    delivery->created_at_ms = stored->created_at_ms;
    delivery->first_attempt_ms = stored->first_attempt_ms;
    /* From here on a wall clock that jumps does not make it older. */
    if (stored->first_attempt_ms != 0)
        delivery->tried_since_ms =
            lines_now_ms(line->courier) - (clock_wall_ms() - stored->first_attempt_ms);
    delivery->attempts = stored->attempts;
    delivery->state = stored->state;
    return delivery;
}

void delivery_set_parcel(struct courier *courier, struct delivery *delivery,
                         struct parcel *parcel)
{
    delivery->parcel = parcel;
    courier->resident_bytes += parcel_bytes(parcel);
    delivery->line->resident_bytes += parcel_bytes(parcel);
}

void delivery_drop_parcel(struct courier *courier, struct delivery *delivery)
{
    if (delivery->parcel == NULL)
        return;
    courier->resident_bytes -= parcel_bytes(delivery->parcel);
    delivery->line->resident_bytes -= parcel_bytes(delivery->parcel);
    parcel_free(take(delivery->parcel));
}

void delivery_free(struct courier *courier, struct delivery *delivery)
{
    waiters_forget(&courier->waiters, &delivery->waiter);
    delivery_drop_parcel(courier, delivery);
    free(delivery);
}

void lines_add(struct line *line, struct delivery *delivery)
{
    list_push(&line->ready, &delivery->link);
    lines_wake(line);
}

int64_t lines_now_ms(const struct courier *courier)
{
    return clock_is_followed() ? clock_wall_ms() : loop_now_ms(courier->loop);
}

int64_t lines_age_ms(const struct delivery *delivery)
{
    if (delivery->tried_since_ms != 0)
        return lines_now_ms(delivery->line->courier) - delivery->tried_since_ms;
    return clock_wall_ms() - delivery->first_attempt_ms;
}

void lines_arm(struct courier *courier)
{
    const struct heap_node *next = heap_peek(&courier->due);
    int64_t wait_ms = -1;

    if (next != NULL)
        wait_ms = clock_real_wait_ms(next->at - lines_now_ms(courier));
    if (wait_ms < 0)
        loop_timer_stop(&courier->due_timer);
    else
        loop_timer_set(&courier->due_timer, wait_ms);
}

void lines_wait(struct courier *courier, struct delivery *delivery, int64_t delay_ms)
{
    delivery->due.at = lines_now_ms(courier) + delay_ms;
    delivery->due.tie = delivery->row;
    heap_push(&courier->due, &delivery->due);
    if (heap_peek(&courier->due) == &delivery->due)
        lines_arm(courier);
}

static bool has_work(const struct line *line)
{
    return !list_is_empty(&line->ready) || line->batches.n_deliveries > 0 ||
           line->later.n_rows > 0;
}

size_t lines_n_waiting(const struct line *line)
{
    return line->ready.n_links + line->batches.n_deliveries + line->n_loading +
           line->later.n_rows;
}

void lines_wake(struct line *line)
{
    if (line->config != NULL && has_work(line) && !line->courier->is_stopping)
        turns_join(&line->courier->turns, &line->turn);
}

void lines_wake_all(struct courier *courier)
{
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next)
        lines_wake(list_entry(link, struct line, link));
}

/* --- what holds a line back --------------------------------------------------------- */

/* Is the delivery past its age while its endpoint is down? Time that it spent behind a
 * pause, or before this endpoint failed, does not count. */
static bool is_expired(const struct delivery *delivery, const struct host *host)
{
    const struct config_subscription *config = delivery->line->config;
    const struct backoff backoff = {.attempts = (unsigned)config->retry_attempts,
                                    .over_ms = config->retry_over_ms};
    int64_t now_ms = clock_wall_ms();
    int64_t down_ms = loop_now_ms(delivery->line->courier->loop) - host->breaker.since_ms;
    int64_t anchor_ms = delivery->created_at_ms;

    if (delivery->first_attempt_ms != 0)
        return lines_age_ms(delivery) > backoff_deadline_ms(&backoff, 0);
    if (anchor_ms < now_ms - down_ms)
        anchor_ms = now_ms - down_ms;
    if (anchor_ms < host->resumed_at_ms)
        anchor_ms = host->resumed_at_ms;
    return now_ms > backoff_deadline_ms(&backoff, anchor_ms);
}

/* Those at the front of @list, up to the first that is not. */
static void expire_first(struct line *line, struct list *list)
{
    while (!list_is_empty(list)) {
        struct delivery *delivery = list_entry(list->first, struct delivery, link);

        if (!is_expired(delivery, line->host))
            return;
        list_remove(list, &delivery->link);
        attempt_expire(delivery, line->host->last_error);
    }
}

static bool endpoint_admits(struct line *line, struct host **ret_probe)
{
    struct host *host = line->host;
    int64_t wait_ms = 0;
    enum breaker_state before;

    *ret_probe = NULL;
    if (host == NULL)
        return true;
    if (host->is_paused)
        return false;
    before = host->breaker.state;
    if (breaker_admit(&host->breaker, loop_now_ms(line->courier->loop), &wait_ms)) {
        if (before != BREAKER_CLOSED)
            *ret_probe = host;
        return true;
    }
    /* Who waited for company has waited in vain; it collects again afterwards. */
    batches_dissolve(&line->batches, &line->ready);
    expire_first(line, &line->ready);
    refill_line(line); /* they may all be too old */
    if (wait_ms > 0)
        loop_timer_set(&line->wake, wait_ms);
    return false;
}

static bool limits_admit(struct line *line)
{
    struct courier *courier = line->courier;

    if (line->n_running >= (size_t)line->config->concurrency)
        return false;
    if (courier->n_unsettled >= COURIER_MAX_UNSETTLED) {
        courier->was_full = true;
        return false;
    }
    return true;
}

/* Asked last: a token that was taken must not be lost to an endpoint that is down. */
static bool rate_admits(struct line *line, struct host *probe)
{
    int64_t now_ms = loop_now_ms(line->courier->loop);
    int64_t wait_ms = 0;

    if (line->config->rate_per_s <= 0 || rate_take(&line->rate, now_ms, &wait_ms))
        return true;
    if (probe != NULL)
        breaker_abandon(&probe->breaker, now_ms);
    loop_timer_set(&line->wake, wait_ms);
    return false;
}

/* --- what comes next ---------------------------------------------------------------- */

struct choice { /* where it is, until all have agreed */
    struct batch *batch;
    struct delivery *delivery;
    struct pool_function *function;
};

static bool has_bytes(struct line *line)
{
    refill_line(line);
    return !list_is_empty(&line->ready) &&
           list_entry(line->ready.first, struct delivery, link)->parcel != NULL;
}

/* The first whose function has room. Where customers have functions of their own, one
 * that is busy must not hold up the others. */
static bool choose_delivery(struct line *line, struct choice *choice)
{
    struct list_link *link = line->ready.first;
    size_t n_seen = 0;

    for (; link != NULL && n_seen < LOOK_AHEAD; link = link->next, n_seen++) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        if (delivery->parcel == NULL)
            continue;
        choice->delivery = delivery;
        choice->function = instances_get(line, delivery->parcel->key);
        if (choice->function != NULL)
            return true;
        if (line->instances.source.len == 0)
            return false;
    }
    return false;
}

static bool choose_batch(struct line *line, struct choice *choice)
{
    bool is_short = refill_is_full(line);
    int64_t due_ms = loop_now_ms(line->courier->loop) - line->config->batch_wait_ms;
    struct batch *batch = NULL;

    while ((batch = batches_ripe(&line->batches, batch, due_ms, is_short)) != NULL) {
        choice->batch = batch;
        choice->function = instances_get(line, batch->key);
        if (choice->function != NULL)
            return true;
    }
    return false;
}

/* "onTrack" or "track" is among the handlers. */
static bool has_handler(const struct line *line, enum event_kind kind)
{
    struct bytes handlers = bytes_str(line->function.handlers);
    struct bytes wanted = bytes_str(event_kind_text(kind));

    while (handlers.len > 0) {
        struct bytes one = bytes_take_until(&handlers, ' ');

        if (bytes_starts(one, BYTES("on")))
            one = bytes_slice(one, 2, one.len);
        if (bytes_eq_nocase(one, wanted))
            return true;
    }
    return false;
}

/* Somebody waits for its outcome, or it is to be tried alone. */
static bool is_lonely(const struct delivery *delivery)
{
    return delivery->is_suspect || delivery->waiter.request != NULL;
}

static bool collects(const struct line *line)
{
    return line->function.has_batch && line->config->kind == CONFIG_DESTINATION &&
           line->function.current != NULL;
}

/* Moves what is ready to its batch, up to the first that goes alone. */
static void collect(struct line *line)
{
    while (!list_is_empty(&line->ready) && list_is_empty(&line->batches.full)) {
        struct delivery *delivery = list_entry(line->ready.first, struct delivery, link);

        if (delivery->parcel == NULL || is_lonely(delivery))
            return;
        list_remove(&line->ready, &delivery->link);
        batches_add(&line->batches, delivery, line->config,
                    loop_now_ms(line->courier->loop));
    }
}

/* When the next batch has waited long enough. */
static void wake_for_batches(struct line *line)
{
    int64_t since_ms = batches_since_ms(&line->batches);
    int64_t now_ms = loop_now_ms(line->courier->loop);
    int64_t due_ms;

    if (since_ms == INT64_MAX)
        return;
    due_ms = since_ms + line->config->batch_wait_ms;
    if (due_ms > now_ms)
        loop_timer_set(&line->wake, due_ms - now_ms);
}

static bool choose_collected(struct line *line, struct choice *choice)
{
    struct delivery *first;

    collect(line);
    if (choose_batch(line, choice))
        return true;
    /* Those that are ripe wait for their functions: no more until they have run. */
    if (choice->batch != NULL)
        return false;
    wake_for_batches(line);
    if (!has_bytes(line))
        return false;
    first = list_entry(line->ready.first, struct delivery, link);
    choice->delivery = first;
    choice->function = instances_get(line, first->parcel->key);
    return choice->function != NULL;
}

static bool choose(struct line *line, struct choice *choice)
{
    if (collects(line))
        return choose_collected(line, choice);
    if (!has_bytes(line))
        return false;
    if (line->function.path != NULL)
        return choose_delivery(line, choice);
    choice->delivery = list_entry(line->ready.first, struct delivery, link);
    return true;
}

/* How it is tried: the chosen leave where they wait. */
static void make_plan(struct line *line, const struct choice *choice, struct host *probe,
                      struct attempt_plan *ret_plan)
{
    struct delivery *delivery = choice->delivery;

    ret_plan->function = choice->function;
    ret_plan->probe = probe;
    if (delivery == NULL) {
        batches_take(&line->batches, choice->batch, &ret_plan->deliveries);
        ret_plan->is_batch = true;
        return;
    }
    list_remove(&line->ready, &delivery->link);
    list_push(&ret_plan->deliveries, &delivery->link);
    ret_plan->is_batch =
        collects(line) &&
        (delivery->is_suspect || !has_handler(line, delivery->parcel->head.kind));
}

static int64_t cost_of(const struct attempt_plan *plan)
{
    int64_t cost = 0;

    for (struct list_link *link = plan->deliveries.first; link; link = link->next) {
        const struct delivery *delivery = list_entry(link, struct delivery, link);

        cost += (int64_t)delivery->parcel->payload.len + EVENT_COST;
    }
    return cost;
}

/* Starts what is first in the line. False: it cannot act now. */
static bool line_act(struct line *line, int64_t *ret_cost)
{
    struct choice choice = {0};
    struct attempt_plan plan = {0};
    struct host *probe;

    if (line->config == NULL || !choose(line, &choice) || !limits_admit(line) ||
        !endpoint_admits(line, &probe) || !rate_admits(line, probe))
        return false;
    make_plan(line, &choice, probe, &plan);
    *ret_cost = cost_of(&plan);
    attempt_start(line, &plan);
    return true;
}

void lines_dispatch(struct courier *courier)
{
    struct turns_member *member;

    while (!courier->is_stopping && (member = turns_next(&courier->turns)) != NULL) {
        struct line *line = container_of(member, struct line, turn);
        int64_t cost = 0;

        if (!line_act(line, &cost)) {
            turns_leave(&courier->turns, member);
            continue;
        }
        if (!has_work(line))
            turns_leave(&courier->turns, member);
        else
            turns_spend(&courier->turns, member, cost);
    }
}
