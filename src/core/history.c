/* SPDX-License-Identifier: MIT */

#include "core/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
};

static const struct {
    int64_t step_ms;
    size_t n_slots;
} kinds[] = {
    {5 * SECOND_MS, 180},  /* 15 minutes */
    {MINUTE_MS, 1440},     /* a day */
    {15 * MINUTE_MS, 672}, /* a week */
};

static const struct {
    const char *text;
    size_t ring;
    int64_t step_ms; /* a multiple of the ring's */
    size_t n_points;
} spans[] = {
    [HISTORY_NONE] = {"", 0, 5 * SECOND_MS, 0},
    [HISTORY_15M] = {"15m", 0, 5 * SECOND_MS, 180},
    [HISTORY_1H] = {"1h", 1, MINUTE_MS, 60},
    [HISTORY_24H] = {"24h", 1, 10 * MINUTE_MS, 144},
    [HISTORY_7D] = {"7d", 2, HOUR_MS, 168},
};

void history_init(struct history *history, int64_t now_ms)
{
    *history = (struct history){0};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct history_ring *ring = &history->rings[i];

        history->since_ms[i] = now_ms;
        ring->step_ms = kinds[i].step_ms;
        ring->n_slots = kinds[i].n_slots;
        ring->slots = mem_zero(ring->n_slots * sizeof(*ring->slots));
        for (size_t k = 0; k < ring->n_slots; k++)
            ring->slots[k].number = -1;
    }
}

void history_done(struct history *history)
{
    for (size_t i = 0; i < COUNT(history->rings); i++)
        free(history->rings[i].slots);
    *history = (struct history){0};
}

static int64_t number_of(const struct history_ring *ring, int64_t time_ms)
{
    return time_ms > 0 ? time_ms / ring->step_ms : 0;
}

static struct history_slot *slot_of(const struct history_ring *ring, int64_t number)
{
    return &ring->slots[(size_t)number % ring->n_slots];
}

static struct history_slot *open_slot(struct history_ring *ring, int64_t now_ms)
{
    int64_t number = number_of(ring, now_ms);
    struct history_slot *slot = slot_of(ring, number);

    if (slot->number != number)
        *slot = (struct history_slot){.number = number};
    return slot;
}

/* A clock that was set back makes the past begin earlier. */
static void mind_clock(struct history *history, int64_t now_ms)
{
    for (size_t i = 0; i < COUNT(history->rings); i++) {
        if (now_ms < history->since_ms[i])
            history->since_ms[i] = now_ms;
    }
}

void history_add(struct history *history, int64_t now_ms, enum history_count what,
                 unsigned n)
{
    mind_clock(history, now_ms);
    for (size_t i = 0; i < COUNT(history->rings); i++)
        open_slot(&history->rings[i], now_ms)->counts[what] += n;
}

void history_took(struct history *history, int64_t now_ms, int64_t duration_us)
{
    mind_clock(history, now_ms);
    for (size_t i = 0; i < COUNT(history->rings); i++)
        histogram_add(&open_slot(&history->rings[i], now_ms)->latency, duration_us);
}

/* --- a minute as bytes -----------------------------------------------------------------
 *
 * A byte that says how, the counts, then a number and a count for each bucket that is not
 * empty; numbers little end first.
 */

enum { FORMAT = 1, MINUTES_RING = 1 };

static void add_u32(struct buf *out, uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_add_char(out, (char)(unsigned char)(number >> shift & 0xff));
}

static bool take_u32(struct bytes *from, uint32_t *ret)
{
    if (from->len < 4)
        return false;
    *ret = 0;
    for (int i = 3; i >= 0; i--)
        *ret = *ret << 8 | (unsigned char)from->ptr[i];
    *from = bytes_slice(*from, 4, from->len);
    return true;
}

bool history_minute(const struct history *history, int64_t minute, struct buf *ret)
{
    const struct history_slot *slot = slot_of(&history->rings[MINUTES_RING], minute);

    if (slot->number != minute)
        return false;
    buf_add_char(ret, FORMAT);
    for (size_t i = 0; i < HISTORY_N; i++)
        add_u32(ret, slot->counts[i]);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (slot->latency.buckets[i] == 0)
            continue;
        buf_add_char(ret, (char)(unsigned char)i);
        add_u32(ret, slot->latency.buckets[i]);
    }
    return true;
}

