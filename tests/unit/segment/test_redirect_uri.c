/* SPDX-License-Identifier: MIT */

#include "segment/redirect_uri.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *uri;
    bool want;
} uris[] = {
    {"the usual one", "http://localhost:8888/auth/segment/callback", true},
    {"an address", "http://127.0.0.1:1/cb", true},
    {"a name below localhost", "http://app.localhost/cb", true},
    {"anything that ends so", "http://mylocalhost/cb", true},
    {"letter case", "HTTP://LocalHost/cb", true},
    {"https anywhere", "https://partner.example/cb?a=b", true},
    {"a scheme of an app", "com.example.app://cb", true},
    {"without a path", "https://partner.example", true},
    {"http elsewhere", "http://partner.example/cb", false},
    {"localhost as a user", "http://localhost@evil.example/cb", false},
    {"localhost as a path", "http://evil.example/localhost", false},
    {"localhost in the query", "http://evil.example?localhost", false},
    {"localhost in front", "http://localhost.evil.example/", false},
    {"a fragment", "https://partner.example/cb#x", false},
    {"an empty fragment", "https://partner.example/cb#", false},
    {"relative", "/cb", false},
    {"no scheme", "://localhost/", false},
    {"no host", "https:///cb", false},
    {"a port alone", "https://:80/cb", false},
    {"script", "javascript:alert(1)", false},
    {"a line break", "http://localhost/\r\nX: y", false},
    {"a space", "http://localhost/a b", false},
    {"not ASCII", "http://localhost/\xc3\xa9", false},
    {"a quote", "http://localhost/\"", false},
    {"a scheme with a space", "ht tp://localhost/", false},
    {"a backslash that browsers take for a slash", "http://evil.example\\localhost",
     false},
    {"nothing", "", false},
};

static void every_uri_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(uris); i++) {
        const bool got = redirect_uri_is_allowed(bytes_str(uris[i].uri));

        if (got != uris[i].want)
            fail_msg("%s: \"%s\" is %s", uris[i].why, uris[i].uri,
                     got ? "allowed" : "refused");
    }
}

static void a_long_one_is_refused(void **state)
{
    char uri[REDIRECT_URI_BYTES + 2];

    (void)state;
    memset(uri, 'a', sizeof(uri));
    memcpy(uri, "https://", 8);
    assert_true(redirect_uri_is_allowed(bytes_of(uri, REDIRECT_URI_BYTES)));
    assert_false(redirect_uri_is_allowed(bytes_of(uri, REDIRECT_URI_BYTES + 1)));
}

static const struct {
    const char *why;
    const char *uri;
    const char *query;
    const char *want;
} extensions[] = {
    {"none yet", "http://a/cb", "x=1", "http://a/cb?x=1"},
    {"after its own", "http://a/cb?y=2", "x=1", "http://a/cb?y=2&x=1"},
    {"an open question", "http://a/cb?", "x=1", "http://a/cb?x=1"},
    {"an open list", "http://a/cb?y=2&", "x=1", "http://a/cb?y=2&x=1"},
    {"nothing to add", "http://a/cb", "", "http://a/cb"},
};

static void a_query_is_added_after_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(extensions); i++) {
        struct buf got;

        buf_init(&got, 100);
        assert_int_equal(redirect_uri_extend(bytes_str(extensions[i].uri),
                                             bytes_str(extensions[i].query), &got),
                         0);
        if (strcmp(buf_text(&got), extensions[i].want) != 0)
            fail_msg("%s: got %s, want %s", extensions[i].why, buf_text(&got),
                     extensions[i].want);
        buf_done(&got);
    }
}

static void one_that_does_not_fit_is_told(void **state)
{
    struct buf got;

    (void)state;
    buf_init(&got, 12);
    assert_int_equal(redirect_uri_extend(BYTES("http://a/cb"), BYTES("x=1"), &got),
                     BUF_FULL);
    buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_uri_is_judged),
        cmocka_unit_test(a_long_one_is_refused),
        cmocka_unit_test(a_query_is_added_after_its_own),
        cmocka_unit_test(one_that_does_not_fit_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
