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

enum { EVENT_COST = 512, RECHECK_MS = 50 };

static void on_wake(void *arg)
{
    struct line *line = arg;

    lines_wake(line);
    lines_dispatch(line->courier);
}

struct line *lines_get(struct courier *courier, uint16_t number)
{
    struct line *line;

    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        line = list_entry(link, struct line, link);
        if (line->number == number)
            return line;
    }
    line = mem_new(struct line);
    line->courier = courier;
    line->number = number;
    line->name = mem_text("");
    loop_timer_init(&line->wake, courier->loop, on_wake, line);
    list_push(&courier->lines, &line->link);
    return line;
}

void lines_configure(struct line *line, const struct config_subscription *config)
{
    line->config = config;
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
        buf_init(&host, 512);
        if (client_url_endpoint(bytes_str(config->endpoint), &host))
            line->host = hosts_get(&line->courier->hosts, buf_bytes(&host));
    }
    tally_name(line->courier->options.tally, line->number, config->name);
}

void lines_free(struct courier *courier)
{
    struct list_link *link;

    while ((link = list_pop(&courier->lines)) != NULL) {
        struct line *line = list_entry(link, struct line, link);
        struct list_link *waiting;

        turns_leave(&courier->turns, &line->turn);
        while ((waiting = list_pop(&line->ready)) != NULL)
            delivery_free(courier, list_entry(waiting, struct delivery, link));
        loop_timer_done(&line->wake);
        functions_free(line);
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
    delivery->attempts = stored->attempts;
    delivery->state = stored->state;
    return delivery;
}

void delivery_set_parcel(struct courier *courier, struct delivery *delivery,
                         struct parcel *parcel)
{
    delivery->parcel = parcel;
    courier->resident_bytes += parcel_bytes(parcel);
}

void delivery_drop_parcel(struct courier *courier, struct delivery *delivery)
{
    if (delivery->parcel == NULL)
        return;
    courier->resident_bytes -= parcel_bytes(delivery->parcel);
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

void lines_wait(struct courier *courier, struct delivery *delivery, int64_t delay_ms)
{
    const struct heap_node *next;

    delivery->due.at = loop_now_ms(courier->loop) + delay_ms;
    delivery->due.tie = delivery->row;
    heap_push(&courier->due, &delivery->due);
    next = heap_peek(&courier->due);
    if (next == &delivery->due)
        loop_timer_set(&courier->due_timer, delay_ms);
}

void lines_wake(struct line *line)
{
    if (line->config != NULL && !list_is_empty(&line->ready) &&
        !line->courier->is_stopping)
        turns_join(&line->courier->turns, &line->turn);
}

void lines_wake_all(struct courier *courier)
{
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next)
        lines_wake(list_entry(link, struct line, link));
}

/* --- what holds a line back --------------------------------------------------------- */

/* Asks keeper for the bytes of the first deliveries that have none. */
static void load_bytes(struct line *line)
{
    struct load *load;
    struct list_link *link = line->ready.first;

    if (line->n_loading > 0)
        return;
    load = mem_new(struct load);
    load->mail.kind = MAIL_LOAD;
    while (link != NULL && load->n_items < LOAD_MAX) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        link = link->next;
        if (delivery->parcel != NULL)
            break;
        load->items[load->n_items++] =
            (struct load_item){.event = delivery->event, .owner = delivery};
        list_remove(&line->ready, &delivery->link);
    }
    line->n_loading = load->n_items;
    keeper_load(line->courier->keeper, load);
}

/* Is the delivery past its age while its endpoint is down? Time that it spent behind a
 * pause, or before this endpoint failed, does not count. */
static bool is_expired(const struct delivery *delivery, const struct host *host)
{
    const struct config_subscription *config = delivery->line->config;
    const struct backoff backoff = {.attempts = (unsigned)config->retry_attempts,
                                    .over_ms = config->retry_over_ms};
    int64_t now_ms = clock_wall_ms();
    int64_t anchor_ms = delivery->first_attempt_ms;

    if (anchor_ms == 0) {
        int64_t down_ms =
            loop_now_ms(delivery->line->courier->loop) - host->breaker.since_ms;

        anchor_ms = delivery->created_at_ms;
        if (anchor_ms < now_ms - down_ms)
            anchor_ms = now_ms - down_ms;
        if (anchor_ms < host->resumed_at_ms)
            anchor_ms = host->resumed_at_ms;
    }
    return now_ms > backoff_deadline_ms(&backoff, anchor_ms);
}

static void expire_first(struct line *line)
{
    while (!list_is_empty(&line->ready)) {
        struct delivery *delivery = list_entry(line->ready.first, struct delivery, link);

        if (!is_expired(delivery, line->host))
            return;
        list_remove(&line->ready, &delivery->link);
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
    expire_first(line);
    if (wait_ms > 0)
        loop_timer_set(&line->wake, wait_ms);
    return false;
}

static bool function_admits(struct line *line)
{
    if (line->function.path == NULL)
        return true;
    if (line->function.current == NULL)
        return false;
    if (pool_has_room(line->function.current))
        return true;
    /* An end of an invocation wakes the line; a runner that restarts does not. */
    loop_timer_set(&line->wake, RECHECK_MS);
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

static bool has_bytes(struct line *line)
{
    if (list_entry(line->ready.first, struct delivery, link)->parcel != NULL)
        return true;
    load_bytes(line);
    return false;
}

/* Starts the first delivery of the line. False: it cannot act now. */
static bool line_act(struct line *line, int64_t *ret_cost)
{
    struct host *probe;
    struct delivery *delivery;

    if (line->config == NULL || list_is_empty(&line->ready) || !function_admits(line) ||
        !has_bytes(line) || !limits_admit(line) || !endpoint_admits(line, &probe) ||
        !rate_admits(line, probe))
        return false;
    delivery = list_entry(list_pop(&line->ready), struct delivery, link);
    *ret_cost = (int64_t)delivery->parcel->payload.len + EVENT_COST;
    attempt_start(delivery, probe);
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
        if (list_is_empty(&line->ready))
            turns_leave(&courier->turns, member);
        else
            turns_spend(&courier->turns, member, cost);
    }
}
