/* SPDX-License-Identifier: MIT */

#include "simulation/oracle.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "service/tally.h"
#include "simulation/kernel.h"
#include "simulation/oracle_state.h"
#include "simulation/process.h"

struct oracle oracle;

void oracle_done(void)
{
    for (size_t i = 0; i < oracle.n_events; i++)
        free(oracle.events[i].payload);
    free(oracle.events);
    free(oracle.n_stored);
    free(oracle.stored_ms);
    free(oracle.deliveries);
    oracle = (struct oracle){0};
}

void oracle_reset(const struct options *options)
{
    uint64_t n_checks = oracle.n_checks;

    oracle_done();
    oracle.options = options;
    oracle.n_checks = n_checks;
}

void oracle_fail(const char *invariant, const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "%s is broken: ", invariant);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n  after %.3f simulated seconds, %llu steps\n  ",
            (double)kernel_now_us() / 1e6, (unsigned long long)kernel_n_steps());
    options_print(oracle.options, stderr);
    fprintf(stderr, "  to see it again: simulation --seed %llu --log\n",
            (unsigned long long)oracle.options->seed);
    exit(1);
}

uint64_t oracle_n_checks(void)
{
    return oracle.n_checks;
}

/* --- customers ---------------------------------------------------------------------- */

uint64_t oracle_add_event(const struct model_event *event)
{
    if (oracle.n_events == oracle.events_capacity) {
        size_t capacity = oracle.events_capacity > 0 ? oracle.events_capacity * 2 : 256;

        oracle.events = mem_grow(oracle.events, capacity, sizeof(*oracle.events));
        oracle.n_stored = mem_grow(oracle.n_stored, capacity, sizeof(unsigned));
        oracle.stored_ms = mem_grow(oracle.stored_ms, capacity, sizeof(int64_t));
        oracle.events_capacity = capacity;
    }
    oracle.events[oracle.n_events] = *event;
    oracle.n_stored[oracle.n_events] = 0;
    oracle.stored_ms[oracle.n_events] = 0;
    oracle.events[oracle.n_events].serial = oracle.n_events + 1;
    return ++oracle.n_events;
}

struct model_event *oracle_event(uint64_t serial)
{
    if (serial == 0 || serial > oracle.n_events)
        oracle_fail("I2", "there is no event %llu", (unsigned long long)serial);
    return &oracle.events[serial - 1];
}

uint64_t oracle_n_events(void)
{
    return oracle.n_events;
}

/* Which event a stored row is: twins have the same bytes. */
static struct model_event *event_of(const struct fake_row *row)
{
    struct model_event *event = oracle_event(row->serial);

    while (event->line + 1 != row->subscription || event->key != row->key) {
        oracle_check(event->twin != 0, "I2",
                     "a row of subscription %d and key %lld has"
                     " the bytes of event %llu",
                     row->subscription, (long long)row->key,
                     (unsigned long long)row->serial);
        event = oracle_event(event->twin);
    }
    return event;
}

void oracle_told(const uint64_t *serials, size_t n_serials, int status)
{
    if (status == 503)
        return;
    oracle_check(!store_is_latched(NULL), "I14", "answer %d after the store has failed",
                 status);
    for (size_t i = 0; i < n_serials; i++) {
        struct model_event *event = oracle_event(serials[i]);

        oracle_check(oracle.n_stored[serials[i] - 1] > 0, "I1",
                     "answer %d for event %llu, which is not on stable storage", status,
                     (unsigned long long)serials[i]);
        event->is_told = true;
    }
}

/* --- what is durable ---------------------------------------------------------------- */

static void event_is_durable(int64_t number, const struct fake_row *row)
{
    const struct model_event *event = event_of(row);
    size_t i = event->serial - 1;

    oracle_check(row->payload_len == event->len &&
                     memcmp(row->payload, event->payload, event->len) == 0,
                 "I2", "row %lld has not the bytes of event %llu", (long long)number,
                 (unsigned long long)event->serial);
    oracle_check(event->message == 0 || oracle.n_stored[i] == 0 ||
                     oracle.stored_ms[i] <
                         row->received_at_ms - oracle.options->dedupe_ms,
                 "I7", "event %llu is stored twice within the window",
                 (unsigned long long)event->serial);
    oracle.n_stored[i]++;
    oracle.stored_ms[i] = row->received_at_ms;
    oracle.counts.accepted++;
    oracle.n_rows_due++;
    oracle_delivery(number)->due_us = kernel_now_us();
}

