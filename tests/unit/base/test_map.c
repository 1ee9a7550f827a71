/* SPDX-License-Identifier: MIT */

#include "base/map.h"

#include <stdio.h>

#include "lib/cm.h"

enum { N_KEYS = 5000 };

static const uint64_t seed[2] = {1, 2};
static int values[N_KEYS];

static struct bytes key_of(size_t i, char memory[16])
{
    int len = snprintf(memory, 16, "key-%zu", i);

    return bytes_of(memory, (size_t)len);
}

static void hashes_with_siphash_1_3(void **state)
{
    /* Under the key 00 01 … 0f, of the first bytes of 00 01 02 … */
    static const struct {
        size_t len;
        uint64_t want;
    } cases[] = {
        {0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
        {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956},
    };
    const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    const char message[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = map_hash(key, bytes_of(message, cases[i].len));

        if (got != cases[i].want)
            fail_msg("%zu bytes: got %llx, want %llx", cases[i].len,
                     (unsigned long long)got, (unsigned long long)cases[i].want);
    }
}

static void finds_what_was_put(void **state)
{
    struct map map;
    char memory[16];

    (void)state;
    map_init(&map, seed);
    assert_null(map_find(&map, BYTES("key-1")));
    for (size_t i = 0; i < N_KEYS; i++)
        assert_null(map_put(&map, key_of(i, memory), &values[i]));
    assert_int_equal(map.n_entries, N_KEYS);
    for (size_t i = 0; i < N_KEYS; i++)
        assert_ptr_equal(map_find(&map, key_of(i, memory)), &values[i]);
    assert_null(map_find(&map, BYTES("key-5000")));
    map_done(&map);
}

static void putting_again_replaces_and_hands_back(void **state)
{
    struct map map;

    (void)state;
    map_init(&map, seed);
    assert_null(map_put(&map, BYTES("a"), &values[0]));
    assert_ptr_equal(map_put(&map, BYTES("a"), &values[1]), &values[0]);
    assert_ptr_equal(map_find(&map, BYTES("a")), &values[1]);
    assert_int_equal(map.n_entries, 1);
    map_done(&map);
}

static void keys_are_bytes_and_are_copied(void **state)
{
    char memory[] = "a\0b";
    struct map map;

    (void)state;
    map_init(&map, seed);
    map_put(&map, bytes_of(memory, 3), &values[0]);
    map_put(&map, BYTES(""), &values[1]);
    memory[0] = 'x';
    assert_ptr_equal(map_find(&map, BYTES("a\0b")), &values[0]);
    assert_null(map_find(&map, BYTES("a\0c")));
    assert_null(map_find(&map, BYTES("a")));
    assert_ptr_equal(map_find(&map, bytes_of(NULL, 0)), &values[1]);
    map_done(&map);
}

static void coming_and_going_does_not_fill_it(void **state)
{
    struct map map;
    char memory[16];

    (void)state;
    map_init(&map, seed);
    for (size_t i = 0; i < 100000; i++) {
        map_put(&map, key_of(i % N_KEYS, memory), &values[0]);
        if (i >= 10)
            assert_non_null(map_remove(&map, key_of((i - 10) % N_KEYS, memory)));
    }
    assert_int_equal(map.n_entries, 10);
    assert_true(map.capacity <= 64);
    assert_null(map_remove(&map, BYTES("never there")));
    map_done(&map);
}

static void walks_every_entry_once(void **state)
{
    struct map map;
    size_t cursor = 0;
    size_t n_seen = 0;
    struct bytes key;
    void *value;
    char memory[16];

    (void)state;
    memset(values, 0, sizeof(values));
    map_init(&map, seed);
    for (size_t i = 0; i < 100; i++)
        map_put(&map, key_of(i, memory), &values[i]);
    (void)map_remove(&map, BYTES("key-7"));
    while (map_next(&map, &cursor, &key, &value)) {
        assert_int_equal(*(int *)value, 0);
        *(int *)value = 1;
        n_seen++;
    }
    assert_int_equal(n_seen, 99);
    assert_int_equal(values[7], 0);
    map_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_with_siphash_1_3),
        cmocka_unit_test(finds_what_was_put),
        cmocka_unit_test(putting_again_replaces_and_hands_back),
        cmocka_unit_test(keys_are_bytes_and_are_copied),
        cmocka_unit_test(coming_and_going_does_not_fill_it),
        cmocka_unit_test(walks_every_entry_once),
    };

    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
