/* SPDX-License-Identifier: MIT */

#include "cli/diagnostic.h"

#include "base/err.h"
#include "lib/cm.h"

enum { MAX = 8192 };

static void print_into(const struct err *err, bool is_terminal, char *text)
{
    FILE *file = fmemopen(text, MAX, "w");
    struct print print = {.file = file, .use_unicode = true, .is_terminal = is_terminal};

    diagnostic_print(&print, err);
    fclose(file);
}

static void has_the_fixed_order(void **state)
{
    char text[MAX] = "";
    struct err err = {0};

    (void)state;
    err_code(&err, "PA1003", ERR_CONFIG, "unknown key `pubic`");
    err_place(&err, "--> p.yaml:2:3\n   |\n 2 | pubic\n   | ^^^^^");
    err_help(&err, "did you mean `public`?");
    err_help(&err, "partnerapp config check");
    print_into(&err, /* is_terminal= */ true, text);
    assert_string_equal("error[PA1003]: unknown key `pubic`\n"
                        "  --> p.yaml:2:3\n   |\n 2 | pubic\n   | ^^^^^\n"
                        "  = help: did you mean `public`?\n"
                        "  = help: partnerapp config check\n"
                        "  = explain: partnerapp explain PA1003\n",
                        text);
}

static void explain_is_for_terminals(void **state)
{
    char text[MAX] = "";
    struct err err = {0};

    (void)state;
    err_code(&err, "PA1003", ERR_CONFIG, "unknown key");
    print_into(&err, /* is_terminal= */ false, text);
    assert_string_equal("error[PA1003]: unknown key\n", text);
}

static const struct {
    const char *why;
    const char *place;
    const char *want; /* a part of the JSON */
} places[] = {
    {"line and column", "--> a.yaml:4:1\n   |",
     "\"file\":\"a.yaml\",\"line\":4,\"column\":1"},
    {"only a line", "--> a.js:7", "\"file\":\"a.js\",\"line\":7,\"column\":null"},
    {"only a file", "--> a.js", "\"file\":\"a.js\",\"line\":null,\"column\":null"},
    {"a colon in the name", "--> c:d.js:7:2",
     "\"file\":\"c:d.js\",\"line\":7,\"column\":2"},
    {"none", "", "\"file\":null,\"line\":null,\"column\":null"},
};

static void json_knows_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        cleanup(buf_done) struct buf json = {0};
        struct err err = {0};

        buf_init(&json, MAX);
        err_code(&err, "PA1007", ERR_CONFIG, "no");
        err_place(&err, "%s", places[i].place);
        diagnostic_json(&err, &json);
        if (strstr(buf_text(&json), places[i].want) == NULL)
            fail_msg("%s: got %s, want %s", places[i].why, buf_text(&json),
                     places[i].want);
    }
}

static void unset_exit_code_is_failure(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(1, diagnostic_exit(&err));
    err.exit_code = ERR_CONFLICT;
    assert_int_equal(6, diagnostic_exit(&err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_fixed_order),
        cmocka_unit_test(explain_is_for_terminals),
        cmocka_unit_test(json_knows_the_place),
        cmocka_unit_test(unset_exit_code_is_failure),
    };

    return cmocka_run_group_tests_name("diagnostic", tests, NULL, NULL);
}
