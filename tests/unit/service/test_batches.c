/* SPDX-License-Identifier: MIT */

#include "service/batches.h"

#include <stdio.h>

#include "lib/cm.h"

#include "base/mem.h"
#include "service/courier_state.h"
#include "service/parcel.h"

enum { WAIT_MS = 100 };

static const struct config_subscription config = {.batch_size = 3,
                                                  .batch_wait_ms = WAIT_MS};

static struct delivery *delivery_of(int64_t row, int64_t key, const char *settings)
{
    struct delivery *delivery = mem_new(struct delivery);
    const struct event event = {.kind = EVENT_TRACK};

    delivery->row = row;
    delivery->parcel = parcel_new(BYTES("{}"), bytes_str(settings), &event);
    delivery->parcel->key = key;
    return delivery;
}

static void add(struct batches *batches, int64_t row, int64_t key, const char *settings,
                int64_t now_ms)
{
    batches_add(batches, delivery_of(row, key, settings), &config, now_ms);
}

/* The rows, as text, of the batch that is ripe; "": none is. */
static const char *ripe(struct batches *batches, int64_t now_ms, bool is_short)
{
    static char text[128];
    struct batch *batch = batches_ripe(batches, NULL, now_ms - WAIT_MS, is_short);
    struct list deliveries = {0};
    struct list_link *link;
    size_t len = 0;

    text[0] = '\0';
    if (batch == NULL)
        return text;
    batches_take(batches, batch, &deliveries);
    while ((link = list_pop(&deliveries)) != NULL) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld",
                                len > 0 ? " " : "", (long long)delivery->row);
        parcel_free(delivery->parcel);
        free(delivery);
    }
    return text;
}

static void a_full_batch_is_ripe_at_once_others_after_their_wait(void **state)
{
    struct batches batches;

    (void)state;
    batches_init(&batches);
    assert_int_equal(batches_since_ms(&batches), INT64_MAX);
    for (int64_t row = 1; row <= 4; row++)
        add(&batches, row, 0, "", 1000 + row);
    assert_string_equal(ripe(&batches, 1010, false), "1 2 3");
    assert_int_equal(batches_since_ms(&batches), 1004);
    assert_string_equal(ripe(&batches, 1103, false), "");
    assert_string_equal(ripe(&batches, 1104, false), "4");
    assert_int_equal(batches.n_deliveries, 0);
    batches_free(&batches);
}

static void customers_and_settings_never_meet(void **state)
{
    struct batches batches;

    (void)state;
    batches_init(&batches);
    add(&batches, 1, 7, "{\"a\":1}", 1);
    add(&batches, 2, 8, "{\"a\":1}", 2);
    add(&batches, 3, 7, "{\"a\":2}", 3);
    add(&batches, 4, 7, "{\"a\":1}", 4);
    assert_string_equal(ripe(&batches, 200, false), "1 4");
    assert_string_equal(ripe(&batches, 200, false), "2");
    assert_string_equal(ripe(&batches, 200, false), "3");
    assert_string_equal(ripe(&batches, 200, false), "");
    batches_free(&batches);
}

static void the_order_of_coming_does_not_matter(void **state)
{
    struct batches batches;

    (void)state;
    batches_init(&batches);
    add(&batches, 9, 0, "", 1);
    add(&batches, 3, 0, "", 2);
    add(&batches, 5, 0, "", 3);
    assert_string_equal(ripe(&batches, 3, false), "3 5 9");
    batches_free(&batches);
}

static void short_of_memory_nobody_waits(void **state)
{
    struct batches batches;

    (void)state;
    batches_init(&batches);
    add(&batches, 1, 0, "", 1);
    assert_string_equal(ripe(&batches, 2, false), "");
    assert_string_equal(ripe(&batches, 2, true), "1");
    batches_free(&batches);
}

static void dissolved_they_stand_in_front(void **state)
{
    struct delivery *last = delivery_of(50, 0, "");
    struct batches batches;
    struct list ready = {0};
    struct list_link *link;
    int64_t rows[6];
    size_t n = 0;

    (void)state;
    batches_init(&batches);
    list_push(&ready, &last->link);
    for (int64_t row = 1; row <= 5; row++)
        add(&batches, row, 0, "", row);
    batches_dissolve(&batches, &ready);
    assert_int_equal(batches.n_deliveries, 0);
    assert_int_equal(ready.n_links, 6);
    while ((link = list_pop(&ready)) != NULL) {
        struct delivery *delivery = list_entry(link, struct delivery, link);

        rows[n++] = delivery->row;
        parcel_free(delivery->parcel);
        free(delivery);
    }
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rows[i], i + 1);
    assert_int_equal(rows[5], 50);
    batches_free(&batches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_batch_is_ripe_at_once_others_after_their_wait),
        cmocka_unit_test(customers_and_settings_never_meet),
        cmocka_unit_test(the_order_of_coming_does_not_matter),
        cmocka_unit_test(short_of_memory_nobody_waits),
        cmocka_unit_test(dissolved_they_stand_in_front),
    };

    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
