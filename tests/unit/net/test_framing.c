/* SPDX-License-Identifier: MIT */

#include "net/framing.h"

#include "lib/cm.h"

/* As libmicrohttpd leaves it. */
#define HOST "Host\0 h\0\0"
#define V1 "HTTP/1.1\0\0" HOST
#define END "\0\0"
#define HEAD(text)                                                                       \
    {                                                                                    \
        text, sizeof(text) - 1                                                           \
    }

static const struct {
    const char *why;
    struct bytes head;
    enum framing_verdict want;
    enum framing_body body;
    int64_t length;
} cases[] = {
    {"a GET", HEAD(V1 END), FRAMING_FINE, FRAMING_NO_BODY, 0},
    {"no host", HEAD("HTTP/1.1\0\0" END), FRAMING_REFUSED, 0, 0},
    {"an empty value", HEAD(V1 "X\0\0\0" END), FRAMING_FINE, FRAMING_NO_BODY, 0},
    {"a length", HEAD(V1 "content-LENGTH\0 12 \0\0" END), FRAMING_FINE, FRAMING_LENGTH,
     12},
    {"length zero", HEAD(V1 "Content-Length\0 0\0\0" END), FRAMING_FINE, FRAMING_LENGTH,
     0},
    {"a length past all integers",
     HEAD(V1 "Content-Length\0 99999999999999999999\0\0" END), FRAMING_FINE,
     FRAMING_LENGTH, INT64_MAX - 1},
    {"chunked", HEAD(V1 "Transfer-Encoding\0 Chunked\0\0" END), FRAMING_FINE,
     FRAMING_CHUNKED, 0},
    {"HTTP/1.0", HEAD("HTTP/1.0\0\0" END), FRAMING_FINE, FRAMING_NO_BODY, 0},
    {"chunked in HTTP/1.0", HEAD("HTTP/1.0\0\0Transfer-Encoding\0 chunked\0\0" END),
     FRAMING_REFUSED, 0, 0},
    {"HTTP/1.2", HEAD("HTTP/1.2\0\0" END), FRAMING_REFUSED, 0, 0},
    {"gzip, chunked", HEAD(V1 "Transfer-Encoding\0 gzip, chunked\0\0" END),
     FRAMING_UNKNOWN_CODING, 0, 0},
    {"length and coding",
     HEAD(V1 "Content-Length\0 1\0\0Transfer-Encoding\0 chunked\0\0" END),
     FRAMING_REFUSED, 0, 0},
    {"two lengths", HEAD(V1 "Content-Length\0 1\0\0Content-Length\0 2\0\0" END),
     FRAMING_REFUSED, 0, 0},
    {"two equal lengths", HEAD(V1 "Content-Length\0 1\0\0Content-Length\0 1\0\0" END),
     FRAMING_REFUSED, 0, 0},
    {"a signed length", HEAD(V1 "Content-Length\0 +1\0\0" END), FRAMING_REFUSED, 0, 0},
    {"an empty length", HEAD(V1 "Content-Length\0\0\0" END), FRAMING_REFUSED, 0, 0},
    {"two hosts", HEAD(V1 HOST END), FRAMING_REFUSED, 0, 0},
    {"bare LF after the version", HEAD("HTTP/1.1\0" HOST END), FRAMING_REFUSED, 0, 0},
    {"bare LF after a field", HEAD(V1 "X\0 1\0Y\0 2\0\0" END), FRAMING_REFUSED, 0, 0},
    {"bare LF after an empty value", HEAD(V1 "X\0\0Y\0 2\0\0" END), FRAMING_REFUSED, 0,
     0},
    {"bare LF as the empty line", HEAD(V1 "\0"), FRAMING_REFUSED, 0, 0},
    {"bare LF twice at the end", HEAD(V1 "X\0 1\0\0"), FRAMING_REFUSED, 0, 0},
    {"NUL in a value", HEAD(V1 "X\0 1\0 2\0\0" END), FRAMING_REFUSED, 0, 0},
    {"two NULs in a value", HEAD(V1 "X\0 1\0\0 2\0\0" END), FRAMING_REFUSED, 0, 0},
    {"bare CR in a value", HEAD(V1 "X\0 1\r2\0\0" END), FRAMING_REFUSED, 0, 0},
    {"DEL in a value", HEAD(V1 "X\0 1\x7f\0\0" END), FRAMING_REFUSED, 0, 0},
    {"a tab in a value", HEAD(V1 "X\0 1\t2\0\0" END), FRAMING_FINE, FRAMING_NO_BODY, 0},
    {"space before the colon", HEAD(V1 "X \0 1\0\0" END), FRAMING_REFUSED, 0, 0},
    {"a folded line", HEAD(V1 "X\0 1\0\0 more\0\0" END), FRAMING_REFUSED, 0, 0},
    {"no name", HEAD(V1 "\0 1\0\0" END), FRAMING_REFUSED, 0, 0},
    {"no end", HEAD(V1), FRAMING_REFUSED, 0, 0},
    {"cut inside a field", HEAD(V1 "X"), FRAMING_REFUSED, 0, 0},
    {"nothing", HEAD(""), FRAMING_REFUSED, 0, 0},
};

