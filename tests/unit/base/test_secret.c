/* SPDX-License-Identifier: MIT */

#include "base/secret.h"

#include "lib/cm.h"

static void holds_a_copy(void **state)
{
    char memory[] = "s3cret";
    struct secret secret = {0};

    (void)state;
    assert_false(secret_is_set(&secret));
    secret_set(&secret, bytes_str(memory));
    memory[0] = 'X';
    assert_true(bytes_eq(secret_bytes(&secret), BYTES("s3cret")));
    secret_set(&secret, BYTES("other"));
    assert_true(bytes_eq(secret_bytes(&secret), BYTES("other")));
    secret_done(&secret);
    secret_done(&secret);
    assert_false(secret_is_set(&secret));
}

static void an_empty_secret_is_set(void **state)
{
    struct secret secret = {0};

    (void)state;
    secret_set(&secret, BYTES(""));
    assert_true(secret_is_set(&secret));
    assert_int_equal(secret_bytes(&secret).len, 0);
    secret_done(&secret);
}

static void equality_looks_at_every_byte(void **state)
{
    (void)state;
    assert_true(secret_eq("abc", "abc", 3));
    assert_false(secret_eq("abc", "xbc", 3));
    assert_false(secret_eq("abc", "abx", 3));
    assert_true(secret_eq("abc", "abx", 2));
    assert_true(secret_eq("", "", 0));
    assert_false(secret_eq("\x01\x01", "\x02\x02", 2)); /* differences do not cancel */
}

static void wiping_leaves_zeroes(void **state)
{
    char memory[] = "s3cret";

    (void)state;
    secret_wipe(memory, 6);
    assert_memory_equal(memory, "\0\0\0\0\0\0", 6);
    secret_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_a_copy),
        cmocka_unit_test(an_empty_secret_is_set),
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(wiping_leaves_zeroes),
    };

    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
