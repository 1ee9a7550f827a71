/* SPDX-License-Identifier: MIT */

/* What may become of an attempt (interface §7), by rules of the oracle's own. */

#include "base/mem.h"
#include "simulation/kernel.h"
#include "simulation/oracle_state.h"

enum { ROUNDING_MS = 2, HOUR_MS = 3600000 };

struct model_delivery *oracle_delivery(int64_t row)
{
    if ((size_t)row >= oracle.n_deliveries) {
        size_t n = ((size_t)row + 1) * 2;

        oracle.deliveries = mem_grow(oracle.deliveries, n, sizeof(*oracle.deliveries));
        memset(oracle.deliveries + oracle.n_deliveries, 0,
               (n - oracle.n_deliveries) * sizeof(*oracle.deliveries));
        oracle.n_deliveries = n;
    }
    return &oracle.deliveries[row];
}

enum verdict { VERDICT_RETRY, VERDICT_DELIVERED, VERDICT_DISCARDED, VERDICT_DEAD };

static enum verdict verdict_on(const struct heard *heard)
{
    if (heard->transport != TRANSPORT_OK)
        return VERDICT_RETRY;
    if (heard->status / 100 == 2)
        return VERDICT_DELIVERED;
    if (heard->status == 501)
        return VERDICT_DISCARDED;
    if (heard->status == 408 || heard->status == 423 || heard->status == 429)
        return VERDICT_RETRY;
    return heard->status / 100 == 5 ? VERDICT_RETRY : VERDICT_DEAD;
}

struct range {
    double least, most;
};

/* Of the wait after attempt @attempt. The k-th of n-1 waits is over/(2^(n-1)-1) times
 * 2^(k-1), half of it more or less. */
static struct range wait_range(const struct line_options *limits, int attempt)
{
    double share = 1;
    double all = 0;

    for (int k = 1; k < limits->attempts; k++) {
        if (k < attempt)
            share *= 2;
        all = all * 2 + 1;
    }
    if (limits->attempts < 2)
        return (struct range){0, 0};
    share *= (double)limits->over_ms / all;
    return (struct range){share * 0.5, share * 1.5};
}

static int64_t wanted_ms(const struct heard *heard)
{
    return heard->retry_after_ms < HOUR_MS ? heard->retry_after_ms : HOUR_MS;
}

/* How much of its age the delivery had left when the attempt ended, at least. In the life
 * of its first attempt it ages with the kernel's time, whatever the wall does. Another
 * process knows that moment by the wall only, as that was when it read the row, which may
 * have been at any time since it started. */
static int64_t left_ms(const struct store_delivery *stored,
                       const struct model_delivery *delivery)
{
    int64_t age_ms = delivery->heard.at_us / 1000;

    if (delivery->first_life == oracle.n_lives)
        age_ms -= delivery->first_us / 1000;
    else
        age_ms += oracle.ahead_most_ms - stored->first_attempt_ms;
    return delivery->limits.over_ms + delivery->limits.over_ms / 2 - age_ms;
}

static void check_wait(int64_t row, const struct store_delivery *stored,
                       struct model_delivery *delivery)
{
    struct range range = wait_range(&delivery->limits, (int)stored->attempts);
    double wanted = (double)wanted_ms(&delivery->heard);
    double left = (double)left_ms(stored, delivery);
    double wait = (double)(stored->next_at_ms - delivery->heard.wall_ms);

    if (range.least > left)
        range.least = left;
    if (range.least < wanted)
        range.least = wanted;
    if (range.most < wanted)
        range.most = wanted;
    oracle_check(wait >= range.least - ROUNDING_MS && wait <= range.most + ROUNDING_MS,
                 "I11", "delivery %lld waits %.0f ms after attempt %u, not %.0f to %.0f",
                 (long long)row, wait, stored->attempts, range.least, range.most);
    delivery->due_us = delivery->heard.at_us + (int64_t)wait * 1000;
    delivery->earliest_us = delivery->due_us - ROUNDING_MS * 1000;
}

