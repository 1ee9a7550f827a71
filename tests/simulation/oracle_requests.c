/* SPDX-License-Identifier: MIT */

/* When a request may start, and how late it may be. */

#include "simulation/customers.h"
#include "simulation/kernel.h"
#include "simulation/oracle_state.h"

enum {
    THRESHOLD = 20, /* failures in a row: then one request at a time looks */
    PROBE_LEAST_MS = 75,
    PROBE_MOST_MS = 3750,
    COOL_MOST_US = 5000000,
    LATE_US = 2000000,
    FUNCTION_US = 5000000,
    TURN_BYTES = 16384,
    EVENT_BYTES = 512,
    ROUNDING_US = 2000,
};

void oracle_configured(const struct line_options *lines)
{
    for (int i = 0; i < oracle.options->n_lines; i++) {
        struct model_line *line = &oracle.lines[i];

        line->limits = lines[i];
        if (line->most_attempts < lines[i].attempts)
            line->most_attempts = lines[i].attempts;
        if (line->most_over_ms < lines[i].over_ms)
            line->most_over_ms = lines[i].over_ms;
        line->tokens_us = 0;
        oracle.partners[lines[i].partner].has_functions |= lines[i].has_function;
    }
    if (oracle.n_lives > 0)
        oracle.configured_us = kernel_now_us();
}

void oracle_paused(int number, bool is_paused)
{
    struct model_partner *partner = &oracle.partners[number];

    if (partner->is_paused && !is_paused)
        partner->free_us = kernel_now_us();
    partner->is_paused = is_paused;
}

bool oracle_is_paused(int number)
{
    return oracle.partners[number].is_paused;
}

void oracle_wall_jumped(void)
{
    int64_t ahead_ms = kernel_wall_ms() - kernel_now_us() / 1000;

    oracle.jumped_us = kernel_now_us();
    if (oracle.ahead_most_ms < ahead_ms)
        oracle.ahead_most_ms = ahead_ms;
}

/* --- what holds a line back --------------------------------------------------------- */

static void check_rate(int number, struct model_line *line)
{
    double rate = line->limits.rate_per_s;
    double burst = rate / 10 > 1 ? rate / 10 : 1;
    int64_t now_us = kernel_now_us();

    if (!(rate > 0))
        return;
    if (line->tokens_us == 0)
        line->tokens = burst;
    else
        line->tokens += rate * (double)(now_us - line->tokens_us) / 1e6;
    if (line->tokens > burst)
        line->tokens = burst;
    line->tokens_us = now_us;
    line->tokens -= 1;
    oracle_check(line->tokens >= -(rate * 0.002 + 1e-6), "rate",
                 "subscription %d is above its limit of %.0f a second", number, rate);
}

/* Of a partner that is down one request looks now and then, less and less often. */
static void check_breaker(int number, struct model_partner *partner)
{
    int64_t gap_ms = PROBE_LEAST_MS;
    int64_t now_us = kernel_now_us();

    if (partner->n_failures < THRESHOLD || partner->has_functions)
        return;
    for (unsigned i = 0; i < partner->n_probes && gap_ms < PROBE_MOST_MS; i++)
        gap_ms *= 2;
    if (gap_ms > PROBE_MOST_MS)
        gap_ms = PROBE_MOST_MS;
    oracle_check(
        now_us - partner->probed_us >= gap_ms * 1000 - ROUNDING_US, "breaker",
        "partner %d failed %u times in a row, and request %u comes after %lld ms,"
        " not %lld",
        number, partner->n_failures, partner->n_probes + 1,
        (long long)(now_us - partner->probed_us) / 1000, (long long)gap_ms);
    partner->n_probes++;
    partner->probed_us = now_us;
}

