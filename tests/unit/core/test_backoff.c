/* SPDX-License-Identifier: MIT */

#include "core/backoff.h"

#include "lib/cm.h"

#define HOUR INT64_C(3600000)
#define HALF 0x80000000u /* U(0.5, 1.5) is 1 */

static const struct {
    const char *why;
    struct backoff backoff;
    unsigned made;
    uint32_t random;
    int64_t retry_after_ms;
    int64_t want;
} cases[] = {
    {"10 over 4h begins with 28 s", {10, 4 * HOUR}, 1, HALF, 0, 28180},
    {"and doubles", {10, 4 * HOUR}, 2, HALF, 0, 56360},
    {"the ninth wait is the last", {10, 4 * HOUR}, 9, HALF, 0, 7214090},
    {"beyond the last it stays", {10, 4 * HOUR}, 12, HALF, 0, 7214090},
    {"the least jitter halves", {10, 4 * HOUR}, 1, 0, 0, 14090},
    {"the most makes it half as long again", {10, 4 * HOUR}, 1, UINT32_MAX, 0, 42270},
    {"two tries: one wait of `over`", {2, 60000}, 1, HALF, 0, 60000},
    {"one try: there is no second", {1, 60000}, 1, HALF, 0, 1},
    {"no try made yet", {10, 4 * HOUR}, 0, HALF, 0, 1},
    {"over nothing", {10, 0}, 1, HALF, 0, 1},
    {"a hundred tries do not overflow", {100, 4 * HOUR}, 99, HALF, 0, 7200000},
    {"and begin with next to nothing", {100, 4 * HOUR}, 1, HALF, 0, 1},
    {"Retry-After is a minimum", {10, 4 * HOUR}, 1, HALF, 120000, 120000},
    {"and no more than that", {10, 4 * HOUR}, 1, HALF, 1000, 28180},
    {"itself at most an hour", {10, 4 * HOUR}, 1, HALF, 5 * HOUR, HOUR},
    {"a negative one is none", {10, 4 * HOUR}, 1, HALF, -5, 28180},
};

static void waits_as_the_formula_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = backoff_wait_ms(&cases[i].backoff, cases[i].made, cases[i].random,
                                      cases[i].retry_after_ms);

        if (got != cases[i].want)
            fail_msg("%s: got %lld, want %lld", cases[i].why, (long long)got,
                     (long long)cases[i].want);
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static int64_t all_waits(const struct backoff *backoff, uint32_t *seed)
{
    int64_t total = 0;

    for (unsigned made = 1; made < backoff->attempts; made++)
        total += backoff_wait_ms(backoff, made, next_random(seed), 0);
    if (total > backoff_deadline_ms(backoff, 0) + backoff->attempts)
        fail_msg("unlucky waits pass the deadline: %lld", (long long)total);
    return total;
}

static void all_waits_together_average_over(void **state)
{
    static const struct backoff all[] = {
        {2, 60000}, {3, HOUR}, {10, 4 * HOUR}, {30, 120000}, {100, 24 * HOUR}};
    enum { ROUNDS = 4000 };
    uint32_t seed = 2463534242u;

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        double sum = 0;

        for (int round = 0; round < ROUNDS; round++)
            sum += (double)all_waits(&all[i], &seed);
        sum /= ROUNDS;
        if (sum < (double)all[i].over_ms * 0.97 || sum > (double)all[i].over_ms * 1.03)
            fail_msg("%u over %lld: average %.0f", all[i].attempts,
                     (long long)all[i].over_ms, sum);
    }
}

