/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include <stdio.h>

#include "config_case.h"

#define ONE "subscriptions: [{name: a, function: f.js}]\n"
#define PATH "--> /etc/partnerapp/partnerapp.yaml:"

static const struct config_mistake mistakes[] = {
    {ONE "server:\n  public: 1\n  pubic_url: https://h\n", "PA1003",
     "unknown key `pubic_url` in section `server`",
     PATH "4:3\n   |\n 4 |   pubic_url: https://h\n   |   ^^^^^^^^^ did you mean "
          "`public_url`?",
     ""},
    {ONE "sevrer: {}\n", "PA1003", "unknown key `sevrer`",
     PATH "2:1\n   |\n 2 | sevrer: {}\n   | ^^^^^^ did you mean `server`?", ""},
    {ONE "zzzzzz: 1\n", "PA1003", "unknown key `zzzzzz`",
     PATH "2:1\n   |\n 2 | zzzzzz: 1\n   | ^^^^^^",
     "known here: server, store, master_key_file, app, segment, subscriptions, egress, "
     "functions, "
     "privacy, limits, runners, log"},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: {atempts: 3}\n", "PA1003",
     "unknown key `atempts` in section `subscriptions[].retry`",
     PATH "4:12\n   |\n 4 |    retry: {atempts: 3}\n   |            ^^^^^^^ did you mean "
          "`attempts`?",
     ""},
    {"subscriptions:\n - name: a\n   functon: f.js\n", "PA1003",
     "unknown key `functon` in section `subscriptions`", "", ""},
    /* Names of the table are not names in a file: one would go to the wrong place. */
    {ONE "subscriptions[].write_key: loud\n", "PA1003",
     "unknown key `subscriptions[].write_key`", "", ""},
    {ONE "server.public: 1\n", "PA1003", "unknown key `server.public`", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry.attempts: 3\n", "PA1003",
     "unknown key `retry.attempts` in section `subscriptions`", "", ""},
    {ONE "\"subscriptions[].secret_file\": /x\n", "PA1003",
     "unknown key `subscriptions[].secret_file`", "", ""},
    {ONE "_file: /x\n", "PA1003", "unknown key `_file`", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: {attempts: \"ten\"}\n",
     "PA1007", "`retry.attempts` must be a number from 1 to 100",
     PATH
     "4:22\n   |\n 4 |    retry: {attempts: \"ten\"}\n   |                      ^^^^^ "
     "this is a string",
     ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: {attempts: 101}\n",
     "PA1007", "`retry.attempts` must be a number from 1 to 100",
     PATH
     "4:22\n   |\n 4 |    retry: {attempts: 101}\n   |                      ^^^ this is "
     "too large",
     ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: {attempts: 0}\n", "PA1007",
     "`retry.attempts` must be a number from 1 to 100", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: 5\n", "PA1007",
     "`retry` must be a mapping", "", ""},
    {"subscriptions:\n - name: a\n   function: [f.js]\n", "PA1007",
     "`function` must be a path",
     PATH "3:14\n   |\n 3 |    function: [f.js]\n   |              ^ this is a list", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   auth: keys\n", "PA1007",
     "`auth` must be one of key, signature, both, none",
     PATH "4:10\n   |\n 4 |    auth: keys\n   |          ^^^^ did you mean `key`?", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   timeout: 2h\n", "PA1007",
     "`timeout` must be a duration from 10ms to 1m", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   timeout: soon\n", "PA1007",
     "`timeout` must be a duration from 10ms to 1m", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   rate: 50\n", "PA1007",
     "`rate` must be a rate like 50/s, 100/m or 5000/h",
     PATH "4:10\n   |\n 4 |    rate: 50\n   |          ^^ this is a number", ""},
    {"subscriptions:\n - name: a\n   endpoint: crm.example\n", "PA1007",
     "`endpoint` must be an http or https URL", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   settings: x\n", "PA1007",
     "`settings` must be a mapping", "", ""},
    {"subscriptions:\n - name: A\n   function: f.js\n", "PA1007",
     "`name` must be a name: a-z, 0-9, - and _, at most 63, not beginning with - or _",
     "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   path: webhook\n", "PA1007",
     "`path` must be a path like /webhook/crm", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   path: /api/v1\n", "PA1007",
     "`path` must be a path like /webhook/crm",
     PATH "4:10\n   |\n 4 |    path: /api/v1\n   |          ^^^^^^^ this path is "
          "partnerapp's own",
     ""},
    {"subscriptions:\n - name: a\n   function: \"\"\n", "PA1007",
     "`function` must be a path",
     PATH "3:14\n   |\n 3 |    function: \"\"\n   |              ^^ this is empty", ""},
    {ONE "server: {public: 1.2.3.4}\n", "PA1007",
     "`server.public` must be an address: host:port, [::1]:port or a port", "", ""},
    {ONE "server: {public: 'a:99999'}\n", "PA1007",
     "`server.public` must be an address: host:port, [::1]:port or a port",
     PATH "2:18\n   |\n 2 | server: {public: 'a:99999'}\n   |                  ^^^^^^^^^ "
          "ports end at 65535",
     ""},
    {ONE "server: {public: '::1:80'}\n", "PA1007",
     "`server.public` must be an address: host:port, [::1]:port or a port", "", ""},
    {ONE "egress: {allow: [x, {y: 1}]}\n", "PA1007",
     "`egress.allow` must be a list of hosts or CIDRs", "", ""},
    {ONE "egress: {allow: ['']}\n", "PA1007",
     "`egress.allow` must be a list of hosts or CIDRs", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   auth: true\n", "PA1007",
     "`auth` must be one of key, signature, both, none", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   rate: true\n", "PA1007",
     "`rate` must be a rate like 50/s, 100/m or 5000/h",
     PATH "4:10\n   |\n 4 |    rate: true\n   |          ^^^^ this is true or false", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   rate: false\n", "PA1007",
     "`rate` must be a rate like 50/s, 100/m or 5000/h",
     PATH "4:10\n   |\n 4 |    rate: false\n   |          ^^^^^ this is true or false",
     ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   retry: {attempts: -3}\n",
     "PA1007", "`retry.attempts` must be a number from 1 to 100", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   timeout: [1s]\n", "PA1007",
     "`timeout` must be a duration from 10ms to 1m", "", ""},
    {ONE "{x: 1}: y\n", "PA1002", "", "", ""},
    {ONE "egress: {allow: 10.0.0.0/8}\n", "PA1007",
     "`egress.allow` must be a list of hosts or CIDRs", "", ""},
    {ONE "runners: {jit: maybe}\n", "PA1007", "`runners.jit` must be on or off", "", ""},
    {ONE "store: mysql:x\n", "PA1007", "`store` must be sqlite:PATH or postgresql://…",
     "", ""},
    {"subscriptions: {a: 1}\n", "PA1007", "`subscriptions` must be a list of mappings",
     "", ""},
    {"subscriptions: [x]\n", "PA1007", "a subscription must be a mapping", "", ""},
    {"- a\n", "PA1007", "a configuration must be a mapping", "", ""},
    {ONE "log: {level: info\n", "PA1002", "", "", ""},
    {"a: b: c\n", "PA1002", "invalid nested block mapping on the same line",
     PATH "1:5\n   |\n 1 | a: b: c\n   |     ^", ""},
    {ONE "log: {level: info}\nlog: {level: warn}\n", "PA1004",
     "the key `log` comes twice",
     PATH "3:1\n   |\n 3 | log: {level: warn}\n   | ^^^ the first is in line 2", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   settings: {x: {y: 1, y: 2}}\n",
     "PA1004", "the key `y` comes twice", "", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   secret: \"abc\\n\"\n", "PA1007",
     "`secret` cannot be right: it ends with a newline", PATH "4:12", ""},
    {"subscriptions:\n - name: a\n   function: f.js\n   secret: '\"abc\"'\n", "PA1007",
     "`secret` cannot be right: the quotes are part of it", PATH "4:12", ""},
};

