/* SPDX-License-Identifier: MIT */

#include "base/buf.h"

#include <limits.h>

#include "lib/cm.h"

static void grows_to_its_maximum_and_not_past_it(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf_add_char(&buf, 'x'), 0);
    assert_false(buf.full);
    assert_int_equal(buf_add_char(&buf, 'y'), BUF_FULL);
    assert_true(buf.full);
    assert_int_equal(buf.len, 1000);
    assert_int_equal(buf.ptr[999], 'x');
    assert_int_equal(buf.ptr[1000], '\0');
    buf_done(&buf);
}

static void a_refused_addition_leaves_the_content_and_a_mark(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 4);
    assert_int_equal(buf_add_text(&buf, "abc"), 0);
    assert_int_equal(buf_add_text(&buf, "de"), BUF_FULL);
    assert_int_equal(buf_addf(&buf, "%d", 42), BUF_FULL);
    assert_int_equal(buf_add_i64(&buf, 7), 0);
    assert_string_equal(buf_text(&buf), "abc7");
    assert_true(buf.full);
    buf_clear(&buf);
    assert_false(buf.full);
    assert_string_equal(buf_text(&buf), "");
    buf_done(&buf);
}

static void a_length_near_the_end_of_size_t_is_refused(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    buf_add_text(&buf, "x");
    assert_null(buf_room(&buf, SIZE_MAX));
    assert_null(buf_room(&buf, SIZE_MAX - 1));
    assert_null(buf_room(&buf, 100));
    assert_non_null(buf_room(&buf, 99));
    buf_done(&buf);
}

static void writes_numbers_as_people_do(void **state)
{
    static const struct {
        int64_t value;
        const char *want;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {10, "10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;

        buf_init(&buf, 32);
        assert_int_equal(buf_add_i64(&buf, cases[i].value), 0);
        assert_string_equal(buf_text(&buf), cases[i].want);
        buf_done(&buf);
    }
}

static void drops_from_the_front(void **state)
{
    static const struct {
        const char *why;
        size_t drop;
        const char *want;
    } cases[] = {
        {"nothing", 0, "abcdef"}, {"a part", 2, "cdef"},          {"all but one", 5, "f"},
        {"everything", 6, ""},    {"more than is there", 99, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;

        buf_init(&buf, 10);
        buf_add_text(&buf, "abcdef");
        buf_drop_front(&buf, cases[i].drop);
        if (strcmp(buf_text(&buf), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&buf), cases[i].want);
        buf_done(&buf);
    }
}

static void taking_hands_the_memory_over(void **state)
{
    struct buf buf;
    char *text;

    (void)state;
    buf_init(&buf, 10);
    text = buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    buf_addf(&buf, "%s=%d", "a", 1);
    text = buf_take(&buf);
    assert_string_equal(text, "a=1");
    free(text);
    assert_null(buf.ptr);
    assert_int_equal(buf.max_bytes, 10);
    buf_done(&buf);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_maximum_and_not_past_it),
        cmocka_unit_test(a_refused_addition_leaves_the_content_and_a_mark),
        cmocka_unit_test(a_length_near_the_end_of_size_t_is_refused),
        cmocka_unit_test(writes_numbers_as_people_do),
        cmocka_unit_test(drops_from_the_front),
        cmocka_unit_test(taking_hands_the_memory_over),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