/* The partner did not want it or was not there. */
static void check_retry(int64_t row, const struct store_delivery *stored,
                        struct model_delivery *delivery)
{
    bool was_last = (int)stored->attempts >= delivery->limits.attempts;
    bool is_old = left_ms(stored, delivery) <= ROUNDING_MS ||
                  wanted_ms(&delivery->heard) > left_ms(stored, delivery) - ROUNDING_MS;

    if (stored->state == DELIVERY_DEAD) {
        oracle_check(
            was_last || is_old, "I6",
            "delivery %lld is given up after attempt %u of %d, with %lld ms left",
            (long long)row, stored->attempts, delivery->limits.attempts,
            (long long)left_ms(stored, delivery));
        return;
    }
    oracle_check(stored->state == DELIVERY_RETRYING && !was_last, "I6",
                 "delivery %lld is %s after attempt %u of %d, answer %d", (long long)row,
                 delivery_state_text(stored->state), stored->attempts,
                 delivery->limits.attempts, delivery->heard.status);
    check_wait(row, stored, delivery);
}

static void check_heard(int64_t row, const struct store_delivery *stored,
                        struct model_delivery *delivery)
{
    static const enum delivery_state ends[] = {
        [VERDICT_DELIVERED] = DELIVERY_DELIVERED,
        [VERDICT_DISCARDED] = DELIVERY_DISCARDED,
        [VERDICT_DEAD] = DELIVERY_DEAD,
    };
    enum verdict verdict = verdict_on(&delivery->heard);

    if (verdict == VERDICT_RETRY) {
        check_retry(row, stored, delivery);
        return;
    }
    oracle_check(stored->state == ends[verdict], "I6",
                 "delivery %lld is %s after answer %d", (long long)row,
                 delivery_state_text(stored->state), delivery->heard.status);
}

/* Given up without an attempt: only what is old, of a partner that is down. */
static void check_expired(int64_t row, const struct store_delivery *stored)
{
    const struct model_line *line = &oracle.lines[stored->subscription - 1];
    const struct model_partner *partner = &oracle.partners[line->limits.partner];
    int64_t anchor_ms =
        stored->first_attempt_ms > 0 ? stored->first_attempt_ms : stored->created_at_ms;
    int64_t age_ms = kernel_wall_ms() - anchor_ms;

    oracle_check(stored->state == DELIVERY_DEAD, "I6",
                 "delivery %lld is %s without an attempt", (long long)row,
                 delivery_state_text(stored->state));
    oracle_check(
        line->limits.has_function || partner->n_failures >= 20 ||
            fake_store_trouble_us() + 5000000 > kernel_now_us() ||
            partner->trouble_us + 10000000 > kernel_now_us() ||
            partner->free_us + 5000000 > kernel_now_us(),
        "I12",
        "delivery %lld is given up, and its partner has failed %u times, the last"
        " time %lld ms ago, and was found up %lld ms ago",
        (long long)row, partner->n_failures,
        (long long)(kernel_now_us() - partner->trouble_us) / 1000,
        (long long)(kernel_now_us() - partner->free_us) / 1000);
    oracle_check(oracle.jumped_us != 0 || oracle.configured_us != 0 ||
                     age_ms + 5000 >= line->limits.over_ms + line->limits.over_ms / 2,
                 "I6", "delivery %lld is given up when it is %lld ms old", (long long)row,
                 (long long)age_ms);
}

void oracle_settled(int64_t row, const struct fake_row *before)
{
    const struct store_delivery *stored = &fake_store_row(row)->delivery;
    struct model_delivery *delivery = oracle_delivery(row);
    unsigned n_before = before->has_delivery ? before->delivery.attempts : 0;

    delivery->is_open = false;
    delivery->earliest_us = 0;
    delivery->due_us = kernel_now_us() + 1000 * (stored->next_at_ms - kernel_wall_ms());
    if (stored->attempts == n_before) {
        check_expired(row, stored);
        return;
    }
    oracle_check(stored->attempts == n_before + 1, "I6",
                 "delivery %lld has %u attempts after %u", (long long)row,
                 stored->attempts, n_before);
    if (!delivery->heard.is_set)
        return;
    delivery->heard.is_set = false;
    check_heard(row, stored, delivery);
}