static void each_mistake_has_its_code_words_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++)
        config_case_refused(&mistakes[i]);
}

static void all_problems_come_in_one_go(void **state)
{
    static const char *const want[] = {"PA1003", "PA1007", "PA1007", "PA1004", "PA1013"};
    struct config_case result =
        config_case_file("serve: 1\n"
                         "log: {level: loud, format: 7}\n"
                         "log: {}\n"
                         "subscriptions:\n"
                         " - {name: a, function: f, auth: both}\n");

    (void)state;
    assert_int_equal(result.problems.n_items, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++)
        assert_string_equal(result.problems.items[i].code, want[i]);
    config_case_done(&result);
}

static const struct {
    const char *why;
    const char *yaml, *want;
} scalars[] = {
    {"a number", "7", "7"},
    {"a negative one", "-7", "-7"},
    {"with a fraction", "1.50", "1.50"},
    {"with an exponent", "1e5", "1e5"},
    {"with a signed exponent", "2.5E-3", "2.5E-3"},
    {"with a positive exponent", "1e+2", "1e+2"},
    {"a fraction without digits is text", "1.", "\"1.\""},
    {"an exponent without digits is text", "1e", "\"1e\""},
    {"a signed one without digits too", "1e+", "\"1e+\""},
    {"a minus by itself", "'-'", "\"-\""},
    {"a leading zero is text: a postcode", "01234", "\"01234\""},
    {"a version is text", "1.2.3", "\"1.2.3\""},
    {"hexadecimal is text", "0x1f", "\"0x1f\""},
    {"quoted digits are text", "'7'", "\"7\""},
    {"true", "true", "true"},
    {"false", "false", "false"},
    {"quoted truth is text", "'false'", "\"false\""},
    {"nothing", "null", "null"},
    {"a list", "[1, x]", "[1,\"x\"]"},
    {"a mapping", "{a: 1, 'b\"': x}", "{\"a\":1,\"b\\\"\":\"x\"}"},
};

