/* SPDX-License-Identifier: MIT */

#include "json/number.h"

#include <math.h>

#include "lib/cm.h"

/* node -e 'console.log(JSON.stringify(JSON.parse(process.argv[1])))' TEXT */
static const struct {
    const char *text;
    const char *want;
} cases[] = {
    {"0", "0"},
    {"-0", "0"},
    {"-0.0e5", "0"},
    {"0e999999999999999999999999", "0"},
    {"1", "1"},
    {"-1", "-1"},
    {"1.0", "1"},
    {"100", "100"},
    {"1e2", "100"},
    {"12.50", "12.5"},
    {"0.1", "0.1"},
    {"-39.95", "-39.95"},
    {"1e20", "100000000000000000000"},
    {"1e21", "1e+21"},
    {"123456789012345680000", "123456789012345680000"},
    {"1234567890123456789012", "1.2345678901234568e+21"},
    {"0.000001", "0.000001"},
    {"0.0000012345", "0.0000012345"},
    {"1e-7", "1e-7"},
    {"0.00000012", "1.2e-7"},
    {"1.5E+300", "1.5e+300"},
    {"9007199254740991", "9007199254740991"},
    {"9007199254740993", "9007199254740992"},
    {"9007199254740992.999999", "9007199254740992"},
    {"9007199254740993.000001", "9007199254740994"},
    {"18446744073709551615", "18446744073709552000"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"0.1000000000000000055511151231257827", "0.1"},
    {"5e-324", "5e-324"},
    {"4.9406564584124654e-324", "5e-324"},
    {"2.4703282292062327e-324", "0"},
    {"2.4703282292062328e-324", "5e-324"},
    {"1e-323", "1e-323"},
    {"1.2e-322", "1.2e-322"},
    {"2.2250738585072014e-308", "2.2250738585072014e-308"},
    {"2.2250738585072011e-308", "2.225073858507201e-308"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"1.7976931348623158e308", "1.7976931348623157e+308"},
    {"1.7976931348623159e308", "null"},
    {"1e400", "null"},
    {"-1e400", "null"},
    {"1e-400", "0"},
    {"1e99999999999999999999", "null"},
    {"1e-99999999999999999999", "0"},
    /* A power of two whose nearest 16 digits miss on the narrow side. */
    {"5.684341886080802e-14", "5.684341886080802e-14"},
    {"9.5367431640625e-7", "9.5367431640625e-7"},
    {"4.4501477170144023e-308", "4.4501477170144023e-308"},
    /* The midpoint above 1: to even; and a nose above the midpoint. */
    {"1.00000000000000011102230246251565404236316680908203125", "1"},
    {"1.000000000000000111022302462515654042363166809082031250000000001",
     "1.0000000000000002"},
    {"12345678901234567890123456789e-10", "1234567890123456800"},
};

static void numbers_print_as_in_javascript(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[NUMBER_TEXT_MAX];
        size_t len = number_canonical(bytes_str(cases[i].text), text);

        if (!bytes_eq(bytes_of(text, len), bytes_str(cases[i].want)))
            fail_msg("%s: got %.*s, want %s", cases[i].text, (int)len, text,
                     cases[i].want);
    }
}

static void doubles_print_as_their_text_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[NUMBER_TEXT_MAX];
        size_t len = number_format(number_parse(bytes_str(cases[i].text)), text);

        if (!bytes_eq(bytes_of(text, len), bytes_str(cases[i].want)))
            fail_msg("%s: got %.*s, want %s", cases[i].text, (int)len, text,
                     cases[i].want);
    }
}

static void every_power_of_two_comes_back(void **state)
{
    (void)state;
    for (int exponent = -1074; exponent < 1024; exponent++) {
        double value = ldexp(-1, exponent);
        char text[NUMBER_TEXT_MAX];
        size_t len = number_format(value, text);
        double back = number_parse(bytes_of(text, len));

        if (back != value)
            fail_msg("2^%d: %.*s is another number", exponent, (int)len, text);
    }
}

static void what_is_not_finite_is_null(void **state)
{
    static const double values[] = {HUGE_VAL, -HUGE_VAL, (double)NAN};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        char text[NUMBER_TEXT_MAX];

        assert_int_equal(number_format(values[i], text), 4);
        assert_memory_equal(text, "null", 4);
    }
}

static void very_long_numbers_are_read_to_the_end(void **state)
{
    char number[4096];
    char text[NUMBER_TEXT_MAX];
    size_t len;

    (void)state;
    memset(number, '0', sizeof(number));
    memcpy(number, "1.00000000000000011102230246251565404236316680908203125", 55);
    number[sizeof(number) - 1] = '1'; /* just above the midpoint */
    len = number_canonical(bytes_of(number, sizeof(number)), text);
    assert_true(bytes_eq(bytes_of(text, len), BYTES("1.0000000000000002")));
    memcpy(number, "0.", 2);
    memset(number + 2, '0', 60);
    memcpy(number + sizeof(number) - 6, "1e4090", 6);
    len = number_canonical(bytes_of(number, sizeof(number)), text);
    assert_true(bytes_eq(bytes_of(text, len), BYTES("10")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_print_as_in_javascript),
        cmocka_unit_test(doubles_print_as_their_text_does),
        cmocka_unit_test(every_power_of_two_comes_back),
        cmocka_unit_test(what_is_not_finite_is_null),
        cmocka_unit_test(very_long_numbers_are_read_to_the_end),
    };

    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