static bool read_minute(struct bytes detail, struct history_slot *ret)
{
    if (detail.len == 0 || detail.ptr[0] != FORMAT)
        return false;
    detail = bytes_slice(detail, 1, detail.len);
    for (size_t i = 0; i < HISTORY_N; i++) {
        if (!take_u32(&detail, &ret->counts[i]))
            return false;
    }
    while (detail.len > 0) {
        const unsigned char bucket = (unsigned char)detail.ptr[0];

        detail = bytes_slice(detail, 1, detail.len);
        if (bucket >= HISTOGRAM_BUCKETS ||
            !take_u32(&detail, &ret->latency.buckets[bucket]))
            return false;
    }
    return true;
}

void history_restore(struct history *history, int64_t now_ms, int64_t minute,
                     struct bytes detail)
{
    const int64_t at_ms = minute * MINUTE_MS;
    struct history_slot from = {0};

    if (at_ms > now_ms || !read_minute(detail, &from))
        return;
    for (size_t i = MINUTES_RING; i < COUNT(history->rings); i++) {
        struct history_ring *ring = &history->rings[i];
        struct history_slot *slot;

        if (at_ms <= now_ms - (int64_t)(ring->n_slots - 1) * ring->step_ms)
            continue;
        slot = open_slot(ring, at_ms);
        for (size_t k = 0; k < HISTORY_N; k++)
            slot->counts[k] += from.counts[k];
        histogram_merge(&slot->latency, &from.latency);
        if (at_ms < history->since_ms[i])
            history->since_ms[i] = at_ms;
    }
}

enum history_span history_span_of(const char *text)
{
    for (int span = HISTORY_15M; span <= HISTORY_7D; span++) {
        if (strcmp(text, spans[span].text) == 0)
            return (enum history_span)span;
    }
    return HISTORY_NONE;
}

static void read_percentiles(const struct histogram *latency, struct history_point *ret)
{
    ret->p50_us = histogram_percentile_us(latency, 50);
    ret->p95_us = histogram_percentile_us(latency, 95);
    ret->p99_us = histogram_percentile_us(latency, 99);
}

/* What the ring has of the step at @at_ms. */
static void read_point(const struct history_ring *ring, int64_t step_ms,
                       struct history_point *point, struct histogram *ret_latency)
{
    int64_t first = number_of(ring, point->at_ms);

    for (int64_t number = first; number < first + step_ms / ring->step_ms; number++) {
        const struct history_slot *slot = slot_of(ring, number);

        if (slot->number != number)
            continue;
        for (size_t i = 0; i < HISTORY_N; i++)
            point->counts[i] += slot->counts[i];
        histogram_merge(ret_latency, &slot->latency);
    }
    read_percentiles(ret_latency, point);
}

void history_look(const struct history *history, enum history_span span, int64_t now_ms,
                  struct history_view *ret_view)
{
    const struct history_ring *ring = &history->rings[spans[span].ring];
    const int64_t step_ms = spans[span].step_ms;
    const int64_t begin_ms = history->since_ms[spans[span].ring];
    const int64_t since_ms = begin_ms < now_ms ? begin_ms : now_ms;
    struct histogram all = {0};

    *ret_view =
        (struct history_view){.step_ms = step_ms, .n_points = spans[span].n_points};
    ret_view->to_ms = (now_ms / step_ms + 1) * step_ms;
    ret_view->from_ms = ret_view->to_ms - (int64_t)ret_view->n_points * step_ms;
    ret_view->total.at_ms = since_ms > ret_view->from_ms ? since_ms : ret_view->from_ms;
    for (size_t i = 0; i < ret_view->n_points; i++) {
        struct history_point *point = &ret_view->points[i];
        struct histogram latency = {0};

        point->at_ms = ret_view->from_ms + (int64_t)i * step_ms;
        point->is_known = point->at_ms + step_ms > since_ms;
        read_point(ring, step_ms, point, &latency);
        histogram_merge(&all, &latency);
        for (size_t k = 0; k < HISTORY_N; k++)
            ret_view->total.counts[k] += point->counts[k];
    }
    ret_view->total.is_known = true;
    read_percentiles(&all, &ret_view->total);
}
