/* SPDX-License-Identifier: MIT */

#include "lambda/library/result.h"

#include "lib/cm.h"

static const char event[] =
    "{\"type\":\"track\",\"userId\":\"\\u00fcser \\\"1\\\"\",\"plain\":\"b\xc3\xbc\","
    "\"n\":29.90,\"big\":12345678901234567890,\"yes\":true,\"no\":false,\"nil\":null,"
    "\"empty\":\"\",\"nul\":\"a\\u0000b\",\"lone\":\"\\ud800\",\"twice\":1,"
    "\"properties\":{\"plan\":\"pro\",\"items\":[{\"sku\":\"s-0\"},{\"sku\":\"s-1\"}]},"
    "\"twice\":2}";

static const struct {
    const char *why, *path, *want_text, *want_json; /* NULL: there is none */
} members[] = {
    {"escapes are what they mean", "userId", "\xc3\xbcser \"1\"",
     "\"\\u00fcser \\\"1\\\"\""},
    {"plain", "plain", "b\xc3\xbc", "\"b\xc3\xbc\""},
    {"a number as sent", "n", "29.90", "29.90"},
    {"one that no integer holds", "big", "12345678901234567890", "12345678901234567890"},
    {"true", "yes", "true", "true"},
    {"false", "no", "false", "false"},
    {"null has no text", "nil", NULL, "null"},
    {"an empty text is one", "empty", "", "\"\""},
    {"a NUL would cut it", "nul", NULL, "\"a\\u0000b\""},
    {"a lone surrogate", "lone", "\xef\xbf\xbd", "\"\\ud800\""},
    {"the last of two", "twice", "2", "2"},
    {"a path", "properties.plan", "pro", "\"pro\""},
    {"through a list", "properties.items.1.sku", "s-1", "\"s-1\""},
    {"an object has no text", "properties.items.0", NULL, "{\"sku\":\"s-0\"}"},
    {"a list has no text", "properties.items", NULL,
     "[{\"sku\":\"s-0\"},{\"sku\":\"s-1\"}]"},
    {"not there", "traits", NULL, NULL},
    {"not there, deeper", "properties.plan.x", NULL, NULL},
    {"behind the list's end", "properties.items.2", NULL, NULL},
    {"no path leads to the whole", "", NULL, event},
};

static void begin(struct partnerapp_result *result)
{
    struct runtime_failure failure = {0};
    const struct runtime_next next = {
        .payload = bytes_str(event),
        .client_context = BYTES("{\"apiKey\":\"k\",\"region\":\"eu\",\"map\":{\"a\":1}}"),
    };

    assert_true(result_begin(result, &next, BYTES(""), &failure));
}

static bool same(const char *got, const char *want)
{
    return got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;
}

static void members_of_an_event_are_found_by_path(void **state)
{
    struct partnerapp_result result = {0};

    (void)state;
    begin(&result);
    for (size_t i = 0; i < COUNT(members); i++) {
        const char *text = partnerapp_event_text(&result, members[i].path);
        const char *json = partnerapp_event_json(&result, members[i].path);

        if (!same(text, members[i].want_text) || !same(json, members[i].want_json))
            fail_msg("%s: got %s and %s, want %s and %s", members[i].why,
                     text != NULL ? text : "(null)", json != NULL ? json : "(null)",
                     members[i].want_text != NULL ? members[i].want_text : "(null)",
                     members[i].want_json != NULL ? members[i].want_json : "(null)");
    }
    assert_string_equal(partnerapp_setting_text(&result, "region"), "eu");
    assert_string_equal(partnerapp_setting_text(&result, "map.a"), "1");
    assert_null(partnerapp_setting_text(&result, "plain"));
    result_done(&result);
}

static const struct {
    const char *why, *text, *want;
} quotes[] = {
    {"plain", "pro", "\"pro\""},
    {"nothing", "", "\"\""},
    {"NULL", NULL, "null"},
    {"marks", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"controls", "\x01\n\x1f", "\"\\u0001\\n\\u001f\""},
    {"beyond ASCII", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80",
     "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\""},
    {"not UTF-8", "\xff\xfe\xc3", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"as long as it gets", "\x01\x02\x03\x04", "\"\\u0001\\u0002\\u0003\\u0004\""},
};

static void a_text_is_quoted_for_json(void **state)
{
    struct partnerapp_result result = {0};

    (void)state;
    begin(&result);
    for (size_t i = 0; i < COUNT(quotes); i++) {
        const char *got = partnerapp_quote(&result, quotes[i].text);

        if (!same(got, quotes[i].want))
            fail_msg("%s: got %s, want %s", quotes[i].why, got, quotes[i].want);
    }
    result_done(&result);
}

static void a_body_is_formatted_whatever_its_length(void **state)
{
    enum { WIDE = 100000 };
    struct partnerapp_result result = {0};
    const char *wide;

    (void)state;
    begin(&result);
    assert_string_equal(partnerapp_format(&result, "{\"%s\":%d}", "n", 7), "{\"n\":7}");
    assert_string_equal(partnerapp_format(&result, "%s", ""), "");
    wide = partnerapp_format(&result, "%*d", WIDE, 7);
    assert_int_equal(strlen(wide), WIDE);
    assert_string_equal(wide + WIDE - 2, " 7");
    result_done(&result);
}

static void an_answer_is_read_like_an_event(void **state)
{
    struct partnerapp_result result = {0};

    (void)state;
    begin(&result);
    assert_int_equal(partnerapp_answer_status(&result), 0);
    assert_string_equal(partnerapp_answer_body(&result), "");
    assert_null(partnerapp_answer_text(&result, "id"));
    result.answer = BYTES("{\"id\":\"c-1\"}");
    result.is_answer_judged = false;
    assert_string_equal(partnerapp_answer_text(&result, "id"), "c-1");
    assert_null(partnerapp_answer_text(&result, "other"));
    result.answer = BYTES("{\"id\":\"c-1\"");
    result.is_answer_judged = false;
    assert_null(partnerapp_answer_text(&result, "id"));
    result_done(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_an_event_are_found_by_path),
        cmocka_unit_test(a_text_is_quoted_for_json),
        cmocka_unit_test(a_body_is_formatted_whatever_its_length),
        cmocka_unit_test(an_answer_is_read_like_an_event),
    };

    return cmocka_run_group_tests_name("lambda text", tests, NULL, NULL);
}