/* In one turn nobody starts more than a turn's worth before each other has had one. */
static void check_turn(int number, struct model_line *line, size_t len)
{
    int64_t most = TURN_BYTES + EVENT_BYTES + oracle.options->payload_most + 1000;

    for (int i = 0; !line->has_begun && i < oracle.options->n_lines; i++)
        oracle_check(i == number || oracle.lines[i].turn_bytes <= most, "fairness",
                     "subscription %d starts %lld bytes before subscription %d begins", i,
                     (long long)oracle.lines[i].turn_bytes, number);
    line->has_begun = true;
    line->turn_bytes += (int64_t)len + EVENT_BYTES;
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void check_late(int64_t row, const struct model_delivery *delivery,
                       const struct model_line *line, const struct model_partner *partner)
{
    int64_t from_us = delivery->due_us;

    if (line->limits.rate_per_s > 0)
        return;
    from_us = latest(from_us, line->saturated_us);
    from_us = latest(from_us, partner->free_us);
    from_us = latest(from_us, oracle.started_us);
    from_us = latest(from_us, oracle.configured_us);
    from_us = latest(from_us, fake_store_trouble_us());
    if (partner->trouble_us > 0)
        from_us = latest(from_us, partner->trouble_us + COOL_MOST_US);
    /* A function that looks whether the partner is up may hang until its own limit. */
    if (partner->has_functions)
        from_us += FUNCTION_US;
    oracle_check(kernel_now_us() - from_us <= LATE_US, "I11",
                 "delivery %lld begins %lld ms late; it was due %lld ms ago, its line was"
                 " last full %lld ms ago, its partner last failed %lld ms ago",
                 (long long)row, (long long)(kernel_now_us() - from_us) / 1000,
                 (long long)(kernel_now_us() - delivery->due_us) / 1000,
                 (long long)(kernel_now_us() - line->saturated_us) / 1000,
                 (long long)(kernel_now_us() - partner->trouble_us) / 1000);
}

/* --- a delivery --------------------------------------------------------------------- */

static void check_delivery(int number, int64_t row, struct model_delivery *delivery)
{
    const struct model_line *line = &oracle.lines[number];
    const struct fake_row *stored = fake_store_row(row);

    oracle_check(stored->is_event || stored->has_delivery, "I1",
                 "delivery %lld begins, and is not stored", (long long)row);
    oracle_check(!stored->has_delivery || !delivery_is_terminal(stored->delivery.state),
                 "I5", "delivery %lld begins again after it was %s", (long long)row,
                 delivery_state_text(stored->delivery.state));
    oracle_check(!delivery->is_open, "I9",
                 "delivery %lld begins before the end of its last attempt is stored",
                 (long long)row);
    oracle_check(kernel_now_us() >= delivery->earliest_us, "I11",
                 "delivery %lld begins %lld ms early", (long long)row,
                 (long long)(delivery->earliest_us - kernel_now_us()) / 1000);
    oracle_check(
        delivery->n_begun < (unsigned)line->most_attempts + delivery->n_incidents, "I6",
        "delivery %lld begins for the %u. time of %d, after %u incidents", (long long)row,
        delivery->n_begun + 1, line->most_attempts, delivery->n_incidents);
}

static void check_bytes(int64_t row, struct bytes body)
{
    const struct fake_row *stored = fake_store_row(row);

    if (stored->has_delivery)
        stored = fake_store_row(stored->delivery.event);
    const struct model_event *event = oracle_event(stored->serial);

    oracle_check(bytes_eq(body, bytes_of(event->payload, event->len)), "I2",
                 "delivery %lld has not the bytes of event %llu", (long long)row,
                 (unsigned long long)event->serial);
}

/* [{…},{…}]: events as they came, all of one customer. */
static void check_batch(int number, struct bytes body)
{
    const struct line_options *limits = &oracle.lines[number].limits;
    const struct model_event *first = NULL;
    int n_events = 0;

    for (size_t at = 1; at < body.len; n_events++) {
        struct bytes rest = bytes_slice(body, at, body.len);
        const struct model_event *event = oracle_event(customers_serial(rest));

        oracle_check(bytes_starts(rest, bytes_of(event->payload, event->len)), "I2",
                     "a batch has not the bytes of event %llu",
                     (unsigned long long)event->serial);
        at += event->len + 1;
        if (first == NULL)
            first = event;
        oracle_check(first->twin != 0 || event->twin != 0 || first->key == event->key,
                     "batch", "events of keys %lld and %lld are in one batch",
                     (long long)first->key, (long long)event->key);
    }
    oracle_check(n_events <= limits->batch_size, "batch", "%d events, %d are allowed",
                 n_events, limits->batch_size);
}

static void begin_delivery(int number, int64_t row, struct bytes body)
{
    struct model_line *line = &oracle.lines[number];
    struct model_partner *partner = &oracle.partners[line->limits.partner];
    struct model_delivery *delivery = oracle_delivery(row);

    check_delivery(number, row, delivery);
    check_bytes(row, body);
    check_rate(number, line);
    check_turn(number, line, body.len);
    check_late(row, delivery, line, partner);
    oracle_check(!partner->is_paused, "pause",
                 "delivery %lld begins, its partner is"
                 " paused",
                 (long long)row);
    oracle_check(line->n_in_flight < (size_t)line->limits.concurrency, "concurrency",
                 "subscription %d has %zu requests under way, %d are allowed", number,
                 line->n_in_flight + 1, line->limits.concurrency);
    check_breaker(line->limits.partner, partner);
    if (fake_store_row(row)->delivery.first_attempt_ms == 0) {
        delivery->first_us = kernel_now_us();
        delivery->first_life = oracle.n_lives;
    }
    delivery->is_open = true;
    delivery->n_begun++;
    delivery->limits = line->limits;
    delivery->heard.is_set = false;
    line->n_in_flight++;
}

void oracle_request_begins(int number, int64_t row, struct bytes body)
{
    kernel_trace((uint64_t)row << 8 | (uint64_t)number);
    if (row != 0)
        begin_delivery(number, row, body);
    else if (body.len > 0 && body.ptr[0] == '[')
        check_batch(number, body);
}

static void leave_line(struct model_line *line)
{
    if (line->n_in_flight >= (size_t)line->limits.concurrency)
        line->saturated_us = kernel_now_us();
    if (line->n_in_flight > 0)
        line->n_in_flight--;
}

static bool is_failure(const struct partner_answer *answer)
{
    if (answer->transport == TRANSPORT_TOO_LARGE)
        return false;
    if (answer->transport != TRANSPORT_OK)
        return true;
    return answer->status == 408 || answer->status == 423 || answer->status == 429 ||
           (answer->status >= 500 && answer->status != 501);
}

static void partner_said(struct model_partner *partner,
                         const struct partner_answer *answer)
{
    if (!is_failure(answer)) {
        /* The others waited for this one, which may have taken its time. */
        if (partner->n_failures >= THRESHOLD)
            partner->free_us = kernel_now_us();
        partner->n_failures = partner->n_probes = 0;
        return;
    }
    partner->trouble_us = kernel_now_us();
    if (++partner->n_failures == THRESHOLD)
        partner->probed_us = kernel_now_us();
}

void oracle_request_ends(int number, int64_t row, struct bytes body,
                         const struct partner_answer *answer)
{
    struct model_line *line = &oracle.lines[number];

    (void)body;
    partner_said(&oracle.partners[line->limits.partner], answer);
    if (row == 0)
        return;
    struct model_delivery *delivery = oracle_delivery(row);

    leave_line(line);
    delivery->n_successes +=
        answer->transport == TRANSPORT_OK && answer->status / 100 == 2;
    delivery->heard = (struct heard){
        .is_set = true,
        .transport = answer->transport,
        .status = answer->transport == TRANSPORT_OK ? answer->status : 0,
        .retry_after_ms = answer->transport == TRANSPORT_OK ? answer->retry_after_ms : 0,
        .at_us = kernel_now_us(),
        .wall_ms = kernel_wall_ms(),
    };
}

void oracle_request_drops(int number, int64_t row)
{
    struct model_partner *partner = &oracle.partners[oracle.lines[number].limits.partner];

    if (partner->n_failures >= THRESHOLD)
        partner->free_us = kernel_now_us();
    if (row != 0)
        leave_line(&oracle.lines[number]);
}
