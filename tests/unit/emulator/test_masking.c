/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/masking.h"

#include "base/mem.h"
#include "lib/cm.h"

#define CODE "YL8a0w-Boz1EgZgmD2ELZvsxakjqSMwO8xe7tV-ToSk"

static const struct {
    const char *why;
    const char *text;
    const char *want;
} json_cases[] = {
    {"a token", "{\"access_token\":\"abc\",\"expires_in\":3599}",
     "{\"access_token\":\"••••\",\"expires_in\":3599}"},
    {"its kind stays", "{\"token_type\":\"bearer\"}", "{\"token_type\":\"bearer\"}"},
    {"a place in a list stays", "{\"next_page_token\":\"p2\"}",
     "{\"next_page_token\":\"p2\"}"},
    {"other spellings", "{\"writeKey\" : \"k\", \"WRITE-KEY\":\"k\"}",
     "{\"writeKey\" : \"••••\", \"WRITE-KEY\":\"••••\"}"},
    {"a list", "{\"write_keys\":[\"a\",\"b]\"],\"x\":1}",
     "{\"write_keys\":\"••••\",\"x\":1}"},
    {"below an object of that name", "{\"access_token\":{\"description\":\"d\"}}",
     "{\"access_token\":{\"description\":\"d\"}}"},
    {"an authorization code", "{\"code\":\"" CODE "\"}", "{\"code\":\"••••\"}"},
    {"a gRPC code stays", "{\"error\":\"e\",\"code\":7}", "{\"error\":\"e\",\"code\":7}"},
    {"a word as code stays", "{\"code\":\"bad_request\"}", "{\"code\":\"bad_request\"}"},
    {"a setting", "[{\"name\":\"d/config/apiKey\",\"value\":\"abcd\"}]",
     "[{\"name\":\"d/config/apiKey\",\"value\":\"••••\"}]"},
    {"a setting whose name comes last", "[{\"value\":\"abcd\",\"name\":\"d/apiKey\"}]",
     "[{\"value\":\"••••\",\"name\":\"d/apiKey\"}]"},
    {"behind an inner object",
     "{\"name\":\"d/apiKey\",\"o\":{\"name\":\"x\"},"
     "\"value\":\"abcd\"}",
     "{\"name\":\"d/apiKey\",\"o\":{\"name\":\"x\"},\"value\":\"••••\"}"},
    {"a brace inside a name", "{\"name\":\"{d/apiKey\",\"value\":\"abcd\"}",
     "{\"name\":\"{d/apiKey\",\"value\":\"••••\"}"},
    {"another setting stays", "[{\"name\":\"d/config/region\",\"value\":\"eu\"}]",
     "[{\"name\":\"d/config/region\",\"value\":\"eu\"}]"},
    {"a value of an event stays", "{\"properties\":{\"value\":3}}",
     "{\"properties\":{\"value\":3}}"},
    {"a value whose name is cut off", "{\"value\":\"abcd\",\"na",
     "{\"value\":\"••••\",\"na"},
    {"as typed by hand", "{'client_secret': 'it\\'s', apiKey: abc}",
     "{'client_secret': \"••••\", apiKey: \"••••\"}"},
    {"cut inside", "{\"password\":\"abc", "{\"password\":\"••••\""},
    {"cut before", "{\"password\":", "{\"password\":"},
    {"a name in disguise", "{\"access\\u005ftoken\":\"abc\"}",
     "{\"access\\u005ftoken\":\"••••\"}"},
    {"a text that says so is no name", "[\"password\",\"a\"]", "[\"password\",\"a\"]"},
    {"nothing", "", ""},
    {"only a quote", "\"", "\""},
    {"a backslash at the end", "\"a\\", "\"a\\"},
};

static void hides_secrets_in_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(json_cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        masking_json(bytes_str(json_cases[i].text), &got);
        if (strcmp(buf_text(&got), json_cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", json_cases[i].why, buf_text(&got),
                     json_cases[i].want);
    }
}

static const struct {
    const char *why;
    const char *name;
    const char *value;
    const char *want;
} header_cases[] = {
    {"Basic keeps its scheme", "authorization", "basic YTpi", "Basic ••••"},
    {"Bearer too", "Authorization", "Bearer abc", "Bearer ••••"},
    {"a bare token does not become a scheme", "Authorization", "abc.def", "••••"},
    {"a scheme without a value", "Authorization", "Basic", "••••"},
    {"cookies", "Cookie", "a=b", "••••"},
    {"set cookies", "Set-Cookie", "a=b; Path=/", "••••"},
    {"a code on its way back", "Location", "http://x/cb?code=abc&state=1",
     "http://x/cb?code=••••&state=1"},
    {"a verifier in disguise", "Location", "/a?login%5Fverifier=abc",
     "/a?login%5Fverifier=••••"},
    {"others stay", "Content-Type", "text/plain", "text/plain"},
};

static void hides_secrets_in_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(header_cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        masking_header(bytes_str(header_cases[i].name), bytes_str(header_cases[i].value),
                       &got);
        if (strcmp(buf_text(&got), header_cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", header_cases[i].why, buf_text(&got),
                     header_cases[i].want);
    }
}

static const struct {
    const char *why;
    const char *type;
    struct bytes body;
    const char *want;
} body_cases[] = {
    {"a form", "", BYTES("grant_type=authorization_code&code=abc"),
     "grant_type=authorization_code&code=••••"},
    {"JSON that says it is a form", "application/x-www-form-urlencoded",
     BYTES("{\"writeKey\":\"a=b\"}"), "{\"writeKey\":\"••••\"}"},
    {"a page", "text/html", BYTES("<p>csrf abc"), "(11 bytes of HTML)"},
    {"bytes", "", BYTES("\x1f\x8b\x08\x00"), "(4 bytes, no text)"},
    {"text that is cut inside a character", "", BYTES("\"\xc3"), "\"\xc3"},
    {"nothing", "", BYTES(""), ""},
    {"blanks", "", BYTES(" = "), " = "},
};

static void knows_bodies_by_their_looks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(body_cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        masking_body(bytes_str(body_cases[i].type), body_cases[i].body, &got);
        if (strcmp(buf_text(&got), body_cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", body_cases[i].why, buf_text(&got),
                     body_cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hides_secrets_in_json),
        cmocka_unit_test(hides_secrets_in_headers),
        cmocka_unit_test(knows_bodies_by_their_looks),
    };

    return cmocka_run_group_tests_name("masking", tests, NULL, NULL);
}