static void settings_keep_the_types_of_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scalars); i++) {
        char file[256], want[256];
        struct config_case result;
        const char *got;

        snprintf(file, sizeof(file),
                 "subscriptions: [{name: a, function: f.js, settings: {x: %s}}]\n",
                 scalars[i].yaml);
        snprintf(want, sizeof(want), "{\"x\":%s}", scalars[i].want);
        result = config_case_file(file);
        got = config_case_good(&result)->subscriptions[0].settings_json;
        if (strcmp(got, want) != 0)
            fail_msg("%s: got %s, want %s", scalars[i].why, got, want);
        config_case_done(&result);
    }
}

/* No input may do more than be refused: every beginning of a good file, and every file
 * with one byte changed. */
static void no_damaged_file_does_harm(void **state)
{
    static const char good[] = "server: {public: 1}\nsubscriptions:\n"
                               " - name: a\n   settings: {x: [1, {y: 2}]}\n"
                               "   retry: {attempts: 3}\n   function: 'f.js'\n";
    static const char junk[] = "\0\n\t{}[]:,-#&*!|>'\"%@\xff\x80";
    char text[sizeof(good)];

    (void)state;
    for (size_t i = 0; i < sizeof(good) - 1; i++) {
        for (size_t j = 0; j < sizeof(junk); j++) {
            struct config_case result;

            memcpy(text, good, sizeof(good));
            if (j < sizeof(junk) - 1)
                text[i] = junk[j];
            else
                text[i] = '\0';
            result = config_case_load((struct config_sources){
                .file = bytes_of(text, j < sizeof(junk) - 1 ? sizeof(good) - 1 : i),
                .file_path = "p.yaml",
            });
            assert_true((result.config == NULL) == (result.problems.n_items > 0));
            config_case_done(&result);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_code_words_and_place),
        cmocka_unit_test(all_problems_come_in_one_go),
        cmocka_unit_test(settings_keep_the_types_of_json),
        cmocka_unit_test(no_damaged_file_does_harm),
    };

    return cmocka_run_group_tests_name("config_file", tests, NULL, NULL);
}
