/* SPDX-License-Identifier: MIT */

#include "sys/rand.h"

#include <string.h>

#include "lib/cm.h"

static void every_bit_is_sometimes_set_and_sometimes_not(void **state)
{
    uint64_t ones = 0;
    uint64_t zeroes = 0;

    (void)state;
    for (int i = 0; i < 64; i++) {
        uint64_t bits = rand_u64();

        ones |= bits;
        zeroes |= ~bits;
    }
    assert_true(ones == UINT64_MAX);
    assert_true(zeroes == UINT64_MAX);
}

static void fills_exactly_what_it_is_given(void **state)
{
    unsigned char bytes[40];
    int n_changed = 0;

    (void)state;
    memset(bytes, 0, sizeof(bytes));
    rand_bytes(bytes + 4, 32);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(0, bytes[i]);
        assert_int_equal(0, bytes[36 + i]);
    }
    for (int i = 4; i < 36; i++)
        n_changed += bytes[i] != 0;
    assert_true(n_changed > 16);
}

static void jitter_covers_its_range_evenly(void **state)
{
    int n_in_bin[16] = {0};

    (void)state;
    for (int i = 0; i < 16000; i++)
        n_in_bin[rand_jitter() >> 28]++;
    /* 1000 expected each; ten standard deviations. */
    for (int i = 0; i < 16; i++)
        assert_in_range(n_in_bin[i], 690, 1310);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_is_sometimes_set_and_sometimes_not),
        cmocka_unit_test(fills_exactly_what_it_is_given),
        cmocka_unit_test(jitter_covers_its_range_evenly),
    };

    return cmocka_run_group_tests_name("rand", tests, NULL, NULL);
}
