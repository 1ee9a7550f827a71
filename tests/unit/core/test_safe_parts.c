/* SPDX-License-Identifier: MIT */

#include "core/safe_parts.h"

#include "lib/cm.h"

#include "core/redact.h"

static void check(bool is_form, const char *given, const char *want, const char *why)
{
    struct redact redact = {0};
    struct write json;
    struct buf out;

    buf_init(&out, SAFE_PARTS_BYTES * 2);
    redact_add(&redact, BYTES("s3cretkey"));
    write_init(&json, &out);
    if (is_form)
        safe_parts_form(&json, bytes_str(given), &redact);
    else
        safe_parts_json(&json, bytes_str(given), &redact);
    if (strcmp(buf_text(&out), want) != 0)
        fail_msg("%s: got %s, want %s", why, buf_text(&out), want);
    buf_done(&out);
    redact_done(&redact);
}

static void what_is_not_known_to_be_harmless_is_masked(void **state)
{
    static const struct {
        const char *given, *want, *why;
    } cases[] = {
        {"{\"access_token\":\"abc\",\"token_type\":\"bearer\",\"expires_in\":3600}",
         "{\"access_token\":\"••••\",\"token_type\":\"bearer\",\"expires_in\":3600}",
         "an answer to an exchange"},
        {"{\"token\":\"abc\",\"of tomorrow\":\"abc\"}",
         "{\"token\":\"••••\",\"of tomorrow\":\"••••\"}", "what nobody has heard of"},
        {"{\"config\":[{\"name\":\"w/config/"
         "apiKey\",\"type\":\"string\",\"value\":\"x\"},"
         "{\"name\":\"w/config/n\",\"value\":7},{\"value\":{\"name\":\"x\"}}]}",
         "{\"config\":[{\"name\":\"w/config/"
         "apiKey\",\"type\":\"string\",\"value\":\"••••\"},"
         "{\"name\":\"w/config/n\",\"value\":\"••••\"},{\"value\":\"••••\"}]}",
         "any setting may be a customer's"},
        {"{\"settings\":{\"name\":\"x\"},\"enabled\":true}",
         "{\"settings\":\"••••\",\"enabled\":true}", "settings of the Public API"},
        {"{\"error\":\"bad code s3cretkey\",\"code\":16}",
         "{\"error\":\"bad code ••••\",\"code\":16}", "Segment quotes what it was sent"},
        {"{\"update_mask\":{\"paths\":[\"destination.enabled\"]},\"x\":[\"y\",null]}",
         "{\"update_mask\":{\"paths\":[\"destination.enabled\"]},\"x\":[\"••••\",null]}",
         "lists are their member's"},
        {"\"abc\"", "\"••••\"", "a text alone"},
        {"{\"a\":", "null", "no JSON"},
        {"<html>", "null", "a page of a proxy"},
        {"", "null", "nothing"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(false, cases[i].given, cases[i].want, cases[i].why);
}

static void a_form_shows_how_it_is_built(void **state)
{
    static const struct {
        const char *given, *want, *why;
    } cases[] = {
        {"grant_type=authorization_code&code=abc&code_verifier=v&redirect_uri="
         "http%3A%2F%2Flocalhost%2Fcb",
         "\"grant_type=authorization_code&code=••••&code_verifier=••••&redirect_uri="
         "http://localhost/cb\"",
         "an exchange"},
        {"scope=s3cretkey&state=abc", "\"scope=••••&state=••••\"",
         "a secret in a harmless place"},
        {"", "\"\"", "nothing"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(true, cases[i].given, cases[i].want, cases[i].why);
}

static void what_is_too_large_is_not_shown(void **state)
{
    static char large[SAFE_PARTS_BYTES * 3];
    struct buf text;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    buf_init(&text, sizeof(large) * 2);
    buf_addf(&text, "{\"name\":\"%s\"}", large);
    check(false, buf_text(&text), "{\"name\":\"••••\"}", "one text");
    buf_clear(&text);
    buf_addf(&text, "{\"name\":[\"%.3000s\",\"%.3000s\"]}", large, large);
    check(false, buf_text(&text), "null", "many texts");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_to_be_harmless_is_masked),
        cmocka_unit_test(a_form_shows_how_it_is_built),
        cmocka_unit_test(what_is_too_large_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
