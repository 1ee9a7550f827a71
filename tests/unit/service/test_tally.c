/* SPDX-License-Identifier: MIT */

#include "service/tally.h"

#include "lib/cm.h"

#include <stdlib.h>

static int64_t on_the_books(const struct tally_counts *counts)
{
    int64_t n = 0;

    for (int state = DELIVERY_QUEUED; state < DELIVERY_N_STATES; state++)
        n += counts->by_state[state];
    return n;
}

/* accepted + replayed = the sum of the states, whatever happens in whatever order. */
static void accept(struct tally *tally, uint16_t subscription, enum event_kind kind)
{
    struct tally_stored stored = {0};

    stored.accepted[kind] = 1;
    tally_store(tally, subscription, &stored);
}

static void what_a_request_brought_is_counted_by_kind(void **state)
{
    const struct store_tally saved = {0};
    struct tally_stored stored = {.duplicates = 2};
    struct tally tally;
    struct tally_counts counts;

    (void)state;
    stored.accepted[EVENT_TRACK] = 3;
    stored.accepted[EVENT_PAGE] = 1;
    tally_init(&tally, &saved);
    tally_store(&tally, 2, &stored);
    tally_counts(&tally, &counts);
    assert_int_equal(counts.accepted, 4);
    assert_int_equal(counts.duplicates, 2);
    assert_int_equal(counts.by_state[DELIVERY_QUEUED], 4);
    assert_int_equal(tally.subscriptions[1].received[EVENT_TRACK], 3);
    assert_int_equal(tally.subscriptions[1].received[EVENT_PAGE], 1);
    assert_int_equal(tally.subscriptions[1].duplicates, 2);
    tally_done(&tally);
}

static void always_adds_up(void **state)
{
    const struct store_tally saved = {
        .accepted = 10, .replayed = 2, .delivered = 7, .discarded = 2, .dead = 3};
    struct tally tally;
    struct tally_counts counts;

    (void)state;
    srand(3);
    tally_init(&tally, &saved);
    for (int i = 0; i < 10000; i++) {
        tally_counts(&tally, &counts);
        assert_int_equal(counts.accepted + counts.replayed, on_the_books(&counts));
        switch (rand() % 4) {
        case 0:
            accept(&tally, 1, EVENT_TRACK);
            break;
        case 1:
            tally_replay(&tally, 3);
            break;
        case 2:
            tally_move(&tally, DELIVERY_QUEUED, DELIVERY_RUNNING);
            break;
        default:
            tally_move(&tally, DELIVERY_RUNNING, DELIVERY_DELIVERED);
            break;
        }
    }
    tally_done(&tally);
}

static void waiting_is_what_is_not_settled(void **state)
{
    const struct store_tally saved = {.accepted = 5, .delivered = 5};
    struct tally tally;

    (void)state;
    tally_init(&tally, &saved);
    assert_int_equal(0, tally_waiting(&tally));
    accept(&tally, 1, EVENT_PAGE);
    accept(&tally, 1, EVENT_PAGE);
    tally_move(&tally, DELIVERY_QUEUED, DELIVERY_RUNNING);
    assert_int_equal(2, tally_waiting(&tally));
    tally_move(&tally, DELIVERY_RUNNING, DELIVERY_RETRYING);
    assert_int_equal(2, tally_waiting(&tally));
    tally_move(&tally, DELIVERY_RETRYING, DELIVERY_DEAD);
    assert_int_equal(1, tally_waiting(&tally));
    tally_done(&tally);
}

static void subscriptions_beyond_the_table_share_its_last_row(void **state)
{
    const struct store_tally saved = {0};
    struct tally tally;

    (void)state;
    tally_init(&tally, &saved);
    tally_name(&tally, 1, "first");
    tally_name(&tally, 60000, "many");
    accept(&tally, 60000, EVENT_TRACK);
    accept(&tally, 65535, EVENT_TRACK);
    assert_string_equal("first", tally.subscriptions[0].name);
    assert_string_equal("other", tally.subscriptions[TALLY_SUBSCRIPTIONS - 1].name);
    assert_int_equal(2,
                     tally.subscriptions[TALLY_SUBSCRIPTIONS - 1].received[EVENT_TRACK]);
    tally_done(&tally);
}

static void only_what_was_delivered_has_a_latency(void **state)
{
    const struct store_tally saved = {0};
    struct tally tally;

    (void)state;
    tally_init(&tally, &saved);
    tally_settled(&tally, 1, DELIVERY_RETRYING, 1000);
    tally_settled(&tally, 1, DELIVERY_RETRYING, 1000);
    tally_settled(&tally, 1, DELIVERY_DELIVERED, 1000);
    assert_int_equal(2, tally.subscriptions[0].settled[DELIVERY_RETRYING]);
    assert_int_equal(1, tally.subscriptions[0].latency.n);
    tally_done(&tally);
}

static void calls_to_segment_are_counted_by_what_came_of_them(void **state)
{
    const struct store_tally saved = {0};
    struct tally tally;

    (void)state;
    tally_init(&tally, &saved);
    tally_token(&tally, OAUTH_REFRESH, OAUTH_TOKEN_SCOPE);
    assert_int_equal(1, tally.tokens[OAUTH_REFRESH][OAUTH_TOKEN_SCOPE]);
    for (int status = -1; status <= 1000; status += 7)
        tally_config_api(&tally, SEGMENT_DELETE, status);
    tally_config_api(&tally, SEGMENT_GET, 404);
    assert_int_equal(1, tally.config_api[SEGMENT_GET][4]);
    assert_true(tally.config_api[SEGMENT_DELETE][0] > 0);
    for (int verdict = 0; verdict <= OAUTH_TOKEN_SCOPE; verdict++)
        assert_non_null(tally_token_text((enum oauth_token_verdict)verdict));
    for (int sync = 0; sync < SYNC_N; sync++)
        assert_non_null(tally_sync_text((enum tally_sync)sync));
    tally_done(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_request_brought_is_counted_by_kind),
        cmocka_unit_test(always_adds_up),
        cmocka_unit_test(waiting_is_what_is_not_settled),
        cmocka_unit_test(subscriptions_beyond_the_table_share_its_last_row),
        cmocka_unit_test(only_what_was_delivered_has_a_latency),
        cmocka_unit_test(calls_to_segment_are_counted_by_what_came_of_them),
    };

    return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
