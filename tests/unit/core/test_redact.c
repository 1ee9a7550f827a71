/* SPDX-License-Identifier: MIT */

#include "core/redact.h"

#include <stdio.h>

#include "lib/cm.h"

static void assert_masked(const struct redact *redact, const char *text, const char *want)
{
    struct buf got;

    buf_init(&got, 4096);
    assert_int_equal(redact_text(redact, bytes_str(text), &got), 0);
    assert_string_equal(buf_text(&got), want);
    assert_int_equal(strcmp(text, want) != 0, redact_finds(redact, bytes_str(text)));
    buf_done(&got);
}

static const struct {
    const char *why;
    const char *text, *want;
} cases[] = {
    {"nothing to hide", "hello world", "hello world"},
    {"in the middle", "key=abcd1234&x=1", "key=••••&x=1"},
    {"twice", "abcd1234abcd1234", "••••••••"},
    {"at the end", "Bearer abcd1234", "Bearer ••••"},
    {"a beginning of it is none", "abcd123 abcd", "abcd123 abcd"},
    {"the longer of two", "abcd1234-more", "••••"},
    {"empty", "", ""},
};

static void every_secret_is_masked(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add(&redact, BYTES("abcd1234"));
    redact_add(&redact, BYTES("abcd1234-more"));
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_masked(&redact, cases[i].text, cases[i].want);
    redact_done(&redact);
}

static void one_of_many_secrets_is_found_as_one_of_few(void **state)
{
    static char texts[20][16];
    struct redact redact = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "secret-%02zu", i);
        redact_add(&redact, bytes_str(texts[i]));
        assert_masked(&redact, "a secret-1 and a secret", "a secret-1 and a secret");
        for (size_t j = 0; j <= i; j++)
            assert_masked(&redact, texts[j], "••••");
    }
    redact_done(&redact);
    assert_false(redact_finds(&redact, BYTES("secret-00")));
}

static void short_and_repeated_ones_are_left_out(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add(&redact, BYTES("true"));
    redact_add(&redact, BYTES("12345"));
    assert_int_equal(redact.n_secrets, 0);
    redact_add(&redact, BYTES("123456"));
    redact_add(&redact, BYTES("123456"));
    assert_int_equal(redact.n_secrets, 1);
}

static void more_than_the_most_are_left_out(void **state)
{
    static char secrets[REDACT_MAX + 5][16];
    struct redact redact = {0};

    (void)state;
    for (size_t i = 0; i < REDACT_MAX + 5; i++) {
        snprintf(secrets[i], sizeof(secrets[i]), "secret%zu", i);
        redact_add(&redact, bytes_str(secrets[i]));
    }
    assert_int_equal(redact.n_secrets, REDACT_MAX);
}

static void settings_give_every_string_value(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add_settings(&redact, BYTES("{\"apiKey\":\"abcd1234\",\"n\":123456789,"
                                       "\"deep\": {\"list\" : [\"secret-in-list\"]},"
                                       "\"keyname\" : true}"));
    assert_int_equal(redact.n_secrets, 2);
    assert_masked(&redact, "abcd1234 secret-in-list apiKey keyname 123456789",
                  "•••• •••• apiKey keyname 123456789");
    redact_done(&redact);
}

static void escaped_values_are_masked_in_both_forms(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add_settings(&redact, BYTES("{\"p\":\"pass\\\"word\\u0041\"}"));
    assert_masked(&redact, "{\"sent\":\"pass\\\"word\\u0041\"}", "{\"sent\":\"••••\"}");
    assert_masked(&redact, "as it is: pass\"wordA!", "as it is: ••••!");
    redact_done(&redact);
    redact_done(&redact);
}

static void an_escaped_value_that_is_short_known_or_endless_adds_one_form(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add_settings(&redact, BYTES("{\"p\":\"\\u0061\\u0062\"}"));
    assert_int_equal(redact.n_secrets, 1);
    redact_add(&redact, BYTES("abcd\n1234"));
    redact_add_settings(&redact, BYTES("{\"p\":\"abcd\\n1234\"}"));
    assert_int_equal(redact.n_secrets, 3);
    redact_add_settings(&redact, BYTES("{\"p\":\"\\ud800abcd\"}"));
    assert_int_equal(redact.n_secrets, 5);
    redact_done(&redact);
}

static void when_it_is_full_nothing_more_is_taken(void **state)
{
    static char secrets[REDACT_MAX][16];
    struct redact redact = {0};

    (void)state;
    for (size_t i = 0; i < REDACT_MAX; i++) {
        snprintf(secrets[i], sizeof(secrets[i]), "secret%zu", i);
        redact_add(&redact, bytes_str(secrets[i]));
    }
    redact_add_settings(&redact, BYTES("{\"p\":\"abcd\\n1234\"}"));
    assert_int_equal(redact.n_secrets, REDACT_MAX);
    assert_int_equal(redact.n_unescaped, 0);
    redact_done(&redact);
}

static void what_is_no_json_adds_nothing(void **state)
{
    struct redact redact = {0};

    (void)state;
    redact_add_settings(&redact, BYTES("{\"p\":\"abcd1234\""));
    redact_add_settings(&redact, BYTES(""));
    assert_int_equal(redact.n_secrets, 0);
}

static void a_full_buffer_is_said(void **state)
{
    struct redact redact = {0};
    struct buf got;

    (void)state;
    redact_add(&redact, BYTES("abcd1234"));
    buf_init(&got, 5);
    assert_int_equal(redact_text(&redact, BYTES("abcd1234"), &got), BUF_FULL);
    buf_done(&got);
}

static const struct {
    const char *name;
    bool want;
} headers[] = {
    {"Authorization", true},
    {"AUTHORIZATION", true},
    {"Proxy-Authorization", true},
    {"Cookie", true},
    {"set-cookie", true},
    {"X-Api-Key", true},
    {"api-key", true},
    {"X-Auth-Token", true},
    {"client_secret", true},
    {"X-Password-Hash", true},
    {"Content-Type", false},
    {"X-Author", false},
    {"Idempotency-Key", false},
    {"", false},
};

static void headers_are_known_by_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        if (redact_is_secret_header(bytes_str(headers[i].name)) != headers[i].want)
            fail_msg("%s: want %d", headers[i].name, headers[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_secret_is_masked),
        cmocka_unit_test(one_of_many_secrets_is_found_as_one_of_few),
        cmocka_unit_test(short_and_repeated_ones_are_left_out),
        cmocka_unit_test(more_than_the_most_are_left_out),
        cmocka_unit_test(settings_give_every_string_value),
        cmocka_unit_test(escaped_values_are_masked_in_both_forms),
        cmocka_unit_test(an_escaped_value_that_is_short_known_or_endless_adds_one_form),
        cmocka_unit_test(when_it_is_full_nothing_more_is_taken),
        cmocka_unit_test(what_is_no_json_adds_nothing),
        cmocka_unit_test(a_full_buffer_is_said),
        cmocka_unit_test(headers_are_known_by_their_names),
    };

    return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