static void the_last_wait_ends_with_the_age(void **state)
{
    static const struct {
        const char *why;
        int64_t wait_ms, least_ms, left_ms, want_ms;
    } rows[] = {
        {"it fits", 100, 0, 200, 100},
        {"to the moment", 200, 0, 200, 200},
        {"it would be too late", 300, 0, 200, 200},
        {"Retry-After fits", 300, 150, 200, 200},
        {"Retry-After itself is too late", 300, 250, 200, 300},
        {"Retry-After asks for more than an hour, which it does not get", 3 * HOUR,
         5 * HOUR, 2 * HOUR, 2 * HOUR},
        {"no time is left", 300, 0, 0, 300},
        {"it is late already", 300, 0, -5, 300},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t got = backoff_fit_ms(rows[i].wait_ms, rows[i].least_ms, rows[i].left_ms);

        if (got != rows[i].want_ms)
            fail_msg("%s: got %lld, want %lld", rows[i].why, (long long)got,
                     (long long)rows[i].want_ms);
    }
}

static void a_wait_is_taken_up_again_by_the_wall(void **state)
{
    static const struct {
        const char *why;
        int64_t next_at_ms, first_attempt_ms, now_ms, want_ms;
    } rows[] = {
        {"what is left of it", 5000, 1000, 3000, 2000},
        {"it is over", 5000, 1000, 6000, 0},
        {"to the moment", 5000, 1000, 5000, 0},
        {"the clock went back, behind the first attempt: never longer than it was at "
         "most",
         5000, 1000, -90 * HOUR, 4000},
        {"the clock went back, a little", 5000, 1000, 1500, 3500},
        {"no first attempt is known", 5000, 0, 4000, 1000},
        {"the clock was far behind at that attempt, and is right now", 5000, 1000,
         INT64_C(1800000000000), 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t got = backoff_resume_ms(rows[i].next_at_ms, rows[i].first_attempt_ms,
                                        rows[i].now_ms);

        if (got != rows[i].want_ms)
            fail_msg("%s: got %lld, want %lld", rows[i].why, (long long)got,
                     (long long)rows[i].want_ms);
    }
}

static void the_deadline_is_one_and_a_half_over(void **state)
{
    const struct backoff backoff = {10, 4 * HOUR};

    (void)state;
    assert_int_equal(backoff_deadline_ms(&backoff, 1000), 1000 + 6 * HOUR);
}

#define NOW INT64_C(784111777000) /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct {
    const char *why;
    const char *header;
    int64_t want;
} headers[] = {
    {"seconds", "120", 120000},
    {"with white space", " 5 ", 5000},
    {"zero", "0", 0},
    {"negative", "-5", 0},
    {"absurdly many", "9223372036854775807", INT64_MAX},
    {"too many digits", "99999999999999999999999", 0},
    {"a fraction is not allowed", "1.5", 0},
    {"empty", "", 0},
    {"words", "soon", 0},
    {"a date", "Sun, 06 Nov 1994 08:50:37 GMT", 60000},
    {"a date in the past", "Sun, 06 Nov 1994 08:48:37 GMT", 0},
    {"the same moment", "Sun, 06 Nov 1994 08:49:37 GMT", 0},
    {"RFC 850", "Sunday, 06-Nov-94 08:50:37 GMT", 60000},
    {"asctime", "Sun Nov  6 08:50:37 1994", 60000},
    {"no such month", "Sun, 06 Nop 1994 08:50:37 GMT", 0},
    {"no such day", "Sun, 31 Nov 1994 08:50:37 GMT", 0},
    {"no such hour", "Sun, 06 Nov 1994 25:50:37 GMT", 0},
    {"much too long", "Sun, 06 Nov 1994 08:50:37 GMT and then a long tale", 0},
};

static void retry_after_takes_seconds_and_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        int64_t got = backoff_retry_after_ms(bytes_str(headers[i].header), NOW);

        if (got != headers[i].want)
            fail_msg("%s: got %lld, want %lld", headers[i].why, (long long)got,
                     (long long)headers[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_as_the_formula_says),
        cmocka_unit_test(all_waits_together_average_over),
        cmocka_unit_test(the_last_wait_ends_with_the_age),
        cmocka_unit_test(a_wait_is_taken_up_again_by_the_wall),
        cmocka_unit_test(the_deadline_is_one_and_a_half_over),
        cmocka_unit_test(retry_after_takes_seconds_and_dates),
    };

    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