void oracle_durable(int64_t number, const struct fake_row *before)
{
    const struct fake_row *row = fake_store_row(number);

    kernel_trace((uint64_t)number << 8 | row->delivery.state);
    if (row->is_event && !before->is_event)
        event_is_durable(number, row);
    if (row->has_delivery && row->delivery.state == DELIVERY_QUEUED &&
        !before->has_delivery) {
        oracle.counts.replayed++;
        oracle.n_rows_due++;
        oracle_delivery(number)->due_us = kernel_now_us();
        return;
    }
    if (!row->has_delivery)
        return;
    oracle_check(!before->has_delivery || !delivery_is_terminal(before->delivery.state),
                 "I5", "delivery %lld had ended and changes", (long long)number);
    oracle.counts.attempts++;
    oracle.by_state[row->delivery.state]++;
    if (before->has_delivery)
        oracle.by_state[before->delivery.state]--;
    oracle.n_rows_due -= delivery_is_terminal(row->delivery.state);
    oracle_settled(number, before);
}

void oracle_committed(const struct store_tally *tally)
{
    const int64_t *ended = oracle.by_state;

    oracle_check(tally->accepted == oracle.counts.accepted &&
                     tally->replayed == oracle.counts.replayed &&
                     tally->delivered == ended[DELIVERY_DELIVERED] &&
                     tally->discarded == ended[DELIVERY_DISCARDED] &&
                     tally->dead == ended[DELIVERY_DEAD],
                 "I3",
                 "the saved counts say %lld accepted, %lld replayed, %lld delivered,"
                 " %lld discarded, %lld dead; it is %lld, %lld, %lld, %lld, %lld",
                 (long long)tally->accepted, (long long)tally->replayed,
                 (long long)tally->delivered, (long long)tally->discarded,
                 (long long)tally->dead, (long long)oracle.counts.accepted,
                 (long long)oracle.counts.replayed, (long long)ended[DELIVERY_DELIVERED],
                 (long long)ended[DELIVERY_DISCARDED], (long long)ended[DELIVERY_DEAD]);
}

/* --- the process -------------------------------------------------------------------- */

void oracle_process_dies(void)
{
    process_die();
}

static int64_t sum_of_states(const struct tally_counts *counts)
{
    int64_t sum = 0;

    for (int state = DELIVERY_QUEUED; state < DELIVERY_N_STATES; state++)
        sum += counts->by_state[state];
    return sum;
}

static void check_tally(void)
{
    struct tally_counts counts;

    tally_counts(oracle.tally, &counts);
    oracle_check(counts.accepted + counts.replayed == sum_of_states(&counts), "I3",
                 "%lld accepted and %lld replayed, but %lld in a state",
                 (long long)counts.accepted, (long long)counts.replayed,
                 (long long)sum_of_states(&counts));
    for (int state = DELIVERY_QUEUED; state < DELIVERY_N_STATES; state++)
        oracle_check(counts.by_state[state] >= 0, "I3", "%lld deliveries are %s",
                     (long long)counts.by_state[state],
                     delivery_state_text((enum delivery_state)state));
}

/* What waits is due at its time by the wall, as the new process can only know that; but
 * never later than its policy could have said, whatever the wall does. */
static void set_due_after_start(int64_t number, const struct fake_row *row)
{
    struct model_delivery *delivery = oracle_delivery(number);
    const struct model_line *line = &oracle.lines[row->subscription - 1];
    int64_t wait_ms = row->delivery.next_at_ms - kernel_wall_ms();
    int64_t most_ms = line->most_over_ms + line->most_over_ms / 2;

    if (most_ms < 3600000)
        most_ms = 3600000;
    if (!row->has_delivery || row->delivery.state != DELIVERY_RETRYING || wait_ms < 0)
        wait_ms = 0;
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    delivery->due_us = kernel_now_us() + wait_ms * 1000;
    if (oracle.jumped_us != 0)
        delivery->earliest_us = 0;
}

void oracle_started(struct tally *tally)
{
    struct tally_counts counts;

    oracle.tally = tally;
    oracle.started_us = kernel_now_us();
    oracle.ahead_most_ms = kernel_wall_ms() - kernel_now_us() / 1000;
    oracle.n_lives++;
    tally_counts(tally, &counts);
    oracle_check(
        counts.accepted == oracle.counts.accepted &&
            counts.by_state[DELIVERY_DELIVERED] == oracle.by_state[DELIVERY_DELIVERED] &&
            counts.by_state[DELIVERY_RETRYING] == oracle.by_state[DELIVERY_RETRYING],
        "I3", "the counts after a start are not those of what is stored");
    check_tally();
    for (int64_t row = 1; row < fake_store_n_rows(); row++) {
        const struct fake_row *stored = fake_store_row(row);

        if (stored->has_delivery || stored->is_event)
            set_due_after_start(row, stored);
    }
}

