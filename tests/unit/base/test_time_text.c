/* SPDX-License-Identifier: MIT */

#include "base/time_text.h"

#include "lib/cm.h"

static void formats_utc_with_milliseconds(void **state)
{
    static const struct {
        int64_t time_ms;
        const char *want;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1559345257123, "2019-05-31T23:27:37.123Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"}, /* 2100 is no leap year */
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[TIME_TEXT_LEN + 1];

        time_text_format(cases[i].time_ms, text);
        assert_string_equal(text, cases[i].want);
    }
}

static void parses_rfc_3339_and_nothing_else(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        bool ok;
        int64_t want;
    } cases[] = {
        {"a date alone", "2019-05-31", true, 1559260800000},
        {"whole seconds", "2019-05-31T23:27:37Z", true, 1559345257000},
        {"one digit of fraction", "1970-01-01T00:00:00.5Z", true, 500},
        {"nine digits", "1970-01-01T00:00:00.123456789Z", true, 123},
        {"an offset to the east", "1970-01-01T02:00:00+02:00", true, 0},
        {"an offset to the west", "1969-12-31T16:00:00-08:00", true, 0},
        {"an offset without colon", "1970-01-01T05:30:00+0530", true, 0},
        {"lower case", "1970-01-01t00:00:01z", true, 1000},
        {"a space", "1970-01-01 00:00:01Z", true, 1000},
        {"a leap second", "2016-12-31T23:59:60Z", true, 1483228800000},
        {"a leap day", "2000-02-29", true, 951782400000},
        {"no leap day", "1900-02-29", false, 0},
        {"month 13", "2019-13-01", false, 0},
        {"month 0", "2019-00-01", false, 0},
        {"day 31 of April", "2019-04-31", false, 0},
        {"hour 24", "2019-04-30T24:00:00Z", false, 0},
        {"no zone", "2019-04-30T12:00:00", false, 0},
        {"an empty fraction", "2019-04-30T12:00:00.Z", false, 0},
        {"something after", "2019-04-30T12:00:00Z ", false, 0},
        {"a sign in the year", "-019-04-30", false, 0},
        {"Go's debug form", "2020-05-09 23:54:49.209808489 +0000 UTC", false, 0},
        {"empty", "", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = 0;
        bool ok = time_text_parse(bytes_str(cases[i].text), &got);

        if (ok != cases[i].ok || got != cases[i].want)
            fail_msg("%s: got %d %lld, want %d %lld", cases[i].why, ok, (long long)got,
                     cases[i].ok, (long long)cases[i].want);
    }
}

static void every_day_comes_back(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 3000000; day += 97) {
        int64_t time_ms = day * 86400000 + 12345678;
        int64_t back = 0;
        char text[TIME_TEXT_LEN + 1];

        if (time_ms < -62167219200000 || time_ms > 253402300799999)
            continue;
        time_text_format(time_ms, text);
        assert_true(time_text_parse(bytes_str(text), &back));
        assert_int_equal(back, time_ms);
    }
}

static void durations_have_units(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } cases[] = {
        {"500ms", true, 500}, {"30s", true, 30000},   {"30", true, 30000},
        {"5m", true, 300000}, {"4h", true, 14400000}, {"7d", true, 604800000},
        {"0", true, 0},       {"1H", true, 3600000},  {"-1s", false, 0},
        {"1.5h", false, 0},   {"1 h", false, 0},      {"h", false, 0},
        {"", false, 0},       {"1w", false, 0},       {"9223372036854775807d", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = 0;
        bool ok = time_text_parse_duration(bytes_str(cases[i].text), &got);

        if (ok != cases[i].ok || (ok && got != cases[i].want))
            fail_msg("'%s': got %d %lld, want %d %lld", cases[i].text, ok, (long long)got,
                     cases[i].ok, (long long)cases[i].want);
    }
}

static void sizes_are_powers_of_1024(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } cases[] = {
        {"512", true, 512},
        {"512k", true, 524288},
        {"512KiB", true, 524288},
        {"5MiB", true, 5242880},
        {"10m", true, 10485760},
        {"10GiB", true, 10737418240},
        {"1TiB", true, 1099511627776},
        {"7b", true, 7},
        {"1.5M", false, 0},
        {"MiB", false, 0},
        {"1PiB", false, 0},
        {"-1", false, 0},
        {"9999999999G", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = 0;
        bool ok = time_text_parse_size(bytes_str(cases[i].text), &got);

        if (ok != cases[i].ok || (ok && got != cases[i].want))
            fail_msg("'%s': got %d %lld, want %d %lld", cases[i].text, ok, (long long)got,
                     cases[i].ok, (long long)cases[i].want);
    }
}

static void durations_print_in_the_shortest_exact_form(void **state)
{
    static const struct {
        int64_t duration_ms;
        const char *want;
    } cases[] = {
        {14400000, "4h"}, {90000, "90s"},    {1500, "1500ms"}, {0, "0ms"},
        {86400000, "1d"}, {90000000, "25h"}, {120000, "2m"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[TIME_TEXT_LEN + 1];
        int64_t back = -1;

        time_text_format_duration(cases[i].duration_ms, text);
        assert_string_equal(text, cases[i].want);
        assert_true(time_text_parse_duration(bytes_str(text), &back));
        assert_int_equal(back, cases[i].duration_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_utc_with_milliseconds),
        cmocka_unit_test(parses_rfc_3339_and_nothing_else),
        cmocka_unit_test(every_day_comes_back),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(durations_print_in_the_shortest_exact_form),
    };

    return cmocka_run_group_tests_name("time_text", tests, NULL, NULL);
}