static void judges_every_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct framing got;
        enum framing_verdict verdict = framing_judge(cases[i].head, &got);

        if (verdict != cases[i].want)
            fail_msg("%s: got verdict %d, want %d", cases[i].why, (int)verdict,
                     (int)cases[i].want);
        if (verdict == FRAMING_FINE &&
            (got.body != cases[i].body || got.content_length != cases[i].length))
            fail_msg("%s: got body %d of %lld, want %d of %lld", cases[i].why,
                     (int)got.body, (long long)got.content_length, (int)cases[i].body,
                     (long long)cases[i].length);
    }
}

static void walks_the_fields(void **state)
{
    const struct bytes head = BYTES("HTTP/1.1\0\0"
                                    "A\0 1 \0\0B\0\0\0" END);
    struct bytes name;
    struct bytes value;
    size_t cursor = 0;

    (void)state;
    assert_true(framing_next(head, &cursor, &name, &value));
    assert_true(bytes_eq(name, BYTES("A")) && bytes_eq(value, BYTES("1")));
    assert_true(framing_next(head, &cursor, &name, &value));
    assert_true(bytes_eq(name, BYTES("B")) && value.len == 0 && value.ptr != NULL);
    assert_false(framing_next(head, &cursor, &name, &value));
    assert_false(framing_next(BYTES(""), &cursor, &name, &value));
}

static void sees_who_waits_for_100(void **state)
{
    struct framing got;
    enum framing_verdict verdict =
        framing_judge(BYTES(V1 "Expect\0 100-Continue\0\0" END), &got);

    (void)state;
    assert_int_equal(FRAMING_FINE, verdict);
    assert_true(got.expects_continue);
    verdict = framing_judge(BYTES("HTTP/1.0\0\0Expect\0 100-continue\0\0" END), &got);
    assert_int_equal(FRAMING_FINE, verdict);
    assert_false(got.expects_continue);
}

static const struct {
    const char *why;
    const char *target;
    bool want;
} targets[] = {
    {"a path", "/webhook", true},
    {"a query", "/a?b=%00", true},
    {"an encoded space", "/a%20b", true},
    {"an encoded NUL", "/a%00b", false},
    {"a control character", "/a\tb", false},
    {"DEL", "/a\x7f", false},
    {"empty", "", false},
};

static void judges_every_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++) {
        bool got = framing_is_target(bytes_str(targets[i].target));

        if (got != targets[i].want)
            fail_msg("%s: got %d, want %d", targets[i].why, got, targets[i].want);
    }
}

static const struct {
    const char *why;
    const char *target;
    const char *want;
} paths[] = {
    {"a path", "/webhook", "/webhook"},
    {"with its host", "http://h:80/webhook", "/webhook"},
    {"the scheme in any case", "HTTPS://h/a/b", "/a/b"},
    {"a host alone", "http://h", "/"},
    {"an address inside a path", "/http://h/a", "/http://h/a"},
    {"another scheme", "ftp://h/a", "ftp://h/a"},
    {"no host", "http:/a", "http:/a"},
    {"the whole server", "*", "*"},
    {"empty", "", ""},
};

static void finds_every_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *got = framing_path(paths[i].target);

        if (strcmp(got, paths[i].want) != 0)
            fail_msg("%s: got %s, want %s", paths[i].why, got, paths[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_head),      cmocka_unit_test(walks_the_fields),
        cmocka_unit_test(sees_who_waits_for_100), cmocka_unit_test(judges_every_target),
        cmocka_unit_test(finds_every_path),
    };

    return cmocka_run_group_tests_name("framing", tests, NULL, NULL);
}