void oracle_died(void)
{
    oracle.tally = NULL;
    for (size_t i = 0; i < oracle.n_deliveries; i++) {
        struct model_delivery *delivery = &oracle.deliveries[i];

        delivery->n_incidents += delivery->is_open;
        delivery->is_open = false;
        delivery->heard.is_set = false;
    }
    for (int i = 0; i < LINES_MAX; i++)
        oracle.lines[i].n_in_flight = 0;
    for (int i = 0; i < PARTNERS_MAX; i++)
        oracle.partners[i].n_failures = oracle.partners[i].n_probes = 0;
}

void oracle_turn_ends(void)
{
    for (int i = 0; i < LINES_MAX; i++) {
        oracle.lines[i].turn_bytes = 0;
        oracle.lines[i].has_begun = false;
    }
    if (oracle.tally != NULL)
        check_tally();
}

/* --- the end ------------------------------------------------------------------------ */

int64_t oracle_healed(void)
{
    int64_t most_ms = 3600000;
    double drain_s = 0;

    oracle.is_healed = true;
    for (int i = 0; i < oracle.options->n_lines; i++) {
        const struct model_line *line = &oracle.lines[i];
        double each_s = 0.1 / line->limits.concurrency;

        if (line->limits.rate_per_s > 0)
            each_s += 1 / line->limits.rate_per_s;
        if (most_ms < line->most_over_ms + line->most_over_ms / 2)
            most_ms = line->most_over_ms + line->most_over_ms / 2;
        drain_s += each_s * (double)fake_store_n_rows();
    }
    /* Customers send again what was refused for four hours. */
    return 1000 * (most_ms + 6 * INT64_C(3600000)) + (int64_t)(drain_s * 1e6);
}

bool oracle_is_done(void)
{
    return oracle.n_rows_due == 0;
}

static bool has_ended(const struct fake_row *row)
{
    return row->has_delivery ? delivery_is_terminal(row->delivery.state) : !row->is_event;
}

noreturn_fn void oracle_fail_late(void)
{
    int64_t number = 1;
    const struct store_delivery *stored;

    while (number < fake_store_n_rows() - 1 && has_ended(fake_store_row(number)))
        number++;
    stored = &fake_store_row(number)->delivery;
    oracle_fail("I12",
                "not everything has ended in time: of %lld deliveries %lld is %s, %u"
                " attempts, created %lld, first %lld, next %lld ms from now",
                (long long)oracle.n_rows_due, (long long)number,
                delivery_state_text(stored->state), stored->attempts,
                (long long)(stored->created_at_ms - kernel_wall_ms()),
                (long long)(stored->first_attempt_ms - kernel_wall_ms()),
                (long long)(stored->next_at_ms - kernel_wall_ms()));
}

static void check_mild(int64_t number, const struct fake_row *row)
{
    const struct model_delivery *delivery = oracle_delivery(number);

    oracle_check(row->delivery.state == DELIVERY_DELIVERED, "I6",
                 "nothing was wrong, and delivery %lld is %s", (long long)number,
                 delivery_state_text(row->delivery.state));
    oracle_check(delivery->n_successes <= 1, "I6",
                 "nothing was wrong, and delivery %lld was made %u times",
                 (long long)number, delivery->n_successes);
}

void oracle_finish(void)
{
    bool is_mild = options_are_mild(oracle.options);

    for (int64_t number = 1; number < fake_store_n_rows(); number++) {
        const struct fake_row *row = fake_store_row(number);

        if (!row->has_delivery && !row->is_event)
            continue;
        oracle_check(row->has_delivery && delivery_is_terminal(row->delivery.state),
                     "I12", "delivery %lld has not ended", (long long)number);
        if (is_mild)
            check_mild(number, row);
    }
    for (size_t i = 0; i < oracle.n_events; i++)
        oracle_check(!oracle.events[i].is_told || oracle.n_stored[i] > 0, "I1",
                     "event %zu was accepted and is nowhere", i + 1);
    oracle_committed(fake_store_tally());
}
