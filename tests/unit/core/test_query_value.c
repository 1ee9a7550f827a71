/* SPDX-License-Identifier: MIT */

#include "core/query_value.h"

#include "base/err.h"
#include "lib/cm.h"

#define NOW INT64_C(1788436800000) /* 2026-09-03T12:00:00Z */
#define ANY_LOW INT64_MIN
#define ANY_HIGH INT64_MAX

static const struct {
    enum query_field field;
    const char *text;
    int64_t low, high;
    const char *why;
} numbers[] = {
    {QUERY_ATTEMPTS, "3", 3, 3, "exactly"},
    {QUERY_ATTEMPTS, "=3", 3, 3, "exactly, said aloud"},
    {QUERY_ATTEMPTS, ">3", 4, ANY_HIGH, "more"},
    {QUERY_ATTEMPTS, ">=3", 3, ANY_HIGH, "or more"},
    {QUERY_ATTEMPTS, "<3", ANY_LOW, 2, "fewer"},
    {QUERY_ATTEMPTS, "<=3", ANY_LOW, 3, "or fewer"},
    {QUERY_LATENCY, "500ms", 500000, 500999, "a whole millisecond"},
    {QUERY_LATENCY, ">500ms", 500001, ANY_HIGH, "parts of one count"},
    {QUERY_LATENCY, "<=2s", ANY_LOW, 2000000, "seconds"},
    {QUERY_SIZE, ">32k", 32769, ANY_HIGH, "of 1024"},
    {QUERY_SIZE, "<1M", ANY_LOW, 1048575, "of 1024 times 1024"},
    {QUERY_STATUS, "503", 503, 503, "one"},
    {QUERY_STATUS, "5xx", 500, 599, "a class"},
    {QUERY_STATUS, "4XX", 400, 499, "capitals"},
    {QUERY_INSTALL, "ins_12", 12, 12, "as the console writes it"},
    {QUERY_INSTALL, "installs/12", 12, 12, "as Segment writes it"},
    {QUERY_AFTER, "2h", NOW - 7200000, ANY_HIGH, "ago"},
    {QUERY_BEFORE, "2026-09-03T12:00:00Z", ANY_LOW, NOW - 1, "not at that time"},
};

static void numbers_become_a_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct query_term term = {.field = numbers[i].field,
                                  .text = bytes_str(numbers[i].text)};
        struct err err = {0};

        if (query_value_parse(&term, NOW, &err) < 0)
            fail_msg("%s: %s", numbers[i].text, err.text);
        if (term.low != numbers[i].low || term.high != numbers[i].high)
            fail_msg("%s (%s): got %lld to %lld", numbers[i].text, numbers[i].why,
                     (long long)term.low, (long long)term.high);
    }
}

static const struct {
    enum query_field field;
    const char *text;
} refused[] = {
    {QUERY_ATTEMPTS, ""},
    {QUERY_ATTEMPTS, ">"},
    {QUERY_ATTEMPTS, "><3"},
    {QUERY_ATTEMPTS, "3 "},
    {QUERY_ATTEMPTS, "9223372036854775807"},
    {QUERY_LATENCY, "1"},
    {QUERY_LATENCY, ">9223372036854775s"},
    {QUERY_SIZE, "-1"},
    {QUERY_SIZE, ">9999999999999999999G"},
    {QUERY_STATUS, "0xx"},
    {QUERY_STATUS, "xx5"},
    {QUERY_STATUS, "5000"},
    {QUERY_STATUS, "none"},
    {QUERY_STATUS, "ok"},
    {QUERY_INSTALL, "-1"},
    {QUERY_INSTALL, "ins_"},
    {QUERY_IS, "None"},
    {QUERY_TYPE, ""},
    {QUERY_HAS, "x"},
    {QUERY_ID, "rpl_1"},
    {QUERY_AFTER, "never"},
};

static void what_is_no_value_is_refused_with_help(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct query_term term = {.field = refused[i].field,
                                  .text = bytes_str(refused[i].text)};
        struct err err = {0};

        if (query_value_parse(&term, NOW, &err) == 0)
            fail_msg("\"%s\" was accepted", refused[i].text);
        assert_true(err.text[0] != '\0' && err.help[0] != '\0');
    }
}

static void filtered_is_a_kind_of_discarded(void **state)
{
    struct query_term term = {.field = QUERY_IS, .text = BYTES("filtered")};

    (void)state;
    assert_int_equal(query_value_parse(&term, NOW, NULL), 0);
    assert_int_equal(term.state, DELIVERY_DISCARDED);
    assert_true(term.is_filtered);
}

static void a_long_value_is_shown_up_to_a_whole_character(void **state)
{
    struct bytes text = BYTES("aäääääääääääääääääääääääääääääääääää");

    (void)state;
    assert_int_equal(query_value_shown(text).len, QUERY_SHOWN_BYTES - 1);
    assert_int_equal(query_value_shown(BYTES("short")).len, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_a_range),
        cmocka_unit_test(what_is_no_value_is_refused_with_help),
        cmocka_unit_test(filtered_is_a_kind_of_discarded),
        cmocka_unit_test(a_long_value_is_shown_up_to_a_whole_character),
    };

    return cmocka_run_group_tests_name("query_value", tests, NULL, NULL);
}
