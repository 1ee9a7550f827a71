/* SPDX-License-Identifier: MIT */

#include "net/parameters.h"

#include "lib/cm.h"

static void add_field(const struct framing_field *field, struct buf *text)
{
    buf_addf(text, "<%.*s", BYTES_FMT(field->name));
    if (field->value.ptr != NULL)
        buf_addf(text, ":%.*s", BYTES_FMT(field->value));
    buf_add_char(text, '>');
}

static void reads_every_query(void **state)
{
    static const struct {
        const char *why;
        const char *query;
        const char *want; /* <name:value> for each parameter, <name> without a '=' */
    } cases[] = {
        {"two parameters", "a=1&b=2", "<a:1><b:2>"},
        {"decoded", "a=x+y%26z&%62=2", "<a:x y&z><b:2>"},
        {"no value", "verbose&q=", "<verbose><q:>"},
        {"nothing between two ands", "&&a=1&", "<a:1>"},
        {"a sign of another", "a&&b=1&c", "<a><b:1><c>"},
        {"no query", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct parameters parameters = {0};
        cleanup(buf_done) struct buf got = {.max_bytes = 1000};

        for (int times = 0; times < 2; times++) /* the second one changes nothing */
            parameters_read(&parameters, bytes_str(cases[i].query));
        for (size_t j = 0; j < parameters.n_fields; j++)
            add_field(&parameters.fields[j], &got);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
        parameters_done(&parameters);
        assert_null(parameters.fields);
    }
}

/* Each points into the text, which must not have moved meanwhile. */
static void the_first_parameter_of_many_is_still_there(void **state)
{
    enum { N = PARAMETERS_MAX - 1 };
    struct parameters parameters = {0};
    struct buf query;

    (void)state;
    buf_init(&query, 1 << 20);
    buf_add_text(&query, "first=%31");
    for (int i = 0; i < N; i++)
        buf_add_text(&query, "&name=value");
    assert_false(parameters_are_too_many(buf_bytes(&query)));
    parameters_read(&parameters, buf_bytes(&query));
    assert_int_equal(N + 1, parameters.n_fields);
    assert_true(bytes_eq(parameters.fields[0].name, BYTES("first")));
    assert_true(bytes_eq(parameters.fields[0].value, BYTES("1")));
    assert_true(bytes_eq(parameters.fields[N].value, BYTES("value")));
    parameters_done(&parameters);
    buf_add_char(&query, '&');
    assert_true(parameters_are_too_many(buf_bytes(&query)));
    buf_done(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_query),
        cmocka_unit_test(the_first_parameter_of_many_is_still_there),
    };

    return cmocka_run_group_tests_name("parameters", tests, NULL, NULL);
}
